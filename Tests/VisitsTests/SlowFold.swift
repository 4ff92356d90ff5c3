import MoneyAndTime
import Visits

/// The rules of billable time told a second time, second by second and without intervals: an
/// independent, slow model for whole-second observations of one visit.
struct SlowFold {
    private static let length = 1_600
    private let facts: [Observation]

    init(_ observations: [Observation]) {
        var earliest: [String: Observation] = [:]
        for fact in observations {
            if let known = earliest[fact.id], !Self.isBefore(fact, known) { continue }
            earliest[fact.id] = fact
        }
        facts = Array(earliest.values)
    }

    /// Whether each second was billable, the second s being the time from s to s + 1.
    func billable(graceSeconds: Int) -> [Bool] {
        let seller = present(.seller)
        let buyer = present(.buyer)
        var together = (0..<Self.length).map { seller[$0] && buyer[$0] }
        let met = together.indices.filter { together[$0] }
        guard let first = met.first, let last = met.last else { return together }
        var missing = 0
        for second in first...last {
            if !together[second] {
                missing += 1
                continue
            }
            if missing > 0, missing <= graceSeconds {
                for gap in (second - missing)..<second { together[gap] = true }
            }
            missing = 0
        }
        return together
    }

    func present(_ side: Side) -> [Bool] {
        let here = facts.filter { $0.side == side }
        let places = Set(here.map(\.participant)).map { name in
            let mine = here.filter { $0.participant == name }
            return Place(
                signs: mine.filter { isSign($0, among: mine) }.map(Self.at),
                leaves: mine.filter { $0.kind == .leave }.map(Self.at))
        }
        return (0..<Self.length).map { second in
            places.contains { $0.isThere(second) }
                || (hasWord(.seller, second) && hasWord(.buyer, second))
        }
    }

    /// One participant: the seconds at which it gave a sign of life, and at which it left.
    private struct Place {
        let signs: [Int]
        let leaves: [Int]

        /// There from second s to s + 1: a sign of life at or before s with no leave since, and
        /// one more sign of life or a leave after s, not too long after the one before.
        func isThere(_ second: Int) -> Bool {
            guard let last = signs.filter({ $0 <= second }).max(),
                let next = (signs + leaves).filter({ $0 > second }).min(),
                next - last <= Int(Attendance.silenceSeconds)
            else { return false }
            return !leaves.contains { (last...second).contains($0) }
        }
    }

    /// A join always is one; a heartbeat unless the last join or leave before it was a leave.
    private func isSign(_ fact: Observation, among mine: [Observation]) -> Bool {
        if fact.kind == .join { return true }
        guard fact.kind == .heartbeat else { return false }
        let moment = Self.at(fact)
        let left = mine.filter { $0.kind == .leave && Self.at($0) < moment }.map(Self.at).max()
        let joined = mine.filter { $0.kind == .join && Self.at($0) <= moment }.map(Self.at).max()
        guard let left else { return true }
        return joined.map { $0 > left } ?? false
    }

    private func hasWord(_ side: Side, _ second: Int) -> Bool {
        facts.contains { fact in
            guard case .word(let span) = fact.kind, fact.side == side else { return false }
            return span.contains(VisitsTests.second(Int64(second))) && second < Self.at(fact)
        }
    }

    private static func at(_ fact: Observation) -> Int {
        Int((fact.at.microseconds - monday.microseconds) / 1_000_000)
    }

    private static func isBefore(_ one: Observation, _ two: Observation) -> Bool {
        let order: (Observation) -> Int = { fact in
            switch fact.kind {
            case .join, .dutyBegun: 0
            case .heartbeat: 1
            case .leave, .dutyEnded: 2
            case .word: 3
            }
        }
        return (one.at, order(one), one.side.rawValue, one.participant)
            < (two.at, order(two), two.side.rawValue, two.participant)
    }
}
