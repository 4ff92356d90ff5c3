import MoneyAndTime

extension Attendance {
    /// The side that was there at the planned start and waited for the other, and for how long;
    /// nil where both came in time, both came late, or they never met.
    package func waiting(
        from start: Instant
    ) throws -> (side: Side, seconds: Int64)? {
        guard let met = try together.first, met.start > start else {
            return nil
        }
        let wasThere = Side.allCases.filter { side in
            present(side).contains { $0.start <= start && start < $0.end }
        }
        guard wasThere.count == 1, let side = wasThere.first else { return nil }
        return (side, try met.start.seconds(since: start))
    }

    /// The side that was not there in the planned time while the other one was, and for how long
    /// that one was; nil where both were, or nobody. Who looks in before it begins has not come.
    package func absence(in planned: TimeSlot) throws -> (side: Side, otherSeconds: Int64)? {
        for side in Side.allCases
        where try Spans.intersection(present(side), [planned]).isEmpty {
            let there = try Spans.intersection(present(side.other), [planned])
            guard !there.isEmpty else { continue }
            return (side, try there.reduce(0) { try $0.adding($1.seconds) })
        }
        return nil
    }
}
