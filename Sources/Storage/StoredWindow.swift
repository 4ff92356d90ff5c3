import MoneyAndTime
import Postgres
import Scheduling

/// Rows of `availability_window`, and of `start_time` beside them: a rule expanded into UTC.
package struct StoredWindow: Sendable {
    package let id: WindowID
    package let slot: TimeSlot

    package init(id: WindowID, slot: TimeSlot) {
        self.id = id
        self.slot = slot
    }

    /// Before windows are opened or closed: nobody gives time of the specialist back meanwhile.
    package static func own(_ specialist: SpecialistID) -> Query {
        "select own_start_times(\(specialist))"
    }

    /// All the windows of one expansion in one statement.
    package static func insert(
        _ windows: [StoredWindow], of rule: AvailabilityRule, for organisation: OrganisationID
    ) -> Query {
        let terms = rule.terms
        return """
            insert into availability_window (id, rule, organisation, specialist, during, services,
                contracts, grid_minutes, shortest_minutes, longest_minutes, buffer_before_minutes,
                buffer_after_minutes)
            select w.id, \(rule.id), \(organisation), \(rule.specialist),
                tstzrange(w.starts, w.ends), \(terms.services.map { $0.sorted() })::text[],
                \(terms.contracts.map { $0.sorted() })::uuid[], \(terms.grid.rawValue),
                \(terms.shortestMinutes), \(terms.longestMinutes), \(terms.bufferBeforeMinutes),
                \(terms.bufferAfterMinutes)
            from unnest(\(windows.map(\.id)), \(windows.map(\.slot.start)),
                \(windows.map(\.slot.end))) as w(id, starts, ends)
            """
    }

    /// The start times of new windows: every step of the grid from which the shortest visit and
    /// its buffers fit (`StartTimes.project`). All are free, but for what is still reserved from a
    /// window that was withdrawn.
    package static func insertStartTimes(
        _ windows: [StoredWindow], of rule: AvailabilityRule, for organisation: OrganisationID
    ) -> Query {
        let terms = rule.terms
        let (before, after) = (terms.bufferBeforeMinutes, terms.bufferAfterMinutes)
        // the first start of the grid that has its buffer inside the window
        let grid = terms.grid.rawValue
        let first = (before + grid - 1) / grid * grid
        return """
            with taken as materialized (
                select lower(occupied) as starts, occupied from reservation
                where specialist = \(rule.specialist) and live
                  and upper(occupied) > \(windows.map(\.slot.start).min()))
            insert into start_time (specialist, starts, free_until, specialty, organisation,
                availability_window, buffer_before, buffer_after, shortest_minutes,
                longest_minutes, services, contracts, open)
            select \(rule.specialist), s.starts,
                least(w.ends, (select min(t.starts) from taken t where t.starts > s.starts))
                    - make_interval(mins => \(after)::int), p.specialty, \(organisation), w.id,
                make_interval(mins => \(before)::int), make_interval(mins => \(after)::int),
                \(terms.shortestMinutes)::smallint, \(terms.longestMinutes)::smallint,
                \(terms.services.map { $0.sorted() })::text[],
                \(terms.contracts.map { $0.sorted() })::uuid[],
                not exists (select from taken t where t.occupied && tstzrange(
                    s.starts - make_interval(mins => \(before)::int), s.starts, '[]'))
            from unnest(\(windows.map(\.id)), \(windows.map(\.slot.start)),
                \(windows.map(\.slot.end))) as w(id, starts, ends)
            join specialist p on p.id = \(rule.specialist)
            cross join lateral generate_series(
                w.starts + make_interval(mins => \(first)::int),
                w.ends - make_interval(mins => \(terms.shortestMinutes + after)::int),
                make_interval(mins => \(grid)::int)) as s(starts)
            """
    }

    package static func countOpen(of rule: AvailabilityRuleID, after now: Instant) -> Query {
        """
        select count(*) as windows from availability_window
        where rule = \(rule) and open and upper(during) > \(now)
        """
    }

    /// Closes the windows that are not over; what is booked in them stays.
    package static func close(of rule: AvailabilityRuleID, after now: Instant) -> Query {
        """
        update availability_window set open = false, revision = revision + 1
        where rule = \(rule) and open and upper(during) > \(now)
        """
    }

    /// Those of a rule that are open, start at an instant or later and are not over, in order;
    /// locked where they are to be closed.
    package static func open(
        of rule: AvailabilityRuleID, from start: Instant, after now: Instant, lock: Bool = false
    ) -> Query {
        let windows: Query = """
            select id, lower(during) as starts, upper(during) as ends from availability_window
            where rule = \(rule) and open and lower(during) >= \(start)
              and upper(during) > \(now) order by lower(during)
            """
        return lock ? "\(windows) for update" : windows
    }

    package static func dropStartTimes(of rule: AvailabilityRuleID) -> Query {
        """
        delete from start_time s using availability_window w
        where w.id = s.availability_window and w.rule = \(rule) and not w.open
        """
    }

    package static func countLiveReservations(
        of rule: AvailabilityRuleID, after now: Instant
    ) -> Query {
        """
        select count(*) as reservations from reservation r
        join availability_window w on w.id = r.availability_window
        where w.rule = \(rule) and r.live and upper(r.occupied) > \(now)
        """
    }
}
