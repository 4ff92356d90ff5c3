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

    /// What was not ended lasts until `end`: the planned end, or now where that is earlier; without
    /// one it does not count.
    /// Observations are of one visit; their order and repetition do not matter.
    package init(_ observations: [Observation], until end: Instant?) throws {
        var spans: [TimeSlot] = []
        var begun: Instant?
        for fact in Attendance.distinct(observations) where fact.side == .seller {
            switch fact.kind {
            case .dutyBegun:
                begun = begun ?? fact.at
            case .dutyEnded:
                if let since = begun, since < fact.at {
                    spans.append(try TimeSlot(start: since, end: fact.at))
                }
                begun = nil
            case .join, .heartbeat, .leave, .word: break
            }
        }
        isOn = begun != nil
        if let since = begun, let end, since < end {
            spans.append(try TimeSlot(start: since, end: end))
        }
        self.spans = try Spans.union(spans)
    }
}
