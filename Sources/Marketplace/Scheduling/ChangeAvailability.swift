import Crypto
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

/// What a change of a published pattern does now, window by window.
struct AvailabilityChangePlan: Sendable {
    static let mostShown = 100

    let rule: AvailabilityRule
    let from: CalendarDate
    let change: AvailabilityChange
    /// What is booked in the windows that come off sale, in order.
    let booked: [(taken: StoredCalendar.Taken, place: AvailabilityChange.Place)]

    /// All that the preview shows, the first windows of each kind only.
    func json(for organisation: OrganisationID) -> JSON {
        [
            "change_from": JSON(from.iso),
            "removed": Self.json(change.removed, most: Self.mostShown),
            "added": Self.json(change.added, most: Self.mostShown),
            "same_windows": JSON(Int64(change.same.count)),
            "kept": .array(kept(for: organisation)),
            "outside_bookings": JSON(outside),
        ]
    }

    var outside: Int64 { Int64(booked.count { $0.place == .outside }) }

    /// SHA-256 of the whole change: one that would do anything else has another.
    func digest(for organisation: OrganisationID) throws -> String {
        let whole: JSON = [
            "change_from": JSON(from.iso),
            "removed": Self.json(change.removed), "added": Self.json(change.added),
            "same": Self.json(change.same), "kept": .array(kept(for: organisation)),
        ]
        return try whole.hexDigest
    }

    private func kept(for organisation: OrganisationID) -> [JSON] {
        booked.map {
            [
                "booking": BookingSheet($0.taken.booking, for: organisation).json,
                "place": JSON($0.place.rawValue),
            ]
        }
    }

    private static func json(_ slots: [TimeSlot], most: Int = .max) -> JSON {
        [
            "windows": JSON(Int64(slots.count)),
            "first": Array(slots.prefix(most)).json,
        ]
    }
}

extension Market {
    /// Another pattern in the place of a published one, from a local date on.
    package struct ChangedTime: Sendable {
        package let from: CalendarDate
        package let offered: OfferedTime

        package init(from: CalendarDate, offered: OfferedTime) {
            self.from = from
            self.offered = offered
        }
    }

