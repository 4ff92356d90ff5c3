import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// Billing runs, as the database holds them against anyone.
@Suite struct BillingRunTests {
    private static func run(_ id: BillingRunID, of: TestOrganisation, _ period: String) -> Query {
        """
        insert into billing_run (id, organisation, period)
        values (\(id), \(of.id), \(period)::text)
        """
    }

    private static func step(
        _ run: BillingRunID, of organisation: TestOrganisation, _ contract: ContractID
    ) -> Query {
        let id: BillingStepID = newID()
        return """
            insert into billing_step (id, run, organisation, contract, kind)
            values (\(id), \(run), \(organisation.id), \(contract), 'statement')
            """
    }

    @Test func isTheSellersAloneAndEndsOnce() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            try await test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
            let (seller, buyer) = (contract.seller, contract.buyer)
            let (run, bought): (BillingRunID, BillingRunID) = (newID(), newID())
            func told(_ caller: TestOrganisation, _ query: Query) async -> String? {
                await refused { try await test.asked(by: caller.finance, query) }
            }
            #expect(await told(seller, Self.run(run, of: seller, "2027-04")) == "period_not_over")
            #expect(await told(seller, Self.run(run, of: buyer, "2027-03")) == "not_your_side")
            #expect(await told(seller, Self.run(run, of: seller, "2027-03")) == nil)
            #expect(await told(buyer, Self.run(bought, of: buyer, "2027-03")) == nil)
            // a contract under which one buys
            #expect(await told(buyer, Self.step(bought, of: buyer, contract.id)) == "not_your_side")
            #expect(await told(seller, Self.step(run, of: seller, contract.id)) == nil)
            let second: BillingRunID = newID()
            #expect(
                await told(seller, Self.run(second, of: seller, "2027-03"))
                    == "billing_run_under_way")
            let end: Query = """
                update billing_step set state = 'refused', refusal = 'nothing_to_state'
                where run = \(run)
                """
            #expect(await told(seller, end) == nil)
            #expect(await told(seller, end) == "illegal_transition")
            for change: Query in [
                "update billing_run set period = '2027-01'", "delete from billing_run",
                "delete from billing_step", "update billing_step set kind = 'invoice'",
            ] {
                #expect(await told(seller, change) == "42501")
            }
        }
    }
}
