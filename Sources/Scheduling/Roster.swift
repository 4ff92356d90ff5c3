import MoneyAndTime

/// One shift of a roster: a specialist's time on one day, on the wall clock of their unit.
package struct RosterShift: Hashable, Sendable {
    package let specialist: SpecialistID
    package let date: CalendarDate
    package let from: TimeOfDay
    /// A time not after `from` is of the next day.
    package let to: TimeOfDay
    package let terms: OfferTerms

    package init(
        specialist: SpecialistID, date: CalendarDate, from: TimeOfDay, to: TimeOfDay,
        terms: OfferTerms
    ) {
        self.specialist = specialist
        self.date = date
        self.from = from
        self.to = to
        self.terms = terms
    }

    /// In the order of a calendar.
    package static func isBefore(_ one: RosterShift, _ other: RosterShift) -> Bool {
        (one.date, one.from.minuteOfDay, one.specialist)
            < (other.date, other.from.minuteOfDay, other.specialist)
    }
}

/// What a roster changes: which of its shifts are new, which are published from it already, and
/// which are published from an earlier one and are gone. Reading the same roster again changes
/// nothing.
package struct RosterChange: Hashable, Sendable {
    package let new: [RosterShift]
    package let same: [RosterShift]
    package let gone: [RosterShift]

    /// `published`: what earlier rosters put on sale for the same specialists on the same days.
    package init(roster: Set<RosterShift>, published: Set<RosterShift>) {
        new = roster.subtracting(published).sorted(by: RosterShift.isBefore)
        same = roster.intersection(published).sorted(by: RosterShift.isBefore)
        gone = published.subtracting(roster).sorted(by: RosterShift.isBefore)
    }
}
