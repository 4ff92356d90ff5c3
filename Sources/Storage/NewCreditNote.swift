import Billing
import MoneyAndTime
import Postgres

/// A credit note to be stored with its lines: one that is written here, or one that the seller's
/// own system wrote.
package struct NewCreditNote: Sendable {
    package let id: CreditNoteID
    package let number: String
    package let invoice: StoredInvoice
    package let issuedOn: CalendarDate
    let reason: String
    package let credit: Credit
    /// Its place in this market's series, and the UBL document; nil where it is recorded.
    let written: (counter: Int64, series: Int64?, document: [UInt8])?

    package init(
        _ note: CreditNote, of invoice: StoredInvoice, credit: Credit, document: [UInt8]
    ) {
        id = note.id
        number = note.number.text
        self.invoice = invoice
        issuedOn = note.issuedOn
        reason = note.reason
        self.credit = credit
        written = (note.number.counter, note.number.series.map(Int64.init), document)
    }

    package init(
        id: CreditNoteID, _ recorded: RecordedCreditNote, of invoice: StoredInvoice,
        credit: Credit, reason: String
    ) {
        self.id = id
        number = recorded.number
        self.invoice = invoice
        issuedOn = recorded.issuedOn
        self.reason = reason
        self.credit = credit
        written = nil
    }

    /// The credit note and its lines, to be run one after the other.
    package func insert() -> (head: Query, lines: Query) {
        let head: Query = """
            insert into credit_note (id, year, issuer_number, number, invoice, contract, seller,
                buyer, issued_on, reason, net, vat, total, subject, document, self_billing_series)
            values (\(id), \(issuedOn.year), \(written?.counter), \(number),
                \(invoice.id), \(invoice.contract), \(invoice.seller), \(invoice.buyer),
                \(issuedOn), \(reason), \(credit.net), \(credit.vat), \(credit.total),
                \(id.description), \(written?.document), \(written?.series))
            """
        let lines: Query = """
            insert into credit_note_line
                (credit_note, number, seller, buyer, invoice, invoice_line, net)
            select \(id), l.number, \(invoice.seller), \(invoice.buyer), \(invoice.id),
                l.line, l.net
            from unnest(\(credit.lines.map(\.number)),
                \(credit.lines.map(\.line.net.minorUnits)))
                with ordinality as l(line, net, number)
            """
        return (head, lines)
    }
}
