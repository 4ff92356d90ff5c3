import MoneyAndTime

/// One time that somebody was asked for at once: when, and what came of it.
package struct ResponseTime: Hashable, Sendable {
    package enum Ending: String, Hashable, Sendable, CaseIterable {
        /// Nobody has answered yet.
        case open
        case accepted
        /// Taken back by the buyer, or somebody else's.
        case ended
        /// Nobody accepted in time.
        case expired
    }

    package let asked: Instant
    package let ending: Ending
    /// When somebody accepted; nil of every other ending.
    package let accepted: Instant?
    /// When both sides were first together, as it was measured for the first word on the minutes;
    /// nil before that, and where they never met.
    package let met: Instant?

    package init(asked: Instant, ending: Ending, accepted: Instant?, met: Instant?) {
        self.asked = asked
        self.ending = ending
        self.accepted = ending == .accepted ? accepted : nil
        self.met = ending == .accepted ? met : nil
    }

    /// Whole seconds from asking, the rest of one dropped.
    package func seconds(until instant: Instant) throws(ArithmeticFailure) -> Int64 {
        try max(0, instant.seconds(since: asked))
    }
}

/// Some times in figures, in whole seconds.
package struct TimeFigures: Hashable, Sendable {
    package let count: Int
    /// Of so many percent no longer than this: the smallest of which that is true (nearest rank).
    /// Nil of none.
    package let median: Int64?
    package let ninetieth: Int64?

    package init(_ seconds: [Int64]) {
        let sorted = seconds.sorted()
        count = sorted.count
        median = Self.percentile(50, of: sorted)
        ninetieth = Self.percentile(90, of: sorted)
    }

    private static func percentile(_ percent: Int, of sorted: [Int64]) -> Int64? {
        guard !sorted.isEmpty else { return nil }
        let rank = (sorted.count * percent + 99) / 100
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }
}

/// How one contract's times of a month came out: the same for both of its sides.
package struct ResponseTimes: Hashable, Sendable {
    package let counts: [ResponseTime.Ending: Int]
    /// From asking until somebody accepted.
    package let toAccept: TimeFigures
    /// From asking until both sides were first together.
    package let toMeet: TimeFigures

    package init(_ times: [ResponseTime]) throws(ArithmeticFailure) {
        var counts: [ResponseTime.Ending: Int] = [:]
        var (accepting, meeting): ([Int64], [Int64]) = ([], [])
        for time in times {
            counts[time.ending, default: 0] += 1
            if let accepted = time.accepted { accepting.append(try time.seconds(until: accepted)) }
            if let met = time.met { meeting.append(try time.seconds(until: met)) }
        }
        self.counts = counts
        toAccept = TimeFigures(accepting)
        toMeet = TimeFigures(meeting)
    }

    package func count(_ ending: ResponseTime.Ending) -> Int { counts[ending] ?? 0 }

    package var asked: Int { counts.values.reduce(0, +) }
}