    /// What a change would do now: the windows that come off sale and on, and what is booked in the
    /// former, which stays.
    package func previewAvailabilityChange(
        _ request: Request, _ id: AvailabilityRuleID, _ change: ChangedTime
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            let old = try await changeable(id, in: transaction, lock: false)
            let plan = try await changePlan(
                of: old, from: change.from,
                as: rule(of: change, old, for: caller, in: transaction), now: caller.now,
                in: transaction)
            guard case .object(var members) = plan.json(for: caller.organisation) else {
                throw Refusal(.notFound)
            }
            members["availability"] = JSON(id.description)
            members["digest"] = JSON(try plan.digest(for: caller.organisation))
            members["as_of"] = JSON(caller.now.rfc3339)
            return Answer(.object(members))
        }
    }

    /// Takes the pattern off sale from a day on, and publishes another in its place: both, or
    /// nothing. What is booked stays. A change that would do something else than its preview said
    /// is refused.
    package func changeAvailability(
        _ request: Request, _ id: AvailabilityRuleID, _ change: ChangedTime, digest: String
    ) async throws -> Answer {
        try await self.change(request) { transaction, caller in
            let old = try await changeable(id, in: transaction, lock: true)
            try await transaction.query(StoredWindow.own(old.rule.specialist))
            let plan = try await changePlan(
                of: old, from: change.from,
                as: rule(of: change, old, for: caller, in: transaction), now: caller.now,
                in: transaction)
            guard try plan.digest(for: caller.organisation) == digest else {
                throw Refusal(.availabilityChanged)
            }
            guard try await !needsApproval(in: transaction) else {
                return try await propose(
                    plan.rule, replacing: (old.rule.id, change.from), by: caller,
                    in: transaction
                ).answer(now: caller.now, in: transaction)
            }
            try await close(old, for: plan, now: caller.now, in: transaction)
            let stored = try await put(plan.rule, onSaleFor: caller, in: transaction)
            try await replace(old, by: plan, for: caller, in: transaction)
            return try await stored.answer(now: caller.now, in: transaction)
        }
    }

    /// The one pattern of the caller's that can still be changed.
    func changeable(
        _ id: AvailabilityRuleID, in transaction: Transaction, lock: Bool
    ) async throws -> StoredAvailability {
        guard
            let row = try await transaction.query(StoredAvailability.find(id, lock: lock))
                .atMostOne()
        else { throw Refusal(.notFound) }
        let old = try StoredAvailability(row: row)
        guard old.withdrawnAt == nil else { throw Refusal(.availabilityWithdrawn) }
        guard [nil, .approved].contains(old.approval?.state) else {
            throw Refusal(.availabilityNotApproved)
        }
        guard old.replaced == nil else { throw Refusal(.availabilityReplaced) }
        return old
    }

    private func rule(
        of change: ChangedTime, _ old: StoredAvailability, for caller: Caller,
        in transaction: Transaction
    ) async throws -> AvailabilityRule {
        guard change.offered.specialist == old.rule.specialist else {
            throw InvalidInput(
                pointer: "/specialist", code: "not_possible",
                message: "must be the specialist whose pattern is changed")
        }
        try change.requireOrder()
        return try await rule(of: change.offered, for: caller, in: transaction)
    }

    /// What it does to put a rule in the place of another from a day on.
    func changePlan(
        of old: StoredAvailability, from day: CalendarDate, as rule: AvailabilityRule,
        now: Instant, in transaction: Transaction
    ) async throws -> AvailabilityChangePlan {
        let midnight = old.rule.zone.instant(day, try TimeOfDay(minuteOfDay: 0))
        let before = try await transaction.query(
            StoredWindow.open(of: old.rule.id, from: midnight, after: now)
        ).map { try TimeSlot(start: $0.decode("starts"), end: $0.decode("ends")) }
        let after = try await Self.cut(
            Recurrence.expand(rule, over: Self.expandedDates(rule, now: now)),
            by: away(of: rule.specialist, after: now, in: transaction), rule.terms
        ).filter { $0.end > now }
        let change = AvailabilityChange(before: before, after: after)
        var booked: [(taken: StoredCalendar.Taken, place: AvailabilityChange.Place)] = []
        if let first = before.map(\.start).min(), let last = before.map(\.end).max() {
            booked = try await transaction.query(
                StoredCalendar.taken(
                    of: old.rule.specialist, in: TimeSlot(start: first, end: last), now: now)
            ).map { row in
                let taken = try StoredCalendar.Taken(row: row)
                return (taken, change.place(of: taken.occupied))
            }.filter { $0.1 != .untouched && $0.0.occupied.end > now }
        }
        return AvailabilityChangePlan(rule: rule, from: day, change: change, booked: booked)
    }

    /// Closes what the change takes off sale; the specialist's start times are owned before.
    func close(
        _ old: StoredAvailability, for plan: AvailabilityChangePlan, now: Instant,
        in transaction: Transaction
    ) async throws {
        let midnight = old.rule.zone.instant(plan.from, try TimeOfDay(minuteOfDay: 0))
        // one that is over but open would be in the way of a longer one
        let new = plan.change.added + plan.change.same
        let first = new.map(\.start).min().map { min($0, now) } ?? now
        let windows = try await transaction.query(
            StoredWindow.open(of: old.rule.id, from: midnight, after: first, lock: true)
        ).map { try $0.decode("id", as: WindowID.self) }
        for query in StoredAbsence.close(windows) { try await transaction.query(query) }
    }

    /// Notes that the plan's rule, which is stored, stands in the old one's place.
    func replace(
        _ old: StoredAvailability, by plan: AvailabilityChangePlan, for caller: Caller,
        in transaction: Transaction
    ) async throws {
        let id = old.rule.id
        let today = old.rule.zone.date(of: caller.now)
        // a night that began yesterday goes on
        let isOver =
            try await transaction.query(
                StoredWindow.countOpen(of: id, after: caller.now)
            ).only()["windows", Int64.self] == 0
        guard
            let row = try await transaction.query(
                StoredAvailability.replace(
                    id, by: plan.rule.id, from: plan.from,
                    withdrawnAt: plan.from <= today && isOver ? caller.now : nil)
            ).atMostOne()
        else { throw Refusal(.availabilityReplaced) }
        try await transaction.record(
            .init(
                .availability, id, "availability.changed", revision: row["revision", Int64.self],
                facts: [
                    "replaced_by": JSON(plan.rule.id.description),
                    "change_from": JSON(plan.from.iso),
                    "kept_bookings": JSON(Int64(plan.booked.count)),
                    "outside_bookings": JSON(plan.outside),
                ]),
            by: caller)
    }
}

extension Market.ChangedTime {
    /// The new pattern has nothing before the day on which the old one ends.
    fileprivate func requireOrder() throws(InvalidInput) {
        let (pointer, first) =
            switch offered.pattern {
            case .once(let day): ("/pattern/date", day)
            case .weekly(let weekly): ("/pattern/starts_on", weekly.startsOn)
            }
        guard from <= first else {
            throw InvalidInput(
                pointer: pointer, code: "out_of_range", message: "must not be before change_from")
        }
    }
}

extension JSON {
    /// SHA-256 of its canonical bytes, in lower-case hexadecimal digits.
    var hexDigest: String {
        get throws {
            try SHA256.hash(data: canonical()).hexadecimal
        }
    }
}
