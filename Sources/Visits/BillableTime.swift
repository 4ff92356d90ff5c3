import MoneyAndTime

/// The time for which a visit is charged: both sides were present, or somebody was on duty.
package struct BillableTime: Hashable, Sendable {
    /// In order of time, apart from each other; no second is in two.
    package let intervals: [TimeSlot]
    /// Whole seconds of all of them together, rounded down once.
    package let seconds: Int64

    /// - A gap between two times together counts, if it is no longer than the contract's grace; a
    ///   longer one does not.
    /// - Nothing counts before the first time together, nor after the last: once one side has left
    ///   for good, they are not together again.
    /// - `limit` is the window of the join tokens: nothing outside counts.
    package static func compute(
        _ attendance: Attendance, graceSeconds: Int64, within limit: TimeSlot? = nil
    ) throws -> BillableTime {
        var together = try attendance.together
        if let limit { together = try Spans.intersection(together, [limit]) }
        let grace = try max(graceSeconds, 0).multiplied(by: Instant.microsecondsPerSecond)
        return try BillableTime(intervals: Spans.closingGaps(together, upTo: grace))
    }

    /// Of times that were computed earlier, in order and apart from each other.
    package init(intervals: [TimeSlot]) throws(ArithmeticFailure) {
        var microseconds: Int64 = 0
        for interval in intervals {
            let length = try interval.end.microseconds.subtracting(interval.start.microseconds)
            microseconds = try microseconds.adding(length)
        }
        self.intervals = intervals
        seconds = microseconds / Instant.microsecondsPerSecond
    }
}
