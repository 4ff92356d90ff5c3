import Billing
import MoneyAndTime
import Postgres

/// A row of `refund`: what the seller paid back of an invoice that was paid too much.
package struct StoredRefund: Sendable {
    package let id: RefundID
    package let invoice: InvoiceID
    /// Above zero.
    package let amount: Money
    package let paidOn: CalendarDate
    package let recordedAt: Instant

    private static let columns: Query = "id, invoice, amount, paid_on, recorded_at"

    package init(row: Row) throws {
        id = try row.decode("id")
        invoice = try row.decode("invoice")
        amount = try row.decode("amount")
        paidOn = try row.decode("paid_on")
        recordedAt = try row.decode("recorded_at")
    }

    package static func all(of invoice: InvoiceID) -> Query {
        "select \(columns) from refund where invoice = \(invoice) order by id"
    }

    /// `subject` is that of its entry in the ledger.
    package static func insert(
        _ id: RefundID, of invoice: InvoiceID, seller: OrganisationID, buyer: OrganisationID,
        _ amount: Money, paidOn: CalendarDate, subject: String
    ) -> Query {
        """
        insert into refund (id, invoice, seller, buyer, amount, paid_on, subject)
        values (\(id), \(invoice), \(seller), \(buyer), \(amount), \(paidOn), \(subject))
        returning \(columns)
        """
    }
}
