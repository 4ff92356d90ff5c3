import MoneyAndTime

/// When a specialist's time is for sale, as people say it: in wall-clock time of a zone.
package struct AvailabilityRule: Sendable {
    package static let mostPauses = 10

    package let id: AvailabilityRuleID
    package let specialist: SpecialistID
    package let zone: WallClock
    package let pattern: Pattern
    package let from: TimeOfDay
    /// A time not after `from` is of the next day.
    package let to: TimeOfDay
    /// In order; each lies inside, and between two of them there is time.
    package let pauses: [Pause]
    package let terms: OfferTerms

    package enum Pattern: Hashable, Sendable {
        /// A window belongs to the date on which it starts.
        case weekly(WeeklyPattern)
        case once(CalendarDate)
    }

    /// Times of every day on which the specialist is not for sale. One that is not after the
    /// rule's `from` is of the next day, as is an end that is not after its own beginning.
    package struct Pause: Hashable, Sendable {
        package let from: TimeOfDay
        package let to: TimeOfDay

        package init(from: TimeOfDay, to: TimeOfDay) {
            self.from = from
            self.to = to
        }
    }

    package init(
        id: AvailabilityRuleID, specialist: SpecialistID, zone: WallClock, pattern: Pattern,
        from: TimeOfDay, to: TimeOfDay, pauses: [Pause] = [], terms: OfferTerms
    ) throws(AvailabilityRefusal) {
        parts = try Self.hours(from: from, to: to, pauses: pauses, terms: terms)
        self.id = id
        self.specialist = specialist
        self.zone = zone
        self.pattern = pattern
        self.from = from
        self.to = to
        self.pauses = pauses
        self.terms = terms
    }

    /// Refuses hours in which not even the shortest visit has a place, or that are none.
    package static func requireHours(
        from: TimeOfDay, to: TimeOfDay, pauses: [Pause], terms: OfferTerms
    ) throws(AvailabilityRefusal) {
        _ = try hours(from: from, to: to, pauses: pauses, terms: terms)
    }

    private static func hours(
        from: TimeOfDay, to: TimeOfDay, pauses: [Pause], terms: OfferTerms
    ) throws(AvailabilityRefusal) -> [Range<Int>] {
        // 24:00 is an end only; 00:00 as an end is the coming midnight.
        guard from.minuteOfDay < 1_440 else { throw .timesOutOfRange }
        guard pauses.count <= mostPauses else { throw .tooManyPauses(limit: mostPauses) }
        let parts = try parts(from: from, to: to, without: pauses)
        let needed = terms.bufferBeforeMinutes + terms.shortestMinutes + terms.bufferAfterMinutes
        guard parts.contains(where: { Int64($0.count) >= needed }) else { throw .windowTooShort }
        return parts
    }

    /// Whether windows of this rule start on this local date.
    package func applies(on date: CalendarDate) -> Bool {
        switch pattern {
        case .once(let day): date == day
        case .weekly(let weekly): weekly.applies(on: date)
        }
    }

    /// The windows of a date to which the rule applies, in order: one, or one before, between and
    /// after its pauses. Those of which daylight saving leaves nothing are left out.
    package func windows(on date: CalendarDate) -> [TimeSlot] {
        parts.compactMap { zone.slot(on: date, minutes: $0) }
    }

    /// Minutes by the wall, from the midnight on which the date begins.
    private let parts: [Range<Int>]

    private static func parts(
        from: TimeOfDay, to: TimeOfDay, without pauses: [Pause]
    ) throws(AvailabilityRefusal) -> [Range<Int>] {
        let start = from.minuteOfDay
        let end = to.minuteOfDay > start ? to.minuteOfDay : to.minuteOfDay + 1_440
        var parts: [Range<Int>] = []
        var free = start
        for pause in pauses {
            let first = pause.from.minuteOfDay
            let begins = first > start ? first : first + 1_440
            let last = pause.to.minuteOfDay
            let ends = last > start ? last : last + 1_440
            guard free < begins, begins < ends, ends < end else { throw .pausesOutOfRange }
            parts.append(free..<begins)
            free = ends
        }
        parts.append(free..<end)
        return parts
    }
}
