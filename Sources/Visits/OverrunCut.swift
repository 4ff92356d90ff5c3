import MoneyAndTime

/// What of the time together is not counted, because the specialist's next booking began.
package struct OverrunCut: Hashable, Sendable {
    package static let none = OverrunCut(seconds: 0, at: nil)

    package let seconds: Int64
    /// When it began; nil where nothing was cut.
    package let at: Instant?

    package init(seconds: Int64, at: Instant?) {
        self.seconds = seconds
        self.at = at
    }
}

extension BillableTime {
    /// Within the window of the join tokens, and neither in what the specialist's booking before it
    /// takes nor beyond the beginning of the next one: a specialist is paid once for each second.
    package static func compute(
        _ attendance: Attendance, graceSeconds: Int64, within window: TimeSlot,
        takenUntil previous: Instant?, andFrom next: Instant?
    ) throws -> (billable: BillableTime, cut: OverrunCut) {
        var window = window
        if let previous, window.start < previous, previous < window.end {
            window = try TimeSlot(start: previous, end: window.end)
        }
        let whole = try compute(attendance, graceSeconds: graceSeconds, within: window)
        guard let next, window.start < next, next < window.end else { return (whole, .none) }
        let kept = try compute(
            attendance, graceSeconds: graceSeconds,
            within: TimeSlot(start: window.start, end: next))
        let cut = try whole.seconds.subtracting(kept.seconds)
        return (kept, cut > 0 ? OverrunCut(seconds: cut, at: next) : .none)
    }
}
