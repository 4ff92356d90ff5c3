import MoneyAndTime
import Postgres
import Scheduling

/// A row of `availability_rule`: a published pattern and how far it has been expanded.
package struct StoredAvailability: Sendable {
    package let rule: AvailabilityRule
    package let expandedUntil: CalendarDate
    package let withdrawnAt: Instant?
    package let revision: Int64

    package init(
        rule: AvailabilityRule, expandedUntil: CalendarDate, withdrawnAt: Instant? = nil,
        revision: Int64 = 1
    ) {
        self.rule = rule
        self.expandedUntil = expandedUntil
        self.withdrawnAt = withdrawnAt
        self.revision = revision
    }

    package init(row: Row) throws {
        let weekdays = try row["weekdays", [Int64].self].compactMap { Weekday(rawValue: Int($0)) }
        let startsOn = try row["starts_on", CalendarDate.self]
        let pattern: AvailabilityRule.Pattern =
            weekdays.isEmpty
            ? .once(startsOn)
            : .weekly(
                days: Set(weekdays), startsOn: startsOn, until: try row.decode("until_date"),
                except: Set(
                    try row["exceptions", [String].self].map { try CalendarDate(iso: $0) }))
        rule = try AvailabilityRule(
            id: row.decode("id"), specialist: row.decode("specialist"),
            zone: WallClock(zone: row.decode("time_zone")), pattern: pattern,
            from: TimeOfDay(minuteOfDay: row.decode("from_minute")),
            to: TimeOfDay(minuteOfDay: row.decode("to_minute")),
            terms: OfferTerms(row: row))
        expandedUntil = try row.decode("expanded_until")
        withdrawnAt = try row.decode("withdrawn_at")
        revision = try row.decode("revision")
    }

    private static let columns: Query = """
        select id, specialist, time_zone, weekdays::int8[] as weekdays, from_minute, to_minute,
            starts_on, until_date, exceptions::text[] as exceptions, services, grid_minutes,
            shortest_minutes, longest_minutes, buffer_minutes, expanded_until, withdrawn_at,
            revision
        from availability_rule
        """

    package static func find(_ id: AvailabilityRuleID, lock: Bool = false) -> Query {
        lock ? "\(columns) where id = \(id) for update" : "\(columns) where id = \(id)"
    }

    package static func page(
        specialist: SpecialistID?, after: AvailabilityRuleID?, limit: Int
    ) -> Query {
        """
        \(columns) where (\(specialist)::uuid is null or specialist = \(specialist)::uuid)
            and (\(after)::uuid is null or id > \(after)::uuid)
        order by id limit \(limit)
        """
    }

    package func insert(for organisation: OrganisationID) -> Query {
        let (weekdays, startsOn, until, exceptions) = rule.pattern.columns
        let terms = rule.terms
        return """
            insert into availability_rule (id, organisation, specialist, time_zone, weekdays,
                from_minute, to_minute, starts_on, until_date, exceptions, services,
                grid_minutes, shortest_minutes, longest_minutes, buffer_minutes, expanded_until)
            values (\(rule.id), \(organisation), \(rule.specialist), \(rule.zone.zone),
                \(weekdays), \(rule.from.minuteOfDay), \(rule.to.minuteOfDay), \(startsOn),
                \(until), \(exceptions)::text[]::date[], \(terms.services.map { $0.sorted() }),
                \(terms.grid.rawValue), \(terms.shortestMinutes), \(terms.longestMinutes),
                \(terms.bufferMinutes), \(expandedUntil))
            """
    }

    package static func withdraw(_ id: AvailabilityRuleID, at instant: Instant) -> Query {
        """
        update availability_rule set withdrawn_at = \(instant), revision = revision + 1
        where id = \(id) and withdrawn_at is null returning revision
        """
    }
}

extension OfferTerms {
    /// From the columns that rules and windows share.
    package init(row: Row) throws {
        guard let grid = StartGrid(rawValue: try row.decode("grid_minutes")) else {
            throw CellError.malformed("a grid of starts")
        }
        self = try OfferTerms(
            services: row["services", [String]?.self].map(Set.init), grid: grid,
            shortestMinutes: row.decode("shortest_minutes"),
            longestMinutes: row.decode("longest_minutes"),
            bufferMinutes: row.decode("buffer_minutes"))
    }
}

extension AvailabilityRule.Pattern {
    fileprivate var columns: ([Int64], CalendarDate, CalendarDate?, [String]) {
        switch self {
        case .once(let date):
            ([], date, date, [])
        case .weekly(let days, let startsOn, let until, let except):
            (
                days.map { Int64($0.rawValue) }.sorted(), startsOn, until,
                except.sorted().map(\.iso)
            )
        }
    }
}
