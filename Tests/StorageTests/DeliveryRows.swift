import Postgres
import TestMarket

extension FullMarket {
    /// How the buyer wants its invoices, and one on its way.
    func putDeliveries() async throws {
        try await test.withoutTriggers(
            """
            insert into invoice_reception (organisation, way, form, revision)
            values (\(contract.buyer.id), 'operator', 'ubl', 1)
            """,
            """
            insert into invoice_delivery (invoice, seller, buyer, way, form, state)
            select id, seller, buyer, 'operator', 'ubl', 'queued' from invoice limit 1
            """)
    }
}
