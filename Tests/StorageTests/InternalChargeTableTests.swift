import Billing
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// What units of one legal person settle, against one who writes to the tables directly.
@Suite struct InternalChargeTableTests {
    private func settled(_ test: TestMarket) async throws -> LifeOfAVisit {
        let contract = try await test.signedContract(
            seller: test.addOrganisation("One"), buyer: test.addOrganisation("Other"),
            changed: LifeOfAVisit.ofOneLegalPerson())
        let life = try await LifeOfAVisit(under: contract)
        try await life.cancelledLate("2027-03-08")
        try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
        _ = try await life.settled(life.accepted(), total: "54.00")
        return life
    }

    @Test func itIsItsChargesAndItsPostings() async throws {
        try await TestMarket.withMarket { test in
            let life = try await settled(test)
            let replay = Replay(test: test, tables: ["internal_charge", "internal_charge_line"])
            let (seller, buyer) = (life.contract.seller.id, life.contract.buyer.id)
            for (code, change) in [
                (nil, "select"),
                ("23514", "update old_internal_charge set total = 0"),
                ("internal_charge_does_not_add_up", "update old_internal_charge set total = 5401"),
                ("internal_charge_does_not_add_up", "delete from old_internal_charge_line"),
                ("internal_charge_not_posted", "update old_internal_charge set subject = 'x'"),
                ("internal_charge_closed", "update old_internal_charge set xid = '1'"),
                ("internal_charge_closed", "update old_internal_charge_line set buyer = seller"),
                (
                    "internal_charge_closed",
                    "update old_internal_charge_line set charge = uuid_v7()"
                ),
                ("statement_not_accepted", "update old_internal_charge set buyer = seller"),
                (
                    "statement_not_accepted",
                    "update statement set state = 'open', accepted_at = null"
                ),
                (
                    "not_internal",
                    """
                    update contract_version v set document = d.document,
                        digest = sha256(d.document)
                    from (select contract, number, convert_to(jsonb_set(
                            convert_from(document, 'UTF8')::jsonb, '{billing,document}',
                            '"invoice"')::text, 'UTF8') as document
                        from contract_version) d
                    where (d.contract, d.number) = (v.contract, v.number)
                    """
                ),
            ] as [(String?, String)] {
                #expect(await replay.refusal([change], by: seller) == code, "\(change)")
            }
            #expect(await replay.refusal(["select"], by: buyer) == "not_your_side")
            for change: Query in [
                "update internal_charge set total = 1", "delete from internal_charge_line",
            ] {
                #expect(await refused { try await test.owner.write([change]) } == "append_only")
            }
            #expect(try await Verification.run(on: test.reader) == [])
            // and `verify` knows it
            try await test.withoutTriggers("update internal_charge set total = total + 1")
            let words = try await Verification.run(on: test.reader).map(\.message)
            #expect(words.contains("not posted as it is settled"))
        }
    }
}
