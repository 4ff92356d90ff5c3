import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// Group sessions: several buyers in one session of a specialist, and what each of them pays.
@Suite struct GroupSessionTests {
    private func expectInOrder(_ test: TestMarket) async throws {
        #expect(try await Verification.run(on: test.reader) == [])
    }

    @Test func itsPriceIsSharedByItsPlaces() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let (first, second) = (gathering.contract, gathering.other)
            let session = try await gathering.opened()
            let calendar = try await test.market.calendar(
                gathering.seller.scheduler.request("getCalendar"),
                of: gathering.life.specialist, from: gathering.instant("2027-03-11", "00:00"),
                until: gathering.instant("2027-03-11", "23:00"))
            let free = calendar.body["free"]?.elements?.map { $0["from"]?.text }
            #expect(free == ["2027-03-11T07:00:00Z", "2027-03-11T12:05:00Z"])
            let ours = try await gathering.booked(3, in: session, under: first)
            let theirs = try await gathering.booked(4, in: session, under: second)
            let sheet = try await gathering.session(session, for: first.buyer)
            #expect(sheet["places"] == 8 && sheet["taken"] == 7 && sheet["own"] == 3)
            #expect(sheet["bookings"]?.elements?.count == 3)
            #expect(sheet["offers"]?[0]?["price"] == "120.00")
            #expect(sheet["offers"]?[0]?["share"] == "15.00")
            #expect(sheet["contracts"] == .null && sheet["withdrawal_cost"] == .null)
            let all = try await gathering.session(session, for: gathering.seller)
            #expect(all["bookings"]?.elements?.count == 7)
            #expect(all["offers"]?.elements?.isEmpty == true)
            // once, however many places
            #expect(try await gathering.reserved(first) == 12_000)
            #expect(try await gathering.reserved(second) == 12_000)
            let handshake = try await test.market.handshake(
                first.buyer.scheduler.request("getHandshake"), ours[0])
            #expect(handshake.body["state"] == "agreed")
            try await expectInOrder(test)
            let start = try gathering.instant("2027-03-11")
            try await gathering.held(
                [(ours[0], first), (theirs[0], second)], from: start, minutes: 60)
            try await test.clock.set(to: start.adding(seconds: 7_200))
            var nets: [Money] = []
            for (booking, contract) in ours.map({ ($0, first) }) + theirs.map({ ($0, second) }) {
                nets.append(
                    try Money(decimal: await gathering.charged(booking, under: contract)))
            }
            #expect(try Money.sum(of: nets) == Money(decimal: "120.00"))
            #expect(Set(nets.map(\.decimal)) == ["17.14", "17.15"])
            #expect(try await gathering.reserved(first) == 0)
            let before: Int64 = try await test.owner.read([
                StoredCharge.secondsBefore(
                    contract: first.id, period: "2027-03", service: "rehabilitation-group",
                    in: nil)
            ]).only().decode(0)
            #expect(before == 3_600)
            try await expectInOrder(test)
        }
    }

    @Test func whoDoesNotComeMakesNothingDearer() async throws {
        let term: JSON = [
            "wait_minutes": 15, "buyer_fee_percent": "50", "seller_fee_percent": "0",
        ]
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test, changed: ["no_show": term])
            let (first, second) = (gathering.contract, gathering.other)
            let session = try await gathering.opened()
            let ours = try await gathering.booked(1, in: session, under: first)
            let theirs = try await gathering.booked(2, in: session, under: second)
            let start = try gathering.instant("2027-03-11")
            try await gathering.held([(ours[0], first)], from: start, minutes: 60)
            try await test.clock.set(to: start.adding(seconds: 7_200))
            #expect(try await gathering.charged(ours[0], under: first) == "40.00")
            #expect(try await gathering.charged(theirs[0], under: second) == "20.00")
            #expect(try await gathering.charged(theirs[1], under: second) == "20.00")
            try await expectInOrder(test)
        }
    }

    @Test func aPlaceThatIsCancelledIsFreeAgain() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let (first, second) = (gathering.contract, gathering.other)
            let session = try await gathering.opened(places: 6)
            let ours = try await gathering.booked(2, in: session, under: first)
            try await gathering.booked(4, in: session, under: second)
            try await test.clock.set(
                to: gathering.instant("2027-03-09", "13:00").adding(
                    seconds: -60))
            let full = await refusal {
                try await gathering.booked(1, in: session, under: second)
            }
            #expect(full == .sessionFull)
            try await test.clock.set(to: gathering.instant("2027-03-09", "14:00"))
            let scheduler = first.buyer.scheduler
            let cost = try await test.market.cancellationCost(
                scheduler.request("getCancellationCost"), ours[0])
            #expect(cost.body["fee"] == "10.00")
            _ = try await test.market.cancelBooking(
                scheduler.request("cancelBooking"), ours[0],
                expectedFee: Money(decimal: "10.00"), reason: nil)
            #expect(try await gathering.session(session, for: first.buyer)["taken"] == 5)
            // what the other place may still come to
            #expect(try await gathering.reserved(first) == 12_000)
            try await expectInOrder(test)
            try await test.clock.set(to: gathering.instant("2027-03-11"))
            let late = await refusal {
                _ = try await test.market.cancellationCost(
                    scheduler.request("getCancellationCost"), ours[1])
            }
            #expect(late == .visitStarted)
            let gone = await refusal {
                _ = try await test.market.cancelBooking(
                    scheduler.request("cancelBooking"), ours[1],
                    expectedFee: Money(decimal: "24.00"), reason: nil)
            }
            #expect(gone == .visitStarted)
        }
    }

    @Test func neverMoreThanItsPlaces() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let session = try await gathering.opened(places: 3)
            // no two share a counter, which would put one behind the other
            var contracts = [gathering.contract, gathering.other]
            for number in 3...12 {
                contracts.append(
                    try await test.signedContract(
                        "rehabilitation-group", seller: gathering.seller,
                        buyer: test.addOrganisation("Buyer \(number)")))
            }
            let outcomes = await withTaskGroup(of: RefusalCode?.self) { group in
                for contract in contracts {
                    group.addTask {
                        await refusal {
                            try await gathering.booked(1, in: session, under: contract)
                        }
                    }
                }
                return await group.reduce(into: [RefusalCode?]()) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == nil } == 3)
            #expect(outcomes.count { $0 == .sessionFull } == 9)
            #expect(try await gathering.session(session, for: gathering.seller)["taken"] == 3)
            try await expectInOrder(test)
        }
    }

    @Test func whatIsRefused() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let (first, second) = (gathering.contract, gathering.other)
            let session = try await gathering.opened(places: 2, contracts: [first.id])
            let hidden = await refusal {
                try await gathering.booked(1, in: session, under: second)
            }
            #expect(hidden == .notFound)
            let unseen = await refusal {
                _ = try await gathering.session(session, for: second.buyer)
            }
            #expect(unseen == .notFound)
            let list = try await test.market.listGroupSessions(
                second.buyer.scheduler.request("listGroupSessions"), contract: nil, from: nil,
                until: nil, page: Page(after: nil, limit: 10))
            #expect(list.body["items"]?.elements?.isEmpty == true)
            let foreign = await refusal {
                try await gathering.booked(
                    1, in: session, under: first, by: second.buyer.scheduler)
            }
            #expect(foreign == .notFound)
            let many = await refusal { try await gathering.booked(3, in: session, under: first) }
            #expect(many == .sessionFull)
            let bare = await refusal {
                _ = try await test.market.bookPlaces(
                    first.buyer.scheduler.request("bookPlaces"), in: session, under: first.id,
                    [.nothing])
            }
            #expect(bare == .handOverMissing)
            let taken = await refusal { _ = try await gathering.opened(at: "13:30") }
            #expect(taken == .taken)
            let crowded = await refusal {
                _ = try await gathering.opened("2027-03-12", places: 9)
            }
            #expect(crowded == .sessionNotInContract)
            let long = await refusal { _ = try await gathering.opened("2027-03-12", minutes: 50) }
            #expect(long == .sessionNotInContract)
            let night = await refusal { _ = try await gathering.opened("2027-03-12", at: "20:00") }
            #expect(night == .outsideAvailability)
            let past = await refusal { _ = try await gathering.opened("2027-02-01") }
            #expect(past == .startInThePast)
            let single = await refusal { _ = try await gathering.life.booked("2027-03-12") }
            #expect(single == .onlyInSessions)
            let booking = try await gathering.booked(1, in: session, under: first)[0]
            let moved = await refusal {
                _ = try await test.market.moveBooking(
                    first.buyer.scheduler.request("moveBooking"), booking, revision: 1,
                    to: .init(starts: try gathering.instant("2027-03-12"), specialist: nil))
            }
            #expect(moved == .inGroupSession)
            try await test.clock.set(to: gathering.instant("2027-03-09"))
            let closed = await refusal { try await gathering.booked(1, in: session, under: first) }
            #expect(closed == .sessionClosed)
            try await expectInOrder(test)
        }
    }

    @Test func anOpenSessionCountsForTheLimitsOfTheDay() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            try await test.owner.write([
                """
                update specialist set daily_minutes = 90, weekly_minutes = 120
                where id = \(gathering.life.specialist)
                """
            ])
            let session = try await gathering.opened()
            let day = await refusal { _ = try await gathering.opened(at: "10:00") }
            #expect(day == .workingLimit)
            // all of its places are within what it took of the day when it was opened
            try await gathering.booked(3, in: session, under: gathering.contract)
            _ = try await gathering.opened("2027-03-10")
            let week = await refusal { _ = try await gathering.opened("2027-03-12") }
            #expect(week == .workingLimit)
            _ = try await gathering.opened("2027-03-15")
            try await expectInOrder(test)
        }
    }

    @Test func theBudgetHoldsTheWholeOnce() async throws {
        let limits: JSON = [
            "budget_ceiling": "200.00", "minimum_notice_minutes": 0, "horizon_days": 180,
            "hold_minutes": 10,
        ]
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test, changed: ["limits": limits])
            let contract = gathering.contract
            let session = try await gathering.opened()
            try await gathering.booked(2, in: session, under: contract)
            let more = try await gathering.booked(2, in: session, under: contract)
            #expect(try await gathering.reserved(contract) == 12_000)
            let next = try await gathering.opened("2027-03-12")
            let over = await refusal { try await gathering.booked(1, in: next, under: contract) }
            #expect(over == .overBudget)
            for booking in more {
                _ = try await test.market.cancelBooking(
                    contract.buyer.scheduler.request("cancelBooking"), booking,
                    expectedFee: .zero, reason: nil)
            }
            #expect(try await gathering.reserved(contract) == 12_000)
            try await expectInOrder(test)
        }
    }

    @Test func aSessionThatIsNotHeldCostsItsSeller() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let scheduler = gathering.seller.scheduler
            let empty = try await gathering.opened("2027-03-12")
            _ = try await test.market.withdrawGroupSession(
                scheduler.request("withdrawGroupSession"), empty, expectedCost: .zero,
                reason: nil)
            // its time is on sale again
            let again = try await gathering.opened("2027-03-12")
            #expect(again != empty)
            let session = try await gathering.opened()
            let ours = try await gathering.booked(2, in: session, under: gathering.contract)
            try await gathering.booked(3, in: session, under: gathering.other)
            try await test.clock.set(to: gathering.instant("2027-03-10"))
            let sheet = try await gathering.session(session, for: gathering.seller)
            #expect(sheet["withdrawal_cost"] == "30.00")
            let cheap = await refusal {
                _ = try await test.market.withdrawGroupSession(
                    scheduler.request("withdrawGroupSession"), session, expectedCost: .zero,
                    reason: nil)
            }
            #expect(cheap == .cancellationCostDiffers)
            let buyer = await refusal {
                _ = try await test.market.withdrawGroupSession(
                    gathering.other.buyer.scheduler.request("withdrawGroupSession"), session,
                    expectedCost: .zero, reason: nil)
            }
            #expect(buyer == .notFound)
            let done = try await test.market.withdrawGroupSession(
                scheduler.request("withdrawGroupSession"), session,
                expectedCost: Money(decimal: "30.00"), reason: "A training")
            #expect(done.body["state"] == "withdrawn" && done.body["taken"] == 0)
            let booking = try await test.market.booking(
                gathering.contract.buyer.scheduler.request("getBooking"), ours[0]
            ).body
            #expect(booking["state"] == "cancelled" && booking["cancelled_by"] == "seller")
            #expect(booking["cancellation_fee"] == "6.00")
            #expect(try await gathering.reserved(gathering.contract) == 0)
            try await expectInOrder(test)
        }
    }

    @Test func aColleagueHoldsItWhole() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(
                test, changed: ["substitution": ["allowed": "same_field"]])
            let session = try await gathering.opened()
            let ours = try await gathering.booked(2, in: session, under: gathering.contract)
            try await gathering.booked(1, in: session, under: gathering.other)
            let scheduler = gathering.seller.scheduler
            let idle = try await test.addSpecialist(
                to: gathering.seller, label: "Specialist 2", specialty: "2264")
            func substituted(by specialist: SpecialistID) async throws {
                _ = try await test.market.substituteGroupSession(
                    scheduler.request("substituteGroupSession"), session, by: specialist)
            }
            let unsold = await refusal { try await substituted(by: idle) }
            #expect(unsold == .outsideAvailability)
            let colleague = try await LifeOfAVisit(
                under: gathering.contract, label: "Specialist 3"
            ).specialist
            try await substituted(by: colleague)
            let sheet = try await gathering.session(session, for: gathering.contract.buyer)
            #expect(sheet["specialist"]?.text == colleague.description && sheet["taken"] == 3)
            let booking = try await test.market.booking(
                gathering.contract.buyer.scheduler.request("getBooking"), ours[0]
            ).body
            #expect(booking["specialist"]?.text == colleague.description)
            // the former one's time is on sale again
            _ = try await gathering.opened()
            let taken = await refusal { try await substituted(by: gathering.life.specialist) }
            #expect(taken == .taken)
            try await expectInOrder(test)
        }
    }

    @Test func aColleagueNeedsEveryContract() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let session = try await gathering.opened()
            try await gathering.booked(1, in: session, under: gathering.contract)
            let colleague = try await LifeOfAVisit(
                under: gathering.contract, label: "Specialist 3"
            ).specialist
            let refused = await refusal {
                _ = try await test.market.substituteGroupSession(
                    gathering.seller.scheduler.request("substituteGroupSession"), session,
                    by: colleague)
            }
            #expect(refused == .substitutionNotAgreed)
        }
    }

    @Test func anAbsenceEndsIt() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let session = try await gathering.opened()
            try await gathering.booked(2, in: session, under: gathering.contract)
            try await gathering.booked(1, in: session, under: gathering.other)
            let during = try TimeSlot(
                start: gathering.instant("2027-03-11", "08:00"),
                end: gathering.instant("2027-03-11", "18:00"))
            let scheduler = gathering.seller.scheduler
            let seen = try await test.market.previewAbsence(
                scheduler.request("previewAbsence"), of: .specialist(gathering.life.specialist),
                during: during
            ).body
            #expect(
                seen["visits"]?.elements?.map { $0["obstacle"] }
                    == ["in_group_session", "in_group_session", "in_group_session"])
            let noted = try await test.market.noteAbsence(
                scheduler.request("noteAbsence"), of: .specialist(gathering.life.specialist),
                NotedAbsence(
                    during: during, digest: seen["digest"]?.text ?? "", moves: [:],
                    reason: nil))
            #expect(seen["group_sessions"]?.elements?.map { $0["taken"] } == [3])
            #expect(noted.body["cancelled"] == 3 && noted.body["group_sessions"] == 1)
            let sheet = try await gathering.session(session, for: gathering.contract.buyer)
            #expect(sheet["state"] == "withdrawn")
            try await expectInOrder(test)
        }
    }
}
