import MoneyAndTime
import Postgres
import Visits

/// A visit with what was charged for it, as other terms are tried on it.
package struct StoredChargedVisit: Sendable {
    package let charge: ChargeID
    package let booking: BookingID
    package let service: String
    package let servedOn: CalendarDate
    package let planned: TimeSlot
    /// As both sides attested them.
    package let figures: Attestation.Figures
    package let overrunAgreed: Bool
    /// Of a group session: the places before its own, and all that were taken.
    package let places: (before: Int64, inAll: Int64)?
    package let net: Money

    package init(row: Row) throws {
        charge = try row.decode("id")
        booking = try row.decode("booking")
        service = try row.decode("service")
        servedOn = try row.decode("served_on")
        planned = try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
        figures = try Attestation.Figures(
            seconds: row.decode("billable_seconds"),
            extra: ExtraTime(
                preparation: row.decode("preparation_minutes"),
                recordWriting: row.decode("record_writing_minutes")),
            lineFailed: row.decode("line_failed"))
        overrunAgreed = try row.decode("overrun_agreed")
        let inAll: Int64? = try row.decode("places_in_all")
        places = try inAll.map { try (row.decode("places_before"), $0) }
        net = try row.decode("net")
    }

    /// Those of a period that both sides attested, in the order of their charges.
    package static func all(of contract: ContractID, period: String, limit: Int) -> Query {
        """
        select c.id, c.booking, c.service, c.served_on, c.net,
            lower(b.planned) as starts, upper(b.planned) as ends,
            a.billable_seconds, a.preparation_minutes, a.record_writing_minutes, a.line_failed,
            exists (select from visit_report r
                where r.booking = b.id and r.kind = 'overrun_agreed') as overrun_agreed,
            s.places_before::bigint as places_before, s.places_in_all::bigint as places_in_all
        from charge c join booking b on b.id = c.booking
        cross join lateral attested_by_both(b.id) a
        left join lateral session_share(b.id) s on b.group_session is not null
        where c.contract = \(contract) and c.period = \(period)
            and c.cause in ('visit', 'no_show', 'seller_no_show')
            and not exists (select from charge r where r.replaces = c.id)
        order by c.recorded_at, c.id limit \(limit)
        """
    }
}
