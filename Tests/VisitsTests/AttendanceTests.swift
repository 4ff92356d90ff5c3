import MoneyAndTime
import Testing
import Visits

@Suite struct AttendanceTests {
    static let visit = booking(1)

    static func observation(
        _ kind: Observation.Kind, _ at: Int64, _ side: Side = .seller,
        participant: String = "page-1", id: String? = nil, visit: BookingID = visit
    ) -> Observation {
        Observation(
            id: id ?? "\(side) \(participant) \(kind) \(at)", visit: visit, side: side,
            participant: participant, kind: kind, at: second(at), source: .joinPage)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let what: String
        let observations: [Observation]
        let present: [(Int64, Int64)]
        var testDescription: String { what }
    }

    static let rows: [Row] = [
        Row(what: "nobody", observations: [], present: []),
        Row(what: "a join alone is no time", observations: [observation(.join, 0)], present: []),
        Row(
            what: "join and leave", observations: [observation(.join, 0), observation(.leave, 60)],
            present: [(0, 60)]),
        Row(
            what: "the last sign of life ends it",
            observations: [
                observation(.join, 0), observation(.heartbeat, 30), observation(.heartbeat, 60),
            ], present: [(0, 60)]),
        Row(
            what: "silence of just the limit bridges",
            observations: [observation(.join, 0), observation(.heartbeat, 90)],
            present: [(0, 90)]),
        Row(
            what: "longer silence ends at the last sign of life, a heartbeat resumes",
            observations: [
                observation(.join, 0), observation(.heartbeat, 30), observation(.heartbeat, 121),
                observation(.leave, 150),
            ], present: [(0, 30), (121, 150)]),
        Row(
            what: "a leave after silence brings nothing back",
            observations: [
                observation(.join, 0), observation(.heartbeat, 30), observation(.leave, 500),
            ], present: [(0, 30)]),
        Row(
            what: "a heartbeat that overtook its leave opens nothing",
            observations: [
                observation(.join, 0), observation(.leave, 60), observation(.heartbeat, 61),
                observation(.heartbeat, 80), observation(.join, 100), observation(.leave, 110),
            ], present: [(0, 60), (100, 110)]),
        Row(
            what: "a heartbeat whose join was lost",
            observations: [observation(.heartbeat, 10), observation(.heartbeat, 40)],
            present: [(10, 40)]),
        Row(
            what: "two pages of one side are one presence",
            observations: [
                observation(.join, 0), observation(.leave, 50),
                observation(.join, 40, participant: "page-2"),
                observation(.leave, 80, participant: "page-2"),
            ], present: [(0, 80)]),
        Row(
            what: "the same fact later under its id is the same fact",
            observations: [
                observation(.join, 0, id: "a"), observation(.leave, 50, id: "b"),
                observation(.join, 60, id: "a"), observation(.leave, 80, id: "b"),
            ], present: [(0, 50)]),
        Row(
            what: "another visit is passed over",
            observations: [
                observation(.join, 0), observation(.leave, 50),
                observation(.join, 60, visit: booking(2)),
                observation(.leave, 90, visit: booking(2)),
            ], present: [(0, 50)]),
    ]

    @Test(arguments: rows) func folds(_ row: Row) throws {
        let attendance = try Attendance.fold(row.observations, of: Self.visit)
        #expect(try attendance.seller == row.present.map { try slot($0.0, $0.1) })
        #expect(attendance.buyer.isEmpty)
    }

    @Test func byWordOnlyWhatBothSay() throws {
        let seller = Self.observation(.word(try slot(0, 600)), 1_000, .seller)
        let buyer = Self.observation(.word(try slot(120, 900)), 1_000, .buyer)
        let alone = try Attendance.fold([seller], of: Self.visit)
        #expect(alone.seller.isEmpty && alone.buyer.isEmpty)
        let both = try Attendance.fold([seller, buyer], of: Self.visit)
        #expect(try both.seller == [slot(120, 600)] && both.buyer == both.seller)
        // Nobody can vouch for time that has not passed.
        let early = Self.observation(.word(try slot(120, 900)), 300, .buyer)
        #expect(
            try Attendance.fold([seller, early], of: Self.visit).buyer == [slot(120, 300)])
        let future = Self.observation(.word(try slot(120, 900)), 120, .buyer)
        #expect(try Attendance.fold([seller, future], of: Self.visit).buyer.isEmpty)
    }

    /// Order and repetition do not matter, and presence lies within what was seen.
    @Test(arguments: 0..<50) func isASetOfFacts(_ seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<20 {
            let facts = RandomVisit.observations(&random, of: Self.visit)
            let attendance = try Attendance.fold(facts, of: Self.visit)
            let repeated = facts + facts.filter { _ in random.chance(40) }
            let again = try Attendance.fold(
                repeated.shuffled(using: &random), of: Self.visit)
            #expect(again == attendance)
            for side in Side.allCases {
                let spans = attendance.present(side)
                for (one, two) in zip(spans, spans.dropFirst()) { #expect(one.end < two.start) }
                let last = facts.map(\.at).max() ?? second(0)
                #expect(spans.allSatisfy { $0.end <= last })
            }
        }
    }
}
