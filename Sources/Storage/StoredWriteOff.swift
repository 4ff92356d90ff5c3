import Billing
import MoneyAndTime
import Postgres

/// A row of `write_off`: what the seller gave up of an invoice, and why.
package struct StoredWriteOff: Sendable {
    package let id: WriteOffID
    package let invoice: InvoiceID
    /// Above zero.
    package let amount: Money
    package let reason: String
    package let recordedAt: Instant

    private static let columns: Query = "id, invoice, amount, reason, recorded_at"

    package init(row: Row) throws {
        id = try row.decode("id")
        invoice = try row.decode("invoice")
        amount = try row.decode("amount")
        reason = try row.decode("reason")
        recordedAt = try row.decode("recorded_at")
    }

    package static func all(of invoice: InvoiceID) -> Query {
        "select \(columns) from write_off where invoice = \(invoice) order by id"
    }

    /// `subject` is that of its entry in the ledger.
    package static func insert(
        _ id: WriteOffID, of invoice: InvoiceID, seller: OrganisationID, buyer: OrganisationID,
        _ amount: Money, reason: String, subject: String
    ) -> Query {
        """
        insert into write_off (id, invoice, seller, buyer, amount, reason, subject)
        values (\(id), \(invoice), \(seller), \(buyer), \(amount), \(reason), \(subject))
        returning \(columns)
        """
    }

    /// What a credit note takes of it.
    package static func cut(_ amount: Money, by note: NewCreditNote) -> Query {
        """
        insert into write_off_cut (credit_note, invoice, seller, buyer, amount)
        values (\(note.id), \(note.invoice.id), \(note.invoice.seller),
            \(note.invoice.buyer), \(amount))
        """
    }
}
