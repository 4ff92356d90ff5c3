import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// Invariant 8: nothing is booked above the ceiling, and its counter is what bookings and charges
/// add up to, whoever does what at the same time.
@Suite struct BudgetTests {
    /// A contract whose shortest visit costs 108.00.
    private func life(_ test: TestMarket, ceiling: String) async throws -> LifeOfAVisit {
        let limits: JSON = [
            "budget_ceiling": JSON(ceiling), "minimum_notice_minutes": 120, "horizon_days": 90,
            "hold_minutes": 10,
        ]
        return try await LifeOfAVisit(
            under: test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                changed: ["limits": limits]))
    }

    private func counter(_ test: TestMarket, _ period: String) async throws -> [Int64] {
        let rows = try await test.owner.read([
            "select reserved, used from budget_counter where period = \(period)"
        ])
        guard let row = try rows.atMostOne() else { return [] }
        return [try row["reserved", Int64.self], try row["used", Int64.self]]
    }

    private static let days = ["2027-03-08", "2027-03-09", "2027-03-10", "2027-03-11"]
    private static let times = ["09:00", "10:00", "11:00", "12:00"]

    /// Money for five, and sixteen ask at once, each for another time.
    @Test func manyAtOnceNeverPassTheCeiling() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test, ceiling: "647.99")
            let codes = try await test.withConnections(16) { app in
                try await withThrowingTaskGroup(of: String?.self) { group in
                    for day in Self.days {
                        for time in Self.times {
                            let call = try life.contract.call(
                                life.specialist, at: life.instant(day, time),
                                hold: day > "2027-03-09"
                            )
                            group.addTask { try await app.book(call).code }
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            #expect(codes.count { $0 == nil } == 5)
            #expect(codes.count { $0 == "over_budget" } == 11)
            #expect(try await counter(test, "2027-03") == [54_000, 0])
        }
    }

    /// The same in one call, in which each request sees what those before it have taken.
    @Test func manyInOneCallNeverPassTheCeiling() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test, ceiling: "216.00")
            let calls = try Self.times.map { time in
                try life.contract.call(life.specialist, at: life.instant("2027-03-08", time))
            }
            // the second of two that overlap
            let overlapping = try life.contract.call(
                life.specialist, at: life.instant("2027-03-08", "09:15"))
            let rows = try await test.app.write([BookingCall.book([overlapping] + calls)])
            let codes = try rows.map { try BookingCall.Outcome(row: $0).code }
            #expect(codes == ["taken", nil, nil, "over_budget", "over_budget"])
            #expect(try await counter(test, "2027-03") == [21_600, 0])
        }
    }

    /// Batches that want the same rows in opposite orders wait for each other, and never lock up.
    @Test func batchesLockInOneOrder() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test, ceiling: "20000.00")
            let other = try await test.signedContract(
                seller: life.contract.seller, buyer: test.addOrganisation("Other buyer"))
            let outcomes = try await test.withConnections(4) { app in
                try await withThrowingTaskGroup(of: [String?].self) { group in
                    // four counters: of two contracts, in two months
                    let months = ["2027-04-05", "2027-04-06", "2027-04-07", "2027-04-08"]
                    for (march, april) in zip(Self.days, months) {
                        for isReversed in [false, true] {
                            var calls = try [march, april].flatMap { day in
                                try Self.times.prefix(2).flatMap { time in
                                    try [life.contract, other].map {
                                        try $0.call(life.specialist, at: life.instant(day, time))
                                    }
                                }
                            }
                            if isReversed { calls.reverse() }
                            let batch = BookingCall.book(calls)
                            group.addTask {
                                try await app.pool.withConnection { session in
                                    try await session.query(batch).map {
                                        try BookingCall.Outcome(row: $0).code
                                    }
                                }
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
            }
            #expect(outcomes.count { $0 == nil } == 16)
            #expect(outcomes.count { $0 == "taken" } == 48)
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    /// The period is the month of the visit's start by the contract's own clock.
    @Test func belongsToTheMonthOfTheStart() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test, ceiling: "108.00")
            _ = try await test.market.publishAvailability(
                life.contract.seller.scheduler.request("publishAvailability"),
                .init(
                    specialist: life.specialist,
                    pattern: .once(CalendarDate(iso: "2027-03-31")), from: TimeOfDay("22:00"),
                    to: TimeOfDay("02:00"),
                    terms: .init(
                        grid: .thirty, shortestMinutes: 30, longestMinutes: 60,
                        bufferAfterMinutes: 0)))
            // 23:30 in Helsinki is March there, and 00:00 is April, though still March in UTC
            #expect(try life.instant("2027-04-01", "00:00").rfc3339 == "2027-03-31T21:00:00Z")
            _ = try await life.made("2027-03-31", "23:30")
            _ = try await life.made("2027-04-01", "00:00")
            #expect(try await counter(test, "2027-03") == [10_800, 0])
            #expect(try await counter(test, "2027-04") == [10_800, 0])
            let more = try life.contract.call(
                life.specialist, at: life.instant("2027-03-31", "23:00"))
            let outcome = try await test.app.book(more)
            guard case .refused(let code, let figures) = outcome else {
                Issue.record("booked above the ceiling")
                return
            }
            #expect(code == "over_budget")
            #expect(
                figures == [
                    "period": "2027-03", "ceiling": 10_800, "quote": 10_800, "left": 0,
                ])
        }
    }

    /// Six at once book, hold, confirm, release, cancel early and late; the counter has kept up.
    @Test func theCounterIsTheSum() async throws {
        let seen = try await Seeds.tally(2) { try await trade(seed: $0) }
        #expect(seen["charged", default: 0] > 0)
    }

    private func trade(seed: UInt64) async throws -> [String: Int] {
        try await TestMarket.withMarket { test in
            let life = try await life(test, ceiling: "1500.00")
            // between two days: half of the times can be cancelled free of charge, half cannot
            try await test.clock.set(to: life.instant("2027-03-08", "09:30"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in 0..<6 {
                    group.addTask {
                        var random = Seeded(seed * 100 + UInt64(worker))
                        for _ in 0..<10 { try await step(life, &random) }
                    }
                }
                try await group.waitForAll()
            }
            let counted = try await counter(test, "2027-03")
            #expect(counted.reduce(0, +) <= 150_000, "seed \(seed)")
            #expect(try await Verification.run(on: test.reader) == [], "seed \(seed)")
            return ["charged": Int(counted.last ?? 0)]
        }
    }

    private func step(_ life: LifeOfAVisit, _ random: inout Seeded) async throws {
        let (test, scheduler) = (life.test, life.contract.buyer.scheduler)
        let starts = try life.instant(
            random.one(of: ["2027-03-08", "2027-03-08", "2027-03-10"]),
            random.one(of: ["12:00", "12:30", "13:00", "14:00"]))
        let isHold = random.chance(50)
        let outcome = try await test.app.book(
            life.contract.call(life.specialist, at: starts, hold: isHold))
        guard outcome.code == nil else { return }
        let id = try outcome.booking()
        if isHold, random.chance(40) {
            _ = try await test.market.releaseBooking(scheduler.request("releaseBooking"), id)
            return
        }
        if isHold {
            _ = try await test.market.confirmBooking(scheduler.request("confirmBooking"), id)
        }
        guard random.chance(70) else { return }
        let cost = try await test.market.cancellationCost(
            scheduler.request("getCancellationCost"), id)
        _ = try await test.market.cancelBooking(
            scheduler.request("cancelBooking"), id,
            expectedFee: Money(decimal: cost.body["fee"]?.text ?? ""), reason: nil)
    }
}
