import MoneyAndTime
import Testing
import Visits

@Suite struct BillableTimeTests {
    static let visit = booking(1)

    static func attendance(
        seller: [(Int64, Int64)], buyer: [(Int64, Int64)]
    ) throws -> Attendance {
        try Attendance(
            visit: visit, seller: seller.map { try slot($0.0, $0.1) },
            buyer: buyer.map { try slot($0.0, $0.1) })
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let what: String
        let seller: [(Int64, Int64)]
        let buyer: [(Int64, Int64)]
        let grace: Int64
        let seconds: Int64
        var testDescription: String { what }
    }

    static let rows: [Row] = [
        Row(what: "never met", seller: [(0, 60)], buyer: [(60, 90)], grace: 600, seconds: 0),
        Row(what: "the common part", seller: [(0, 60)], buyer: [(20, 90)], grace: 0, seconds: 40),
        Row(
            what: "a gap of just the grace counts", seller: [(0, 100), (130, 200)],
            buyer: [(0, 200)], grace: 30, seconds: 200),
        Row(
            what: "a longer gap does not", seller: [(0, 100), (131, 200)], buyer: [(0, 200)],
            grace: 30, seconds: 169),
        Row(
            what: "nothing before the first meeting", seller: [(0, 10), (40, 100)],
            buyer: [(30, 100)], grace: 60, seconds: 60),
        Row(
            what: "nothing after one has left for good", seller: [(0, 50), (80, 90)],
            buyer: [(0, 60), (100, 110)], grace: 60, seconds: 50),
        Row(
            what: "both lines dropped in turn", seller: [(0, 50), (60, 100)],
            buyer: [(0, 55), (65, 100)], grace: 15, seconds: 100),
        Row(
            what: "grace below zero is none", seller: [(0, 10), (11, 20)], buyer: [(0, 20)],
            grace: -5, seconds: 19),
    ]

    @Test(arguments: rows) func computes(_ row: Row) throws {
        let attendance = try Self.attendance(seller: row.seller, buyer: row.buyer)
        let time = try BillableTime.compute(attendance, graceSeconds: row.grace)
        #expect(time.seconds == row.seconds)
    }

    @Test func nothingOutsideTheLimitCounts() throws {
        let attendance = try Self.attendance(seller: [(0, 1_000)], buyer: [(0, 1_000)])
        let time = try BillableTime.compute(
            attendance, graceSeconds: 60, within: slot(100, 700))
        #expect(try time.intervals == [slot(100, 700)] && time.seconds == 600)
    }

    @Test func secondsAreRoundedDownOnce() throws {
        func span(_ from: Int64, _ to: Int64) throws -> TimeSlot {
            try TimeSlot(
                start: Instant(microseconds: from), end: Instant(microseconds: to))
        }
        // 0.6 and 0.6 seconds are one second, not none.
        let halves = try [span(0, 600_000), span(5_000_000, 5_600_000)]
        let attendance = try Attendance(visit: Self.visit, seller: halves, buyer: halves)
        #expect(try BillableTime.compute(attendance, graceSeconds: 0).seconds == 1)
    }

    @Test func tooMuchGraceIsAnErrorAndNoCrash() throws {
        let attendance = try Self.attendance(seller: [(0, 10)], buyer: [(0, 10)])
        #expect(throws: ArithmeticFailure.overflow) {
            try BillableTime.compute(attendance, graceSeconds: .max)
        }
    }

    /// Random visits against the model that looks at every second.
    @Test(arguments: 0..<60) func agreesWithEverySecond(_ seed: UInt64) throws {
        var random = Seeded(seed &+ 9_000)
        for _ in 0..<20 {
            let facts = RandomVisit.observations(&random, of: Self.visit)
            let grace = Int.random(in: 0...200, using: &random)
            let slow = SlowFold(facts)
            let attendance = try Attendance.fold(facts, of: Self.visit)
            for side in Side.allCases {
                #expect(marks(attendance.present(side)) == slow.present(side), "\(seed)")
            }
            let time = try BillableTime.compute(attendance, graceSeconds: Int64(grace))
            let expected = slow.billable(graceSeconds: grace)
            #expect(marks(time.intervals) == expected, "\(seed)")
            #expect(time.seconds == Int64(expected.count { $0 }))
        }
    }

    /// Never more than the clock, never less with more grace, never a second in two intervals.
    @Test(arguments: 0..<30) func staysWithinBounds(_ seed: UInt64) throws {
        var random = Seeded(seed &+ 77)
        for _ in 0..<20 {
            let facts = RandomVisit.observations(&random, of: Self.visit)
            let attendance = try Attendance.fold(facts, of: Self.visit)
            let instants = facts.map(\.at)
            let from = instants.min() ?? monday
            let to = instants.max() ?? monday
            var less: Int64 = 0
            for grace in [0, 10, 60, 300, 5_000] as [Int64] {
                let time = try BillableTime.compute(attendance, graceSeconds: grace)
                #expect(less <= time.seconds)
                less = time.seconds
                for (one, two) in zip(time.intervals, time.intervals.dropFirst()) {
                    #expect(one.end < two.start)
                }
                // A word may speak of time before it was given, so words have the whole visit.
                let spoken = facts.contains { if case .word = $0.kind { true } else { false } }
                #expect(try time.seconds <= to.seconds(since: spoken ? monday : from))
            }
        }
    }

    private func marks(_ spans: [TimeSlot]) -> [Bool] {
        var marks = [Bool](repeating: false, count: 1_600)
        for span in spans {
            let start = Int((span.start.microseconds - monday.microseconds) / 1_000_000)
            for second in start..<start + Int(span.seconds) { marks[second] = true }
        }
        return marks
    }
}
