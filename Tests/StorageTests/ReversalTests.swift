import Ledger
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// Invariant 25: a reversal mirrors its original exactly, once, whoever posts it.
@Suite struct ReversalTests {
    /// One charge of 54.00, accrued.
    private struct Trade {
        let life: LifeOfAVisit
        let original: JournalEntry

        init(_ test: TestMarket) async throws {
            life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
            let charge = try await life.cancelledLate("2027-03-08")
            let stored = try await test.owner.read(["select id, effective_on from entry"]).only()
            original = try .accrual(
                id: stored["id", EntryID.self], charge: charge, net: Money(decimal: "54.00"),
                seller: life.contract.seller.id, buyer: life.contract.buyer.id,
                effectiveOn: stored["effective_on", CalendarDate.self])
        }

        func reversal(
            of entry: EntryID? = nil, _ change: (inout [Posting]) -> Void = { _ in }
        ) throws -> JournalEntry {
            var postings = original.postings.map(\.reversed)
            change(&postings)
            return try JournalEntry(
                id: newID(), kind: .reversal, seller: original.seller, buyer: original.buyer,
                effectiveOn: original.effectiveOn, subject: .entry(entry ?? original.id),
                postings: postings)
        }

        func refusal(_ entries: JournalEntry...) async -> String? {
            await refused {
                try await life.test.asked(
                    by: life.contract.seller.finance, StoredEntry.post(entries))
            }
        }
    }

    private static func resized(_ postings: [Posting], to amount: Int64) -> [Posting] {
        postings.map {
            Posting(account: $0.account, side: $0.side, amount: Money(minorUnits: amount))
        }
    }

    @Test func onlyTheExactMirrorOnce() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let none = "entry_without_cause"
            // a cent less, a cent more, twice its postings, the same sides, another's entry
            for size in [5_399, 5_401] {
                let entry = try trade.reversal { $0 = Self.resized($0, to: Int64(size)) }
                #expect(await trade.refusal(entry) == none, "\(size)")
            }
            #expect(try await trade.refusal(trade.reversal { $0 += $0 }) == none)
            #expect(try await trade.refusal(trade.reversal(of: newID())) == none)
            let once = try trade.reversal()
            // no entry is reversed twice: in one transaction, or in two
            #expect(try await trade.refusal(once, trade.reversal()) == "23505")
            #expect(await trade.refusal(once) == nil)
            #expect(try await trade.refusal(trade.reversal()) == "23505")
            // nor is a reversal reversed
            #expect(throws: LedgerRefusal.notReversible(once.id)) {
                try JournalEntry.reversal(
                    id: newID(), of: once, effectiveOn: once.effectiveOn)
            }
            let back = try JournalEntry(
                id: newID(), kind: .reversal, seller: once.seller, buyer: once.buyer,
                effectiveOn: once.effectiveOn, subject: .entry(once.id),
                postings: trade.original.postings)
            #expect(await trade.refusal(back) == none)
            // the trigger is what refuses
            try await test.superuser.write(["alter table entry disable trigger has_cause"])
            #expect(await trade.refusal(back) == nil)
        }
    }
}
