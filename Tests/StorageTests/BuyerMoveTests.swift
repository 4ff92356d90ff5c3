import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// The buyer moves its booking, as a new booking would be decided and for nothing, or not at all.
@Suite struct BuyerMoveTests {
    private struct Trade {
        let life: LifeOfAVisit
        let colleague: LifeOfAVisit
        let booking: BookingID

        var test: TestMarket { life.test }
        var buyer: TestCaller { life.contract.buyer.scheduler }

        /// Booked for 2027-03-30 at 10:00, while it is the first of March.
        init(_ test: TestMarket, inAdvance: Bool = true) async throws {
            let limits: JSON = [
                "budget_ceiling": "20000.00", "minimum_notice_minutes": 120, "horizon_days": 60,
                "hold_minutes": 10,
            ]
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                acceptedInAdvance: inAdvance, changed: ["limits": limits])
            life = try await LifeOfAVisit(under: contract)
            colleague = try await LifeOfAVisit(under: contract, label: "Specialist 2")
            try await test.clock.set(to: Instant(rfc3339: "2027-03-01T08:00:00Z"))
            booking = try await life.made("2027-03-30", "10:00")
        }

        func move(
            _ day: String, _ time: String, to specialist: SpecialistID? = nil, revision: Int64 = 1,
            by caller: TestCaller? = nil
        ) async throws {
            _ = try await test.market.moveBooking(
                (caller ?? buyer).request("moveBooking"), booking, revision: revision,
                to: .init(starts: life.instant(day, time), specialist: specialist))
        }

        func row() async throws -> [String] {
            let row = try await test.owner.read([
                """
                select lower(b.planned) as starts, b.specialist::text as specialist, b.period,
                    b.quote::text as quote, b.ical_sequence::text as sequence,
                    (select count(*) from reservation r where r.live)::text as live
                from booking b where b.id = \(booking)
                """
            ]).only()
            return try [row["starts", Instant.self].rfc3339]
                + ["specialist", "period", "quote", "sequence", "live"].map {
                    try row[$0, String.self]
                }
        }

        func handshake() async throws -> JSON {
            try await test.market.handshake(buyer.request("getHandshake"), booking).body
        }

