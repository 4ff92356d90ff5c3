import Billing
import MoneyAndTime
import Postgres

/// A row of `credit_note` with the number of its invoice.
package struct StoredCreditNote: Sendable {
    package let id: CreditNoteID
    package let number: String
    package let invoice: InvoiceID
    package let invoiceNumber: String
    package let contract: ContractID
    package let seller: OrganisationID
    package let sellerName: String
    package let buyer: OrganisationID
    package let buyerName: String
    package let issuedOn: CalendarDate
    package let reason: String
    package let net: Money
    package let vat: Money
    package let total: Money
    /// What it took of what was given up of the invoice; zero or above.
    package let writeOffCut: Money
    package let createdAt: Instant

    package init(row: Row) throws {
        id = try row.decode("id")
        number = try row.decode("number")
        invoice = try row.decode("invoice")
        invoiceNumber = try row.decode("invoice_number")
        contract = try row.decode("contract")
        seller = try row.decode("seller")
        sellerName = try row.decode("seller_name")
        buyer = try row.decode("buyer")
        buyerName = try row.decode("buyer_name")
        issuedOn = try row.decode("issued_on")
        reason = try row.decode("reason")
        net = try row.decode("net")
        vat = try row.decode("vat")
        total = try row.decode("total")
        writeOffCut = try row.decode("write_off_cut")
        createdAt = try row.decode("created_at")
    }

    private static let columns: Query = """
        select n.id, n.number, n.invoice, i.number as invoice_number, n.contract, n.seller,
            i.seller_name, n.buyer, i.buyer_name, n.issued_on, n.reason, n.net, n.vat, n.total,
            coalesce(k.amount, 0) as write_off_cut, n.created_at
        from credit_note n join invoice i on i.id = n.invoice
            left join write_off_cut k on k.credit_note = n.id
        """

    package static func find(_ id: CreditNoteID) -> Query { "\(columns) where n.id = \(id)" }

    package static func all(of invoice: InvoiceID) -> Query {
        "\(columns) where n.invoice = \(invoice) order by n.id"
    }

    package static func page(
        contract: ContractID?, invoice: InvoiceID?, after: CreditNoteID?, limit: Int
    ) -> Query {
        """
        \(columns) where (\(contract)::uuid is null or n.contract = \(contract)::uuid)
            and (\(invoice)::uuid is null or n.invoice = \(invoice)::uuid)
            and (\(after)::uuid is null or n.id > \(after)::uuid)
        order by n.id limit \(limit)
        """
    }

    /// The UBL document as it was sent.
    package static func document(_ id: CreditNoteID) -> Query {
        "select number, document from credit_note where id = \(id)"
    }

    /// Credit notes and payments of one invoice wait for each other.
    package static func claim(_ invoice: InvoiceID) -> Query {
        """
        select pg_advisory_xact_lock(
            hashtextextended('aikatori.settle ' || \(invoice)::uuid, 0))
        """
    }

    /// The next number of a year, gap-free: the counter's row stays locked until the transaction
    /// that takes the number ends.
    package static func nextNumber(issuer: OrganisationID, year: Int) -> [Query] {
        [
            """
            insert into credit_note_counter (issuer, year) values (\(issuer), \(year))
            on conflict do nothing
            """,
            """
            update credit_note_counter set last = last + 1
            where issuer = \(issuer) and year = \(year) returning last
            """,
        ]
    }

    /// The credit note and its lines, to be run one after the other.
    package static func insert(_ note: CreditNote, document: [UInt8]) -> [Query] {
        [
            """
            insert into credit_note (id, year, issuer_number, number, invoice, contract, seller,
                buyer, issued_on, reason, net, vat, total, subject, document, self_billing_series)
            values (\(note.id), \(note.number.year), \(note.number.counter), \(note.number.text),
                \(note.invoice), \(note.contract), \(note.seller.organisation),
                \(note.buyer.organisation), \(note.issuedOn), \(note.reason),
                \(note.calculation.net), \(note.calculation.vat), \(note.total),
                \(note.id.description), \(document), \(note.number.series.map(Int64.init)))
            """,
            """
            insert into credit_note_line
                (credit_note, number, seller, buyer, invoice, invoice_line, net)
            select \(note.id), l.number, \(note.seller.organisation),
                \(note.buyer.organisation), \(note.invoice), l.line, l.net
            from unnest(\(note.invoiceLines), \(note.lines.map(\.net.minorUnits)))
                with ordinality as l(line, net, number)
            """,
        ]
    }

    /// What was credited of the VAT of an invoice.
    package static func creditedTax(of invoice: InvoiceID) -> Query {
        """
        select coalesce(sum(vat), 0)::bigint as vat from credit_note where invoice = \(invoice)
        """
    }
}

/// A row of `credit_note_line` with the text of the invoice line that it takes from.
package struct StoredCreditNoteLine: Sendable {
    package let number: Int64
    package let invoiceLine: Int64
    package let charge: ChargeID
    package let text: String
    package let net: Money

    package static func all(of id: CreditNoteID) -> Query {
        """
        select c.number::bigint as number, c.invoice_line::bigint as invoice_line, l.charge,
            l.text, c.net
        from credit_note_line c
            join invoice_line l on (l.invoice, l.number) = (c.invoice, c.invoice_line)
        where c.credit_note = \(id) order by c.number
        """
    }

    package init(row: Row) throws {
        number = try row.decode("number")
        invoiceLine = try row.decode("invoice_line")
        charge = try row.decode("charge")
        text = try row.decode("text")
        net = try row.decode("net")
    }
}
