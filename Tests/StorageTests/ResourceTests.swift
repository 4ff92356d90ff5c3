import Contracts
import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// A buyer's rooms and staff: taken once at a time, free again when the visit is over before it was
/// held, and nobody else's business.
@Suite struct ResourceTests {
    /// Two specialists of a seller with the same hours, and two rooms of the buyer's.
    struct House {
        let first: LifeOfAVisit
        let second: LifeOfAVisit
        let rooms: [ResourceID]

        var test: TestMarket { first.test }
        var buyer: TestOrganisation { first.contract.buyer }
        var seller: TestOrganisation { first.contract.seller }

        init(_ test: TestMarket) async throws {
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            first = try await LifeOfAVisit(under: contract)
            second = try await LifeOfAVisit(under: contract, label: "Specialist 2")
            var rooms: [ResourceID] = []
            for name in ["Room 1", "Room 2"] {
                let made = try await test.market.addResource(
                    contract.buyer.scheduler.request("addResource", key: name), .room,
                    in: contract.buyer.unit, .init(name: name, opening: nil))
                rooms.append(try ResourceID(typeID: made.body["id"]?.text ?? ""))
            }
            self.rooms = rooms
        }

        /// For half an hour on Monday, 8 March.
        func call(
            _ life: LifeOfAVisit, at time: String, in rooms: [ResourceID], hold: Bool = false
        ) throws -> BookingCall {
            let call = life.contract.call(
                life.specialist, at: try life.instant("2027-03-08", time), minutes: 30, hold: hold)
            return BookingCall(
                credential: call.credential, operation: call.operation, key: call.key,
                bodyDigest: call.bodyDigest, booking: call.booking, reservation: call.reservation,
                contract: call.contract, service: call.service, specialist: call.specialist,
                starts: call.starts, minutes: call.minutes, hold: hold,
                handOver: HandOver(resources: rooms))
        }

        func booked(
            _ life: LifeOfAVisit, at time: String, in rooms: [ResourceID], hold: Bool = false
        ) async throws -> BookingID {
            try await test.app.book(call(life, at: time, in: rooms, hold: hold)).booking()
        }

        /// Why the second specialist cannot be had there; nil when they can. Nothing of it stays.
        func refusal(at time: String, in rooms: [ResourceID]) async throws -> String? {
            let call = try call(second, at: time, in: rooms)
            return try await test.app.pool.undone { transaction in
                try BookingCall.Outcome(
                    row: await transaction.query(BookingCall.book([call])).only()
                ).code
            }
        }

        /// The buyer moves a booking to another time of that day.
        func move(
            _ booking: BookingID, to time: String, in rooms: [ResourceID]?
        ) async throws -> JSON {
            let scheduler = buyer.scheduler
            let now = try await test.market.booking(scheduler.request("getBooking"), booking)
            return try await test.market.moveBooking(
                scheduler.request("moveBooking", key: "\(time) \(rooms?.count ?? -1)"), booking,
                revision: now.revision ?? 0,
                to: .init(
                    starts: first.instant("2027-03-08", time), specialist: nil, resources: rooms)
            ).body
        }

        func close(_ room: ResourceID, _ from: String, _ until: String) async throws -> JSON {
            try await test.market.closeResource(
                buyer.scheduler.request("closeResource", key: from + until), room,
                during: TimeSlot(
                    start: first.instant("2027-03-08", from),
                    end: first.instant("2027-03-08", until)), reason: "Repairs"
            ).body
        }

        /// The names of what it takes then.
        func choose(
            _ rooms: [ResourceID], for booking: BookingID, by caller: TestCaller
        ) async throws -> [String?] {
            try await test.market.chooseResources(
                caller.request("chooseResources", key: "\(newID(BookingTag.self))"), for: booking,
                rooms
            ).body["resources"]?.elements?.map { $0["name"]?.text } ?? []
        }

        func taken() async throws -> Int64 {
            try await test.owner.read([
                "select count(*) from resource_time where live and booking is not null"
            ]).only().decode(0)
        }
    }

