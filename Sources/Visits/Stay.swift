import MoneyAndTime

/// The presence of one participant, from its facts in order of time.
///
/// A heartbeat that overtakes its own leave does not open the room again: only a join does.
/// After silence, a heartbeat is enough: the line came back.
struct Stay {
    /// Ended by a leave or by silence, in order.
    private(set) var spans: [TimeSlot] = []
    /// Since when it is there, and its last sign of life; nil after a leave.
    private(set) var open: (since: Instant, alive: Instant)?

    init(_ facts: [Observation], silence: Int64) throws {
        var hasLeft = false
        for fact in facts {
            if let alive = open?.alive, try alive.adding(seconds: silence) < fact.at {
                try close(at: alive)
            }
            switch fact.kind {
            case .join:
                hasLeft = false
                open = (open?.since ?? fact.at, fact.at)
            case .heartbeat where !hasLeft:
                open = (open?.since ?? fact.at, fact.at)
            case .leave:
                try close(at: fact.at)
                hasLeft = true
            case .heartbeat, .word, .dutyBegun, .dutyEnded:
                break
            }
        }
    }

    /// All of it, when nothing more is heard.
    func closed() throws -> [TimeSlot] {
        var whole = self
        if let alive = open?.alive { try whole.close(at: alive) }
        return whole.spans
    }

    private mutating func close(at end: Instant) throws {
        if let since = open?.since, since < end {
            spans.append(try TimeSlot(start: since, end: end))
        }
        open = nil
    }
}
