import MoneyAndTime

/// A billing period: one calendar month in a contract's time zone.
package struct BudgetPeriod: Hashable, Sendable {
    /// The first day of the month.
    package let firstDay: CalendarDate

    /// The period that a visit belongs to, by its start.
    package init(containing instant: Instant, in clock: WallClock) {
        firstDay = clock.date(of: instant).firstOfMonth
    }

    /// Reads `2026-11`; nil for anything else.
    package init?(key: String) {
        guard let day = try? CalendarDate(iso: key + "-01") else { return nil }
        firstDay = day
    }

    /// Such as `2026-11`.
    package var key: String { String(firstDay.iso.dropLast(3)) }

    package var lastDay: CalendarDate { firstDay.lastOfMonth }

    package func next() throws(ArithmeticFailure) -> BudgetPeriod {
        BudgetPeriod(firstDay: try firstDay.adding(months: 1))
    }

    package func previous() throws(ArithmeticFailure) -> BudgetPeriod {
        BudgetPeriod(firstDay: try firstDay.adding(months: -1))
    }

    /// From the midnight before the first day to the midnight after the last one.
    package func slot(in clock: WallClock) throws -> TimeSlot {
        try Validity(firstDay: firstDay, lastDay: lastDay).slot(in: clock)
    }

    private init(firstDay: CalendarDate) {
        self.firstDay = firstDay
    }
}

extension BudgetPeriod: Comparable {
    package static func < (left: BudgetPeriod, right: BudgetPeriod) -> Bool {
        left.firstDay < right.firstDay
    }
}
