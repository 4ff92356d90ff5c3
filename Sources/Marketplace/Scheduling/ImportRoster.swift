import Documents
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

/// What a roster does now.
private struct RosterPlan: Sendable {
    static let mostShown = 200

    let change: RosterChange
    /// Shifts that are over: nothing becomes of them.
    let over: Int
    /// What earlier rosters published.
    let rules: [RosterShift: AvailabilityRuleID]
    let zones: [SpecialistID: WallClock]
    /// What is booked in shifts that are gone.
    let kept: [(taken: StoredCalendar.Taken, place: AvailabilityChange.Place)]

    var outside: Int64 { Int64(kept.count { $0.place == .outside }) }

    func members(for organisation: OrganisationID, most: Int = mostShown) -> [(String, JSON)] {
        [
            ("new", Self.json(change.new, most: most)),
            ("same_shifts", JSON(Int64(change.same.count))),
            ("gone", Self.json(change.gone, most: most)),
            ("over_shifts", JSON(Int64(over))),
            (
                "kept",
                .array(
                    kept.map {
                        [
                            "booking": BookingSheet($0.taken.booking, for: organisation).json,
                            "place": JSON($0.place.rawValue),
                        ]
                    })
            ),
            ("outside_bookings", JSON(outside)),
        ]
    }

    func digest(for organisation: OrganisationID) throws -> String {
        try JSON.object(JSONObject(members(for: organisation, most: .max))).hexDigest
    }

    private static func json(_ shifts: [RosterShift], most: Int) -> JSON {
        [
            "shifts": JSON(Int64(shifts.count)),
            "first": .array(
                shifts.prefix(most).map {
                    [
                        "specialist": JSON($0.specialist.description), "date": JSON($0.date.iso),
                        "from": JSON($0.from.description), "to": JSON($0.to.description),
                    ]
                }),
        ]
    }
}

extension Market {
    /// A roster as a table, and the days that it is of: what it does not name of them for its
    /// specialists is gone.
    package struct Roster: Sendable {
        package static let mostDays = 400

        package let bytes: [UInt8]
        package let days: ClosedRange<CalendarDate>

        package init(bytes: [UInt8], days: ClosedRange<CalendarDate>) {
            self.bytes = bytes
            self.days = days
        }
    }

    /// What a roster would change now; throws `RosterFile.Refused`, with every line and column at
    /// which something is wrong.
    package func previewRoster(_ request: Request, _ roster: Roster) async throws -> Answer {
        // it locks what it looks at, and leaves nothing: no answer under a key either
        let asked = Request(credential: request.credential, operation: request.operation)
        return try await change(asked) { transaction, caller in
            let plan = try await plan(roster, for: caller, in: transaction)
            let members =
                plan.members(for: caller.organisation) + [
                    ("digest", JSON(try plan.digest(for: caller.organisation))),
                    ("as_of", JSON(caller.now.rfc3339)),
                ]
            return Answer(.object(JSONObject(members)))
        }
    }

