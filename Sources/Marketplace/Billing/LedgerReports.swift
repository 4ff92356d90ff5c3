import Billing
import Documents
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// What the caller's own book says of a month, of an account and of a day.

extension Market {
    /// Every account of a month: what it had before, what the month brought, what it has after.
    package func monthBalance(
        _ request: Request, of month: StatementPeriod
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            let accounts = try await transaction.query(
                StoredLedgerReport.month(month.first, month.last)
            ).map(AccountMonth.init(row:))
            let debits = try Money.sum(of: accounts.map(\.debits))
            let credits = try Money.sum(of: accounts.map(\.credits))
            return Answer([
                "book": JSON(caller.organisation.description),
                "month": JSON(month.key),
                "as_of": JSON(caller.now.rfc3339),
                "currency": JSON(Currency.eur.rawValue),
                "accounts": .array(try accounts.map { try $0.json }),
                "debits": JSON(debits.decimal),
                "credits": JSON(credits.decimal),
                "balanced": JSON(debits == credits),
            ])
        }
    }

    /// One account with one counterparty in a month: its opening balance, its entries with the
    /// balance after each, and its closing balance. All balances are on the account's normal side.
    package func accountStatement(
        _ request: Request, of code: AccountCode, with counterparty: OrganisationID,
        in month: StatementPeriod, page: Page<LedgerPlace>
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            let found = try await transaction.each([
                StoredBooks.isCounterparty(counterparty),
                StoredLedgerReport.month(month.first, month.last),
                StoredLedgerReport.account(
                    code.rawValue, with: counterparty, month.first, month.last,
                    after: page.after, limit: page.limit + 1),
            ])
            guard try found[0].only()["known", Bool.self] else { throw Refusal(.notFound) }
            let whole = try found[1].map(AccountMonth.init(row:)).first {
                $0.code == code && $0.counterparty == counterparty
            }
            let account = whole ?? AccountMonth(code: code, counterparty: counterparty)
            let places = try found[2].map { try ($0, LedgerPlace(row: $0)) }
            let list = try Answer.page(
                places, limit: page.limit, cursor: { $0.1.text },
                item: { row, place in try line(row, place, on: code) })
            return Answer([
                "book": JSON(caller.organisation.description),
                "month": JSON(month.key),
                "currency": JSON(Currency.eur.rawValue),
                "account": try account.json,
                "items": list.body["items"] ?? .array([]),
                "next": list.body["next"] ?? .null,
            ])
        }
    }

    private func line(_ row: Row, _ place: LedgerPlace, on code: AccountCode) throws -> JSON {
        let balance: Money = try row.decode("balance")
        return [
            "entry": JSON(place.entry.description),
            "number": JSON(place.number),
            "kind": JSON(try row["kind", String.self]),
            "subject": subject(try row.decode("subject")),
            "effective_on": JSON(place.day.iso),
            "about_on": JSON(try row["about_on", CalendarDate?.self]?.iso),
            "recorded_at": JSON(try row["recorded_at", Instant.self].rfc3339),
            "side": JSON(try row["side", String.self]),
            "amount": JSON(try row["amount", Money.self].decimal),
            "balance": JSON(try code.onNormalSide(balance).decimal),
        ]
    }

    /// What was open at the end of a day, on both sides, by how long it had been due then; with the
    /// proof that it is everything.
    package func ageing(_ request: Request, on day: CalendarDate) async throws -> Answer {
        try await view(request) { transaction, caller in
            let found = try await transaction.each([
                StoredLedgerReport.openItems(on: day), StoredBooks.balances(on: day),
            ])
            let items = try found[0].map { try AgedItem(row: $0, on: day) }
            let balances = try found[1].map(StoredBalance.init(row:))
            return Answer([
                "book": JSON(caller.organisation.description),
                "on": JSON(day.iso),
                "currency": JSON(Currency.eur.rawValue),
                "sides": .array(
                    try [AccountCode.receivable, .payable].map { code in
                        try side(code, items, balances)
                    }),
            ])
        }
    }

    private func side(
        _ code: AccountCode, _ items: [AgedItem], _ balances: [StoredBalance]
    ) throws -> JSON {
        let own = items.filter { $0.code == code }
        var all = Ageing()
        var each: [OrganisationID: Ageing] = [:]
        for item in own {
            try all.add(item.open, in: item.bucket)
            try each[item.counterparty, default: Ageing()].add(item.open, in: item.bucket)
        }
        let ledger = try Money.sum(
            of: balances.filter { $0.code == code.rawValue }.map { try $0.balance })
        return [
            "account": JSON(code.rawValue),
            "total": all.json,
            "ledger": JSON(ledger.decimal),
            "explained": JSON(ledger == all.total),
            "counterparties": .array(
                each.sorted { $0.key < $1.key }.map { counterparty, ageing in
                    ["counterparty": JSON(counterparty.description), "total": ageing.json]
                }),
            "items": .array(own.map(\.json)),
        ]
    }

    /// The postings of a month as a table (RFC 4180, UTF-8), in the order of their days. Of a
    /// closed month it is the same bytes whenever it is asked for. `docs/ledger.md` has its layout.
    package func journal(_ request: Request, of month: StatementPeriod) async throws -> Document {
        try await view(request) { transaction, _ in
            var table = CSVWriter(columns: Self.journalColumns)
            var last: LedgerPlace?
            while true {
                let rows = try await transaction.query(
                    StoredLedgerReport.journal(
                        month.first, month.last, after: last, limit: Self.journalPortion))
                for row in rows {
                    let place = try LedgerPlace(row: row)
                    last = place
                    table.add(try journalCells(row, place))
                }
                if rows.count < Self.journalPortion { break }
            }
            return Document(table, fileName: "journal-\(month.key).csv")
        }
    }

    private static let journalPortion = 5_000

    static let journalColumns = [
        "effective_on", "entry_id", "number", "kind", "subject", "about_on", "recorded_at",
        "account", "counterparty_id", "debit", "credit", "currency",
    ]

    private func journalCells(_ row: Row, _ place: LedgerPlace) throws -> [String] {
        let amount = try row["amount", Money.self].decimal
        let isDebit = try row["side", String.self] == PostingSide.debit.rawValue
        return [
            place.day.iso, place.entry.description, "\(place.number)", try row.decode("kind"),
            try row.decode("subject"), try row["about_on", CalendarDate?.self]?.iso ?? "",
            try row["recorded_at", Instant.self].rfc3339, try row.decode("code"),
            try row["counterparty", OrganisationID.self].description,
            isDebit ? amount : "", isDebit ? "" : amount, try row.decode("currency"),
        ]
    }

    /// What an entry is about, as lists name it.
    func subject(_ text: String) -> JSON {
        .array(text.split(separator: "/").map { JSON(String($0)) })
    }
}

