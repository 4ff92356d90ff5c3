import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Invariant 7: a hold ends by the clock, whether or not anyone has tidied it away.
@Suite struct HoldTests {
    private static let now = "2027-03-01T08:00:00Z"

    private struct Trade {
        let life: LifeOfAVisit
        let other: TestContract
        let clock: StandingClock
        let held: BookingID

        /// When the hold of 10:00 ends, ten minutes from now.
        let end: Instant

        init(_ test: TestMarket, budget: String = "20000.00") async throws {
            let limits: JSON = [
                "budget_ceiling": JSON(budget), "minimum_notice_minutes": 120, "horizon_days": 90,
                "hold_minutes": 10,
            ]
            let seller = try await test.addOrganisation("Seller")
            life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: seller, buyer: test.addOrganisation("Buyer"),
                    changed: ["limits": limits]))
            other = try await test.signedContract(
                seller: seller, buyer: test.addOrganisation("Other buyer"))
            let now = try Instant(rfc3339: HoldTests.now)
            clock = try await StandingClock(test, at: now)
            held = try await life.made("2027-03-08", hold: true)
            end = try now.adding(seconds: 600)
        }

        func book(_ time: String, _ contract: TestContract? = nil) async throws -> String? {
            let call = try (contract ?? other).call(
                life.specialist, at: life.instant("2027-03-08", time))
            return try await life.test.app.book(call).code
        }

        func state(of booking: BookingID) async throws -> String {
            try await life.test.owner.read(["select state from booking where id = \(booking)"])
                .only().decode(0)
        }
    }

    @Test func anExpiredHoldBlocksNobody() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            try await trade.clock.set(to: Instant(microseconds: trade.end.microseconds - 1))
            #expect(try await trade.book("10:00") == "taken")
            try await trade.clock.set(to: trade.end)
            #expect(try await trade.book("10:15") == nil)
            #expect(try await trade.state(of: trade.held) == "expired")
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    @Test func anExpiredHoldIsNotConfirmed() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let buyer = trade.life.contract.buyer.scheduler
            try await trade.clock.set(to: trade.end)
            for attempt: Query in [
                "update booking set state = 'booked' where id = \(trade.held)",
                "update booking set state = 'released' where id = \(trade.held)",
            ] {
                let code = await refused { try await test.asked(by: buyer, attempt) }
                #expect(code == "hold_expired")
            }
            let confirmed = await refusalCode {
                _ = try await test.market.confirmBooking(
                    buyer.request("confirmBooking"), trade.held)
            }
            #expect(confirmed == "hold_expired")
            // nor is one expired early
            try await trade.clock.set(to: Instant(microseconds: trade.end.microseconds - 1))
            let early = await refused {
                try await test.asked(
                    by: buyer, "update booking set state = 'expired' where id = \(trade.held)")
            }
            #expect(early == "hold_not_expired")
            let expire: Query = "select expire_overdue_hold(\(trade.held)) as done"
            #expect(try await test.app.write([expire]).only()["done", Bool.self] == false)
            _ = try await test.market.confirmBooking(buyer.request("confirmBooking"), trade.held)
            #expect(try await trade.state(of: trade.held) == "booked")
        }
    }

    /// A budget for two visits: one booked, one held at another time. Once the hold is over its
    /// share is free, though it is nowhere near the time that is asked for.
    @Test func anExpiredHoldReservesNoBudget() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test, budget: "216.00")
            let contract = trade.life.contract
            #expect(try await trade.book("12:00", contract) == nil)
            try await trade.clock.set(to: Instant(microseconds: trade.end.microseconds - 1))
            #expect(try await trade.book("13:00", contract) == "over_budget")
            try await trade.clock.set(to: trade.end)
            #expect(try await trade.book("13:00", contract) == nil)
            #expect(try await trade.book("14:00", contract) == "over_budget")
            // tidied away, it gives back what it held, and not twice
            let expire: Query = "select expire_overdue_hold(\(trade.held)) as done"
            #expect(try await test.app.write([expire]).only()["done", Bool.self])
            #expect(try await test.app.write([expire]).only()["done", Bool.self] == false)
            #expect(try await trade.book("14:00", contract) == "over_budget")
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    /// The worker and a buyer meet over the same hold: it is expired once.
    @Test func isExpiredOnce() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            try await trade.clock.set(to: trade.end)
            let call = try trade.other.call(
                trade.life.specialist, at: trade.life.instant("2027-03-08", "10:00"))
            let expire: Query = "select expire_overdue_hold(\(trade.held)) as done"
            try await test.withConnections(6) { app in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        let code = try await app.book(call).code
                        #expect(code == nil)
                    }
                    for _ in 0..<5 {
                        group.addTask {
                            try await app.pool.transaction { transaction in
                                _ = try await transaction.query(expire)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let events: Query = """
                select from event where subject = \(trade.held) and kind = 'booking.expired'
                """
            #expect(try await test.owner.read([events]).count == 1)
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }
}
