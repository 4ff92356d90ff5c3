import MoneyAndTime
import Postgres
import Scheduling

/// A row of `sale_pause`: a stretch in which what is published of a specialist's is not for sale.
package struct StoredSalePause: Sendable {
    package let id: SalePauseID
    package let specialist: SpecialistID
    package let during: TimeSlot
    package let endedAt: Instant?

    package init(row: Row) throws {
        id = try row.decode("id")
        specialist = try row.decode("specialist")
        during = try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
        endedAt = try row.decode("ended_at")
    }

    package static func insert(
        _ id: SalePauseID, of specialist: SpecialistID, during: TimeSlot,
        for organisation: OrganisationID
    ) -> Query {
        """
        insert into sale_pause (id, organisation, specialist, during)
        values (\(id), \(organisation), \(specialist), tstzrange(\(during.start), \(during.end)))
        """
    }

    package static func find(_ id: SalePauseID, lock: Bool = false) -> Query {
        let row: Query = """
            select id, specialist, lower(during) as starts, upper(during) as ends, ended_at
            from sale_pause where id = \(id)
            """
        return lock ? "\(row) for update" : row
    }

    package static func end(_ id: SalePauseID) -> Query {
        "update sale_pause set ended_at = market_now() where id = \(id)"
    }

    /// Those that nobody has ended and that are not over, as long as they last.
    package static func lasting(of specialist: SpecialistID, after now: Instant) -> Query {
        """
        select lower(during) as starts, upper(during) as ends from sale_pause
        where specialist = \(specialist) and ended_at is null and upper(during) > \(now)
        order by lower(during)
        """
    }
}
