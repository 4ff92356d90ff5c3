import Billing
import Ledger
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// What the organisation's own book says of a month, of an account and of a day.
enum LedgerPages {
    private static let field = "month"

    static func month(_ visitor: Visitor) async throws -> PageReply {
        var errors = FieldErrors()
        let now = try thisMonth(visitor)
        let month = errors.read(field, "error_month") { try typed(visitor) ?? now } ?? now
        let balance = try await visitor.market.monthBalance(
            visitor.asking("getMonthBalance"), of: month
        ).body
        let names = try await ContractPages.organisationNames(visitor)
        let rows = (balance["accounts"]?.elements ?? []).map { account -> [String: Any] in
            let code = account["code"]?.text ?? ""
            let counterparty = account["counterparty"]?.text ?? ""
            return [
                "account": visitor.say("account_\(code)"),
                "address":
                    "/account-statement?account=\(code)&counterparty=\(counterparty)"
                    + "&month=\(month.key)",
                "counterparty": names[counterparty] ?? "",
                "opening": visitor.figure(account["opening"]),
                "debits": visitor.figure(account["debits"]),
                "credits": visitor.figure(account["credits"]),
                "closing": visitor.figure(account["closing"]),
            ]
        }
        var fields: [String: Any] = [
            "month": monthField(visitor, month, errors),
            "name": visitor.language.month(of: month.first),
            "journal_address": "/journal?month=\(month.key)",
            "debits": visitor.figure(balance["debits"]),
            "credits": visitor.figure(balance["credits"]),
            "verdict": visitor.say(
                balance["balanced"]?.flag == true ? "trial_balance_even" : "trial_balance_uneven"),
        ]
        if !rows.isEmpty { fields["accounts"] = ["rows": rows] }
        fields.merge(BookPages.tabs(visitor)) { $1 }
        return try visitor.page(
            "month_balance", title: visitor.say("books_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    private static func monthField(
        _ visitor: Visitor, _ month: StatementPeriod, _ errors: FieldErrors
    ) -> [String: Any] {
        TypedField(
            id: field, label: "month", kind: .text,
            value: visitor.request.query.text(field) ?? month.key, hint: "hours_month_hint"
        ).fields(visitor, errors)
    }

    private static func typed(_ visitor: Visitor) throws -> StatementPeriod? {
        try visitor.request.query.text(field).map { try StatementPeriod(key: $0) }
    }

    private static func thisMonth(_ visitor: Visitor) throws -> StatementPeriod {
        let login = try visitor.signedIn
        return StatementPeriod(of: login.zone.date(of: login.now))
    }

    static func journal(_ visitor: Visitor) async throws -> PageReply {
        guard let month = try? typed(visitor) ?? thisMonth(visitor) else { throw InvalidLink() }
        return try await .file(
            visitor.market.journal(visitor.asking("getJournal"), of: month))
    }
}

// MARK: - One account

extension LedgerPages {
    static func account(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.finance, .admin, .auditor])
        let query = visitor.request.query
        guard let code = query.text("account").flatMap(AccountCode.init(rawValue:)),
            let counterparty = try? OrganisationID(typeID: query.text("counterparty") ?? ""),
            let month = try? typed(visitor)
        else { throw InvalidLink() }
        var after: LedgerPlace?
        if let text = query.text("after") {
            guard let place = try? LedgerPlace(text) else { throw InvalidLink() }
            after = place
        }
        let statement = try await visitor.market.accountStatement(
            visitor.asking("getAccountStatement"), of: code, with: counterparty, in: month,
            page: Page(after: after, limit: ListPart.rows)
        ).body
        let names = try await ContractPages.organisationNames(visitor)
        let account = statement["account"]
        let every =
            "/account-statement?account=\(code.rawValue)&counterparty=\(counterparty)&month="
        let here = every + month.key
        let name = visitor.language.month(of: month.first)
        var fields: [String: Any] = [
            "counterparty": names[counterparty.description] ?? "",
            "name": name,
            "side": visitor.say("normal_\(code.normalSide.rawValue)"),
            "opening": visitor.figure(account?["opening"]),
            "debits": visitor.figure(account?["debits"]),
            "credits": visitor.figure(account?["credits"]),
            "closing": visitor.figure(account?["closing"]),
            "back": "/month?month=\(month.key)",
        ]
        if let day = try? month.first.adding(days: -1) {
            fields["before"] = ["address": every + StatementPeriod(of: day).key]
        }
        if let day = try? month.last.adding(days: 1) {
            fields["later"] = ["address": every + StatementPeriod(of: day).key]
        }
        let rows = try (statement["items"]?.elements ?? []).map { try line($0, visitor) }
        if !rows.isEmpty { fields["lines"] = ["rows": rows] }
        if after != nil { fields["first"] = ["address": here] }
        if let next = statement["next"]?.text {
            fields["further"] = ["address": "\(here)&after=\(next.inQuery)"]
        }
        return try visitor.page(
            "account_statement",
            title: visitor.say("account_statement_title", visitor.say("account_\(code.rawValue)")),
            fields)
    }

