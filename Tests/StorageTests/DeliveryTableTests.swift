import Billing
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

@Suite("Deliveries in the database")
struct DeliveryTableTests {
    @Test("the database takes the steps that the rule takes, and no others")
    func stepsInTheDatabase() async throws {
        try await TestMarket.withMarket { test in
            let life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
            try await life.cancelledLate("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
            try await test.withoutTriggers(
                """
                insert into invoice_reception (organisation, way, form, revision)
                values (\(life.contract.buyer.id), 'operator', 'ubl', 1)
                """)
            _ = try await life.invoiced()
            let delivery: DeliveryID = try await test.owner.read([
                "select id from invoice_delivery"
            ]).only().decode("id")
            for state in DeliveryState.allCases {
                for step in DeliveryStep.allCases {
                    let taken: String? = try await test.superuser.pool.undone {
                        transaction -> String? in
                        _ = try await transaction.script("set session_replication_role = replica")
                        try await transaction.query(
                            """
                            update invoice_delivery set state = \(state.rawValue),
                                sent_at = now(), problem = 'x', ended_at = case
                                    when \(state.rawValue) in ('acknowledged', 'failed')
                                    then now() end
                            where id = \(delivery)
                            """)
                        _ = try await transaction.script("set session_replication_role = origin")
                        do {
                            try await transaction.query(
                                """
                                select step_delivery(\(delivery), \(step.rawValue)::text, 'y')
                                """)
                        } catch {
                            return nil
                        }
                        return try await transaction.query(
                            "select state from invoice_delivery where id = \(delivery)"
                        ).only()["state", String.self]
                    }
                    #expect(taken == state.after(step)?.rawValue, "\(state) \(step)")
                }
            }
        }
    }
}
