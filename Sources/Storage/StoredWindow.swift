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

    /// All the windows of one expansion in one statement.
    package static func insert(
        _ windows: [StoredWindow], of rule: AvailabilityRule, for organisation: OrganisationID
    ) -> Query {
        let terms = rule.terms
        return """
            insert into availability_window (id, rule, organisation, specialist, during, services,
                grid_minutes, shortest_minutes, longest_minutes, buffer_minutes)
            select w.id, \(rule.id), \(organisation), \(rule.specialist),
                tstzrange(w.starts, w.ends), \(terms.services.map { $0.sorted() })::text[],
                \(terms.grid.rawValue), \(terms.shortestMinutes), \(terms.longestMinutes),
                \(terms.bufferMinutes)
            from unnest(\(windows.map(\.id)), \(windows.map(\.slot.start)),
                \(windows.map(\.slot.end))) as w(id, starts, ends)
            """
    }

    /// The start times of new windows: every step of the grid from which the shortest visit and
    /// its buffer fit (`StartTimes.project`). All are free, but for what is still reserved from a
    /// window that was withdrawn.
    package static func insertStartTimes(
        _ windows: [StoredWindow], of rule: AvailabilityRule, for organisation: OrganisationID
    ) -> Query {
        let terms = rule.terms
        return """
            with taken as materialized (
                select lower(occupied) as starts, occupied from reservation
                where specialist = \(rule.specialist) and live
                  and upper(occupied) > \(windows.map(\.slot.start).min()))
            insert into start_time (specialist, starts, free_until, specialty, organisation,
                availability_window, buffer, open)
            select \(rule.specialist), s.starts,
                least(w.ends, (select min(t.starts) from taken t where t.starts > s.starts))
                    - make_interval(mins => \(terms.bufferMinutes)::int), p.specialty,
                \(organisation), w.id, make_interval(mins => \(terms.bufferMinutes)::int),
                not exists (select from taken t where t.occupied @> s.starts)
            from unnest(\(windows.map(\.id)), \(windows.map(\.slot.start)),
                \(windows.map(\.slot.end))) as w(id, starts, ends)
            join specialist p on p.id = \(rule.specialist)
            cross join lateral generate_series(w.starts,
                w.ends - make_interval(
                    mins => \(terms.shortestMinutes)::int + \(terms.bufferMinutes)::int),
                make_interval(mins => \(terms.grid.rawValue)::int)) as s(starts)
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
