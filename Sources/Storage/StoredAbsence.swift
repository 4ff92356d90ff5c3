import MoneyAndTime
import Postgres
import Scheduling

/// Rows of `absence`, and what an absence asks of windows and bookings.
package enum StoredAbsence {
    package static func insert(
        _ id: AbsenceID, of specialist: SpecialistID, during: TimeSlot, reason: String?,
        for organisation: OrganisationID
    ) -> Query {
        """
        insert into absence (id, organisation, specialist, during, reason)
        values (\(id), \(organisation), \(specialist), tstzrange(\(during.start), \(during.end)),
            \(reason))
        """
    }

    /// What of these specialists' is held or booked in a stretch of time, in order; a hold that has
    /// run out by `now` is nothing.
    package static func bookings(
        of specialists: [SpecialistID], in slot: TimeSlot, now: Instant
    ) -> Query {
        """
        select \(StoredBooking.names) from booking
        where specialist = any (\(specialists)) and state in ('held', 'booked')
          and planned && tstzrange(\(slot.start), \(slot.end))
          and (state <> 'held' or hold_expires_at > \(now))
        order by lower(planned), id
        """
    }

    /// Locks their budget counters, in the one order of all locks.
    package static func lockBudgets(of bookings: [BookingID]) -> Query {
        "select lock_budgets(\(bookings))"
    }

    /// The counters of the blocks that an absence touches, locked before all others.
    package static func lockBlocks(of specialists: [SpecialistID], in slot: TimeSlot) -> Query {
        "select lock_blocks_of(\(specialists), tstzrange(\(slot.start), \(slot.end)))"
    }

    /// These blocks cost nothing from here on, and what no visit takes of them is not kept.
    package static func giveUpBlocks(
        of specialists: [SpecialistID], in slot: TimeSlot
    ) -> Query {
        """
        select give_up_blocks(\(specialists), tstzrange(\(slot.start), \(slot.end)))::bigint
            as blocks
        """
    }

    /// The group sessions that it touches, in which nobody takes a place from here on.
    package static func lockSessions(
        of specialists: [SpecialistID], in slot: TimeSlot
    ) -> Query {
        "select lock_sessions_of(\(specialists), tstzrange(\(slot.start), \(slot.end)))"
    }

    /// Those that have not begun are not held, each of their places having been cancelled.
    package static func giveUpSessions(
        of specialists: [SpecialistID], in slot: TimeSlot
    ) -> Query {
        "select give_up_sessions(\(specialists), tstzrange(\(slot.start), \(slot.end)))"
    }

    /// Locks them, their counters being locked.
    package static func lock(_ bookings: [BookingID]) -> Query {
        "select from booking where id = any (\(bookings)) order by id for update"
    }

    /// The windows that are open in a stretch of time, locked, in order.
    package static func openWindows(of specialist: SpecialistID, in slot: TimeSlot) -> Query {
        """
        select id, rule, lower(during) as starts, upper(during) as ends from availability_window
        where specialist = \(specialist) and open
          and during && tstzrange(\(slot.start), \(slot.end))
        order by lower(during) for update
        """
    }

    /// Those that are not over, as long as they last.
    package static func lasting(of specialist: SpecialistID, after now: Instant) -> Query {
        """
        select lower(during) as starts, upper(during) as ends from absence
        where specialist = \(specialist) and upper(during) > \(now) order by lower(during)
        """
    }

    /// Closes windows, and takes their starts out of what search reads.
    package static func close(_ windows: [WindowID]) -> [Query] {
        [
            """
            update availability_window set open = false, revision = revision + 1
            where id = any (\(windows))
            """,
            "delete from start_time where availability_window = any (\(windows))",
        ]
    }

    package static func colleagues(of bookings: [BookingID]) -> Query {
        """
        select booking, specialist, label, lower(occupied) as starts, upper(occupied) as ends
        from colleagues(\(bookings))
        """
    }

    /// A colleague holds the visit instead; the counter and the booking are locked before.
    package static func substitute(
        _ booking: BookingID, by specialist: SpecialistID, reservation: ReservationID
    ) -> Query {
        "select substitute_specialist(\(booking), \(specialist), \(reservation))"
    }
}

/// Somebody who could hold a booking's visit.
package struct StoredColleague: Sendable {
    package let booking: BookingID
    package let label: String
    package let colleague: Absence.Colleague

    package init(row: Row) throws {
        booking = try row.decode("booking")
        label = try row.decode("label")
        colleague = try Absence.Colleague(
            specialist: row.decode("specialist"),
            occupied: TimeSlot(start: row.decode("starts"), end: row.decode("ends")))
    }
}
