import Billing
import MoneyAndTime
import Postgres

/// A row of `invoice_reminder`: that the buyer was reminded of an invoice.
package struct StoredReminder: Sendable {
    /// From one, for each invoice.
    package let number: Int64
    package let sentOn: CalendarDate
    /// What was open then.
    package let open: Money

    private static let columns: Query = "number, sent_on, open"

    package init(row: Row) throws {
        number = try row.decode("number")
        sentOn = try row.decode("sent_on")
        open = try row.decode("open")
    }

    package static func all(of invoice: InvoiceID) -> Query {
        "select \(columns) from invoice_reminder where invoice = \(invoice) order by number"
    }

    /// What decides on the next one, and its number.
    package static func facts(of invoice: InvoiceID) -> Query {
        "select * from reminder_facts where invoice = \(invoice)"
    }

    package static func insert(
        number: Int64, of invoice: StoredInvoice, open: Money, on day: CalendarDate
    ) -> Query {
        """
        insert into invoice_reminder (invoice, number, seller, buyer, sent_on, open)
        values (\(invoice.id), \(number), \(invoice.seller), \(invoice.buyer), \(day),
            \(open))
        returning \(columns)
        """
    }
}

extension ReminderFacts {
    /// Of a row of `reminder_facts`.
    package init(row: Row) throws {
        try self.init(
            dueOn: row.decode("due_on"), open: row.decode("open"),
            isInNetting: row.decode("in_netting"), isInPayment: row.decode("in_payment"),
            isPaymentWaiting: row.decode("payment_waits"),
            lastSentOn: row.decode("last_sent_on"))
    }
}
