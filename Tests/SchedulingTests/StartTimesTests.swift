import MoneyAndTime
import Scheduling
import Testing

@Suite struct StartTimesTests {
    @Test func aFreeHourOnAGridOfFifteen() throws {
        let window = OfferedWindow(slot: try slot(0, 60), terms: try terms(buffer: 10))
        let starts = try StartTimes.project(window, occupied: [])
        // Fifteen minutes and ten of buffer fit until minute 35.
        #expect(
            starts == [0, 15, 30].map { StartTime(starts: minute($0), freeUntil: minute(50)) })
    }

    @Test func aBookingCutsTheRun() throws {
        let window = OfferedWindow(slot: try slot(0, 120), terms: try terms(grid: .ten, buffer: 5))
        let starts = try StartTimes.project(window, occupied: [slot(42, 65)])
        let before = [0, 10, 20].map { StartTime(starts: minute($0), freeUntil: minute(37)) }
        let after = [70, 80, 90, 100].map {
            StartTime(starts: minute($0), freeUntil: minute(115))
        }
        #expect(starts == before + after)
    }

    /// The grid is the window's, whatever is kept free before a visit.
    @Test func timeBeforeAVisitIsFree() throws {
        let window = OfferedWindow(
            slot: try slot(0, 120), terms: try terms(grid: .ten, before: 15, buffer: 5))
        let starts = try StartTimes.project(window, occupied: [slot(42, 65)])
        let before = StartTime(starts: minute(20), freeUntil: minute(37))
        let after = [80, 90, 100].map { StartTime(starts: minute($0), freeUntil: minute(115)) }
        #expect(starts == [before] + after)
    }

    @Test func touchingIsNotOverlapping() throws {
        let window = OfferedWindow(slot: try slot(0, 45), terms: try terms())
        let starts = try StartTimes.project(window, occupied: [slot(-30, 0), slot(15, 30)])
        #expect(
            starts == [
                StartTime(starts: minute(0), freeUntil: minute(15)),
                StartTime(starts: minute(30), freeUntil: minute(45)),
            ])
    }

    @Test func aWindowWithoutRoomHasNoStarts() throws {
        let window = OfferedWindow(slot: try slot(0, 45), terms: try terms())
        #expect(try StartTimes.project(window, occupied: [slot(-10, 100)]).isEmpty)
    }

    /// Against a model that marks every minute: a start is offered exactly when the shortest
    /// visit fits there, and a length fits by comparison exactly when every minute of it and of
    /// its buffer is free, and those of the buffer before it.
    @Test(arguments: 0..<60) func agreesWithMinutes(_ seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<40 {
            let first = Int64.random(in: -50...50, using: &random)
            let window = OfferedWindow(
                slot: try slot(first, first + Int64.random(in: 20...300, using: &random)),
                terms: try terms(
                    grid: StartGrid.allCases.randomElement(using: &random) ?? .five,
                    shortest: Int64.random(in: 1...30, using: &random), longest: 300,
                    before: random.chance(50) ? 0 : Int64.random(in: 0...20, using: &random),
                    buffer: Int64.random(in: 0...20, using: &random)))
            let occupied = try (0..<Int.random(in: 0...6, using: &random)).map { _ in
                let start = Int64.random(in: -100...350, using: &random)
                return try slot(start, start + Int64.random(in: 1...80, using: &random))
            }
            try compare(window, occupied)
        }
    }

    private func compare(_ window: OfferedWindow, _ occupied: [TimeSlot]) throws {
        let starts = try StartTimes.project(window, occupied: occupied)
        let found = Dictionary(uniqueKeysWithValues: starts.map { ($0.starts, $0.freeUntil) })
        let length = window.slot.seconds / 60
        let free = (0..<length).map { offset in
            let instant = Instant(
                microseconds: window.slot.start.microseconds + offset * 60_000_000)
            return !occupied.contains { $0.contains(instant) }
        }
        for offset in 0..<length {
            let run = Int64(free[Int(offset)...].prefix { $0 }.count)
            let longest = run - window.terms.bufferAfterMinutes
            let onGrid = offset % window.terms.grid.rawValue == 0
            let before = Int(window.terms.bufferBeforeMinutes)
            let isReady =
                offset >= before && free[(Int(offset) - before)..<Int(offset)].allSatisfy { $0 }
            let offered = onGrid && isReady && longest >= window.terms.shortestMinutes
            let start = Instant(
                microseconds: window.slot.start.microseconds + offset * 60_000_000)
            let freeUntil = try offered ? start.adding(seconds: longest * 60) : nil
            #expect(found[start] == freeUntil)
        }
        #expect(starts.map(\.starts) == starts.map(\.starts).sorted())
        #expect(starts.allSatisfy { window.slot.contains($0.starts) })
    }
}
