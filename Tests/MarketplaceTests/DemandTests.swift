import Billing
import Foundation
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@Suite("Someone at once: the first to accept has the visit")
struct DemandTests {
    @Test func isAskedAcceptedAndHeld() async throws {
        try await TestMarket.withMarket { test in
            // also where published time is not accepted in advance: asking and accepting is consent
            let world = try await OnDemand(test, sellers: 2, inAdvance: false)
            let (first, second) = (world.lives[0], world.lives[1])
            let demand = try await world.asks()
            #expect(demand["state"] == "open" && demand["patient_reference"] == "HC-1")
            #expect(demand["expires_at"]?.text?.hasPrefix("2027-03-08T08:17:20") == true)
            #expect(demand["asked"]?.elements?.map { $0["at_hand"] } == [0, 0])
            let seller = first.contract.seller
            let away = await refusal { try await world.accepts(first, demand) }
            #expect(away == .notAtHand)
            try await world.isAtHand(first)
            let offered = try await world.seen(demand, by: seller.specialist)
            #expect(offered["asked"]?.elements?.count == 1, "nobody sees who else was asked")
            #expect(offered["patient_reference"] == .null)
            let waiting = try await world.seen(demand, by: world.buyer.scheduler)
            let hands = waiting["asked"]?.elements?.filter { $0["at_hand"] == 1 } ?? []
            #expect(hands.map { $0["seller"]?.text } == [seller.id.description])

            let taken = try await world.accepts(first, demand)
            #expect(taken["state"] == "accepted")
            let booking = try BookingID(typeID: taken["booking"]?.text ?? "")
            let booked = try await test.market.booking(
                world.buyer.scheduler.request("getBooking"), booking
            ).body
            #expect(booked["starts"] == "2027-03-08T08:08:00Z", "off the grid of quarters")
            #expect(booked["patient_reference"] == "HC-1" && booked["state"] == "booked")
            let handshake = try await test.market.handshake(
                seller.scheduler.request("getHandshake"), booking
            ).body
            #expect(handshake["state"] == "agreed")
            let other = try await world.seen(demand, by: second.contract.seller.specialist)
            #expect(other["state"] == "ended" && other["booking"] == .null)
            try await world.isAtHand(second)
            let late = await refusal { try await world.accepts(second, demand) }
            #expect(late == .demandOver)
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    /// What is called for at once has no notice, and a call by telephone needs no video system.
    /// The seller who accepts is who acted.
    @Test func needsNeitherNoticeNorAVideoSystem() async throws {
        try await TestMarket.withMarket { test in
            let world = try await OnDemand(
                test,
                changed: [
                    "limits": [
                        "budget_ceiling": "25000.00", "minimum_notice_minutes": 60,
                        "horizon_days": 7, "hold_minutes": 2,
                    ]
                ])
            let life = world.lives[0]
            let seller = life.contract.seller
            _ = try await test.market.updateRoomSettings(
                seller.admin.request("updateRoomSettings"), revision: 0,
                NewRoomSettings(hostsBuiltIn: false, jitsi: nil, ownLink: nil, joins: []))
            try await world.isAtHand(life)
            let taken = try await world.accepts(life, world.asks())
            let booking = try BookingID(typeID: taken["booking"]?.text ?? "")
            let handshake = try await test.market.handshake(
                seller.scheduler.request("getHandshake"), booking
            ).body
            #expect(handshake["state"] == "agreed")
            #expect(handshake["agreement"]?["room"]?["provider"] == "built_in")
            let fact = try await test.owner.read([
                """
                select f.organisation, f.counterparty, m.organisation as acting
                from audit_fact f join member m on m.id = f.member
                where subject_kind = 'booking' and subject = \(booking)
                """
            ]).only()
            #expect(try fact["organisation", OrganisationID.self] == seller.id)
            #expect(try fact["acting", OrganisationID.self] == seller.id)
            #expect(try fact["counterparty", OrganisationID.self] == world.buyer.id)
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    /// Six specialists of two sellers accept in the same moment, again and again.
    @Test func ofManyAtOnceOneGetsIt() async throws {
        try await TestMarket.withMarket { test in
            let world = try await OnDemand(test, sellers: 2, specialists: 3)
            for life in world.lives { try await world.isAtHand(life, minutes: 240) }
            var winners: [String] = []
            for round in 0..<8 {
                let now = try Instant(rfc3339: "2027-03-08T08:07:20Z")
                try await test.clock.set(to: now.adding(seconds: Int64(round) * 1_200))
                let demand = try await world.asks(patient: "HC-\(round)")
                let codes = try await self.all(world, accept: demand)
                #expect(codes.count { $0 == nil } == 1, "\(codes)")
                #expect(codes.count { $0 == .demandOver } == 5, "\(codes)")
                let seen = try await world.seen(demand, by: world.buyer.scheduler)
                winners += (seen["asked"]?.elements ?? []).filter { $0["state"] == "accepted" }
                    .compactMap { $0["seller"]?.text }
            }
            #expect(winners.count == 8)
            let made = try await test.owner.read([
                "select b.id from booking b join demand d on d.booking = b.id"
            ])
            #expect(made.count == 8)
            #expect(try await test.owner.read(["select from booking"]).count == 8)
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    private func all(_ world: OnDemand, accept demand: JSON) async throws -> [RefusalCode?] {
        try await withThrowingTaskGroup(of: RefusalCode?.self) { group in
            for life in world.lives {
                group.addTask {
                    do {
                        try await world.accepts(life, demand)
                        return nil
                    } catch let refused as Refusal {
                        return refused.code
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Past its time nobody has it, whether or not the worker has been there; and presence that is
    /// not renewed is over.
    @Test func whatIsNotAcceptedInTimeIsOver() async throws {
        try await TestMarket.withMarket { test in
            let world = try await OnDemand(test)
            let life = world.lives[0]
            try await world.isAtHand(life, minutes: 5)
            let demand = try await world.asks(answerMinutes: 10)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T08:12:30Z"))
            let silent = await refusal { try await world.accepts(life, demand) }
            #expect(silent == .notAtHand)
            try await world.isAtHand(life)
            // so many minutes after it was asked, which took its moment, too
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T08:17:40Z"))
            let late = await refusal { try await world.accepts(life, demand) }
            #expect(late == .demandOver)
            let seller = life.contract.seller
            #expect(try await world.seen(demand, by: seller.specialist)["state"] == "expired")
            _ = try await test.market.actOnWhatIsDue(most: 100)
            let seen = try await world.seen(demand, by: world.buyer.scheduler)
            #expect(seen["state"] == "expired")
            #expect(seen["asked"]?[0]?["ended_at"]?.text?.hasPrefix("2027-03-08T08:17:20") == true)
            let mine = try await world.asks()
            let withdrawn = try await test.market.withdrawDemand(
                world.buyer.scheduler.request("withdrawDemand"),
                DemandID(typeID: mine["id"]?.text ?? "")
            ).body
            #expect(withdrawn["state"] == "withdrawn")
            let gone = await refusal { try await world.accepts(life, mine) }
            #expect(gone == .demandOver)
            let notTheirs = await refusal {
                _ = try await test.market.withdrawDemand(
                    seller.scheduler.request("withdrawDemand"),
                    DemandID(typeID: mine["id"]?.text ?? ""))
            }
            #expect(notTheirs == .notYourSide)
        }
    }

    @Test func whatIsNotOnDemandIsRefused() async throws {
        try await TestMarket.withMarket { test in
            let world = try await OnDemand(test)
            let life = world.lives[0]
            let scheduler = world.buyer.scheduler
            let handOver = await refusal { _ = try await world.asks(patient: nil) }
            #expect(handOver == .handOverMissing)
            let length = await refusal { _ = try await world.asks(minutes: 11) }
            #expect(length == .lengthNotAllowed)
            let twice = await refusal {
                _ = try await world.asks([life.contract, life.contract])
            }
            #expect(twice == .askedTwice)
            let planned = try await test.signedContract(
                seller: test.addOrganisation("Planned"), buyer: world.buyer,
                changed: [
                    "limits": [
                        "budget_ceiling": "20000.00", "minimum_notice_minutes": 0,
                        "horizon_days": 90, "hold_minutes": 10,
                    ]
                ])
            let kind = await refusal {
                _ = try await test.market.askNow(
                    scheduler.request("askNow"),
                    .init(
                        asks: [(planned.id, "psychiatrist-visit")], minutes: 45, answerMinutes: 5,
                        handOver: HandOver(
                            patient: try PatientReference("HC-1"), authorisation: "A 1",
                            diary: "D 1")))
            }
            #expect(kind == .notOnDemand)
            let others = await refusal {
                _ = try await test.market.askNow(
                    life.contract.seller.scheduler.request("askNow"),
                    .init(
                        asks: [(life.contract.id, OnDemand.service)], minutes: 10,
                        answerMinutes: 5))
            }
            #expect(others == .notFound)
            try await world.isAtHand(life, services: [OnDemand.service])
            let unsold = await refusal {
                try await world.isAtHand(life, services: ["psychiatrist-visit"])
            }
            #expect(unsold == .serviceNotInContract)
            for number in 0..<20 { _ = try await world.asks(patient: "P-\(number)") }
            let many = await refusal { _ = try await world.asks(patient: "P-20") }
            #expect(many == .tooManyDemands)
        }
    }

    /// Asked at 10:07:20, accepted after 25 seconds, met after three minutes; another expires.
    @Test func bothSidesReadHowLongItTook() async throws {
        try await TestMarket.withMarket { test in
            let world = try await OnDemand(test)
            let (life, market) = (world.lives[0], test.market)
            try await world.isAtHand(life)
            _ = try await world.asks(answerMinutes: 1)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T08:30:00Z"))
            let demand = try await world.asks()
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T08:30:25.500Z"))
            let booking = try await BookingID(
                typeID: world.accepts(life, demand)["booking"]?.text ?? "")
            try await life.attended(
                booking, from: Instant(rfc3339: "2027-03-08T08:33:00.500Z"), minutes: 8)
            let month = try StatementPeriod(key: "2027-03")
            let before = try await market.responseTimes(
                life.contract.buyer.finance.request("getResponseTimes"),
                of: life.contract.id, in: month
            ).body
            #expect(before["seconds_to_meet"]?["count"] == 0, "it is not measured yet")
            let seconds = try await life.measured(booking)
            try await life.says(.seller, .attests(seconds: seconds), of: booking)
            var read: [JSON] = []
            for side in [life.contract.seller, life.contract.buyer] {
                read.append(
                    try await market.responseTimes(
                        side.scheduler.request("getResponseTimes"), of: life.contract.id,
                        in: month
                    ).body)
            }
            #expect(read[0] == read[1])
            #expect(read[0]["asked"] == 2 && read[0]["accepted"] == 1 && read[0]["expired"] == 1)
            let accepting: JSON = ["count": 1, "median": 25, "percentile_90": 25]
            #expect(read[0]["seconds_to_accept"] == accepting)
            let meeting: JSON = ["count": 1, "median": 180, "percentile_90": 180]
            #expect(read[0]["seconds_to_meet"] == meeting)
            let table = try await market.responseTimesTable(
                life.contract.seller.auditor.request("getResponseTimesTable"),
                of: life.contract.id, in: month)
            let lines = String(decoding: table.bytes, as: UTF8.self)
                .split(whereSeparator: \.isNewline)
            #expect(lines.count == 3)
            #expect(lines[2].contains(",accepted,2027-03-08T08:30:25"))
            #expect(lines[2].contains(",25,2027-03-08T08:33:00"))
            #expect(lines[2].contains(",180,Physician 0.0,booking_"))
            let strangers = await refusal {
                _ = try await market.responseTimes(
                    test.addOrganisation("Other").scheduler.request("getResponseTimes"),
                    of: life.contract.id, in: month)
            }
            #expect(strangers == .notFound)
        }
    }
}
