import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Nothing is posted without its cause, whoever calls `post`.
@Suite struct CauseTests {
    /// A month of one late cancellation for 54.00, invoiced.
    private struct Trade {
        let life: LifeOfAVisit
        let charge: ChargeID
        let invoice: InvoiceID

        var seller: OrganisationID { life.contract.seller.id }
        var buyer: OrganisationID { life.contract.buyer.id }

        init(_ test: TestMarket) async throws {
            life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
            charge = try await life.cancelledLate("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
            invoice = try InvoiceID(typeID: await life.invoiced()[0]["id"]?.text ?? "")
        }

        func refusal(_ entry: JournalEntry) async -> String? {
            await refused {
                try await life.test.asked(
                    by: life.contract.seller.finance, StoredEntry.post([entry]))
            }
        }

        func accrual(_ charge: ChargeID, _ net: String) throws -> JournalEntry {
            try .accrual(
                id: newID(), charge: charge, net: Money(decimal: net), seller: seller,
                buyer: buyer, effectiveOn: CalendarDate(iso: "2027-03-08"))
        }

        func invoicing(_ invoice: InvoiceID, _ net: String, vat: String) throws -> JournalEntry {
            try .invoicing(
                id: newID(), invoice: invoice, net: Money(decimal: net), vat: Money(decimal: vat),
                seller: seller, buyer: buyer, effectiveOn: CalendarDate(iso: "2027-03-31"))
        }

        func payment(_ entry: BankEntryID) throws -> JournalEntry {
            try .payment(
                id: newID(), invoice: invoice, bankEntry: entry, amount: Money(decimal: "54.00"),
                seller: seller, buyer: buyer, effectiveOn: CalendarDate(iso: "2027-04-01"))
        }

        func rounding(_ invoice: InvoiceID, _ cents: Int64) throws -> JournalEntry {
            try .rounding(
                id: newID(), invoice: invoice, difference: Money(minorUnits: cents),
                seller: seller, buyer: buyer, effectiveOn: CalendarDate(iso: "2027-03-31"))
        }
    }

    private static let none = "entry_without_cause"

    @Test func whatIsNotThereIsNotPosted() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let before = try await test.owner.read(["select from entry"]).count
            for entry in [
                try trade.accrual(newID(), "54.00"),
                try trade.invoicing(newID(), "54.00", vat: "0.00"),
                try trade.payment(newID()),
                try trade.rounding(newID(), 1),
                try trade.rounding(trade.invoice, 1),
                try .reversal(
                    id: newID(), of: trade.accrual(newID(), "54.00"),
                    effectiveOn: CalendarDate(iso: "2027-03-08")),
            ] {
                #expect(await trade.refusal(entry) == Self.none, "\(entry.kind)")
            }
            #expect(try await test.owner.read(["select from entry"]).count == before)
        }
    }

    @Test func anotherAmountIsNotPosted() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            try await test.withoutTriggers("delete from entry where kind <> 'payment'")
            for entry in [
                try trade.accrual(trade.charge, "53.99"),
                try trade.invoicing(trade.invoice, "54.01", vat: "0.00"),
                try trade.invoicing(trade.invoice, "53.99", vat: "0.01"),
            ] {
                #expect(await trade.refusal(entry) == Self.none, "\(entry.kind)")
            }
            // the same charge under a name that is none of it
            var other = PostingTests.RawEntry(seller: trade.seller, buyer: trade.buyer)
            for index in 0...3 { other.postings[index].amount = 5_400 }
            let word = trade.charge.description
            for subject in [
                word.uppercased(), word.dropLast() + "u", word + "0",
                word.replacing("charge_0", with: "charge_8"),
            ] {
                other.subject = subject
                let code = await refused {
                    try await test.asked(
                        by: trade.life.contract.buyer.finance, PostingTests.RawEntry.post([other]))
                }
                #expect(code == Self.none, "\(subject)")
            }
            let true1 = try trade.accrual(trade.charge, "54.00")
            #expect(await trade.refusal(true1) == nil)
            let true2 = try trade.invoicing(trade.invoice, "54.00", vat: "0.00")
            #expect(await trade.refusal(true2) == nil)
            // only its exact mirror reverses it, once
            let day = try CalendarDate(iso: "2027-03-09")
            let other1 = try JournalEntry.accrual(
                id: true1.id, charge: trade.charge, net: Money(decimal: "53.99"),
                seller: trade.seller, buyer: trade.buyer, effectiveOn: day)
            let wrong = try JournalEntry.reversal(id: newID(), of: other1, effectiveOn: day)
            #expect(await trade.refusal(wrong) == Self.none)
            let right = try JournalEntry.reversal(id: newID(), of: true1, effectiveOn: day)
            #expect(await trade.refusal(right) == nil)
        }
    }

    /// SQL reads identifiers as Swift writes them.
    @Test func identifiersAreReadAsTheyAreWritten() async throws {
        try await TestMarket.withMarket { test in
            var random = Seeded(7)
            let ids = (0..<200).map { _ in
                ChargeID(bits: UInt128(random.next()) << 64 | UInt128(random.next()))
            }
            for id in ids + [ChargeID(bits: 0), ChargeID(bits: .max)] {
                let read = try await test.owner.read([
                    "select identified('charge', \(id.description)) as id"
                ]).only()
                #expect(try read["id", ChargeID.self] == id)
            }
        }
    }
}
