import MoneyAndTime

/// The days on which visits may start under a version of a contract.
package struct Validity: Hashable, Sendable {
    package let firstDay: CalendarDate
    /// Itself included.
    package let lastDay: CalendarDate

    package init(firstDay: CalendarDate, lastDay: CalendarDate) {
        self.firstDay = firstDay
        self.lastDay = lastDay
    }

    /// From the midnight before the first day to the midnight after the last one.
    package func slot(in clock: WallClock) throws -> TimeSlot {
        let midnight = try TimeOfDay(minuteOfDay: 0)
        return try TimeSlot(
            start: clock.instant(firstDay, midnight),
            end: clock.instant(try lastDay.adding(days: 1), midnight))
    }
}