        /// Everything that a move touches, in one text.
        func everything() async throws -> String {
            var digests: [String] = []
            for table in [
                "booking", "reservation", "start_time", "budget_counter", "event", "handshake",
                "handshake_message", "join_token",
            ] {
                let digest: String? = try await test.owner.read([
                    """
                    select md5(string_agg(t::text, ' ' order by t::text))
                    from \(trusted: table) t
                    """
                ]).only().decode(0)
                digests.append(digest ?? "-")
            }
            return digests.joined(separator: " ")
        }
    }

    @Test func toAnotherTimeAndToAColleague() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            _ = try await trade.life.joinToken(.buyer, of: trade.booking)
            try await trade.move("2027-04-01", "11:00")
            let (own, other) = (trade.life.specialist, trade.colleague.specialist)
            #expect(
                try await trade.row() == [
                    "2027-04-01T08:00:00Z", own.uuidString, "2027-04", "10800", "1", "1",
                ])
            try await trade.move("2027-04-01", "11:00", to: other, revision: 2)
            #expect(
                try await trade.row() == [
                    "2027-04-01T08:00:00Z", other.uuidString, "2027-04", "10800", "2", "1",
                ])
            let open: Int64 = try await test.owner.read([
                "select count(*) from join_token where revoked_at is null"
            ]).only().decode(0)
            #expect(open == 0)
            // what was left can be booked at once, and what was taken cannot
            _ = try await trade.life.made("2027-03-30", "10:00")
            _ = try await trade.life.made("2027-04-01", "11:00")
            let taken = try trade.life.contract.call(
                other, at: trade.life.instant("2027-04-01", "11:15"))
            #expect(try await test.app.book(taken).code == "taken")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func isRefusedWithEverythingAsItWas() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let seller = trade.life.contract.seller
            let surgeon = try await test.addSpecialist(
                to: seller, label: "Surgeon", specialty: "20")
            let stranger = try await test.addOrganisation("Stranger")
            _ = try await trade.life.made("2027-03-30", "11:00")
            func isRefused(
                _ expected: String, _ day: String, _ time: String, to other: SpecialistID? = nil,
                revision: Int64 = 1, by caller: TestCaller? = nil
            ) async throws {
                let before = try await trade.everything()
                let code = await refusalCode {
                    try await trade.move(day, time, to: other, revision: revision, by: caller)
                }
                #expect(code == expected, "\(day) \(time)")
                #expect(try await trade.everything() == before, "\(expected)")
            }
            try await isRefused("taken", "2027-03-30", "11:15")
            try await isRefused("outside_availability", "2027-03-30", "10:10")
            try await isRefused("notice_too_short", "2027-03-01", "11:45")
            try await isRefused("start_in_the_past", "2027-03-01", "09:45")
            try await isRefused("beyond_horizon", "2027-05-03", "10:00")
            try await isRefused("specialist_not_offered", "2027-03-31", "10:00", to: surgeon)
            try await isRefused("specialist_not_offered", "2027-03-31", "10:00", to: newID())
            try await isRefused("revision_differs", "2027-03-31", "10:00", revision: 2)
            try await isRefused("not_your_side", "2027-03-31", "10:00", by: seller.scheduler)
            try await isRefused("not_found", "2027-03-31", "10:00", by: stranger.scheduler)
            try await test.owner.write(["update licence set valid = '[2020-01-01, 2027-03-31)'"])
            try await isRefused("licence_expired", "2027-03-31", "10:00")
            _ = try await test.market.suspendContract(
                seller.admin.request("suspendContract"), trade.life.contract.id,
                reason: "Nobody is there.")
            try await isRefused("contract_suspended", "2027-03-30", "12:00")
        }
    }

    /// To the last free instant, and not one later; what it would cost to cancel is said.
    @Test func onlyWhereCancellingIsFree() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let clock = try await StandingClock(
                test, at: trade.life.instant("2027-03-29", "10:00").adding(seconds: 1))
            do {
                try await trade.move("2027-03-31", "10:00")
                Issue.record("moved within a band that costs")
            } catch let refusal as Refusal {
                #expect(refusal.code == .moveNotFree)
                #expect(refusal.figures["fee"] == "54.00")
                #expect(refusal.figures["free_until"] == "2027-03-29T07:00:00Z")
            }
            try await clock.set(to: trade.life.instant("2027-03-29", "10:00"))
            try await trade.move("2027-03-31", "10:00")
        }
    }

    @Test func whatIsHeldDoesNotMove() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let held = try await trade.life.made("2027-03-31", "10:00", hold: true)
            let code = await refusalCode {
                _ = try await test.market.moveBooking(
                    trade.buyer.request("moveBooking"), held, revision: 1,
                    to: .init(starts: trade.life.instant("2027-03-31", "11:00"), specialist: nil))
            }
            #expect(code == "illegal_transition")
        }
    }

    /// Agreed at once where the contract accepts its time in advance; else the two begin anew, and
    /// silence then costs neither.
    @Test func theHandshakeGoesAlong() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            try await trade.move("2027-03-31", "10:00")
            let agreed = try await trade.handshake()
            #expect(agreed["state"] == "agreed")
            #expect(agreed["agreement"]?["starts"] == "2027-03-31T07:00:00Z")
            #expect(agreed["messages"]?.elements?.first?["kind"] == "move")
            #expect(try await Verification.run(on: test.reader) == [])
        }
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test, inAdvance: false)
            let seller = trade.life.contract.seller.scheduler
            _ = try await test.market.sendHandshakeMessage(
                seller.request("sendHandshakeMessage"), trade.booking,
                .init(
                    kind: .propose, sequence: 1, cause: nil,
                    offer: .init(
                        starts: trade.life.instant("2027-03-30", "10:00"), room: .builtIn,
                        needs: [], deadline: trade.life.instant("2027-03-02", "10:00")),
                    checks: nil))
            try await trade.move("2027-03-31", "10:00")
            let open = try await trade.handshake()
            #expect(open["state"] == "none" && open["sequence"] == 2)
            #expect(open["reply_by"]?.text?.hasPrefix("2027-03-01T12:00:") == true)
            let stale = await refusalCode {
                _ = try await test.market.sendHandshakeMessage(
                    trade.buyer.request("sendHandshakeMessage"), trade.booking,
                    .init(kind: .accept, sequence: 2, cause: nil, offer: nil, checks: nil))
            }
            #expect(stale == "stale_sequence")
            try await test.clock.advance(seconds: 5 * 3_600)
            _ = try await test.market.actOnWhatIsDue(most: 10)
            let over = try await test.market.booking(
                trade.buyer.request("getBooking"), trade.booking
            ).body
            #expect(over["state"] == "cancelled" && over["cancelled_by"] == .null)
            #expect(over["cancellation_fee"] == "0.00")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// The application cannot say in the handshake what has not been done to the booking, nor move
    /// a booking around the function that decides.
    @Test func nobodyForgesAMove() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test, inAdvance: false)
            func say(_ starts: String, _ replyBy: String?, by caller: TestCaller) async -> String? {
                let move: JSON = [
                    "kind": "move",
                    "move": [
                        "starts": JSON(starts), "ends": "2027-03-30T07:30:00Z",
                        "reply_by": JSON(replyBy), "answer_seconds": 0,
                    ],
                ]
                return await refused {
                    try await test.asked(
                        by: caller,
                        """
                        insert into handshake_message
                            (booking, sequence, seller, buyer, sender, kind, message)
                        select id, 1, seller, buyer, current_organisation(), 'move',
                            \(JSONText(move.compactText)) from booking where id = \(trade.booking)
                        """)
                }
            }
            let (now, soon) = ("2027-03-30T07:00:00Z", "2027-03-02T00:00:00Z")
            let seller = trade.life.contract.seller.scheduler
            for (starts, replyBy, caller) in [
                ("2027-03-30T06:00:00Z", soon, trade.buyer), (now, nil, trade.buyer),
                (now, "2027-02-01T00:00:00Z", trade.buyer), (now, soon, seller),
            ] {
                let code = await say(starts, replyBy, by: caller)
                #expect(code == "illegal_transition", "\(starts) \(replyBy ?? "-")")
            }
            for change: Query in [
                "specialist = \(trade.colleague.specialist)", "reservation = uuid_v7()",
                "planned = planned", "ical_sequence = 9",
            ] {
                let code = await refused {
                    try await test.asked(by: trade.buyer, "update booking set \(change)")
                }
                #expect(code == "42501", "\(change.sql)")
            }
            for change: Query in [
                "specialist = \(trade.colleague.specialist)", "reservation = uuid_v7()",
            ] {
                let code = await refused {
                    try await test.owner.write(["update booking set \(change)"])
                }
                #expect(code == "booking_frozen", "\(change.sql)")
            }
        }
    }
}
