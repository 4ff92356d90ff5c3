import Postgres
import TestMarket

extension FullMarket {
    /// What the seller's administrator is told and how, what is on its way out, and how the seller
    /// reaches its patients.
    func putAlerts() async throws {
        let seller = contract.seller
        let member = seller.admin.member
        try await test.withoutTriggers(
            """
            insert into alert_setting (member, organisation, reminders, digest_minutes, language)
            values (\(member), \(seller.id), '{15}', 15, 'fi')
            """,
            """
            insert into alert (organisation, member, kind, subject_kind, subject, cause, in_bell,
                by_mail, made_at)
            values (\(seller.id), \(member), 'contract_asked', 'contract', \(contract.id), 'x',
                true, true, market_now())
            """,
            """
            insert into outgoing_message (organisation, channel, recipient, subject, body, cause)
            values (\(seller.id), 'mail', 'a@seller.example', 'Subject', 'Text', 'x')
            """,
            """
            insert into text_gateway (organisation, address, body, reminders)
            values (\(seller.id), 'https://sms.example', '{to}{text}', '{60}')
            """,
            """
            insert into patient_contact (booking, seller, buyer, number, language)
            select id, seller, buyer, '+358400000000', 'fi' from booking limit 1
            """)
    }
}
