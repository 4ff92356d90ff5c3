import Billing
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import TestMarket

extension FullMarket {
    /// A credit note of a part of an invoice, what was given up of it, and a dispute about a line.
    func putCorrections(of invoice: InvoiceID) async throws {
        _ = try await test.market.creditInvoice(
            contract.seller.finance.request("creditInvoice"), invoice, reason: "Another price.",
            parts: [Credit.Part(number: 1, net: Money(minorUnits: 1))])
        try await test.withoutTriggers(
            """
            insert into dispute (id, statement, charge, contract, seller, buyer, reason, charged,
                claimed, answer_by)
            select uuid_v7(), l.statement, c.id, c.contract, c.seller, c.buyer, 'rate', c.net,
                c.net - 1, market_now()
            from statement_line l join charge c on c.id = l.charge limit 1
            """,
            """
            insert into rating_again (id, contract, period, seller, buyer, net_before, net_after)
            select uuid_v7(), contract, period, seller, buyer, net, net from charge limit 1
            """,
            """
            insert into rating_again_line (rating, replaced, charge, seller, buyer)
            select r.id, c.id, c.id, c.seller, c.buyer from rating_again r, charge c limit 1
            """,
            """
            insert into write_off (id, invoice, seller, buyer, amount, reason, subject)
            select id, id, seller, buyer, 1, 'Not worth it.', 'write-off' from invoice limit 1
            """,
            """
            insert into refund (id, invoice, seller, buyer, amount, paid_on, subject)
            select id, id, seller, buyer, 1, issued_on, 'refund' from invoice limit 1
            """,
            // charges that no statement has, and one that is on a statement and on no invoice
            """
            insert into charge select (jsonb_populate_record(c, jsonb_build_object(
                'id', uuid_v7(), 'booking', uuid_v7()))).*
            from charge c cross join generate_series(1, 2) limit 2
            """,
            """
            insert into statement_line (statement, charge, seller, buyer)
            select s.id, c.id, c.seller, c.buyer
            from statement s, (select * from unstated_charge limit 1) c limit 1
            """,
            """
            insert into internal_charge (id, statement, run, seller, buyer, contract, version,
                settled_on, total, subject)
            select id, id, 1, seller, buyer, contract, 1, '2027-04-01', 1, 'internal'
            from statement limit 1
            """,
            """
            insert into internal_charge_line (charge, internal_charge, seller, buyer)
            select c.id, i.id, c.seller, c.buyer from charge c, internal_charge i limit 1
            """,
            """
            insert into write_off_cut (credit_note, invoice, seller, buyer, amount)
            select id, invoice, seller, buyer, 1 from credit_note limit 1
            """,
            """
            insert into dispute_word (dispute, number, seller, buyer, side, act, words, evidence,
                net)
            select id, 1, seller, buyer, 'buyer', 'open', 'Too much.', '{}', claimed from dispute
            """)
    }
}
