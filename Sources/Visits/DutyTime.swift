import MoneyAndTime

/// When somebody was on duty in a shift, by the seller's word: it is begun and ended, and needs no
/// sign of life in between.
package struct DutyTime: Hashable, Sendable {
    /// The name under which it is observed, whoever of the seller's says it.
    package static let participant = "duty"

    /// In order of time, apart from each other.
    package let spans: [TimeSlot]
    /// Whether it was begun and not ended.
    package let isOn: Bool

    /// The planned time of the shift, as far as it has come.
    package struct Shift: Hashable, Sendable {
        let start: Instant
        /// Not before the start.
        let end: Instant

        /// Until now, where it is not over.
        package init(_ planned: TimeSlot, by now: Instant? = nil) {
            start = planned.start
            end = max(planned.start, min(now ?? planned.end, planned.end))
        }
    }

    /// Nobody is on duty before the shift begins; what was not ended lasts until it ends. Without
    /// `shift` all that was ended counts, and nothing else.
    /// Observations are of one visit; their order and repetition do not matter.
    package init(_ observations: [Observation], in shift: Shift?) throws {
        var spans: [TimeSlot] = []
        var begun: Instant?
        func add(from since: Instant, until end: Instant) throws {
            let start = max(since, shift?.start ?? since)
            if start < end { spans.append(try TimeSlot(start: start, end: end)) }
        }
        for fact in Attendance.distinct(observations) where fact.side == .seller {
            switch fact.kind {
            case .dutyBegun:
                begun = begun ?? fact.at
            case .dutyEnded:
                if let begun { try add(from: begun, until: fact.at) }
                begun = nil
            case .join, .heartbeat, .leave, .word: break
            }
        }
        isOn = begun != nil
        if let begun, let shift { try add(from: begun, until: shift.end) }
        self.spans = try Spans.union(spans)
    }
}
