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
            : .weekly(try WeeklyPattern(days: Set(weekdays), startsOn: startsOn, row: row))
        let pauses = try row["pauses", [Int64].self].map {
            try TimeOfDay(minuteOfDay: Int($0))
        }
        rule = try AvailabilityRule(
            id: row.decode("id"), specialist: row.decode("specialist"),
            zone: WallClock(zone: row.decode("time_zone")), pattern: pattern,
            from: TimeOfDay(minuteOfDay: row.decode("from_minute")),
            to: TimeOfDay(minuteOfDay: row.decode("to_minute")),
            pauses: stride(from: 0, to: pauses.count - 1, by: 2).map {
                AvailabilityRule.Pause(from: pauses[$0], to: pauses[$0 + 1])
            },
            terms: OfferTerms(row: row))
        expandedUntil = try row.decode("expanded_until")
        withdrawnAt = try row.decode("withdrawn_at")
        revision = try row.decode("revision")
    }

    private static let columns: Query = """
        select id, specialist, time_zone, weekdays::int8[] as weekdays, from_minute, to_minute,
            pauses::int8[] as pauses, starts_on, interval_weeks, until_date, occurrences,
            exceptions::text[] as exceptions, extra::text[] as extra, except_holidays, services,
            contracts, grid_minutes, shortest_minutes, longest_minutes, buffer_before_minutes,
            buffer_after_minutes, expanded_until, withdrawn_at, revision
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
        let terms = rule.terms
        let startsOn: CalendarDate
        var weekly: WeeklyPattern?
        switch rule.pattern {
        case .once(let date): startsOn = date
        case .weekly(let pattern): (startsOn, weekly) = (pattern.startsOn, pattern)
        }
        let pauses = rule.pauses.flatMap { [$0.from.minuteOfDay, $0.to.minuteOfDay] }
        return """
            insert into availability_rule (id, organisation, specialist, time_zone, weekdays,
                from_minute, to_minute, pauses, starts_on, interval_weeks, until_date, occurrences,
                exceptions, extra, except_holidays, services, contracts, grid_minutes,
                shortest_minutes, longest_minutes, buffer_before_minutes, buffer_after_minutes,
                expanded_until)
            values (\(rule.id), \(organisation), \(rule.specialist), \(rule.zone.zone),
                \(weekly?.weekdays ?? []), \(rule.from.minuteOfDay), \(rule.to.minuteOfDay),
                \(pauses), \(startsOn), \(weekly?.intervalWeeks ?? 1),
                \(weekly.map(\.until) ?? startsOn), \(weekly?.count),
                \(weekly?.except.iso ?? [])::text[]::date[],
                \(weekly?.extra.iso ?? [])::text[]::date[], \(weekly?.exceptHolidays ?? false),
                \(terms.services.map { $0.sorted() }), \(terms.contracts.map { $0.sorted() }),
                \(terms.grid.rawValue), \(terms.shortestMinutes), \(terms.longestMinutes),
                \(terms.bufferBeforeMinutes), \(terms.bufferAfterMinutes), \(expandedUntil))
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
            services: row["services", [String]?.self].map(Set.init),
            contracts: row["contracts", [ContractID]?.self].map(Set.init), grid: grid,
            shortestMinutes: row.decode("shortest_minutes"),
            longestMinutes: row.decode("longest_minutes"),
            bufferBeforeMinutes: row.decode("buffer_before_minutes"),
            bufferAfterMinutes: row.decode("buffer_after_minutes"))
    }
}

extension WeeklyPattern {
    fileprivate init(days: Set<Weekday>, startsOn: CalendarDate, row: Row) throws {
        var end = End.never
        if let until = try row["until_date", CalendarDate?.self] { end = .until(until) }
        if let count = try row["occurrences", Int64?.self] { end = .count(Int(count)) }
        try self.init(
            days: days, startsOn: startsOn,
            intervalWeeks: Int(row["interval_weeks", Int64.self]), end: end,
            except: Set(row["exceptions", [String].self].map { try CalendarDate(iso: $0) }),
            extra: Set(row["extra", [String].self].map { try CalendarDate(iso: $0) }),
            exceptHolidays: row.decode("except_holidays"))
    }

    fileprivate var weekdays: [Int64] { days.map { Int64($0.rawValue) }.sorted() }
}

extension Set<CalendarDate> {
    fileprivate var iso: [String] { sorted().map(\.iso) }
}
