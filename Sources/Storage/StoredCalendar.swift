import MoneyAndTime
import Postgres
import Scheduling

/// What calendars show: windows that are for sale, and the bookings of one specialist with the time
/// that they take.
package enum StoredCalendar {
    /// A window that is open, whose it is, and the pattern that it came from.
    package struct Window: Sendable {
        package let specialist: SpecialistID
        package let rule: AvailabilityRuleID
        package let slot: TimeSlot

        package init(row: Row) throws {
            specialist = try row.decode("specialist")
            rule = try row.decode("rule")
            slot = try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
        }
    }

    /// A booking, and its time with the buffer.
    package struct Taken: Sendable {
        package let booking: StoredBooking
        package let occupied: TimeSlot

        package init(row: Row) throws {
            booking = try StoredBooking(row: row)
            occupied = try TimeSlot(
                start: row.decode("occupied_from"), end: row.decode("occupied_until"))
        }
    }

    /// Those that overlap a stretch of time, in order.
    package static func windows(of specialists: [SpecialistID], in slot: TimeSlot) -> Query {
        """
        select specialist, rule, lower(during) as starts, upper(during) as ends
        from availability_window
        where specialist = any (\(specialists)) and open
          and during && tstzrange(\(slot.start), \(slot.end))
        order by lower(during)
        """
    }

    /// Those that take time in the windows of this stretch, in order. A hold that has run out by
    /// `now` takes none.
    package static func taken(
        of specialist: SpecialistID, in slot: TimeSlot, now: Instant
    ) -> Query {
        """
        select \(StoredBooking.names), lower(t.occupied) as occupied_from,
            upper(t.occupied) as occupied_until
        from booking, lateral (
            select r.occupied from reservation r
            where r.id = booking.reservation and r.specialist = \(specialist) and r.live
              and r.occupied && tstzrange(\(slot.start), \(slot.end))) t
        where state in ('held', 'booked', 'closed')
          and (state <> 'held' or hold_expires_at > \(now))
        order by lower(t.occupied)
        """
    }
}
