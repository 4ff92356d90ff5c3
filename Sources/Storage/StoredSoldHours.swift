import MoneyAndTime
import Postgres

/// A visit as whoever pays the specialists needs it: when it was, how long it was planned, measured
/// and attested to be. Never whom it was for.
package struct StoredSoldHours: Sendable {
    package let booking: BookingID
    package let specialist: SpecialistID
    package let specialistLabel: String
    package let unit: String
    package let zone: WallClock
    package let planned: TimeSlot
    package let state: String
    package let service: String
    package let buyer: OrganisationID
    package let buyerName: String
    package let contract: ContractID
    /// When both sides were there, as it was measured; nil before anyone attested.
    package let attendedSeconds: Int64?
    /// What both attested; nil before that.
    package let attestedSeconds: Int64?

    package init(row: Row) throws {
        booking = try row.decode("id")
        specialist = try row.decode("specialist")
        specialistLabel = try row.decode("label")
        unit = try row.decode("unit")
        zone = try WallClock(zone: row.decode("time_zone"))
        planned = try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
        state = try row.decode("state")
        service = try row.decode("service")
        buyer = try row.decode("buyer")
        buyerName = try row.decode("buyer_name")
        contract = try row.decode("contract")
        attendedSeconds = try row.decode("attended")
        attestedSeconds = try row.decode("attested")
    }

    /// What the caller sold of a month, on the wall clock of each specialist's unit, by specialist
    /// and start.
    package static func all(first: CalendarDate, last: CalendarDate, limit: Int) -> Query {
        """
        select b.id, b.specialist, s.label, u.name as unit, u.time_zone,
            lower(b.planned) as starts, upper(b.planned) as ends, b.state, b.service, b.buyer,
            coalesce(o.name, '') as buyer_name, b.contract, m.billable_seconds as attended,
            (select min(a.billable_seconds) from last_attestation a where a.booking = b.id
                having count(*) = 2
                    and min(a.billable_seconds) = max(a.billable_seconds)) as attested
        from booking b
        join specialist s on s.id = b.specialist
        join unit u on u.id = s.unit
        left join lateral organisation_directory(b.buyer, null, null, 1) o on true
        left join visit_minutes m on m.booking = b.id
        where b.seller = current_organisation() and b.state in ('booked', 'closed')
            and (lower(b.planned) at time zone u.time_zone)::date between \(first) and \(last)
        order by s.label, s.id, lower(b.planned), b.id limit \(limit)
        """
    }
}