extension LedgerPlace {
    /// As a cursor holds it.
    package var text: String { "\(day.iso) \(entry) \(number)" }

    package init(_ text: String) throws {
        let parts = try cursorParts(text, 3)
        guard let number = Int64(parts[2]) else {
            throw InvalidInput(
                pointer: "/cursor", code: "pattern", message: "not a cursor of this list")
        }
        self.init(
            day: try CalendarDate(iso: parts[0]), entry: try EntryID(typeID: parts[1]),
            number: number)
    }
}

extension AccountCode {
    /// A balance of debits less credits, on the side on which the account grows.
    fileprivate func onNormalSide(_ netDebit: Money) throws(ArithmeticFailure) -> Money {
        normalSide == .debit ? netDebit : try netDebit.negated()
    }
}

/// One account in a month.
private struct AccountMonth {
    let code: AccountCode
    let counterparty: OrganisationID
    /// Debits less credits before the month.
    let opening: Money
    let debits: Money
    let credits: Money

    init(code: AccountCode, counterparty: OrganisationID) {
        (self.code, self.counterparty) = (code, counterparty)
        (opening, debits, credits) = (.zero, .zero, .zero)
    }

    init(row: Row) throws {
        guard let code = AccountCode(rawValue: try row.decode("code")) else {
            throw CellError.malformed("an account")
        }
        self.code = code
        counterparty = try row.decode("counterparty")
        opening = try row.decode("opening")
        debits = try row.decode("debits")
        credits = try row.decode("credits")
    }

    var json: JSON {
        get throws {
            let closing = try opening.adding(debits).subtracting(credits)
            return [
                "code": JSON(code.rawValue),
                "counterparty": JSON(counterparty.description),
                "normal_side": JSON(code.normalSide.rawValue),
                "opening": JSON(try code.onNormalSide(opening).decimal),
                "debits": JSON(debits.decimal),
                "credits": JSON(credits.decimal),
                "closing": JSON(try code.onNormalSide(closing).decimal),
            ]
        }
    }
}

/// Something that was open on a day.
private struct AgedItem {
    let code: AccountCode
    let counterparty: OrganisationID
    let invoice: InvoiceID?
    let number: String?
    let dueOn: CalendarDate
    let days: Int
    let bucket: AgeBucket
    let open: Money

    init(row: Row, on day: CalendarDate) throws {
        guard let code = AccountCode(rawValue: try row.decode("code")) else {
            throw CellError.malformed("an account")
        }
        self.code = code
        counterparty = try row.decode("counterparty")
        invoice = try row.decode("invoice")
        number = try row.decode("number")
        dueOn = try row.decode("due_on")
        days = day.days(since: dueOn)
        bucket = AgeBucket(dueOn: dueOn, on: day)
        open = try row.decode("open")
    }

    var json: JSON {
        [
            "invoice": JSON(invoice?.description),
            "number": JSON(number),
            "counterparty": JSON(counterparty.description),
            "due_on": JSON(dueOn.iso),
            "days_overdue": JSON(days),
            "bucket": JSON(bucket.rawValue),
            "open": JSON(open.decimal),
        ]
    }
}

extension Ageing {
    fileprivate var json: JSON {
        let parts = AgeBucket.allCases.map { ($0.rawValue, JSON(self[$0].decimal)) }
        return .object(JSONObject(parts + [("all", JSON(total.decimal))]))
    }
}
