import MoneyAndTime
import Postgres
import TestMarket

extension FullMarket {
    /// What the bank took back, what was set aside, and the buyer's payments out.
    func putPaymentRows(of invoice: InvoiceID) async throws {
        let file: PaymentFileID = newID()
        let buyer = contract.buyer
        try await test.withoutTriggers(
            """
            insert into bank_statement
                (file, number, organisation, iban, digest, difference, is_repeated)
            select id, 1, organisation, 'FI2112345600000785', sha256('statement'), 0, false
            from bank_file limit 1
            """,
            """
            insert into bank_entry_words (bank_entry, organisation, payer)
            select id, organisation, 'Payer' from bank_entry limit 1
            """,
            """
            insert into bank_entry_aside (bank_entry, organisation)
            select id, organisation from bank_entry limit 1
            """,
            """
            insert into allocation_return (bank_entry, invoice, seller, buyer, returned_by, entry)
            select bank_entry, invoice, seller, buyer, bank_entry, uuid_v7()
            from allocation where invoice = \(invoice)
            """,
            // a report that is in force, and a payment of which one was seen to be the money
            """
            insert into bank_file (id, organisation, digest, content, repeated_count,
                not_booked_count, others_count, others_sum, balances_agree, is_report)
            select uuid_v7(), seller, sha256('report'), sha256('report'), 0, 0, 0, 0, true, true
            from invoice where id = \(invoice)
            """,
            """
            insert into bank_entry (id, organisation, file, number, iban, bank_key, direction,
                hundred_thousandths, currency, fate, invoice)
            select uuid_v7(), i.seller, f.id, 1, i.iban, 'report', 'credit', 100000, 'EUR',
                'matched', i.id
            from invoice i, bank_file f where i.id = \(invoice) and f.is_report
            """,
            """
            insert into allocation (bank_entry, invoice, seller, buyer, amount, subject)
            select e.id, i.id, i.seller, i.buyer, 100, 'report' from invoice i, bank_entry e
            where i.id = \(invoice) and e.bank_key = 'report'
            """,
            """
            insert into report_seen (bank_entry, report, organisation)
            select id, id, organisation from bank_entry where bank_key <> 'report' limit 1
            """,
            """
            insert into invoice_reminder (invoice, number, seller, buyer, sent_on, open)
            select id, 1, seller, buyer, due_on, 1 from invoice where id = \(invoice)
            """,
            "insert into payment_limit (organisation, above) values (\(buyer.id), 1)",
            """
            insert into payment_approval (invoice, organisation, member)
            values (\(invoice), \(buyer.id), \(buyer.finance.member))
            """,
            """
            insert into payment_file
                (id, organisation, message_id, iban, execution_on, total, proposed_by)
            values (\(file), \(buyer.id), 'A1', 'FI2112345600000785', '2027-04-10', 1,
                \(buyer.finance.member))
            """,
            """
            insert into payment_order (file, number, organisation, invoice, amount, end_to_end)
            values (\(file), 1, \(buyer.id), \(invoice), 1, 'A1-1')
            """,
            """
            insert into payment_answer (file, digest, organisation)
            values (\(file), sha256('answer'), \(buyer.id))
            """)
    }
}
