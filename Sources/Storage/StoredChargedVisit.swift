import MoneyAndTime
import Postgres

/// A visit with what was charged for it, as other terms are tried on it.
package struct StoredChargedVisit: Sendable {
    package let charge: ChargeID
    package let booking: BookingID
    package let service: String
    package let servedOn: CalendarDate
    package let planned: TimeSlot
    package let billableSeconds: Int64
    package let net: Money

    package init(row: Row) throws {
        charge = try row.decode("id")
        booking = try row.decode("booking")
        service = try row.decode("service")
        servedOn = try row.decode("served_on")
        planned = try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
        billableSeconds = try row.decode("billable_seconds")
        net = try row.decode("net")
    }

    /// Those of a period that both sides attested, in the order of their charges.
    package static func all(of contract: ContractID, period: String, limit: Int) -> Query {
        """
        select c.id, c.booking, c.service, c.served_on, c.billable_seconds, c.net,
            lower(b.planned) as starts, upper(b.planned) as ends
        from charge c join booking b on b.id = c.booking
        where c.contract = \(contract) and c.period = \(period)
            and c.cause in ('visit', 'no_show', 'seller_no_show')
        order by c.recorded_at, c.id limit \(limit)
        """
    }
}
