import MoneyAndTime
import Scheduling
import Testing

@Suite struct AbsenceRuleTests {
    private func rest(_ window: TimeSlot, _ from: Int64, _ to: Int64) throws -> [TimeSlot] {
        try Absence(during: slot(from, to)).rest(
            of: OfferedWindow(slot: window, terms: terms(grid: .fifteen)))
    }

    /// What comes after it begins at a start of the window's own grid.
    @Test func noStartMoves() throws {
        let window = try slot(0, 360)
        #expect(try rest(window, 60, 120) == [slot(0, 60), slot(120, 360)])
        #expect(try rest(window, 60, 121) == [slot(0, 60), slot(135, 360)])
        #expect(try rest(window, -60, 7) == [slot(15, 360)])
        #expect(try rest(window, 300, 400) == [slot(0, 300)])
        #expect(try rest(window, 300, 350) == [slot(0, 300)])
        #expect(try rest(window, 0, 360) == [])
        #expect(try rest(window, -10, 400) == [])
        #expect(try rest(window, -10, 0) == [window])
        #expect(try rest(window, 360, 400) == [window])
    }

    /// Whatever the absence: the starts that remain are those of before that do not touch it.
    @Test(arguments: 0..<40) func keepsWhatDoesNotTouchIt(_ seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<25 {
            let first = Int64.random(in: -50...50, using: &random)
            let window = OfferedWindow(
                slot: try slot(first, first + Int64.random(in: 20...300, using: &random)),
                terms: try terms(
                    grid: StartGrid.allCases.randomElement(using: &random) ?? .five,
                    shortest: Int64.random(in: 1...20, using: &random), longest: 300,
                    before: Int64.random(in: 0...10, using: &random),
                    buffer: Int64.random(in: 0...10, using: &random)))
            let start = Int64.random(in: -100...300, using: &random)
            let away = try slot(start, start + Int64.random(in: 1...200, using: &random))
            let rest = try Absence(during: away).rest(of: window)
            let left = try rest.flatMap {
                try StartTimes.project(
                    OfferedWindow(slot: $0, terms: window.terms), occupied: [])
            }
            let taken = try StartTimes.freeRuns(of: window.slot, without: rest)
            #expect(left == (try StartTimes.project(window, occupied: taken)), "seed \(seed)")
            for start in left {
                #expect(!away.overlaps(try TimeSlot(start: start.starts, end: start.freeUntil)))
            }
        }
    }

    @Test func nobodyIsGivenTwoVisitsAtATime() throws {
        var random = Seeded(5)
        let people = (0..<2).map { _ in SpecialistID(at: monday, using: &random) }
        func could(_ person: Int, _ from: Int64, _ to: Int64) throws -> Absence.Colleague {
            Absence.Colleague(specialist: people[person], occupied: try slot(from, to))
        }
        let given = try Absence.assign([
            [could(0, 0, 40), could(1, 0, 40)], [could(0, 30, 70), could(1, 30, 70)],
            [could(0, 35, 50)], [could(0, 40, 80)], [],
        ])
        #expect(given == [people[0], people[1], nil, people[0], nil])
    }
}