    @Test func oneOfManyGetsTheRoom() async throws {
        try await TestMarket.withMarket { test in
            let house = try await House(test)
            for time in ["10:00", "11:00", "12:00"] {
                let calls = try (0..<8).map { number in
                    try house.call(
                        number % 2 == 0 ? house.first : house.second, at: time,
                        in: [house.rooms[0]])
                }
                let codes = try await Self.together(calls, on: test)
                #expect(codes.count { $0 == nil } == 1, "\(codes)")
                #expect(
                    codes.allSatisfy { $0 == nil || $0 == "resource_taken" || $0 == "taken" })
            }
            #expect(try await house.taken() == 3)
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    /// What each is told when all ask at once, over connections of their own.
    private static func together(
        _ calls: [BookingCall], on test: TestMarket
    ) async throws -> [String?] {
        try await test.withConnections(calls.count) { app in
            try await withThrowingTaskGroup(of: String?.self) { group in
                for call in calls {
                    group.addTask { try await app.book(call).code }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
    }

    @Test func whatIsOverBeforeItWasHeldLeavesTheRoom() async throws {
        try await TestMarket.withMarket { test in
            let house = try await House(test)
            let (room, scheduler) = (house.rooms[0], house.buyer.scheduler)
            let released = try await house.booked(house.first, at: "10:00", in: [room], hold: true)
            #expect(try await house.refusal(at: "10:15", in: [room]) == "resource_taken")
            #expect(try await house.refusal(at: "10:30", in: [room]) == nil)
            #expect(try await house.refusal(at: "10:15", in: [house.rooms[1]]) == nil)
            _ = try await test.market.releaseBooking(
                scheduler.request("releaseBooking"), released)
            #expect(try await house.refusal(at: "10:15", in: [room]) == nil)
            let cancelled = try await house.booked(house.first, at: "10:00", in: [room])
            #expect(try await house.refusal(at: "10:15", in: [room]) == "resource_taken")
            _ = try await test.market.cancelBooking(
                scheduler.request("cancelBooking"), cancelled, expectedFee: .zero, reason: nil)
            #expect(try await house.refusal(at: "10:15", in: [room]) == nil)
            // one that has run out, before anybody has tidied it away
            _ = try await house.booked(house.first, at: "10:00", in: [room], hold: true)
            #expect(try await house.refusal(at: "10:00", in: [room]) == "resource_taken")
            try await test.clock.advance(seconds: 3_600)
            #expect(try await house.refusal(at: "10:00", in: [room]) == nil)
            _ = try await house.booked(house.second, at: "10:00", in: [room])
            #expect(try await house.taken() == 1)
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    @Test func theRoomMovesAlong() async throws {
        try await TestMarket.withMarket { test in
            let house = try await House(test)
            let moving = try await house.booked(house.first, at: "10:00", in: [house.rooms[0]])
            _ = try await house.booked(house.second, at: "12:00", in: [house.rooms[0]])
            let refused = await refusalCode {
                _ = try await house.move(moving, to: "12:00", in: nil)
            }
            #expect(refused == "resource_taken")
            // everything is as it was
            #expect(try await house.refusal(at: "10:00", in: [house.rooms[0]]) == "resource_taken")
            let moved = try await house.move(moving, to: "11:00", in: nil)
            #expect(moved["resources"]?[0]?["name"]?.text == "Room 1")
            #expect(try await house.refusal(at: "10:00", in: [house.rooms[0]]) == nil)
            #expect(try await house.refusal(at: "11:00", in: [house.rooms[0]]) == "resource_taken")
            let elsewhere = try await house.move(moving, to: "12:00", in: [house.rooms[1]])
            #expect(elsewhere["resources"]?[0]?["name"]?.text == "Room 2")
            #expect(try await house.refusal(at: "11:00", in: [house.rooms[0]]) == nil)
            // the seller, who agrees to another time, is told of no room
            for (caller, code) in [
                (house.seller.scheduler, "buyer_not_free"),
                (house.buyer.scheduler, "resource_taken"),
            ] {
                _ = try? await house.booked(house.second, at: "14:00", in: [house.rooms[1]])
                let starts = try house.first.instant("2027-03-08", "14:00")
                let told = await test.app.pool.refusal { transaction in
                    try await transaction.query(caller.entering())
                    try await transaction.query(StoredBooking.move(moving, toStart: starts))
                }
                #expect(told == code)
            }
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    @Test func whatIsBookedTogetherSharesARoom() async throws {
        try await TestMarket.withMarket { test in
            let house = try await House(test)
            let (room, scheduler) = (house.rooms[0], house.buyer.scheduler)
            let starts = try house.first.instant("2027-03-08", "10:00")
            let made = try await test.market.bookTogether(
                scheduler.request("bookTogether"), at: starts,
                [house.first, house.second].map { life in
                    Market.WantedTime(
                        contract: life.contract.id,
                        service: life.contract.terms.rateCard.services[0].code,
                        specialist: life.specialist, starts: starts, minutes: 30, hold: false,
                        handOver: HandOver(resources: [room]))
                })
            let visits = made.body["visits"]?.elements ?? []
            #expect(
                visits.map { $0["booking"]?["resources"]?[0]?["id"]?.text }
                    == [room.description, room.description])
            let third = try await LifeOfAVisit(under: house.first.contract, label: "Specialist 3")
            let call = try house.call(third, at: "10:00", in: [room])
            #expect(try await test.app.book(call).code == "resource_taken")
            // the room is the other one's still when one of them is cancelled
            let first = try BookingID(typeID: visits[0]["booking"]?["id"]?.text ?? "")
            _ = try await test.market.cancelBooking(
                scheduler.request("cancelBooking"), first, expectedFee: .zero, reason: nil)
            let again = try house.call(third, at: "10:00", in: [room])
            #expect(try await test.app.book(again).code == "resource_taken")
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    @Test func closedWhereNothingIsBooked() async throws {
        try await TestMarket.withMarket { test in
            let house = try await House(test)
            let (room, scheduler) = (house.rooms[0], house.buyer.scheduler)
            _ = try await house.booked(house.first, at: "10:00", in: [room])
            let taken = await refusalCode { _ = try await house.close(room, "10:15", "12:00") }
            #expect(taken == "resource_taken")
            let closure = try ResourceClosureID(
                typeID: await house.close(room, "10:30", "12:00")["id"]?.text ?? "")
            let twice = await refusalCode { _ = try await house.close(room, "11:00", "13:00") }
            #expect(twice == "resource_closed")
            #expect(try await house.refusal(at: "11:00", in: [room]) == "resource_closed")
            #expect(try await house.refusal(at: "12:00", in: [room]) == nil)
            let other = await refusalCode {
                _ = try await test.market.reopenResource(
                    scheduler.request("reopenResource", key: "other"), house.rooms[1], closure)
            }
            #expect(other == "not_found")
            _ = try await test.market.reopenResource(
                scheduler.request("reopenResource"), room, closure)
            #expect(try await house.refusal(at: "11:00", in: [room]) == nil)
        }
    }

    @Test func chosenForABookingThatIsThere() async throws {
        try await TestMarket.withMarket { test in
            let house = try await House(test)
            let booking = try await house.booked(house.first, at: "10:00", in: [])
            _ = try await house.booked(house.second, at: "10:15", in: [house.rooms[1]])
            let scheduler = house.buyer.scheduler
            #expect(
                try await house.choose([house.rooms[0]], for: booking, by: scheduler) == ["Room 1"])
            for (rooms, caller, code) in [
                (house.rooms, scheduler, "resource_taken"),
                ([newID()], scheduler, "not_of_buyer"),
                ([house.rooms[0]], house.seller.scheduler, "not_found"),
            ] {
                let refused = await refusalCode {
                    _ = try await house.choose(rooms, for: booking, by: caller)
                }
                #expect(refused == code)
            }
            #expect(try await house.taken() == 2)
            let sold = try await test.market.booking(
                house.seller.scheduler.request("getBooking"), booking)
            #expect(sold.body["resources"] == .array([]))
            #expect(try await house.choose([], for: booking, by: scheduler) == [])
            #expect(try await house.taken() == 1)
        }
    }

    /// The database alone, whoever asks.
    @Test func noRowSaysSomethingElse() async throws {
        try await TestMarket.withMarket { test in
            let house = try await House(test)
            let booking = try await house.booked(house.first, at: "10:00", in: [house.rooms[0]])
            let other = try await house.booked(house.second, at: "10:15", in: [])
            let app = await refused {
                try await test.asked(
                    by: house.buyer.scheduler, "update resource_time set live = false")
            }
            #expect(app == "42501")
            for (change, code): (Query, String) in [
                ("update resource_time set live = false", "resource_time_differs"),
                (
                    "update resource_time set during = tstzrange('2027-03-08', '2027-03-09')",
                    "resource_time_differs"
                ),
                (
                    """
                    insert into resource_time (id, organisation, resource, during, booking,
                        occasion)
                    select uuid_v7(), b.buyer, \(house.rooms[0]), b.planned, b.id, b.id
                    from booking b where b.id = \(other)
                    """, "23P01"
                ),
                (
                    """
                    insert into resource_time (id, organisation, resource, during, booking,
                        occasion)
                    select uuid_v7(), b.buyer, \(house.rooms[1]), b.planned, b.id, \(booking)
                    from booking b where b.id = \(other)
                    """, "resource_time_differs"
                ),
                (
                    """
                    insert into resource_time (id, organisation, resource, during, booking,
                        occasion)
                    select uuid_v7(), b.seller, \(house.rooms[1]), b.planned, b.id, b.id
                    from booking b where b.id = \(other)
                    """, "resource_time_differs"
                ),
            ] {
                let told = await test.superuser.pool.refusal { try await $0.query(change) }
                #expect(told == code, "\(change.sql)")
            }
        }
    }

    @Test func verifyFindsWhatIsTakenTwice() async throws {
        try await TestMarket.withMarket { test in
            let house = try await House(test)
            let booking = try await house.booked(house.first, at: "10:00", in: [house.rooms[0]])
            _ = try await house.booked(house.second, at: "10:00", in: [house.rooms[1]])
            #expect(try await Verification.run(on: test.reader).isEmpty)
            try await test.superuser.pool.transaction { transaction in
                try await transaction.query("set local session_replication_role = replica")
                try await transaction.query(
                    "update resource_time set live = false where booking = \(booking)")
            }
            let found = try await Verification.run(on: test.reader)
            #expect(
                found.map { "\($0.rule.rawValue) \($0.subject) \($0.message)" } == [
                    "resources \(house.rooms[0]) is taken otherwise than its visit says"
                ])
        }
    }
}
