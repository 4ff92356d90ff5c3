import MoneyAndTime

/// When a specialist's time is for sale, as people say it: in wall-clock time of a zone.
package struct AvailabilityRule: Sendable {
    package static let mostExceptions = 1_000

    package let id: AvailabilityRuleID
    package let specialist: SpecialistID
    package let zone: WallClock
    package let pattern: Pattern
    package let from: TimeOfDay
    /// A time not after `from` is of the next day.
    package let to: TimeOfDay
    package let terms: OfferTerms

    package enum Pattern: Hashable, Sendable {
        /// Every one of these days from `startsOn` through `until` (no end when nil), without the
        /// excepted dates. A window belongs to the date on which it starts.
        case weekly(
            days: Set<Weekday>, startsOn: CalendarDate, until: CalendarDate?,
            except: Set<CalendarDate>)
        case once(CalendarDate)
    }

    package init(
        id: AvailabilityRuleID, specialist: SpecialistID, zone: WallClock, pattern: Pattern,
        from: TimeOfDay, to: TimeOfDay, terms: OfferTerms
    ) throws(AvailabilityRefusal) {
        if case .weekly(let days, let startsOn, let until, let except) = pattern {
            guard !days.isEmpty else { throw .daysMissing }
            if let until, until < startsOn { throw .datesReversed }
            guard except.count <= Self.mostExceptions else {
                throw .tooManyExceptions(limit: Self.mostExceptions)
            }
        }
        let (start, end) = (Int64(from.minuteOfDay), Int64(to.minuteOfDay))
        // 24:00 is an end only; 00:00 as an end is the coming midnight.
        guard start < 1_440 else { throw .timesOutOfRange }
        let length = end > start ? end - start : end - start + 1_440
        guard length >= terms.shortestMinutes + terms.bufferMinutes else { throw .windowTooShort }
        self.id = id
        self.specialist = specialist
        self.zone = zone
        self.pattern = pattern
        self.from = from
        self.to = to
        self.terms = terms
    }

    /// Whether a window of this rule starts on this local date.
    package func applies(on date: CalendarDate) -> Bool {
        switch pattern {
        case .once(let day):
            date == day
        case .weekly(let days, let startsOn, let until, let except):
            startsOn <= date && until.map { date <= $0 } ?? true && days.contains(date.weekday)
                && !except.contains(date)
        }
    }
}
