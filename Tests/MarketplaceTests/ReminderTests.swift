import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// What comes before a visit, after it, and where time runs out.
@Suite struct ReminderTests {
    /// 10:00 in Helsinki.
    private static let day = "2027-03-08"

    private func soon(_ world: AlertWorld, _ caller: TestCaller) async throws -> Int {
        try await world.kinds(of: caller).count { $0 == "visit_soon" }
    }

    @Test func comeWhenTheMemberChose() async throws {
        try await AlertWorld.with { world in
            try await world.choose(world.buyer.scheduler, reminders: [60, 1_440])
            _ = try await world.life.booked(Self.day)
            try await world.raised()
            let steps: [(at: String, buyers: Int, sellers: Int)] = [
                ("2027-03-07T07:59:59Z", 0, 0), ("2027-03-07T08:00:01Z", 1, 0),
                ("2027-03-08T06:59:59Z", 1, 0), ("2027-03-08T07:00:01Z", 2, 0),
                // whoever holds visits a quarter of an hour before, where nothing else was chosen
                ("2027-03-08T07:45:01Z", 2, 1), ("2027-03-08T08:01:00Z", 2, 1),
            ]
            for step in steps {
                try await world.works(at: step.at)
                #expect(
                    try await soon(world, world.buyer.scheduler) == step.buyers, "\(step.at)")
                #expect(
                    try await soon(world, world.seller.specialist) == step.sellers, "\(step.at)")
                #expect(try await soon(world, world.seller.scheduler) == 0)
            }
        }
    }

    @Test func followAVisitThatIsMoved() async throws {
        try await AlertWorld.with { world in
            let booking = try await world.life.booked(Self.day)
            try await world.raised()
            try await world.moves(booking, to: "2027-03-08T10:00:00Z")
            try await world.works(at: "2027-03-08T07:45:01Z")
            #expect(try await soon(world, world.seller.specialist) == 0, "that was its old time")
            try await world.works(at: "2027-03-08T09:45:01Z")
            #expect(try await soon(world, world.seller.specialist) == 1)
            let told = try await world.alerts(of: world.seller.specialist)
            #expect(told.first?["about"] == "2027-03-08T10:00:00Z")
        }
    }

    @Test func dieWithAVisitThatIsCancelled() async throws {
        try await AlertWorld.with { world in
            let booking = try await world.life.booked(Self.day)
            try await world.raised()
            try await world.cancels(booking)
            try await world.raised()
            try await world.works(at: "2027-03-08T07:45:01Z")
            try await world.works(at: "2027-03-08T09:45:01Z")
            #expect(
                try await world.kinds(of: world.seller.specialist)
                    == ["visit_cancelled", "visit_booked"])
            let left = try await world.test.superuser.read([
                "select from deadline where kind like 'visit_%'"
            ])
            #expect(left.isEmpty)
        }
    }

    @Test func comeOnceFromManyServers() async throws {
        try await AlertWorld.with { world in
            for time in ["10:00", "10:45", "11:30"] {
                _ = try await world.life.booked(Self.day, at: time)
            }
            try await world.raised()
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-08T07:50:00Z"))
            let market = world.market
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { while try await market.actOnWhatIsDue(most: 5) > 0 {} }
                }
                try await group.waitForAll()
            }
            #expect(try await soon(world, world.seller.specialist) == 1)
        }
    }

    @Test func minutesWaitForWhoHasSaidNothing() async throws {
        try await AlertWorld.with { world in
            let booking = try await world.life.booked(Self.day)
            try await world.raised()
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-08T07:50:00Z"))
            try await world.life.attended(
                booking, from: Instant(rfc3339: "2027-03-08T08:00:00Z"), minutes: 20)
            let seconds = try await world.life.measured(booking)
            try await world.life.says(.seller, .attests(seconds: seconds), of: booking)
            try await world.works(at: "2027-03-08T09:30:00Z")
            let buyers = try await world.kinds(of: world.buyer.specialist)
            #expect(buyers.filter { $0 == "minutes_wait" }.count == 1, "\(buyers)")
            let sellers = try await world.kinds(of: world.seller.specialist)
            #expect(!sellers.contains("minutes_wait"), "\(sellers)")
        }
    }

    @Test func aHoldThatIsAboutToRunOut() async throws {
        try await AlertWorld.with { world in
            let (kept, taken) = (
                try await world.life.booked(Self.day, hold: true),
                try await world.life.booked(Self.day, at: "11:30", hold: true)
            )
            _ = try await world.market.confirmBooking(
                world.buyer.scheduler.request("confirmBooking"), taken)
            try await world.raised()
            let until = try await world.market.booking(
                world.buyer.scheduler.request("getBooking"), kept
            ).body["hold_expires_at"]?.text
            let ends = try Instant(rfc3339: until ?? "")
            try await world.works(at: ends.adding(seconds: -60).rfc3339)
            let told = try await world.alerts(of: world.buyer.scheduler)
            let holds = told.filter { $0["kind"] == "hold_ending" }
            #expect(holds.map { $0["subject"] } == [JSON(kept.description)])
            #expect(holds.first?["about"] == JSON(ends.rfc3339))
        }
    }

    @Test func aBlockThatIsMadeAndItsPlacingThatEnds() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let world = AlertWorld(test: test, life: reception.life)
            let blocks = try await reception.made(from: "2027-03-10", through: "2027-03-17")
            try await world.raised()
            let desk = world.buyer.scheduler
            #expect(try await world.kinds(of: desk) == ["block_made", "block_made"])
            try await world.works(at: "2027-03-08T07:59:59Z")
            #expect(try await world.kinds(of: desk).count == 2)
            try await world.works(at: "2027-03-08T08:00:01Z")
            let told = try #require(try await world.alerts(of: desk).first)
            #expect(told["kind"] == "placing_ending")
            #expect(told["subject"] == JSON(blocks[0].description))
            #expect(told["about"] == "2027-03-09T08:00:00Z")
            // what was given up meanwhile says nothing
            _ = try await test.market.withdrawBlock(
                world.seller.scheduler.request("withdrawBlock"), blocks[1])
            try await world.works(at: "2027-03-15T08:00:01Z")
            #expect(try await world.kinds(of: desk).count { $0 == "placing_ending" } == 1)
            #expect(try await world.alerts(of: world.seller.scheduler).isEmpty)
        }
    }

    @Test func timeThatWasWaitedFor() async throws {
        try await TestMarket.withMarket { test in
            let queue = try await WaitingListTests.Queue(test)
            let (first, second) = (queue.lives[0], queue.lives[1])
            let entry = try await queue.joins(second)
            let world = AlertWorld(test: test, life: second)
            try await world.raised()
            try await queue.cancels(first, queue.taken)
            try await queue.works()
            try await world.raised()
            let told = try #require(try await world.alerts(of: world.buyer.scheduler).first)
            #expect(told["kind"] == "waiting_offer" && told["subject_kind"] == "waiting_entry")
            #expect(told["subject"] == JSON(entry.description))
            #expect(told["about"] == "2027-03-08T08:00:00Z")
            // who waits is told to nobody else
            for caller in [first.contract.buyer.scheduler, world.seller.scheduler] {
                #expect(try await !world.kinds(of: caller).contains("waiting_offer"))
            }
        }
    }
}
