/// Two instants that bound no time.
package struct EmptyTimeSlot: Error, Hashable, CustomStringConvertible {
    package init() {}

    package var description: String { "the end must be later than the start" }
}

/// A stretch of time, half-open `[start, end)`, bounded and never empty.
package struct TimeSlot: Hashable, Sendable {
    package let start: Instant
    package let end: Instant

    package init(start: Instant, end: Instant) throws(EmptyTimeSlot) {
        guard start < end else { throw EmptyTimeSlot() }
        self.start = start
        self.end = end
    }

    /// Nil when nothing lies between the two.
    private init?(from start: Instant, until end: Instant) {
        guard start < end else { return nil }
        self.start = start
        self.end = end
    }

    /// The length in whole seconds, rounded down.
    package var seconds: Int64 {
        let length = Int128(end.microseconds) - Int128(start.microseconds)
        return Int64(length / Int128(Instant.microsecondsPerSecond))
    }

    package func contains(_ instant: Instant) -> Bool { start <= instant && instant < end }

    package func contains(_ other: TimeSlot) -> Bool { start <= other.start && other.end <= end }

    /// Slots that only touch do not overlap.
    package func overlaps(_ other: TimeSlot) -> Bool { start < other.end && other.start < end }

    /// What both have in common.
    package func intersection(_ other: TimeSlot) -> TimeSlot? {
        TimeSlot(from: max(start, other.start), until: min(end, other.end))
    }

    /// What remains when `other` is cut out: none, one or two slots, in order.
    package func subtracting(_ other: TimeSlot) -> [TimeSlot] {
        [
            TimeSlot(from: start, until: min(end, other.start)),
            TimeSlot(from: max(start, other.end), until: end),
        ].compactMap { $0 }
    }

    /// The slot with time added on both sides, such as the buffers around a visit.
    package func widened(
        before: Seconds, after: Seconds
    ) throws(ArithmeticFailure) -> TimeSlot {
        let start = try start.adding(seconds: try before.count.negated())
        let end = try end.adding(seconds: after.count)
        guard let slot = TimeSlot(from: start, until: end) else { throw .overflow }
        return slot
    }
}

extension TimeSlot: CustomStringConvertible {
    package var description: String { "[\(start), \(end))" }
}
