import MoneyAndTime
import Postgres

/// A row of `busy_calendar`: the calendar that a specialist keeps elsewhere.
package struct StoredBusyCalendar: Sendable {
    package let specialist: SpecialistID
    package let host: String?
    package let setAt: Instant
    package let readAt: Instant?
    package let problem: String?
    package let unread: Int64
    package let revision: Int64

    package init(row: Row) throws {
        specialist = try row.decode("specialist")
        host = try row.decode("host")
        setAt = try row.decode("set_at")
        readAt = try row.decode("read_at")
        problem = try row.decode("problem")
        unread = try row.decode("unread")
        revision = try row.decode("revision")
    }

    package static func find(_ specialist: SpecialistID, lock: Bool = false) -> Query {
        let row: Query = """
            select specialist, host, set_at, read_at, problem, unread, revision
            from busy_calendar where specialist = \(specialist)
            """
        return lock ? "\(row) for update" : row
    }

    /// In the place of the one before; what that one said is busy stays until this one is read.
    package static func set(
        _ specialist: SpecialistID, sealedAddress: [UInt8]?, host: String?, dueAt: Instant?,
        for organisation: OrganisationID
    ) -> Query {
        """
        insert into busy_calendar (specialist, organisation, sealed_address, host, due_at)
        values (\(specialist), \(organisation), \(sealedAddress), \(host), \(dueAt))
        on conflict (specialist) do update set sealed_address = excluded.sealed_address,
            host = excluded.host, due_at = excluded.due_at, set_at = market_now(),
            read_at = null, problem = null, unread = 0, revision = busy_calendar.revision + 1
        returning revision
        """
    }

    package static func remove(_ specialist: SpecialistID) -> Query {
        "delete from busy_calendar where specialist = \(specialist) returning revision"
    }

    /// Somebody reads it now; not before the pause is over does anybody else.
    package static func take(pauseSeconds: Int64) -> Query {
        """
        select specialist, organisation, sealed_address, revision
        from take_busy_calendar(make_interval(secs => \(pauseSeconds)))
        """
    }

    /// Acts as its organisation for this transaction: no credential, and the cause by name.
    package static func enter(_ organisation: OrganisationID) -> Query {
        """
        select set_config('app.organisation', \(organisation.uuidString), true),
            set_config('app.operation', 'busy_calendar', true)
        """
    }

    package static func wasRead(
        _ specialist: SpecialistID, at instant: Instant, unread: Int
    ) -> Query {
        """
        update busy_calendar set read_at = \(instant), problem = null, unread = \(Int64(unread))
        where specialist = \(specialist)
        """
    }

    package static func failed(
        _ specialist: SpecialistID, problem: String, revision: Int64
    ) -> Query {
        """
        update busy_calendar set problem = \(problem)
        where specialist = \(specialist) and revision = \(revision)
        """
    }

    package static func stretches(of specialist: SpecialistID, after now: Instant) -> Query {
        """
        select lower(during) as starts, upper(during) as ends from busy_stretch
        where specialist = \(specialist) and upper(during) > \(now) order by lower(during)
        """
    }

    /// All that is busy anew, in the place of what was.
    package static func replace(
        _ specialist: SpecialistID, with busy: [TimeSlot], for organisation: OrganisationID
    ) -> [Query] {
        [
            "delete from busy_stretch where specialist = \(specialist)",
            """
            insert into busy_stretch (specialist, organisation, during)
            select \(specialist), \(organisation), tstzrange(b.starts, b.ends)
            from unnest(\(busy.map(\.start)), \(busy.map(\.end))) as b(starts, ends)
            """,
        ]
    }
}
