import MoneyAndTime
import Postgres
import Scheduling

/// What the calendar of a unit shows of each of its specialists. Every query is about many of them
/// at once, and its rows are in the order of their starts.
package enum StoredWeek {
    /// A stretch of a specialist's time, and what it is called there.
    package struct Piece: Sendable {
        package let specialist: SpecialistID
        package let slot: TimeSlot
        package let kind: String

        package init(row: Row) throws {
            specialist = try row.decode("specialist")
            slot = try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
            kind = try row.decode("kind")
        }
    }

    /// Visits with their buffers, by the state of the booking: `held`, `booked`, `closed`. A hold
    /// that has run out by `now` is nothing. A group session is there once, from when it is opened.
    package static func taken(
        of specialists: [SpecialistID], in slot: TimeSlot, now: Instant
    ) -> Query {
        """
        select r.specialist, lower(r.occupied) as starts, upper(r.occupied) as ends,
            b.state as kind
        from reservation r join booking b on b.reservation = r.id
        where r.specialist = any (\(specialists)) and r.live and r.block is null
          and r.occupied && tstzrange(\(slot.start), \(slot.end))
          and b.group_session is null and b.state in ('held', 'booked', 'closed')
          and (b.state <> 'held' or b.hold_expires_at > \(now))
        union all
        select g.specialist, lower(r.occupied), upper(r.occupied),
            case when exists (select from booking b
                where b.group_session = g.id and b.state = 'closed') then 'closed'
            else 'booked' end
        from group_session g join reservation r on r.id = g.reservation
        where g.specialist = any (\(specialists)) and r.live
          and r.occupied && tstzrange(\(slot.start), \(slot.end))
        union all
        select b.specialist, lower(b.planned), upper(b.planned), b.state
        from booking b join reservation r on r.id = b.reservation
        where b.specialist = any (\(specialists)) and r.block is not null
          and b.planned && tstzrange(\(slot.start), \(slot.end))
          and b.state in ('held', 'booked', 'closed')
          and (b.state <> 'held' or b.hold_expires_at > \(now))
        order by 2
        """
    }

    /// A stretch that has a page or an operation of its own.
    package struct Named<Tag: IDTag>: Sendable {
        package let id: ID<Tag>?
        package let piece: Piece

        package init(row: Row) throws {
            id = try row.decode("id")
            piece = try Piece(row: row)
        }
    }

    /// Blocks that are not withdrawn, by their state.
    package static func blocks(of specialists: [SpecialistID], in slot: TimeSlot) -> Query {
        """
        select specialist, lower(during) as starts, upper(during) as ends, state as kind, id
        from block
        where specialist = any (\(specialists)) and state <> 'withdrawn'
          and during && tstzrange(\(slot.start), \(slot.end))
        order by lower(during), id
        """
    }

    /// Group sessions that are not withdrawn, whether or not anybody has a place there.
    package static func sessions(of specialists: [SpecialistID], in slot: TimeSlot) -> Query {
        """
        select specialist, lower(during) as starts, upper(during) as ends, 'session' as kind, id
        from group_session
        where specialist = any (\(specialists)) and state = 'open'
          and during && tstzrange(\(slot.start), \(slot.end))
        order by lower(during), id
        """
    }

    /// What is left of blocks, and group sessions whether or not anybody has a place there: it is
    /// not for sale.
    package static func reserved(of specialist: SpecialistID, in slot: TimeSlot) -> Query {
        """
        select lower(r.occupied) as starts, upper(r.occupied) as ends from reservation r
        where r.specialist = \(specialist) and r.live
          and r.occupied && tstzrange(\(slot.start), \(slot.end))
          and (r.block is not null
              or exists (select from group_session g where g.reservation = r.id))
        """
    }

    /// Why a specialist is not for sale then: `absent`, `busy` elsewhere, or `paused`, which alone
    /// has an identifier.
    package static func away(of specialists: [SpecialistID], in slot: TimeSlot) -> Query {
        """
        select specialist, lower(during) as starts, upper(during) as ends, 'absent' as kind,
            null::uuid as id
        from absence
        where specialist = any (\(specialists))
          and during && tstzrange(\(slot.start), \(slot.end))
        union all
        select specialist, lower(during), upper(during), 'busy', null
        from busy_stretch
        where specialist = any (\(specialists))
          and during && tstzrange(\(slot.start), \(slot.end))
        union all
        select specialist, lower(during), upper(during), 'paused', id
        from sale_pause
        where specialist = any (\(specialists)) and ended_at is null
          and during && tstzrange(\(slot.start), \(slot.end))
        order by 2, 4
        """
    }
}
