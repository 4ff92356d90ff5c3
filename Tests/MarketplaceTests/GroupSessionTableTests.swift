import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// What the database holds of group sessions, whoever asks: attacked by its owner; and the rule in
/// Swift, which decides as SQL does.
@Suite struct GroupSessionTableTests {
    /// Two of three places are taken.
    private func withTaken(
        _ body: (Gathering, GroupSessionID, [BookingID]) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let session = try await gathering.opened(places: 3)
            let taken = try await gathering.booked(2, in: session, under: gathering.contract)
            try await body(gathering, session, taken)
        }
    }

    private func refused(_ gathering: Gathering, _ attack: Query) async -> String? {
        await gathering.seller.refusal(of: attack, in: gathering.test)
    }

    private func another(like booking: BookingID, place: Int, planned: Query) -> Query {
        """
        insert into booking (id, reservation, contract, version, service, seller, buyer,
            specialist, planned, period, quote, state, group_session, group_place)
        select uuid_v7(), reservation, contract, version, service, seller, buyer, specialist,
            \(planned), period, quote, state, group_session, \(place)
        from booking where id = \(booking)
        """
    }

    @Test func aPlaceIsOnesOwn() async throws {
        try await withTaken { gathering, session, taken in
            let same = await refused(
                gathering, another(like: taken[0], place: 2, planned: "planned"))
            #expect(same == "23505")
            let beyond = await refused(
                gathering, another(like: taken[0], place: 4, planned: "planned"))
            #expect(beyond == "session_full")
            let part = await refused(
                gathering,
                another(
                    like: taken[0], place: 3,
                    planned: "tstzrange(lower(planned), upper(planned) - interval '5 minutes')"))
            #expect(part == "outside_session")
            let moved = await refused(
                gathering,
                """
                update booking set planned = tstzrange(lower(planned),
                    upper(planned) - interval '5 minutes') where id = \(taken[0])
                """)
            #expect(moved == "in_group_session")
            let swapped = await refused(
                gathering, "update booking set group_place = 3 where id = \(taken[0])")
            #expect(swapped == "booking_frozen")
            try await gathering.booked(1, in: session, under: gathering.other)
            let full = await refused(
                gathering, another(like: taken[0], place: 3, planned: "planned"))
            #expect(full == "session_full")
            try await gathering.test.clock.set(to: gathering.instant("2027-03-11"))
            let left = await refused(
                gathering,
                """
                update booking set state = 'cancelled', cancelled_by = seller,
                    cancellation_fee = 0 where id = \(taken[0])
                """)
            #expect(left == "visit_started")
        }
    }

    @Test func aSessionStays() async throws {
        try await withTaken { gathering, session, _ in
            let inUse = await refused(
                gathering, "update group_session set state = 'withdrawn' where id = \(session)")
            #expect(inUse == "session_in_use")
            let gone = await refused(
                gathering, "delete from group_session where id = \(session)")
            #expect(gone == "append_only")
            let empty = try await gathering.opened("2027-03-12")
            _ = try await gathering.test.market.withdrawGroupSession(
                gathering.seller.scheduler.request("withdrawGroupSession"), empty,
                expectedCost: .zero, reason: nil)
            let again = await refused(
                gathering, "update group_session set state = 'open' where id = \(empty)")
            #expect(again == "illegal_transition")
        }
    }

    private func found(_ gathering: Gathering, _ change: Query) async throws -> [String] {
        try await gathering.test.findings(after: [change])
            .filter { $0.rule == .groups }.map(\.subject)
    }

    /// What `verify` is for: rows that no rule has seen.
    @Test func verifyNamesWhatIsWrong() async throws {
        try await withTaken { gathering, session, taken in
            #expect(try await found(gathering, "select 1") == [])
            let crowded = try await found(
                gathering, "update group_session set places = 1 where id = \(session)")
            #expect(crowded.contains(session.description))
            #expect(crowded.contains(taken[1].description))
            let freed = try await found(
                gathering,
                """
                update reservation r set live = false from group_session g
                where g.id = \(session) and r.id = g.reservation
                """)
            #expect(freed.contains(session.description))
        }
    }

    /// On random places that are booked and cancelled by two buyers.
    @Test(arguments: [3, 5]) func theRuleInSwiftDecidesAlike(_ places: Int64) async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let id = try await gathering.opened(places: places)
            let starts = try gathering.instant("2027-03-11")
            let now = try starts.adding(seconds: -864_000)
            try await test.clock.set(to: now)
            var taken: [(booking: BookingID, place: Int64, contract: TestContract)] = []
            for step in 0..<30 {
                let contract = Bool.random() ? gathering.contract : gathering.other
                let asked = Int64.random(in: 1...2)
                let rule = GroupSession(
                    during: try TimeSlot(start: starts, end: starts.adding(seconds: 3_600)),
                    places: places, taken: Int64(taken.count),
                    bookUntil: try starts.adding(seconds: -172_800), state: .open)
                var made: [BookingID] = []
                let refused = await refusal {
                    made = try await gathering.booked(Int(asked), in: id, under: contract)
                }
                #expect(
                    (refused == .sessionFull) == ((try? rule.take(asked, now: now)) == nil),
                    "step \(step)")
                for booking in made {
                    let free = (1...places).first { place in
                        !taken.contains { $0.place == place }
                    }
                    taken.append((booking, free ?? 0, contract))
                }
                for one in taken {
                    let row = try await test.owner.pool.transaction { transaction in
                        try await transaction.query(
                            """
                            select set_config('app.organisation', \(gathering.seller.id)::text,
                                true)
                            """)
                        return try await transaction.query(
                            StoredGroupSession.share(of: one.booking)
                        ).only()
                    }
                    let share = GroupSession.share(of: one.place, among: Set(taken.map(\.place)))
                    #expect(try row["places_before", Int64.self] == share?.before)
                    #expect(try row["places_in_all", Int64.self] == share?.inAll)
                }
                guard step % 3 == 2, let gone = taken.randomElement() else { continue }
                _ = try await test.market.cancelBooking(
                    gone.contract.buyer.scheduler.request("cancelBooking"), gone.booking,
                    expectedFee: .zero, reason: nil)
                taken.removeAll { $0.booking == gone.booking }
            }
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }
}
