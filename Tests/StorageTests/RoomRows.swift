import Postgres
import TestMarket

extension FullMarket {
    /// What the seller hosts, what its visit is called in addresses, and what its video service has
    /// written down of it.
    func putRooms() async throws {
        let seller = contract.seller
        try await test.withoutTriggers(
            """
            insert into jitsi_server (organisation, domain, app_id, sealed_secret)
            values (\(seller.id), 'meet.example', 'app', '\\x00')
            """,
            """
            insert into room_settings (organisation, hosts_built_in, jitsi_domain, jitsi_prefix,
                joins)
            values (\(seller.id), true, 'meet.example', 'a-', '{built_in}')
            """,
            """
            insert into room_name (booking, seller, buyer)
            select id, seller, buyer from booking limit 1
            on conflict do nothing
            """,
            """
            insert into call_log_entry (booking, seller, buyer, importer, side, during, credential,
                imported_at)
            select id, seller, buyer, 'seller', 'buyer', planned, uuid_v7(), market_now()
            from booking limit 1
            """)
    }
}