    /// Publishes what is new and withdraws what is gone, all or nothing; what is booked stays.
    /// The same roster once more changes nothing.
    package func importRoster(
        _ request: Request, _ roster: Roster, digest: String
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let plan = try await plan(roster, for: caller, in: transaction)
            guard try plan.digest(for: caller.organisation) == digest else {
                throw Refusal(.rosterChanged)
            }
            for shift in plan.change.gone {
                guard let id = plan.rules[shift] else { continue }
                try await withdraw(id, for: caller, in: transaction)
            }
            for shift in plan.change.new {
                guard let zone = plan.zones[shift.specialist] else { continue }
                let rule = try shift.rule(newID(), zone)
                _ = try await put(rule, onSaleFor: caller, fromRoster: true, in: transaction)
            }
            return Answer(.object(JSONObject(plan.members(for: caller.organisation))))
        }
    }

    /// Locks what earlier rosters published and the start times of the specialists, so that what is
    /// planned is what is done.
    private func plan(
        _ roster: Roster, for caller: Caller, in transaction: Transaction
    ) async throws -> RosterPlan {
        let people = try await transaction.query(StoredSpecialist.rostered).map {
            try (
                id: $0["id", SpecialistID.self], label: $0["label", String.self],
                zone: WallClock(zone: $0["time_zone", String.self])
            )
        }
        let file = try RosterFile(
            roster.bytes, specialists: people.map { ($0.id, $0.label) }, days: roster.days)
        let zones = Dictionary(uniqueKeysWithValues: people.map { ($0.id, $0.zone) })
        let named = Set(file.shifts.map(\.specialist)).sorted()
        // before it is read what is there, so that two at once see each other
        for specialist in named { try await transaction.query(StoredWindow.own(specialist)) }
        let stored = try await transaction.query(
            StoredAvailability.fromRosters(of: named, on: roster.days)
        ).map { try StoredAvailability(row: $0).rule }
        var rules: [RosterShift: AvailabilityRuleID] = [:]
        for rule in stored {
            if let shift = RosterShift(rule) { rules[shift] = rule.id }
        }
        func isComing(_ shift: RosterShift) throws -> Bool {
            guard let zone = zones[shift.specialist] else { return false }
            return try shift.rule(newID(), zone).windows(on: shift.date)
                .contains { $0.end > caller.now }
        }
        let coming = try file.shifts.filter(isComing)
        let change = RosterChange(
            roster: Set(coming), published: Set(try rules.keys.filter(isComing)))
        return RosterPlan(
            change: change, over: file.shifts.count - coming.count, rules: rules, zones: zones,
            kept: try await kept(by: change, zones, now: caller.now, in: transaction))
    }

    /// What is booked in shifts that are gone, and whether a new shift holds it.
    private func kept(
        by change: RosterChange, _ zones: [SpecialistID: WallClock], now: Instant,
        in transaction: Transaction
    ) async throws -> [(taken: StoredCalendar.Taken, place: AvailabilityChange.Place)] {
        func windows(_ shifts: [RosterShift], _ specialist: SpecialistID) throws -> [TimeSlot] {
            try shifts.filter { $0.specialist == specialist }.flatMap { shift -> [TimeSlot] in
                guard let zone = zones[specialist] else { return [] }
                return try shift.rule(newID(), zone).windows(on: shift.date)
            }
        }
        var kept: [(taken: StoredCalendar.Taken, place: AvailabilityChange.Place)] = []
        for specialist in Set(change.gone.map(\.specialist)).sorted() {
            let before = try windows(change.gone, specialist)
            guard let first = before.map(\.start).min(), let last = before.map(\.end).max() else {
                continue
            }
            let places = AvailabilityChange(
                before: before, after: try windows(change.new, specialist))
            let taken = try await transaction.query(
                StoredCalendar.taken(
                    of: specialist, in: TimeSlot(start: first, end: last), now: now)
            ).map(StoredCalendar.Taken.init(row:))
            for each in taken where each.occupied.end > now {
                let place = places.place(of: each.occupied)
                if place != .untouched { kept.append((each, place)) }
            }
        }
        return kept
    }
}

extension RosterShift {
    /// What was published from it; nil for a pattern that is none of a roster's.
    fileprivate init?(_ rule: AvailabilityRule) {
        guard case .once(let date) = rule.pattern, rule.pauses.isEmpty else { return nil }
        self.init(
            specialist: rule.specialist, date: date, from: rule.from, to: rule.to,
            terms: rule.terms)
    }

    fileprivate func rule(
        _ id: AvailabilityRuleID, _ zone: WallClock
    ) throws -> AvailabilityRule {
        try AvailabilityRule(
            id: id, specialist: specialist, zone: zone, pattern: .once(date), from: from, to: to,
            terms: terms)
    }
}