    private static func line(_ item: JSON, _ visitor: Visitor) throws -> [String: Any] {
        let isDebit = item["side"]?.text == PostingSide.debit.rawValue
        let amount = visitor.figure(item["amount"])
        var line: [String: Any] = [
            "day": try visitor.day(item["effective_on"]),
            "kind": visitor.say("entry_kind_\(item["kind"]?.text ?? "")"),
            "debit": isDebit ? amount : "–",
            "credit": isDebit ? "–" : amount,
            "balance": visitor.figure(item["balance"]),
        ]
        if item["about_on"]?.text != nil {
            line["late"] = [
                "text": visitor.say("entry_late", try visitor.day(item["about_on"]))
            ]
        }
        let subject = item["subject"]?.elements?.first?.text ?? ""
        for (prefix, place) in [("invoice_", "/invoices/"), ("charge_", "/charges/")]
        where subject.hasPrefix(prefix) {
            line["about"] = ["address": place + subject]
        }
        return line
    }
}

// MARK: - What was open at a day

extension LedgerPages {
    static func ageing(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        var errors = FieldErrors()
        let today = login.zone.date(of: login.now)
        var day = today
        if let text = visitor.request.query.text("on") {
            day = errors.read("on", "error_date") { try CalendarDate(iso: text) } ?? today
        }
        let ageing = try await visitor.market.ageing(visitor.asking("getAgeing"), on: day).body
        let names = try await ContractPages.organisationNames(visitor)
        var fields: [String: Any] = [
            "on": TypedField(
                id: "on", label: "trial_balance_on", kind: .date,
                value: visitor.request.query.text("on") ?? day.iso
            ).fields(visitor, errors),
            "buckets": AgeBucket.allCases.map { ["text": visitor.say("age_\($0.rawValue)")] },
            "sides": try (ageing["sides"]?.elements ?? []).map { side in
                try self.side(side, names, visitor)
            },
        ]
        fields.merge(BookPages.tabs(visitor)) { $1 }
        return try visitor.page(
            "ageing", title: visitor.say("books_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    private static func side(
        _ side: JSON, _ names: [String: String], _ visitor: Visitor
    ) throws -> [String: Any] {
        let code = side["account"]?.text ?? ""
        func figures(_ total: JSON?) -> [[String: Any]] {
            AgeBucket.allCases.map {
                [
                    "label": visitor.say("age_\($0.rawValue)"),
                    "figure": visitor.figure(total?[$0.rawValue]),
                ]
            }
        }
        var fields: [String: Any] = [
            "id": "age-\(code)",
            "name": visitor.say("account_\(code)"),
            "figures": figures(side["total"]),
            "all": visitor.figure(side["total"]?["all"]),
            "verdict": visitor.say(
                side["explained"]?.flag == true ? "open_explained" : "open_unexplained"),
        ]
        let rows = (side["counterparties"]?.elements ?? []).map { one -> [String: Any] in
            [
                "counterparty": names[one["counterparty"]?.text ?? ""] ?? "",
                "figures": figures(one["total"]),
                "all": visitor.figure(one["total"]?["all"]),
            ]
        }
        if !rows.isEmpty { fields["counterparties"] = ["rows": rows] }
        let items = try (side["items"]?.elements ?? []).map { item -> [String: Any] in
            let days = item["days_overdue"]?.integer ?? 0
            var row: [String: Any] = [
                "number": item["number"]?.text ?? "–",
                "counterparty": names[item["counterparty"]?.text ?? ""] ?? "",
                "due": try visitor.day(item["due_on"]),
                "days": days > 0 ? visitor.language.number("\(days)") : "–",
                "open": visitor.figure(item["open"]),
            ]
            if let invoice = item["invoice"]?.text {
                row["link"] = ["address": "/invoices/\(invoice)"]
            }
            return row
        }
        if items.count > ListPart.rows {
            fields["more"] = [
                "text": visitor.say("age_more", "\(ListPart.rows)", "\(items.count)")
            ]
        }
        if !items.isEmpty { fields["items"] = ["rows": Array(items.prefix(ListPart.rows))] }
        return fields
    }
}
