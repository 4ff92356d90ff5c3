import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// `verify` is for data that is wrong: it names each row that is, and reads on.
@Suite struct VerifyTests {
    /// Two charges, one of which is invoiced, and a handshake of which somebody has said something.
    private func withTrade(_ body: (TestMarket, TestContract) async throws -> Void) async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                acceptedInAdvance: false)
            let life = try await LifeOfAVisit(under: contract)
            let booking = try await life.booked("2027-03-10")
            _ = try await test.market.sendHandshakeMessage(
                contract.buyer.scheduler.request("sendHandshakeMessage"), booking,
                .init(
                    kind: .propose, sequence: 1, cause: nil,
                    offer: .init(
                        starts: Instant(rfc3339: "2027-03-10T08:00:00Z"), room: .builtIn,
                        needs: [], deadline: Instant(rfc3339: "2027-03-09T08:00:00Z")),
                    checks: nil))
            try await body(test, contract)
        }
    }

    /// What is found after rows were changed with no rule in force: `rule: words`.
    private func found(_ test: TestMarket, _ changes: [Query]) async throws -> [String] {
        try await test.findings(after: changes)
            .map { "\($0.rule.rawValue): \($0.subject): \($0.message)" }
    }

    @Test func aRowThatCannotBeReadIsNamed() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            let first = try await life.cancelledLate("2027-03-08")
            let second = try await life.cancelledLate("2027-03-09")
            #expect(try await found(test, []) == [])
            let words = try await found(
                test,
                [
                    "update entry set subject = 'forged' where subject = \(first.description)",
                    """
                    update charge set document = 'no json', digest = sha256('no json')
                    where id = \(second)
                    """,
                ])
            let entry = try await test.owner.read([
                "select id from entry where subject = 'forged'"
            ]).only()["id", EntryID.self]
            #expect(words.contains { $0.hasPrefix("entries: \(entry): cannot be read") })
            #expect(words.contains("charges: \(first): not accrued as it is charged"))
            #expect(words.contains { $0.hasPrefix("charges: \(second): cannot be read") })
        }
    }

    @Test func anInvoiceThatCannotBeReadIsNamed() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
            let invoice = try await life.invoiced()[0]["id"]?.text ?? ""
            let counted = try await found(test, ["update invoice_counter set last = 2"])
            #expect(
                counted == [
                    "invoice_numbers: \(contract.seller.id): "
                        + "2 numbers of 2027 are taken, and the highest is 1"
                ])
            let words = try await found(
                test,
                [
                    "update invoice_counter set last = 1",
                    "update invoice set number = '?'",
                ])
            #expect(words.contains { $0.hasPrefix("invoices: \(invoice): cannot be read") })
        }
    }

    @Test func aHandshakeIsItsMessages() async throws {
        try await withTrade { test, _ in
            #expect(try await found(test, []) == [])
            let booking = try await test.owner.read(["select booking from handshake"]).only()[
                "booking", BookingID.self]
            for change: Query in [
                "update handshake set state = 'agreed'",
                "update handshake set state = 'proposed', sequence = 2",
                "update handshake set sequence = 1, reply_by = null",
            ] {
                let words = try await found(test, [change])
                #expect(words.count == 1, "\(change.sql)")
                #expect(words.first?.hasPrefix("handshakes: \(booking): ") == true)
            }
            let unread = try await found(test, ["update handshake_message set message = '{}'"])
            #expect(unread.count == 1)
            #expect(unread.first?.hasPrefix("handshakes: \(booking): cannot be read") == true)
        }
    }

    @Test func aVersionRulesUntilTheNextOne() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            try await contract.amended(from: CalendarDate(iso: "2027-06-01"), changed: [:])
            #expect(try await found(test, []) == [])
            let words = try await found(
                test,
                [
                    """
                    update contract_version set effective
                        = tstzrange(lower(effective), upper(effective) - interval '1 day')
                    where number = 1
                    """
                ])
            #expect(words.count == 1)
            #expect(words.first?.hasPrefix("versions: \(contract.id) 1: ") == true)
        }
    }
}
