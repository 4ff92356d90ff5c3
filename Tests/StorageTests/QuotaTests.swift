import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// No more visits and planned minutes of a period than were agreed, whoever asks at the same time,
/// and the counter is what bookings add up to.
@Suite struct QuotaTests {
    private func life(_ test: TestMarket, _ quota: JSON) async throws -> LifeOfAVisit {
        let limits: JSON = [
            "budget_ceiling": "20000.00", "minimum_notice_minutes": 120, "horizon_days": 90,
            "hold_minutes": 10, "quota": quota,
        ]
        return try await LifeOfAVisit(
            under: test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                changed: ["limits": limits]))
    }

    /// Visits and planned minutes.
    private func counter(_ test: TestMarket, _ period: String = "2027-03") async throws -> [Int64] {
        let rows = try await test.owner.read([
            "select visits, minutes from budget_counter where period = \(period)"
        ])
        guard let row = try rows.atMostOne() else { return [] }
        return [try row["visits", Int64.self], try row["minutes", Int64.self]]
    }

    private static let days = ["2027-03-08", "2027-03-09", "2027-03-10", "2027-03-11"]
    private static let times = ["09:00", "10:00", "11:00", "12:00"]

    /// A quota of five visits, or of the minutes of five, and sixteen ask at once.
    @Test(arguments: ["visits_per_period", "minutes_per_period"])
    func manyAtOnceNeverPassTheQuota(_ limit: String) async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test, [limit: limit == "visits_per_period" ? 5 : 179])
            let codes = try await test.withConnections(16) { app in
                try await withThrowingTaskGroup(of: String?.self) { group in
                    for day in Self.days {
                        for time in Self.times {
                            let call = try life.contract.call(
                                life.specialist, at: life.instant(day, time),
                                hold: day > "2027-03-09")
                            group.addTask { try await app.book(call).code }
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            #expect(codes.count { $0 == nil } == 5)
            #expect(codes.count { $0 == "quota_reached" } == 11)
            #expect(try await counter(test) == [5, 150])
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func theRefusalSaysWhichLimitAndWhatIsLeft() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test, ["visits_per_period": 2, "minutes_per_period": 75])
            _ = try await life.made("2027-03-08", "09:00")
            let long = try life.contract.call(
                life.specialist, at: life.instant("2027-03-08", "10:00"), minutes: 60)
            guard case .refused("quota_reached", let figures) = try await test.app.book(long)
            else {
                Issue.record("booked above the quota of minutes")
                return
            }
            #expect(
                figures == [
                    "period": "2027-03", "limit": "minutes_per_period", "quota": 75, "taken": 30,
                    "asked": 60, "left": 45,
                ])
            _ = try await life.made("2027-03-08", "10:00")
            let third = try life.contract.call(
                life.specialist, at: life.instant("2027-03-08", "11:00"))
            guard case .refused("quota_reached", let others) = try await test.app.book(third)
            else {
                Issue.record("booked above the quota of visits")
                return
            }
            #expect(
                others == [
                    "period": "2027-03", "limit": "visits_per_period", "quota": 2, "taken": 2,
                    "asked": 1, "left": 0,
                ])
            // another month has a quota of its own
            _ = try await life.made("2027-04-01", "10:00")
        }
    }

    /// Released, expired and cancelled visits leave their places, even late ones; one that was held
    /// keeps it.
    @Test func onlyWhatWasHeldStaysCounted() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test, ["visits_per_period": 1])
            let scheduler = life.contract.buyer.scheduler
            let released = try await life.made("2027-03-08", "09:00", hold: true)
            _ = try await test.market.releaseBooking(
                scheduler.request("releaseBooking"), released)
            #expect(try await counter(test) == [0, 0])
            let overdue = try await life.made("2027-03-08", "09:00", hold: true)
            let blocked = try life.contract.call(
                life.specialist, at: life.instant("2027-03-09", "09:00"))
            #expect(try await test.app.book(blocked).code == "quota_reached")
            try await test.clock.advance(seconds: 601)
            // elsewhere than the overdue hold, which nobody has tidied away yet
            try await life.cancelledLate("2027-03-09")
            #expect(try await counter(test) == [1, 30])
            _ = try await test.app.write(["select expire_overdue_hold(\(overdue))"])
            #expect(try await counter(test) == [0, 0])
            try await life.held("2027-03-10", minutes: 20)
            #expect(try await counter(test) == [1, 30])
            let late = try life.contract.call(
                life.specialist, at: life.instant("2027-03-11", "09:00"))
            #expect(try await test.app.book(late).code == "quota_reached")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// A move to another month takes its place there, or is refused with everything as it was.
    @Test func aMoveTakesItsPlaceAlong() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test, ["minutes_per_period": 45])
            let booking = try await life.made("2027-03-30", "10:00")
            func move(_ day: String) async throws -> String? {
                let starts = try life.instant(day, "10:00")
                return await refused {
                    try await test.asked(
                        by: life.contract.buyer.scheduler,
                        "select lock_budget(\(booking), \(starts))",
                        "select move_booking(\(booking), \(starts))")
                }
            }
            #expect(try await move("2027-04-01") == nil)
            #expect(try await counter(test) == [0, 0])
            #expect(try await counter(test, "2027-04") == [1, 30])
            _ = try await life.made("2027-03-30", "10:00")
            #expect(try await move("2027-03-31") == "quota_reached")
            #expect(try await counter(test) == [1, 30])
            #expect(try await counter(test, "2027-04") == [1, 30])
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func verifyCountsAgain() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test, ["visits_per_period": 9])
            _ = try await life.made("2027-03-08", "09:00")
            for change: Query in ["visits = 2", "visits = 1, minutes = 29"] {
                try await test.owner.write(["update budget_counter set \(change)"])
                let findings = try await Verification.run(on: test.reader)
                #expect(findings.map(\.rule) == [.budgets])
            }
        }
    }
}
