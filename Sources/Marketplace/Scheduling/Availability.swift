import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

// Reading published availability, and taking it back.

extension Market {
    package func listAvailability(
        _ request: Request, specialist: SpecialistID?, page: Page<AvailabilityRuleID>
    ) async throws -> Answer {
        let rows = try await read(
            request,
            StoredAvailability.page(
                specialist: specialist, after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredAvailability.init(row:)), limit: page.limit,
            cursor: { $0.rule.id.description }, item: \.json)
    }

    package func availability(
        _ request: Request, _ id: AvailabilityRuleID
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            let rows = try await transaction.query(StoredAvailability.find(id))
            guard let row = try rows.atMostOne() else { throw Refusal(.notFound) }
            return try await StoredAvailability(row: row).answer(
                now: caller.now, in: transaction
            ).withoutRevision
        }
    }

    /// Takes a pattern off sale. What is booked in it stays, and is counted in the answer.
    package func withdrawAvailability(
        _ request: Request, _ id: AvailabilityRuleID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await withdraw(id, for: caller, in: transaction)
            guard let after = try await transaction.query(StoredAvailability.find(id)).first
            else { throw Refusal(.notFound) }
            return try await StoredAvailability(row: after).answer(
                now: caller.now, in: transaction)
        }
    }

    /// The same inside a transaction.
    func withdraw(
        _ id: AvailabilityRuleID, for caller: Caller, in transaction: Transaction
    ) async throws {
        guard
            let row = try await transaction.query(StoredAvailability.find(id, lock: true))
                .atMostOne()
        else { throw Refusal(.notFound) }
        let rule = try StoredAvailability(row: row).rule
        guard
            let withdrawn = try await transaction.query(
                StoredAvailability.withdraw(id, at: caller.now)
            ).atMostOne()
        else { throw Refusal(.availabilityWithdrawn) }
        let revision = try withdrawn["revision", Int64.self]
        try await transaction.query(StoredWindow.own(rule.specialist))
        try await transaction.query(StoredWindow.close(of: rule.id, after: caller.now))
        try await transaction.query(StoredWindow.dropStartTimes(of: rule.id))
        let kept = try await transaction.query(
            StoredWindow.countLiveReservations(of: rule.id, after: caller.now)
        ).only()["reservations", Int64.self]
        try await transaction.record(
            .init(
                .availability, id, "availability.withdrawn", revision: revision,
                facts: ["kept_bookings": JSON(kept)]),
            by: caller)
    }
}

extension StoredAvailability {
    var members: [(String, JSON)] {
        [
            ("id", JSON(rule.id.description)),
            ("specialist", JSON(rule.specialist.description)),
            ("time_zone", JSON(rule.zone.zone)),
            ("pattern", rule.pattern.json),
            ("from", JSON(rule.from.description)),
            ("to", JSON(rule.to.description)),
            (
                "pauses",
                .array(
                    rule.pauses.map {
                        ["from": JSON($0.from.description), "to": JSON($0.to.description)]
                    })
            ),
            (
                "services",
                rule.terms.services.map { .array($0.sorted().map { JSON($0) }) } ?? .null
            ),
            (
                "contracts",
                rule.terms.contracts.map { .array($0.sorted().map { JSON($0.description) }) }
                    ?? .null
            ),
            ("grid_minutes", JSON(rule.terms.grid.rawValue)),
            ("shortest_minutes", JSON(rule.terms.shortestMinutes)),
            ("longest_minutes", JSON(rule.terms.longestMinutes)),
            ("buffer_before_minutes", JSON(rule.terms.bufferBeforeMinutes)),
            ("buffer_after_minutes", JSON(rule.terms.bufferAfterMinutes)),
            ("last_date", JSON(lastDate?.iso)),
            ("expanded_until", JSON(expandedUntil.iso)),
            ("withdrawn_at", JSON(withdrawnAt?.rfc3339)),
            ("replaced_from", JSON(replaced?.from.iso)),
            ("replaced_by", JSON(replaced?.by.description)),
            ("approval", approval?.json ?? .null),
            ("revision", JSON(revision)),
        ]
    }

    var json: JSON { .object(JSONObject(members)) }

    /// The last day that may have a window; nil where there is no end.
    private var lastDate: CalendarDate? {
        guard let replaced, let last = try? replaced.from.adding(days: -1) else {
            return rule.pattern.lastDate
        }
        return min(last, rule.pattern.lastDate ?? last)
    }

    /// With the number of windows that are still ahead, and of what is booked in them.
    func answer(now: Instant, in transaction: Transaction) async throws -> Answer {
        let windows = try await transaction.query(
            StoredWindow.countOpen(of: rule.id, after: now)
        ).only()["windows", Int64.self]
        let kept = try await transaction.query(
            StoredWindow.countLiveReservations(of: rule.id, after: now)
        ).only()["reservations", Int64.self]
        let members =
            members + [("windows", JSON(windows)), ("kept_bookings", JSON(kept))]
        return Answer(
            .object(JSONObject(members)), revision: revision,
            location: "/v1/availability/\(rule.id)")
    }
}

extension Weekday {
    /// The word in JSON.
    package var word: String {
        switch self {
        case .monday: "monday"
        case .tuesday: "tuesday"
        case .wednesday: "wednesday"
        case .thursday: "thursday"
        case .friday: "friday"
        case .saturday: "saturday"
        case .sunday: "sunday"
        }
    }
}

extension AvailabilityRule.Pattern {
    var json: JSON {
        switch self {
        case .once(let date):
            ["kind": "once", "date": JSON(date.iso)]
        case .weekly(let weekly):
            [
                "kind": "weekly",
                "weekdays": .array(
                    weekly.days.sorted { $0.rawValue < $1.rawValue }.map { JSON($0.word) }),
                "interval_weeks": JSON(Int64(weekly.intervalWeeks)),
                "starts_on": JSON(weekly.startsOn.iso),
                "until": JSON(weekly.until?.iso),
                "count": weekly.count.map { JSON(Int64($0)) } ?? .null,
                "exceptions": .array(weekly.except.sorted().map { JSON($0.iso) }),
                "extra": .array(weekly.extra.sorted().map { JSON($0.iso) }),
                "except_holidays": JSON(weekly.exceptHolidays),
            ]
        }
    }

    /// The last day that may have a window; nil where there is no end.
    fileprivate var lastDate: CalendarDate? {
        switch self {
        case .once(let date): date
        case .weekly(let weekly): weekly.lastDate
        }
    }
}
