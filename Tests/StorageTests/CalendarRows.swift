import Postgres
import TestMarket

extension FullMarket {
    /// A private feed of the seller's, where it has calendar messages mailed to, and one in line.
    func putCalendars() async throws {
        let seller = contract.seller
        try await test.withoutTriggers(
            """
            insert into calendar_feed (id, organisation, unit, language, digest)
            values (uuid_v7(), \(seller.id), \(seller.unit), 'fi', sha256('a'))
            """,
            """
            insert into calendar_mailbox (id, organisation, address, language)
            values (uuid_v7(), \(seller.id), 'a@seller.example', 'fi')
            """,
            """
            insert into calendar_mail (booking, organisation, sequence, at)
            select id, seller, 0, market_now() from booking limit 1
            """)
    }
}
