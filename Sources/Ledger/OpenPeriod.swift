import MoneyAndTime

/// How far two books are closed. A closed month takes no new postings: what comes too late for it
/// counts from the first day that is open in both books, and is marked with the day that it is
/// about. SQL does the same in `post`.
package struct OpenPeriod: Hashable, Sendable {
    /// The first day that is open in both books; nil where neither has closed a month.
    package let firstDay: CalendarDate?

    /// From the last closed month of each book, as any of its days; nil where none is closed.
    package init(seller: CalendarDate?, buyer: CalendarDate?) throws(ArithmeticFailure) {
        let last = [seller, buyer].compactMap { $0 }.max()
        firstDay = try last?.lastOfMonth.adding(days: 1)
    }

    /// Where an entry counts that is about `day`.
    package func place(of day: CalendarDate) -> PostedDay {
        guard let firstDay, day < firstDay else { return PostedDay(effectiveOn: day, aboutOn: nil) }
        return PostedDay(effectiveOn: firstDay, aboutOn: day)
    }
}

/// The day from which an entry counts.
package struct PostedDay: Hashable, Sendable {
    package let effectiveOn: CalendarDate
    /// The day that a late entry is about; nil for one that came in time.
    package let aboutOn: CalendarDate?

    package init(effectiveOn: CalendarDate, aboutOn: CalendarDate?) {
        self.effectiveOn = effectiveOn
        self.aboutOn = aboutOn
    }

    package var isLate: Bool { aboutOn != nil }
}
