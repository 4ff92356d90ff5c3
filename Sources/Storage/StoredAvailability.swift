import MoneyAndTime
import Postgres
import Scheduling

/// A row of `availability_rule`: a published pattern and how far it has been expanded.
package struct StoredAvailability: Sendable {
    package let rule: AvailabilityRule
    package let expandedUntil: CalendarDate
    package let withdrawnAt: Instant?
    /// The pattern that stands in its place, and the first day on which it does.
    package let replaced: (from: CalendarDate, by: AvailabilityRuleID)?
    /// Nil where nobody had to say yes.
    package let approval: StoredApproval?
    /// Whether it came from a roster.
    package let fromRoster: Bool
    package let revision: Int64

    package init(
        rule: AvailabilityRule, expandedUntil: CalendarDate, withdrawnAt: Instant? = nil,
        approval: StoredApproval? = nil, fromRoster: Bool = false, revision: Int64 = 1
    ) {
        self.fromRoster = fromRoster
        self.approval = approval
        self.rule = rule
        self.expandedUntil = expandedUntil
        self.withdrawnAt = withdrawnAt
        self.revision = revision
        replaced = nil
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
        approval = try StoredApproval(row: row)
        fromRoster = try row.decode("from_roster")
        withdrawnAt = try row.decode("withdrawn_at")
        if let from = try row["replaced_from", CalendarDate?.self],
            let by = try row["replaced_by", AvailabilityRuleID?.self]
        {
            replaced = (from, by)
        } else {
            replaced = nil
        }
        revision = try row.decode("revision")
    }

    private static let columns: Query = """
        select id, specialist, time_zone, weekdays::int8[] as weekdays, from_minute, to_minute,
            pauses::int8[] as pauses, starts_on, interval_weeks, until_date, occurrences,
            exceptions::text[] as exceptions, extra::text[] as extra, except_holidays, services,
            contracts, grid_minutes, shortest_minutes, longest_minutes, buffer_before_minutes,
            buffer_after_minutes, expanded_until, withdrawn_at, replaced_from,
            replaced_by, revision, approval, proposed_credential, proposed_member,
            (select name from member where id = proposed_member) as proposed_name,
            created_at, replaces, replaces_from, decided_at, decline_reason, from_roster
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

    /// Those that a manager has to approve, or had to, in order.
    package static func proposals(
        _ state: StoredApproval.State?, after: AvailabilityRuleID?, limit: Int
    ) -> Query {
        """
        \(columns) where approval is not null and (approval <> 'proposed' or withdrawn_at is null)
            and (\(state?.rawValue)::text is null or approval = \(state?.rawValue)::text)
            and (\(after)::uuid is null or id > \(after)::uuid)
        order by id limit \(limit)
        """
    }

    /// What rosters put on sale, or proposed, for these specialists on days of a stretch.
    package static func fromRosters(
        of specialists: [SpecialistID], on days: ClosedRange<CalendarDate>
    ) -> Query {
        """
        \(columns) where from_roster and specialist = any (\(specialists))
            and starts_on between \(days.lowerBound) and \(days.upperBound)
            and withdrawn_at is null and replaced_by is null
            and approval is distinct from 'declined'
        order by starts_on, id for update
        """
    }

    /// A specialist's that are on sale, in order.
    package static func onSale(of specialist: SpecialistID) -> Query {
        """
        \(columns) where specialist = \(specialist) and withdrawn_at is null
            and coalesce(approval = 'approved', true)
        order by id
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
                expanded_until, approval, proposed_credential, proposed_member, replaces,
                replaces_from, from_roster)
            values (\(rule.id), \(organisation), \(rule.specialist), \(rule.zone.zone),
                \(weekly?.weekdays ?? []), \(rule.from.minuteOfDay), \(rule.to.minuteOfDay),
                \(pauses), \(startsOn), \(weekly?.intervalWeeks ?? 1),
                \(weekly.map(\.until) ?? startsOn), \(weekly?.count),
                \(weekly?.except.iso ?? [])::text[]::date[],
                \(weekly?.extra.iso ?? [])::text[]::date[], \(weekly?.exceptHolidays ?? false),
                \(terms.services.map { $0.sorted() }), \(terms.contracts.map { $0.sorted() }),
                \(terms.grid.rawValue), \(terms.shortestMinutes), \(terms.longestMinutes),
                \(terms.bufferBeforeMinutes), \(terms.bufferAfterMinutes), \(expandedUntil),
                \(approval?.state.rawValue), \(approval?.credential), \(approval?.member),
                \(approval?.replaces?.rule), \(approval?.replaces?.from), \(fromRoster))
            """
    }

    package static func withdraw(_ id: AvailabilityRuleID, at instant: Instant) -> Query {
        """
        update availability_rule set withdrawn_at = \(instant), revision = revision + 1
        where id = \(id) and withdrawn_at is null returning revision
        """
    }

    /// Another pattern stands in its place from a day on; it is withdrawn where it has no day
    /// before that.
    package static func replace(
        _ id: AvailabilityRuleID, by other: AvailabilityRuleID, from day: CalendarDate,
        withdrawnAt: Instant?
    ) -> Query {
        """
        update availability_rule set replaced_by = \(other), replaced_from = \(day),
            withdrawn_at = \(withdrawnAt), revision = revision + 1
        where id = \(id) and withdrawn_at is null and replaced_by is null returning revision
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
