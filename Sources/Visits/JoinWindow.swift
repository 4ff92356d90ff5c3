import MoneyAndTime

/// When a visit's room may be entered, around the planned time.
package struct JoinWindow: Hashable, Sendable {
    package static let standard = JoinWindow(opensBefore: 15 * 60, closesAfter: 60 * 60)

    /// In seconds, not negative.
    package let opensBefore: Int64
    package let closesAfter: Int64

    package init(opensBefore: Int64, closesAfter: Int64) {
        self.opensBefore = max(opensBefore, 0)
        self.closesAfter = max(closesAfter, 0)
    }

    package func around(_ planned: TimeSlot) throws -> TimeSlot {
        try TimeSlot(
            start: planned.start.adding(seconds: -opensBefore),
            end: planned.end.adding(seconds: closesAfter))
    }
}
