import MoneyAndTime
import Testing

@testable import Contracts

@Suite("Budget periods")
struct BudgetPeriodTests {
    @Test(
        "A visit belongs to the month on the wall of the contract's zone",
        arguments: [
            ("2026-10-31T21:59:59Z", "2026-10"), ("2026-10-31T22:00:00Z", "2026-11"),
            ("2026-11-30T21:59:59Z", "2026-11"), ("2026-11-30T22:00:00Z", "2026-12"),
            ("2026-12-31T22:00:00Z", "2027-01"), ("2026-03-31T20:59:59Z", "2026-03"),
            ("2026-03-31T21:00:00Z", "2026-04"),
        ])
    func key(instant: String, key: String) throws {
        let clock = try WallClock(zone: "Europe/Helsinki")
        let instant = try Instant(rfc3339: instant)
        let period = BudgetPeriod(containing: instant, in: clock)
        #expect(period.key == key)
        #expect(BudgetPeriod(key: key) == period)
        #expect(try period.slot(in: clock).contains(instant))
    }

    @Test("Periods follow each other without a gap, also over a clock change")
    func consecutive() throws {
        let clock = try WallClock(zone: "Europe/Helsinki")
        var period = try #require(BudgetPeriod(key: "2026-01"))
        for _ in 0..<24 {
            let next = try period.next()
            #expect(try period.slot(in: clock).end == next.slot(in: clock).start)
            #expect(period < next)
            period = next
        }
        #expect(period.key == "2028-01")
        let october = try #require(BudgetPeriod(key: "2026-10"))
        #expect(try october.slot(in: clock).seconds == (31 * 24 + 1) * 3600)
        #expect(october.lastDay.iso == "2026-10-31")
    }

    @Test("Other texts are no period", arguments: ["", "2026", "2026-13", "2026-1", "2026-11-01"])
    func noKey(text: String) {
        #expect(BudgetPeriod(key: text) == nil)
    }
}
