import MoneyAndTime
import StrictJSON

extension Scene {
    /// What the visit costs, and what both books say of it.
    func tellCharge(_ charge: String) async throws {
        teller.heading("6. The charge, and the two mirrored books")
        let sold = try await cast.hospital.accounting.get("/v1/charges/\(charge)")
        let bought = try await cast.healthCentre.accounting.get("/v1/charges/\(charge)")
        try expect("the charge's net", sold.text(at: "/net"), is: "136.80")
        try expect("what both sides read", bought, is: sold)
        teller.say("The visit is rated once, and the result is sealed with its trace:")
        teller.quote(try sold.list(at: "/trace/steps").map { try $0.text(at: "/words") })
        let digest = try sold.text(at: "/digest")
        teller.say("Charge of 136.80 EUR, sealed with SHA-256 \(digest.prefix(16))….")
        teller.emptyLine()
        teller.say("One entry posts it in both books at once:")
        try await tellEntry(of: charge, kind: "accrual", amount: "136.80")
    }

    /// One entry as both organisations see it: each sees the postings of its own book.
    func tellEntry(of subject: String, kind: String, amount: String) async throws {
        var rows: [[String]] = []
        for player in [cast.hospital, cast.healthCentre] {
            let entries = try await player.accounting.get("/v1/ledger/entries", ["limit": "200"])
            let entry = try entries.list(at: "/items").first { entry in
                try entry.text(at: "/kind") == kind
                    && entry.list(at: "/subject").contains { $0.text == subject }
            }
            guard let entry else {
                throw NotAsExpected(
                    what: "the \(kind) in the book of \(player.name)", expected: subject,
                    came: "no such entry")
            }
            var sums: [String: Money] = ["debit": .zero, "credit": .zero]
            for (index, posting) in try entry.list(at: "/postings").enumerated() {
                let side = try posting.text(at: "/side")
                let posted = try posting.money(at: "/amount")
                sums[side] = try (sums[side] ?? .zero).adding(posted)
                rows.append([
                    index == 0 ? player.name : "", try posting.text(at: "/account").spaced,
                    side == "debit" ? posted.decimal : "", side == "credit" ? posted.decimal : "",
                ])
            }
            for side in ["debit", "credit"] {
                try expect("the \(side) of \(player.name)", sums[side]?.decimal, is: amount)
            }
        }
        teller.table(
            Table(
                columns: [
                    .left("book of"), .left("account"), .right("debit"), .right("credit"),
                ], rows: rows))
    }
}
