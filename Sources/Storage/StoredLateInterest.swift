import Billing
import MoneyAndTime
import Postgres

/// Interest that was charged on an invoice.
package struct StoredLateInterest: Sendable {
    package let id: LateInterestID
    package let firstDay: CalendarDate
    package let lastDay: CalendarDate
    package let amount: Money
    /// How it was computed, as canonical JSON.
    package let document: [UInt8]
    package let recordedAt: Instant

    private static let columns: Query = "id, first_day, last_day, amount, document, recorded_at"

    package static func all(of invoice: InvoiceID) -> Query {
        "select \(columns) from late_interest where invoice = \(invoice) order by first_day"
    }

    package init(row: Row) throws {
        id = try row.decode("id")
        firstDay = try row.decode("first_day")
        lastDay = try row.decode("last_day")
        amount = try row.decode("amount")
        document = try row.decode("document")
        recordedAt = try row.decode("recorded_at")
    }

    /// Payments of the invoice wait from here on.
    package static func claim(_ invoice: InvoiceID) -> Query {
        """
        select pg_advisory_xact_lock(hashtextextended(
            'aikatori.settle ' || \(invoice)::text, 0))::text as claimed
        """
    }

    package static func insert(
        _ id: LateInterestID, on invoice: StoredInvoice, _ first: CalendarDate,
        _ last: CalendarDate, _ amount: Money, document: [UInt8], digest: [UInt8]
    ) -> Query {
        """
        insert into late_interest (id, invoice, seller, buyer, first_day, last_day, amount,
            subject, document, digest)
        values (\(id), \(invoice.id), \(invoice.seller), \(invoice.buyer), \(first), \(last),
            \(amount), \(id.description), \(document), \(digest))
        returning \(columns)
        """
    }

    /// The rates of the Interest Act.
    package static var rates: Query {
        "select starts_on, basis_points::bigint as basis_points from reference_rate"
    }

    /// A rate that is known stays: adding another one of the same half-year is refused.
    package static func add(_ rate: ReferenceRate, source: String) -> Query {
        """
        insert into reference_rate (starts_on, basis_points, source)
        values (\(rate.startsOn), \(rate.rate.basisPoints), \(source)::text)
        """
    }

    package static func rate(row: Row) throws -> ReferenceRate {
        try ReferenceRate(
            startsOn: row.decode("starts_on"),
            rate: Percentage(basisPoints: row.decode("basis_points")))
    }

    /// By how much the claim of an invoice fell, day by day, as the caller's own book has it: by
    /// the days that the entries are about, late ones too.
    package static func changes(of invoice: StoredInvoice) -> Query {
        """
        select coalesce(e.about_on, e.effective_on) as day, sum(
            case when (p.side = 'credit') = (p.code = 'receivable') then p.amount
                else -p.amount end)::bigint as amount
        from posting p join entry e on e.id = p.entry
        left join entry o on e.kind = 'reversal' and o.id = identified('entry', e.subject)
        where p.book = current_organisation() and p.code in ('receivable', 'payable')
          and p.counterparty in (\(invoice.seller), \(invoice.buyer))
          and coalesce(o.kind, e.kind) <> 'invoicing'
          and ((select i.subject from invoice i where i.id = \(invoice.id))
              = any (string_to_array(coalesce(o.subject, e.subject), '/'))
            or exists (select from credit_note n
                where n.invoice = \(invoice.id) and n.subject = e.subject))
        group by 1 order by 1
        """
    }

    package static func change(row: Row) throws -> LateInterest.Change {
        try LateInterest.Change(day: row.decode("day"), amount: row.decode("amount"))
    }
}
