import MoneyAndTime
import Postgres
import StrictJSON
import TestMarket
import Testing

/// Invariants 14, 15, 16, 18 and 19, as the ledger's own tables hold them against anyone. That an
/// entry has a cause is left aside here (`CauseTests`).
@Suite struct PostingTests {
    private func withLedger(_ body: (TestMarket) async throws -> Void) async throws {
        try await TestMarket.withMarket { test in
            try await test.superuser.write(["alter table entry disable trigger has_cause"])
            try await body(test)
        }
    }

    struct RawPosting: Sendable {
        var book: OrganisationID
        var code: String
        var side: String
        var amount: JSON = 10_000
        var currency = "EUR"
    }

    /// An entry as `post` reads it, before anyone has looked at it.
    struct RawEntry: Sendable {
        var kind = "accrual"
        var subject = "charge"
        var day = "2027-03-08"
        let seller: OrganisationID
        let buyer: OrganisationID
        var postings: [RawPosting]

        init(seller: OrganisationID, buyer: OrganisationID) {
            self.seller = seller
            self.buyer = buyer
            postings = [
                RawPosting(book: seller, code: "unbilled_receivable", side: "debit"),
                RawPosting(book: seller, code: "revenue", side: "credit"),
                RawPosting(book: buyer, code: "expense", side: "debit"),
                RawPosting(book: buyer, code: "unbilled_payable", side: "credit"),
            ]
        }

        var json: JSON {
            let id: EntryID = newID()
            return [
                "id": JSON(id.uuidString), "kind": JSON(kind), "seller": JSON(seller.uuidString),
                "buyer": JSON(buyer.uuidString), "subject": JSON(subject),
                "effective_on": JSON(day),
                "postings": .array(
                    postings.map { posting in
                        [
                            "book": JSON(posting.book.uuidString), "code": JSON(posting.code),
                            "side": JSON(posting.side), "amount": posting.amount,
                            "currency": JSON(posting.currency),
                        ]
                    }),
            ]
        }

        static func post(_ entries: [RawEntry]) -> Query {
            "select post(\(JSON.array(entries.map(\.json)).compactText)::jsonb)"
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let refusal: String
        let spoil: @Sendable (_ entry: inout RawEntry, _ stranger: OrganisationID) -> Void

        init(
            _ name: String, _ refusal: String,
            _ spoil: @escaping @Sendable (inout RawEntry, OrganisationID) -> Void
        ) {
            (self.name, self.refusal, self.spoil) = (name, refusal, spoil)
        }

        var testDescription: String { name }
    }

    private static let cases = [
        Case("a book that does not balance", "entry_unbalanced") { entry, _ in
            entry.postings[1].amount = 9_999
        },
        Case("no posting", "entry_empty") { entry, _ in entry.postings = [] },
        Case("one book only", "books_differ") { entry, _ in entry.postings.removeLast(2) },
        Case("one book only, without a claim", "entry_empty") { entry, _ in
            entry.kind = "rounding"
            entry.postings = ["debit", "credit"].map {
                RawPosting(book: entry.seller, code: "rounding", side: $0)
            }
        },
        Case("books that differ", "books_differ") { entry, _ in
            for index in 2...3 { entry.postings[index].amount = 9_999 }
        },
        Case("the book of a stranger", "posting_not_of_its_entry") { entry, stranger in
            for index in 2...3 { entry.postings[index].book = stranger }
        },
        Case("an account that this kind has not", "posting_not_of_its_entry") { entry, _ in
            entry.postings[0].code = "receivable"
            entry.postings[3].code = "payable"
        },
        Case("an account on its other side", "posting_not_of_its_entry") { entry, _ in
            for index in entry.postings.indices {
                entry.postings[index].side =
                    entry.postings[index].side == "debit" ? "credit" : "debit"
            }
        },
        Case("an account of the other party", "posting_not_of_its_entry") { entry, _ in
            entry.postings[1].code = "expense"
        },
        Case("an account that there is not", "23503") { entry, _ in
            entry.postings[1].code = "gifts"
        },
        Case("a kind that there is not", "posting_not_of_its_entry") { entry, _ in
            entry.kind = "gift"
        },
        Case("nothing", "23514") { entry, _ in
            for index in 0...3 { entry.postings[index].amount = 0 }
        },
        Case("less than nothing", "23514") { entry, _ in
            for index in 0...3 { entry.postings[index].amount = -10_000 }
        },
        Case("no amount", "23502") { entry, _ in
            for index in 0...3 { entry.postings[index].amount = .null }
        },
        Case("more than 64 bits hold", "22003") { entry, _ in
            for index in 0...3 { entry.postings[index].amount = "9223372036854775808" }
        },
        Case("a part of a cent", "22P02") { entry, _ in
            for index in 0...3 { entry.postings[index].amount = "0.5" }
        },
        Case("another currency", "23514") { entry, _ in
            for index in 0...3 { entry.postings[index].currency = "USD" }
        },
        Case("a sum that 64 bits would turn round", "entry_unbalanced") { entry, _ in
            // 2 × (2⁶³ - 1) + 2 is zero in 64 bits
            entry.postings += [
                RawPosting(
                    book: entry.seller, code: "unbilled_receivable", side: "debit",
                    amount: JSON(Int64.max)),
                RawPosting(
                    book: entry.seller, code: "unbilled_receivable", side: "debit",
                    amount: JSON(Int64.max)),
                RawPosting(
                    book: entry.seller, code: "unbilled_receivable", side: "debit", amount: 2),
            ]
        },
    ]

