import Postgres
import TestMarket

extension FullMarket {
    /// The buyer's series for the seller, and its counter of one year.
    func putSelfBilling() async throws {
        let (seller, buyer) = (contract.seller.id, contract.buyer.id)
        try await test.withoutTriggers(
            """
            insert into self_billing_series (seller, buyer, series)
            values (\(seller), \(buyer), 1)
            """,
            """
            insert into self_billing_counter (seller, buyer, series, kind, year)
            values (\(seller), \(buyer), 1, 'invoice', 2027)
            """)
    }
}
