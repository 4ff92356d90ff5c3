import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

extension Market {
    /// How far ahead patterns are expanded: as far as a contract's horizon may reach. The answer
    /// says until which day; time beyond it is published anew.
    static let expandedDays = 400

    /// What a seller puts on sale: a pattern of a specialist's time.
    package struct OfferedTime: Sendable {
        package let specialist: SpecialistID
        package let pattern: AvailabilityRule.Pattern
        package let from: TimeOfDay
        package let to: TimeOfDay
        package let pauses: [AvailabilityRule.Pause]
        package let terms: OfferTerms

        package init(
            specialist: SpecialistID, pattern: AvailabilityRule.Pattern, from: TimeOfDay,
            to: TimeOfDay, pauses: [AvailabilityRule.Pause] = [], terms: OfferTerms
        ) {
            self.specialist = specialist
            self.pattern = pattern
            self.from = from
            self.to = to
            self.pauses = pauses
            self.terms = terms
        }
    }

    /// Publishes a pattern of time, in the wall clock of the specialist's unit.
    package func publishAvailability(
        _ request: Request, _ offered: OfferedTime
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await publish(offered, for: caller, in: transaction)
        }
    }

    /// The same inside a transaction.
    func publish(
        _ offered: OfferedTime, for caller: Caller, in transaction: Transaction
    ) async throws -> Answer {
        let rule = try await rule(of: offered, for: caller, in: transaction)
        let stored = try await put(rule, onSaleFor: caller, in: transaction)
        return try await stored.answer(now: caller.now, in: transaction)
    }

    /// What is offered, as a rule that can be published now.
    func rule(
        of offered: OfferedTime, for caller: Caller, in transaction: Transaction
    ) async throws -> AvailabilityRule {
        let zones = try await transaction.query(
            """
            select u.time_zone from specialist s join unit u on u.id = s.unit
            where s.id = \(offered.specialist) and s.active
            """)
        guard let zone = try zones.atMostOne()?["time_zone", String.self] else {
            throw Refusal(.notFound)
        }
        let rule = try AvailabilityRule(
            id: newID(), specialist: offered.specialist, zone: WallClock(zone: zone),
            pattern: offered.pattern, from: offered.from, to: offered.to,
            pauses: offered.pauses, terms: offered.terms)
        try await requireOwn(offered.terms.contracts, caller, in: transaction)
        try rule.requireComing(from: rule.zone.date(of: caller.now), now: caller.now)
        return rule
    }

    /// Stores a rule, and makes its windows and start times; or proposes it, where a manager has to
    /// say yes.
    func put(
        _ rule: AvailabilityRule, onSaleFor caller: Caller, fromRoster: Bool = false,
        in transaction: Transaction
    ) async throws -> StoredAvailability {
        guard try await !needsApproval(in: transaction) else {
            return try await propose(rule, fromRoster: fromRoster, by: caller, in: transaction)
        }
        let dates = try Self.expandedDates(rule, now: caller.now)
        let stored = StoredAvailability(
            rule: rule, expandedUntil: dates.upperBound, fromRoster: fromRoster)
        try await transaction.query(stored.insert(for: caller.organisation))
        try await expand(
            rule, over: dates, notBefore: caller.now, for: caller.organisation, in: transaction)
        try await transaction.record(
            .init(.availability, rule.id, "availability.published", revision: 1), by: caller)
        return stored
    }

    /// The days over which a rule is expanded when it is published now.
    static func expandedDates(
        _ rule: AvailabilityRule, now: Instant
    ) throws -> ClosedRange<CalendarDate> {
        let today = rule.zone.date(of: now)
        return today...(try today.adding(days: expandedDays))
    }

    /// Time can be kept for contracts in which the caller sells, whatever their state.
    func requireOwn(
        _ contracts: Set<ContractID>?, _ caller: Caller, in transaction: Transaction
    ) async throws {
        guard let contracts else { return }
        let own = try await transaction.query(
            StoredContract.count(contracts, soldBy: caller.organisation)
        ).only()["contracts", Int64.self]
        guard own == contracts.count else {
            throw InvalidInput(
                pointer: "/contracts", code: "not_found",
                message: "must be contracts in which you are the seller")
        }
    }

    /// Makes the windows and start times of some local dates; what is over is left out. Swift alone
    /// expands, so that daylight saving is right in one place.
    func expand(
        _ rule: AvailabilityRule, over dates: ClosedRange<CalendarDate>, notBefore now: Instant,
        for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        try await transaction.query(StoredWindow.own(rule.specialist))
        let away = try await away(of: rule.specialist, after: now, in: transaction)
        let windows = try Self.cut(Recurrence.expand(rule, over: dates), by: away, rule.terms)
            .filter { $0.end > now }
            .map { StoredWindow(id: newID(), slot: $0) }
        guard !windows.isEmpty else { return }
        try await transaction.query(
            StoredWindow.insert(windows, of: rule, for: organisation),
            refusing: .exclusionViolation, as: .availabilityOverlaps)
        try await transaction.query(
            StoredWindow.insertStartTimes(windows, of: rule, for: organisation))
    }
}

extension AvailabilityRule {
    /// So many days decide whether a pattern without an end ever comes.
    private static let lookedAhead: Int64 = 1_000

    /// Refuses, with what is wrong, a pattern of which no window is still to come.
    fileprivate func requireComing(from today: CalendarDate, now: Instant) throws {
        var (first, last) = (today, today)
        var dates = "/pattern/date"
        switch pattern {
        case .once(let date):
            guard date >= today else { throw Self.over(dates) }
            (first, last) = (date, date)
        case .weekly(let weekly):
            dates = "/pattern/until"
            if case .count = weekly.end { dates = "/pattern/count" }
            first = max(today, weekly.startsOn)
            if let last = weekly.lastDate, last < first { throw Self.over(dates) }
            let ahead = (try? first.adding(days: Int(Self.lookedAhead))) ?? first
            last = min(weekly.lastDate ?? ahead, ahead)
        }
        var isNamed = false
        var isOver = false
        var date = first
        while date <= last {
            if applies(on: date) {
                isNamed = true
                let windows = windows(on: date)
                if windows.contains(where: { $0.end > now }) { return }
                if !windows.isEmpty { isOver = true }
            }
            // the calendar's last day has none after it
            guard date < last else { break }
            date = try date.adding(days: 1)
        }
        if !isNamed {
            throw InvalidInput(
                pointer: "/pattern/weekdays", code: "never_comes",
                message: "none of these days comes between starts_on and until")
        }
        if isOver { throw Self.over(dates) }
        throw InvalidInput(
            pointer: "/from", code: "never_comes",
            message: "these times are not there on the day on which summer time begins")
    }

    private static func over(_ pointer: String) -> InvalidInput {
        InvalidInput(pointer: pointer, code: "never_comes", message: "is over")
    }
}
