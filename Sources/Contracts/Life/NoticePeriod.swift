import MoneyAndTime

/// When a contract ends that is given notice.
package enum NoticePeriod {
    /// The midnight that ends the last day. The day of the notice is not counted (Act on the
    /// Calculation of Statutory Periods, 150/1930, §2): with 30 days, a notice of 1 March makes 31
    /// March the last day on which visits start. Days are those of the contract's wall clock, so a
    /// period over a change of the clocks is an hour shorter or longer.
    package static func end(
        givenAt instant: Instant, days: Int64, in clock: WallClock
    ) throws -> Instant {
        let lastDay = try clock.date(of: instant).adding(days: Int(days))
        return clock.instant(try lastDay.adding(days: 1), try TimeOfDay(minuteOfDay: 0))
    }
}
