import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// A booking moves to another time as a whole, or stays as it is in everything.
@Suite struct MoveBookingTests {
    private struct Trade {
        let life: LifeOfAVisit
        let booking: BookingID
        let clock: StandingClock

        var test: TestMarket { life.test }
        var buyer: TestCaller { life.contract.buyer.scheduler }

        /// Booked for 2027-03-30 at 10:00, while it is the first of March.
        init(_ test: TestMarket) async throws {
            let limits: JSON = [
                "budget_ceiling": "300.00", "minimum_notice_minutes": 120, "horizon_days": 90,
                "hold_minutes": 10,
            ]
            life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                    changed: ["limits": limits]))
            clock = try await StandingClock(test, at: Instant(rfc3339: "2027-03-01T08:00:00Z"))
            booking = try await life.made("2027-03-30", "10:00")
        }

        /// As an accepted counter-proposal does it: the counters first, then the booking.
        func move(_ day: String, _ time: String, by caller: TestCaller? = nil) async -> String? {
            await refused {
                let starts = try life.instant(day, time)
                try await test.asked(
                    by: caller ?? buyer,
                    "select lock_budget(\(booking), \(starts))",
                    "select move_booking(\(booking), \(starts))")
            }
        }

        /// Everything that a move touches, in one text.
        func everything() async throws -> String {
            var digests: [String] = []
            for table in ["booking", "reservation", "start_time", "budget_counter", "event"] {
                let digest: String = try await test.owner.read([
                    """
                    select md5(string_agg(t::text, ' ' order by t::text))
                    from \(trusted: table) t
                    """
                ]).only().decode(0)
                digests.append(digest)
            }
            return digests.joined(separator: " ")
        }

        func row() async throws -> [String] {
            let row = try await test.owner.read([
                """
                select lower(planned) as starts, upper(planned) - lower(planned) = '30 min' as kept,
                    period, ical_sequence::text as sequence, revision::text as revision
                from booking where id = \(booking)
                """
            ]).only()
            return [
                try row["starts", Instant.self].rfc3339, "\(try row["kept", Bool.self])",
                try row["period", String.self], try row["sequence", String.self],
                try row["revision", String.self],
            ]
        }

        func counters() async throws -> [String: Int64] {
            let rows = try await test.owner.read(["select period, reserved from budget_counter"])
            return Dictionary(
                uniqueKeysWithValues: try rows.map {
                    (try $0["period", String.self], try $0["reserved", Int64.self])
                })
        }
    }

    @Test(arguments: [
        ("2027-03-30", "10:15", "over itself"), ("2027-03-30", "14:15", "the same day"),
        ("2027-03-26", "09:00", "before daylight saving"), ("2027-03-31", "09:00", "another day"),
    ])
    func goesAsAWhole(_ day: String, _ time: String, _ name: String) async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            #expect(await trade.move(day, time) == nil)
            let starts = try trade.life.instant(day, time)
            #expect(try await trade.row() == [starts.rfc3339, "true", "2027-03", "1", "2"])
            let counters = try await trade.counters()
            #expect(counters == ["2027-03": 10_800])
            #expect(try await Verification.run(on: test.reader) == [])
            // and what it left can be booked
            if name != "over itself" { _ = try await trade.life.made("2027-03-30", "10:00") }
        }
    }

    @Test func takesItsBudgetAlong() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            #expect(await trade.move("2027-04-01", "10:00") == nil)
            let counters = try await trade.counters()
            #expect(counters == ["2027-03": 0, "2027-04": 10_800])
            #expect(try await trade.row()[2] == "2027-04")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func isRefusedWithEverythingAsItWas() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let stranger = try await test.addOrganisation("Stranger")
            _ = try await trade.life.made("2027-03-30", "11:00")
            // two in April: 84.00 are left there
            _ = try await trade.life.made("2027-04-01", "10:00")
            _ = try await trade.life.made("2027-04-01", "11:00")
            try await test.owner.write(["update licence set valid = '[2020-01-01, 2027-05-01)'"])
            let before = try await trade.everything()
            for (day, time, expected) in [
                ("2027-03-30", "11:00", "taken"), ("2027-03-30", "10:45", "taken"),
                ("2027-03-30", "14:30", "outside_availability"),
                ("2027-03-30", "10:10", "outside_availability"),
                ("2027-04-03", "10:00", "outside_availability"),
                ("2027-04-02", "10:00", "over_budget"),
                ("2027-05-03", "10:00", "licence_expired"),
                ("2027-03-01", "09:45", "start_in_the_past"),
            ] {
                #expect(await trade.move(day, time) == expected, "\(day) \(time)")
                #expect(try await trade.everything() == before, "\(day) \(time)")
            }
            let unseen = await trade.move("2027-03-31", "10:00", by: stranger.scheduler)
            #expect(unseen == "not_found")
            try await trade.life.contract.amended(
                from: CalendarDate(iso: "2027-03-31"), changed: ["title": "New terms"])
            #expect(await trade.move("2027-03-31", "10:00") == "no_version_for_start")
            #expect(try await trade.everything() == before)
        }
    }

    /// Only what is booked, and has not begun, moves.
    @Test func movesWhatIsBookedOnly() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            for state in ["held", "closed", "released", "expired", "cancelled"] {
                try await test.withoutTriggers(
                    """
                    update booking set state = \(state), hold_expires_at = '2027-03-02',
                        cancellation_fee = case \(state)::text when 'cancelled' then 0 end
                    """)
                #expect(await trade.move("2027-03-31", "10:00") == "illegal_transition")
            }
            try await test.withoutTriggers(
                "update booking set state = 'booked', cancellation_fee = null")
            try await trade.clock.set(to: trade.life.instant("2027-03-30", "10:00"))
            #expect(await trade.move("2027-03-31", "10:00") == "visit_started")
        }
    }

    /// Neither the time nor the budget of an overdue hold is in the way (invariant 7).
    @Test func anExpiredHoldBlocksNobody() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            _ = try await trade.life.made("2027-04-01", "10:00", hold: true)
            _ = try await trade.life.made("2027-04-02", "10:00", hold: true)
            _ = try await trade.life.made("2027-03-31", "10:00", hold: true)
            #expect(await trade.move("2027-03-31", "10:00") == "taken")
            #expect(await trade.move("2027-04-01", "12:00") == "over_budget")
            try await trade.clock.set(to: Instant(rfc3339: "2027-03-01T08:10:00Z"))
            #expect(await trade.move("2027-04-01", "12:00") == nil)
            #expect(try await trade.row()[2] == "2027-04")
            #expect(await trade.move("2027-04-01", "10:15") == nil)
            #expect(await trade.move("2027-03-31", "10:15") == nil)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// Two bookings that want the same free time at once: one gets it.
    @Test func twoAtOnceForOneTime() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let other = try await trade.life.made("2027-03-30", "12:00")
            let starts = try trade.life.instant("2027-03-31", "10:00")
            let codes = await withTaskGroup(of: String?.self) { group in
                for booking in [trade.booking, other] {
                    group.addTask {
                        await refused {
                            try await test.app.pool.transaction { transaction in
                                try await transaction.query(trade.buyer.entering())
                                try await transaction.query(
                                    "select move_booking(\(booking), \(starts))")
                            }
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == nil } == 1)
            #expect(codes.count { $0 == "taken" } == 1)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }
}
