import MoneyAndTime
import Testing

@testable import Visits

@Suite struct ResponseTimesTests {
    /// Nearest rank: of so many percent no longer than this.
    static let rows: [([Int64], Int64?, Int64?)] = [
        ([], nil, nil), ([7], 7, 7), ([9, 1], 1, 9), ([3, 1, 2], 2, 3),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 5, 9), ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 6, 10),
        ([4, 4, 4, 4, 4, 4, 4, 4, 4, 400], 4, 4), ([4, 4, 4, 4, 4, 4, 4, 4, 400, 500], 4, 400),
    ]

    @Test(arguments: rows)
    func percentiles(_ seconds: [Int64], _ median: Int64?, _ ninetieth: Int64?) {
        let figures = TimeFigures(seconds.shuffled())
        #expect(figures.count == seconds.count)
        #expect(figures.median == median)
        #expect(figures.ninetieth == ninetieth)
    }

    @Test func onlyWhatWasAcceptedHasTimes() throws {
        let asked = Instant(microseconds: 0)
        let later = try asked.adding(seconds: 30)
        func time(_ ending: ResponseTime.Ending, met: Bool = false) throws -> ResponseTime {
            ResponseTime(
                asked: asked, ending: ending, accepted: later,
                met: met ? try asked.adding(seconds: 90) : nil)
        }
        let times = try ResponseTimes([
            time(.accepted, met: true), time(.accepted), time(.ended), time(.expired), time(.open),
        ])
        #expect(times.asked == 5)
        #expect(times.count(.accepted) == 2 && times.count(.open) == 1)
        #expect(times.toAccept == TimeFigures([30, 30]))
        #expect(times.toMeet == TimeFigures([90]))
    }
}