    @Test func onlyWholeEntriesAreTaken() async throws {
        try await withLedger { test in
            let seller = try await test.addOrganisation("Seller")
            let buyer = try await test.addOrganisation("Buyer")
            let stranger = try await test.addOrganisation("Stranger")
            let good = RawEntry(seller: seller.id, buyer: buyer.id)
            for spoilt in Self.cases {
                var entry = good
                spoilt.spoil(&entry, stranger.id)
                let code = await refused {
                    try await test.asked(by: seller.finance, RawEntry.post([entry]))
                }
                #expect(code == spoilt.refusal, "\(spoilt.name)")
                // one bad entry takes the good one with it
                let both = await refused {
                    var other = good
                    other.subject = "other charge"
                    try await test.asked(by: seller.finance, RawEntry.post([other, entry]))
                }
                #expect(both == spoilt.refusal, "\(spoilt.name), beside a good one")
            }
            #expect(try await test.owner.read(["select from entry"]).isEmpty)
            #expect(try await test.owner.read(["select from posting"]).isEmpty)

            let byStranger = await refused {
                try await test.asked(by: stranger.finance, RawEntry.post([good]))
            }
            #expect(byStranger == "not_a_party")
            let byNobody = await refused { try await test.app.write([RawEntry.post([good])]) }
            #expect(byNobody == "not_a_party")
            try await test.asked(by: buyer.finance, RawEntry.post([good]))
            let again = await refused {
                try await test.asked(by: seller.finance, RawEntry.post([good]))
            }
            #expect(again == "23505")
        }
    }

    /// Once written an entry is closed: for its own transaction, and for one with direct access.
    @Test func nothingIsAddedToAnEntry() async throws {
        try await withLedger { test in
            let seller = try await test.addOrganisation("Seller")
            let buyer = try await test.addOrganisation("Buyer")
            let post = RawEntry.post([RawEntry(seller: seller.id, buyer: buyer.id)])
            let pair: Query = """
                insert into posting (entry, number, book, code, counterparty, side, amount,
                    currency)
                select entry, number + 4, book, code, counterparty, side, 1, currency from posting
                """
            let sameTransaction = await refused {
                try await test.owner.pool.transaction { transaction in
                    try await transaction.query(seller.finance.entering())
                    try await transaction.each([post, pair])
                }
            }
            #expect(sameTransaction == "entry_closed")
            try await test.asked(by: seller.finance, post)
            let later = await refused { try await test.owner.write([pair]) }
            #expect(later == "entry_closed")
            let byApp = await refused { try await test.asked(by: seller.finance, pair) }
            #expect(byApp == "42501")
            let nobodys: Query = """
                insert into posting (entry, number, book, code, counterparty, side, amount,
                    currency)
                select gen_random_uuid(), number, book, code, counterparty, side, amount, currency
                from posting
                """
            #expect(await refused { try await test.owner.write([nobodys]) } == "entry_closed")
            // the trigger is what refuses
            try await test.superuser.write(["alter table posting disable trigger balance"])
            #expect(await refused { try await test.owner.write([pair]) } == nil)
        }
    }

    /// Whoever writes them, postings are of accounts that the two books have, which stay.
    @Test func postingsAreOfAccountsThatAreThere() async throws {
        try await withLedger { test in
            let seller = try await test.addOrganisation("Seller")
            let buyer = try await test.addOrganisation("Buyer")
            let entry: EntryID = newID()
            let direct: Query = """
                with written as (
                    insert into entry (id, kind, seller, buyer, subject, effective_on)
                    values (\(entry), 'accrual', \(seller.id), \(buyer.id), 'charge', '2027-03-08'))
                insert into posting (entry, number, book, code, counterparty, side, amount,
                    currency)
                select \(entry), p.number, p.book, p.code, p.other, p.side, 1, 'EUR'
                from (values
                    (1, \(seller.id), 'unbilled_receivable', \(buyer.id), 'debit'),
                    (2, \(seller.id), 'revenue', \(buyer.id), 'credit'),
                    (3, \(buyer.id), 'expense', \(seller.id), 'debit'),
                    (4, \(buyer.id), 'unbilled_payable', \(seller.id), 'credit')
                ) as p(number, book, code, other, side)
                """
            let unopened = await refused { try await test.owner.write([direct]) }
            #expect(unopened == "posting_not_of_its_entry")
            let good = RawEntry(seller: seller.id, buyer: buyer.id)
            try await test.asked(by: seller.finance, RawEntry.post([good]))
            let closed = await refused { try await test.owner.write(["delete from account"]) }
            #expect(closed == "append_only")
        }
    }

    /// Each sees its own book; the balance of an account is the sum of its postings.
    @Test func balancesAreSumsOfTheOwnBook() async throws {
        try await withLedger { test in
            let seller = try await test.addOrganisation("Seller")
            let buyer = try await test.addOrganisation("Buyer")
            var expected: Int64 = 0
            for number in 1...5 {
                var entry = RawEntry(seller: seller.id, buyer: buyer.id)
                entry.subject = "charge \(number)"
                let amount = Int64(number * 1_001)
                for index in 0...3 { entry.postings[index].amount = JSON(amount) }
                expected += amount
                try await test.asked(by: seller.finance, RawEntry.post([entry]))
            }
            for (side, codes) in [
                (seller, ["revenue", "unbilled_receivable"]),
                (buyer, ["expense", "unbilled_payable"]),
            ] {
                let rows = try await test.asked(
                    by: side.finance,
                    """
                    select code, (coalesce(debits, 0) + coalesce(credits, 0))::bigint as amount
                    from account_balance order by code
                    """)
                #expect(try rows.map { try $0["code", String.self] } == codes)
                #expect(try rows.allSatisfy { try $0["amount", Int64.self] == expected })
            }
        }
    }
}
