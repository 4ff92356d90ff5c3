import MoneyAndTime

/// Hours of weekdays, and how visits may lie in them, kept by a name: a pattern without days of the
/// calendar, and nobody's time yet.
package struct AvailabilityTemplate: Hashable, Sendable {
    package static let longestName = 80
    /// An organisation keeps so many at most.
    package static let most = 200

    package let name: String
    package let days: Set<Weekday>
    package let intervalWeeks: Int
    package let exceptHolidays: Bool
    package let from: TimeOfDay
    package let to: TimeOfDay
    package let pauses: [AvailabilityRule.Pause]
    package let terms: OfferTerms

    /// Throws what a rule of the same hours would be refused for.
    package init(
        name: String, days: Set<Weekday>, intervalWeeks: Int = 1, exceptHolidays: Bool = false,
        from: TimeOfDay, to: TimeOfDay, pauses: [AvailabilityRule.Pause] = [], terms: OfferTerms
    ) throws(AvailabilityRefusal) {
        guard !days.isEmpty else { throw .daysMissing }
        guard (1...WeeklyPattern.longestIntervalWeeks).contains(intervalWeeks) else {
            throw .intervalOutOfRange(longestWeeks: WeeklyPattern.longestIntervalWeeks)
        }
        try AvailabilityRule.requireHours(from: from, to: to, pauses: pauses, terms: terms)
        self.name = name
        self.days = days
        self.intervalWeeks = intervalWeeks
        self.exceptHolidays = exceptHolidays
        self.from = from
        self.to = to
        self.pauses = pauses
        self.terms = terms
    }

    /// Its days in the calendar, from a first one on.
    package func pattern(
        startsOn: CalendarDate, until: CalendarDate?
    ) throws(AvailabilityRefusal) -> AvailabilityRule.Pattern {
        .weekly(
            try WeeklyPattern(
                days: days, startsOn: startsOn, intervalWeeks: intervalWeeks,
                end: until.map(WeeklyPattern.End.until) ?? .never,
                exceptHolidays: exceptHolidays))
    }
}
