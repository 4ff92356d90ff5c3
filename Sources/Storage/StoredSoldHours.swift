import MoneyAndTime
import Postgres

/// A visit as whoever pays the specialists needs it: when it was, how long it was planned, measured
/// and attested to be. Never whom it was for. A group session is one, however many places are taken
/// in it, and names none of its buyers.
package struct StoredSoldHours: Sendable {
    /// Nil of a group session.
    package let booking: BookingID?
    /// Nil of a visit that has its time alone.
    package let groupSession: GroupSessionID?
    package let specialist: SpecialistID
    package let specialistLabel: String
    package let unit: String
    package let zone: WallClock
    package let planned: TimeSlot
    package let state: String
    package let service: String
    /// Nil, empty and nil of a group session.
    package let buyer: OrganisationID?
    package let buyerName: String
    package let contract: ContractID?
    /// When both sides were there, as it was measured, of a session with any of its buyers; nil
    /// before anyone attested.
    package let attendedSeconds: Int64?
    /// What both attested, of a session the most of any place; nil before all did.
    package let attestedSeconds: Int64?
    /// The specialist's own, as both attested them; nil before that.
    package let preparationMinutes: Int64?
    package let recordWritingMinutes: Int64?
    /// How long each person of a side was there, added up; nil before anyone attested. Of a session
    /// the seller's come to all places at once, and a buyer's may come to all of its own.
    package let sellerSeconds: Int64?
    package let buyerSeconds: Int64?

    package init(row: Row) throws {
        booking = try row.decode("booking")
        groupSession = try row.decode("group_session")
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
        preparationMinutes = try row.decode("preparation_minutes")
        recordWritingMinutes = try row.decode("record_writing_minutes")
        sellerSeconds = try row.decode("seller_seconds")
        buyerSeconds = try row.decode("buyer_seconds")
    }

    /// What the caller sold of a month, on the wall clock of each specialist's unit, by specialist
    /// and start.
    package static func all(first: CalendarDate, last: CalendarDate, limit: Int) -> Query {
        """
        select case when x.group_session is null then x.bookings[1] end as booking,
            x.group_session, x.specialist, x.label, x.unit, x.time_zone,
            lower(x.planned) as starts, upper(x.planned) as ends, x.state, x.service, x.buyer,
            coalesce(o.name, '') as buyer_name, x.contract,
            (select case when x.group_session is null then max(m.billable_seconds) else (
                    select coalesce(floor(sum(
                        extract(epoch from upper(r.span) - lower(r.span)))), 0)::bigint
                    from (select unnest(range_agg(tstzrange((i ->> 'from')::timestamptz,
                            (i ->> 'until')::timestamptz))) as span
                        from visit_minutes y, jsonb_array_elements(y.intervals) i
                        where y.booking = any (x.bookings)) r) end
                from visit_minutes m where m.booking = any (x.bookings)
                having count(*) > 0) as attended,
            y.attested, y.preparation_minutes, y.record_writing_minutes,
            (select max(m.seller_seconds) from visit_minutes m
                where m.booking = any (x.bookings)) as seller_seconds,
            (select sum(w.seconds)::bigint from (
                select max(m.buyer_seconds) as seconds from visit_minutes m
                where m.booking = any (x.bookings) group by m.buyer) w) as buyer_seconds
        from (
            select b.group_session, b.specialist, b.planned, b.service, s.label, u.name as unit,
                u.time_zone, array_agg(b.id order by b.id) as bookings,
                case when bool_and(b.state = 'closed') then 'closed' else 'booked' end as state,
                case when b.group_session is null then (array_agg(b.buyer))[1] end as buyer,
                case when b.group_session is null then (array_agg(b.contract))[1] end as contract
            from booking b
            join specialist s on s.id = b.specialist
            join unit u on u.id = s.unit
            where b.seller = current_organisation() and b.state in ('booked', 'closed')
                and (lower(b.planned) at time zone u.time_zone)::date between \(first) and \(last)
            group by coalesce(b.group_session, b.id), b.group_session, b.specialist, b.planned,
                b.service, s.label, u.name, u.time_zone
        ) x
        left join lateral organisation_directory(x.buyer, null, null, 1) o on x.buyer is not null
        left join lateral (
            select max(a.billable_seconds) as attested,
                -- of a group session they are the same for each place
                max(a.preparation_minutes) as preparation_minutes,
                max(a.record_writing_minutes) as record_writing_minutes
            from unnest(x.bookings) v(id) cross join lateral attested_by_both(v.id) a
            having count(*) = cardinality(x.bookings)) y on true
        order by x.label, x.specialist, lower(x.planned), x.bookings[1] limit \(limit)
        """
    }
}
