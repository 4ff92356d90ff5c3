import MoneyAndTime

/// Which month of a book can be closed: one that is over, after all months before it. What is
/// closed stays closed. SQL says the same in `period_close_rules`.
package struct MonthClosing: Hashable, Sendable {
    package enum Refusal: String, Error, Hashable, Sendable {
        /// It is closed, or lies before one that is.
        case closed
        /// A month before it is open.
        case earlierOpen
        case notOver
    }

    /// The first day of the last closed month; nil where none is closed.
    package let lastClosed: CalendarDate?
    /// The day of the book's first entry; nil where it has none.
    package let firstPosted: CalendarDate?

    package init(lastClosed: CalendarDate?, firstPosted: CalendarDate?) {
        self.lastClosed = lastClosed?.firstOfMonth
        self.firstPosted = firstPosted
    }

    /// The first day of the month that is to be closed next: after the last one, or that of the
    /// first entry, or in an empty book the month of `today`.
    package func next(today: CalendarDate) throws(ArithmeticFailure) -> CalendarDate {
        if let lastClosed { return try lastClosed.adding(months: 1) }
        return (firstPosted ?? today).firstOfMonth
    }

    /// `month` is any of its days; `isOver` whether its last midnight has passed.
    package func check(_ month: CalendarDate, isOver: Bool) throws {
        let first = month.firstOfMonth
        if let lastClosed, first <= lastClosed { throw Refusal.closed }
        let open = try lastClosed?.adding(months: 1) ?? firstPosted?.firstOfMonth
        if let open, open < first { throw Refusal.earlierOpen }
        guard isOver else { throw Refusal.notOver }
    }
}
