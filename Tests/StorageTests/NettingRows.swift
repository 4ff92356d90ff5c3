import MoneyAndTime
import Postgres
import Storage
import TestMarket

extension FullMarket {
    /// A round that was posted, and the payment of what remained of it.
    func putNetting(of invoice: InvoiceID) async throws {
        let round: NettingRoundID = newID()
        try await test.withoutTriggers(
            """
            insert into netting_member (round, organisation, proposer, consent_by)
            select \(round), organisation, i.seller, market_now()
            from invoice i cross join lateral (values (i.seller), (i.buyer)) as x (organisation)
            where i.id = \(invoice)
            """,
            """
            insert into netting_claim (round, invoice, seller, buyer, amount)
            select \(round), id, seller, buyer, 1 from invoice where id = \(invoice)
            """,
            """
            insert into set_off (round, invoice, seller, buyer, amount, subject)
            select round, invoice, seller, buyer, 1, 'set-off' from netting_claim
            """,
            """
            insert into net_payment (id, round, payee, payee_name, payer, payer_name, amount, iban,
                reference, due_on, subject)
            select \(round), \(round), seller, seller_name, buyer, buyer_name, 1, iban, '1', due_on,
                'net payment'
            from invoice where id = \(invoice)
            """,
            """
            insert into net_payment_received
                (net_payment, bank_entry, payee, payer, amount, subject)
            select p.id, b.id, p.payee, p.payer, 1, 'received' from net_payment p, bank_entry b
            limit 1
            """)
    }
}
