import MoneyAndTime
import Postgres
import Scheduling
import Storage

extension Market {
    /// Makes what is for sale of a specialist what it should be: every pattern that is on sale,
    /// without absences, pauses of sale and what is busy elsewhere. Windows that are right stay as
    /// they are; nothing booked is touched.
    func resell(
        _ specialist: SpecialistID, now: Instant, for organisation: OrganisationID,
        in transaction: Transaction
    ) async throws {
        try await transaction.query(StoredWindow.own(specialist))
        let away = try await away(of: specialist, after: now, in: transaction)
        let rules = try await transaction.query(StoredAvailability.onSale(of: specialist)).map {
            try StoredAvailability(row: $0)
        }
        for stored in rules {
            let rule = stored.rule
            var wanted = try Self.wanted(stored, without: away, now: now)
            wanted = try await without(
                othersOf: rule.id, wanted, rule, of: specialist, in: transaction)
            // one that is over but open would be in the way of a longer one
            let first = wanted.map(\.start).min().map { min($0, now) } ?? now
            let open = try await transaction.query(
                StoredWindow.open(
                    of: rule.id, from: Instant(microseconds: 0), after: first, lock: true)
            ).map { try StoredWindow(id: $0.decode("id"), slot: Self.slot($0)) }
            let (kept, right) = (Set(open.map(\.slot)), Set(wanted))
            let gone = open.filter { !right.contains($0.slot) }.map(\.id)
            if !gone.isEmpty {
                for query in StoredAbsence.close(gone) { try await transaction.query(query) }
            }
            let new = wanted.filter { !kept.contains($0) }
                .map { StoredWindow(id: newID(), slot: $0) }
            guard !new.isEmpty else { continue }
            try await transaction.query(
                StoredWindow.insert(new, of: rule, for: organisation),
                refusing: .exclusionViolation, as: .availabilityOverlaps)
            try await transaction.query(
                StoredWindow.insertStartTimes(new, of: rule, for: organisation))
        }
    }

    /// The windows that a rule should have, as far as they are not over.
    private static func wanted(
        _ stored: StoredAvailability, without away: [Absence], now: Instant
    ) throws -> [TimeSlot] {
        let rule = stored.rule
        // a window that began yesterday may still go on
        let first = try rule.zone.date(of: now).adding(days: -1)
        guard first <= stored.expandedUntil else { return [] }
        var windows = try Recurrence.expand(rule, over: first...stored.expandedUntil)
            .filter { $0.end > now }
        if let replaced = stored.replaced {
            let end = rule.zone.instant(replaced.from, try TimeOfDay(minuteOfDay: 0))
            windows = windows.filter { $0.start < end }
        }
        return try cut(windows, by: away, rule.terms).filter { $0.end > now }
    }

    /// What other patterns have on sale by now stays theirs: two that overlap under busy time were
    /// published beside each other.
    private func without(
        othersOf rule: AvailabilityRuleID, _ wanted: [TimeSlot], _ terms: AvailabilityRule,
        of specialist: SpecialistID, in transaction: Transaction
    ) async throws -> [TimeSlot] {
        guard let start = wanted.map(\.start).min(), let end = wanted.map(\.end).max() else {
            return wanted
        }
        let others = try await transaction.query(
            StoredAbsence.openWindows(of: specialist, in: TimeSlot(start: start, end: end))
        ).filter { try $0.decode("rule", as: AvailabilityRuleID.self) != rule }.map(Self.slot)
        return try Self.cut(wanted, by: others.map(Absence.init(during:)), terms.terms)
    }

    /// What is left of windows without the times at which the specialist is away.
    static func cut(
        _ windows: [TimeSlot], by away: [Absence], _ terms: OfferTerms
    ) throws -> [TimeSlot] {
        try away.reduce(windows) { windows, absence in
            try windows.flatMap { slot in
                slot.overlaps(absence.during)
                    ? try absence.rest(of: OfferedWindow(slot: slot, terms: terms)) : [slot]
            }
        }
    }

    /// When a specialist is absent, busy elsewhere, or not sold, as far as it is not over.
    func away(
        of specialist: SpecialistID, after now: Instant, in transaction: Transaction
    ) async throws -> [Absence] {
        let absent = try await transaction.query(
            StoredAbsence.lasting(of: specialist, after: now)
        ).map(Self.slot)
        let busy = try await transaction.query(
            StoredBusyCalendar.stretches(of: specialist, after: now)
        ).map(Self.slot)
        let paused = try await transaction.query(
            StoredSalePause.lasting(of: specialist, after: now)
        ).map(Self.slot)
        return (absent + busy + paused).map(Absence.init(during:))
    }

    private static func slot(_ row: Row) throws -> TimeSlot {
        try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
    }
}
