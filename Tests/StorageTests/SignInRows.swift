import MoneyAndTime
import Postgres
import TestMarket

extension FullMarket {
    /// How the seller's members sign in, and what is on its way of that.
    func putSignIn() async throws {
        let seller = contract.seller
        let (member, mail): (MemberID, MailID) = (seller.admin.member, newID())
        let digest = [UInt8](repeating: 3, count: 32)
        try await test.withoutTriggers(
            """
            insert into sign_in_settings (organisation, issuer, client_id, sealed_client_secret)
            values (\(seller.id), 'https://login.example', 'aikatori', 'sealed')
            """,
            "insert into email_domain values ('seller.example', \(seller.id))",
            """
            insert into sign_in_attempt
            values (\(digest), \(seller.id), \(digest), '/', clock_timestamp())
            """,
            """
            insert into second_factor (member, organisation, sealed_key)
            values (\(member), \(seller.id), 'sealed')
            """,
            "insert into recovery_code values (\(member), \(seller.id), \(digest))",
            """
            insert into mail_link (digest, organisation, member, browser_digest, expires_at)
            values (\(digest), \(seller.id), \(member), \(digest), clock_timestamp())
            """,
            """
            insert into outgoing_mail (id, organisation, recipient, sealed_message, expires_at)
            values (\(mail), \(seller.id), 'a@seller.example', 'sealed', clock_timestamp())
            """)
    }
}
