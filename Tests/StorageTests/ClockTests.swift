import Marketplace
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

@Suite struct ClockTests {
    private func reads(_ test: TestMarket) async throws -> (market: Instant, real: Instant) {
        let row = try await test.app.read([
            "select market_now() as market, clock_timestamp() as real"
        ]).only()
        return (try row["market", Instant.self], try row["real", Instant.self])
    }

    /// The demo's clock shows what it is set to, runs, and moves nobody's real time.
    @Test func canBeShiftedAndRuns() async throws {
        try await TestMarket.withMarket { test in
            let start = try Instant(rfc3339: "2031-05-06T07:08:09Z")
            try await test.clock.set(to: start)
            let first = try await reads(test)
            #expect(try (0..<20).contains(first.market.seconds(since: start)))
            #expect(first.real < start)
            try await Task.sleep(for: .milliseconds(300))
            let second = try await reads(test)
            let (shown, passed) = (
                second.market.microseconds - first.market.microseconds,
                second.real.microseconds - first.real.microseconds
            )
            #expect(abs(shown - passed) < 100_000)
            #expect(passed >= 300_000)
            try await test.clock.advance(seconds: 86_400)
            let third = try await reads(test)
            #expect(try (86_400..<86_420).contains(third.market.seconds(since: second.market)))
            #expect(try await test.clock.now() >= third.market)
            // it is read anew within a transaction, too: after a wait for a lock, say
            let within = try await test.app.pool.transaction { transaction in
                let before: Instant = try await transaction.query("select market_now()").only()
                    .decode(0)
                try await test.clock.advance(seconds: 3_600)
                let after: Instant = try await transaction.query("select market_now()").only()
                    .decode(0)
                return try after.seconds(since: before)
            }
            #expect((3_600..<3_620).contains(within))
        }
    }

    /// Where a real organisation is, the clock is the machine's and stays so.
    @Test func isNeverInstalledWhereItMatters() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            _ = try await DemoClock.install(test.owner.pool)
            try await test.owner.write([
                "update organisation set is_example = false where id = \(one.id)"
            ])
            let code = await refused { _ = try await DemoClock.install(test.owner.pool) }
            #expect(code == "not_a_demo")
        }
    }

    /// The instant of a decision is read after its locks: a hold that ran out while its
    /// confirmation waited is not confirmed (invariant 7).
    @Test func isReadAfterTheLocks() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            let start = try Instant(rfc3339: "2027-03-01T08:00:00Z")
            let clock = try await StandingClock(test, at: start)
            let held = try await life.made("2027-03-08", hold: true)
            let scheduler = contract.buyer.scheduler
            let confirming = try await test.owner.pool.transaction { transaction in
                try await transaction.query("select from budget_counter for update")
                let confirming = Task {
                    await refusalCode {
                        _ = try await test.market.confirmBooking(
                            scheduler.request("confirmBooking"), held)
                    }
                }
                try await test.someoneToWait()
                try await clock.set(to: start.adding(seconds: 600))
                return confirming
            }
            #expect(await confirming.value == "hold_expired")
        }
    }
}
