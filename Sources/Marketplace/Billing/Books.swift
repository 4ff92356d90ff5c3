import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// The caller's own book, and what its counterparty's says of the same.

extension Market {
    /// Of everything that is posted, or of what belongs to a day and those before it.
    package func trialBalance(
        _ request: Request, on day: CalendarDate? = nil
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            let balances = try await transaction.query(
                day.map { StoredBooks.balances(on: $0) } ?? StoredBooks.balances
            ).map(StoredBalance.init(row:))
            let debits = try Money.sum(of: balances.map(\.debits))
            let credits = try Money.sum(of: balances.map(\.credits))
            return Answer([
                "book": JSON(caller.organisation.description),
                "as_of": JSON(caller.now.rfc3339),
                "on": JSON(day?.iso),
                "currency": JSON(Currency.eur.rawValue),
                "accounts": .array(try balances.map { try $0.json }),
                "debits": JSON(debits.decimal),
                "credits": JSON(credits.decimal),
                "difference": JSON(try debits.subtracting(credits).decimal),
                "balanced": JSON(debits == credits),
            ])
        }
    }

    package func listEntries(_ request: Request, page: Page<EntryID>) async throws -> Answer {
        try await view(request) { transaction, _ in
            let rows = try await transaction.query(
                StoredBooks.entries(after: page.after, limit: page.limit + 1))
            let ids = try rows.map { try $0["id", EntryID.self] }
            let postings = Dictionary(
                grouping: try await transaction.query(StoredBooks.postings(of: ids)),
                by: { try? $0["entry", EntryID.self] })
            return try .page(
                Array(zip(rows, ids)), limit: page.limit, cursor: { $0.1.description },
                item: { row, id in try entry(row, id, postings: postings[id] ?? []) })
        }
    }

    private func entry(_ row: Row, _ id: EntryID, postings: [Row]) throws -> JSON {
        [
            "id": JSON(id.description),
            "kind": JSON(try row["kind", String.self]),
            "seller": JSON(try row["seller", OrganisationID.self].description),
            "buyer": JSON(try row["buyer", OrganisationID.self].description),
            "subject": subject(try row.decode("subject")),
            "effective_on": JSON(try row["effective_on", CalendarDate.self].iso),
            "about_on": JSON(try row["about_on", CalendarDate?.self]?.iso),
            "recorded_at": JSON(try row["recorded_at", Instant.self].rfc3339),
            "currency": JSON(Currency.eur.rawValue),
            "postings": .array(
                try postings.map { posting in
                    [
                        "number": JSON(try posting["number", Int64.self]),
                        "account": JSON(try posting["code", String.self]),
                        "counterparty": JSON(
                            try posting["counterparty", OrganisationID.self].description),
                        "side": JSON(try posting["side", String.self]),
                        "amount": JSON(try posting["amount", Money.self].decimal),
                    ]
                }),
        ]
    }

    /// What both books say of each other, mirrored account by mirrored account.
    package func compareBooks(
        _ request: Request, with counterparty: OrganisationID
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            let known = try await transaction.query(StoredBooks.isCounterparty(counterparty))
            guard try known.only()["known", Bool.self] else { throw Refusal(.notFound) }
            let lines = try await transaction.query(StoredBooks.comparison(with: counterparty))
                .map(ComparedLine.init(row:))
            return Answer([
                "book": JSON(caller.organisation.description),
                "counterparty": JSON(counterparty.description),
                "currency": JSON(Currency.eur.rawValue),
                "lines": .array(lines.map(\.json)),
                "agree": JSON(lines.allSatisfy(\.agrees)),
            ])
        }
    }
}

extension StoredBalance {
    /// On the account's normal side; below zero when it is on the other.
    var balance: Money {
        get throws(ArithmeticFailure) {
            normalSide == .debit
                ? try debits.subtracting(credits) : try credits.subtracting(debits)
        }
    }

    fileprivate var json: JSON {
        get throws {
            [
                "code": JSON(code),
                "counterparty": JSON(counterparty.description),
                "normal_side": JSON(normalSide.rawValue),
                "debits": JSON(debits.decimal),
                "credits": JSON(credits.decimal),
                "balance": JSON(try balance.decimal),
            ]
        }
    }
}

/// A mirrored account of both books; balances are debits less credits, so that the two of a pair
/// come to zero.
private struct ComparedLine {
    let account: String
    let balance: Money
    let mirror: String
    let mirrorBalance: Money

    init(row: Row) throws {
        account = try row.decode("code")
        balance = try row.decode("balance")
        mirror = try row.decode("mirror")
        mirrorBalance = try row.decode("mirror_balance")
    }

    var agrees: Bool { (try? balance.adding(mirrorBalance)) == .zero }

    var json: JSON {
        [
            "account": JSON(account),
            "balance": JSON(balance.decimal),
            "mirror": JSON(mirror),
            "mirror_balance": JSON(mirrorBalance.decimal),
            "agrees": JSON(agrees),
        ]
    }
}
