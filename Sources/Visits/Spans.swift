import MoneyAndTime

/// Sets of instants, as slots in order of time that neither overlap nor touch.
enum Spans {
    static func union(_ slots: [TimeSlot]) throws -> [TimeSlot] {
        try closingGaps(
            slots.sorted { ($0.start, $0.end) < ($1.start, $1.end) }, upTo: 0)
    }

    /// Joins neighbours whose gap is at most so many microseconds; `slots` are in order of start.
    static func closingGaps(
        _ slots: [TimeSlot], upTo microseconds: Int64
    ) throws -> [TimeSlot] {
        var joined: [TimeSlot] = []
        for slot in slots {
            guard let last = joined.last,
                try slot.start.microseconds.subtracting(last.end.microseconds) <= microseconds
            else {
                joined.append(slot)
                continue
            }
            joined[joined.count - 1] = try TimeSlot(
                start: last.start, end: max(last.end, slot.end))
        }
        return joined
    }

    /// What two such sets share.
    static func intersection(_ left: [TimeSlot], _ right: [TimeSlot]) throws -> [TimeSlot] {
        var shared: [TimeSlot] = []
        var (i, j) = (0, 0)
        while i < left.count, j < right.count {
            let start = max(left[i].start, right[j].start)
            let end = min(left[i].end, right[j].end)
            if start < end { shared.append(try TimeSlot(start: start, end: end)) }
            if left[i].end < right[j].end { i += 1 } else { j += 1 }
        }
        return shared
    }
}
