import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Who waits for a place in a session gets one that comes free, in turn, and held for as long as
/// time of one's own would be.
@Suite struct GroupSessionWaitingTests {
    /// A session of two places, both the first buyer's.
    private func withFull(
        _ body: (Gathering, GroupSessionID, [BookingID]) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(
                test, changed: ["substitution": ["allowed": "same_field"]])
            let session = try await gathering.opened(places: 2)
            let taken = try await gathering.booked(2, in: session, under: gathering.contract)
            try await body(gathering, session, taken)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    private func waits(
        _ contract: TestContract, for session: GroupSessionID, patient: String = "PT-9",
        authorisation: String? = "A 9"
    ) async throws -> WaitingEntryID {
        let joined = try await contract.test.market.waitForPlace(
            contract.buyer.scheduler.request("waitForPlace", key: "\(session) \(patient)"),
            in: session, under: contract.id,
            HandOver(patient: PatientReference(patient), authorisation: authorisation))
        #expect(joined.body["group_session"]?.text == session.description)
        return try WaitingEntryID(typeID: joined.body["id"]?.text ?? "")
    }

    private func entry(_ id: WaitingEntryID, of contract: TestContract) async throws -> JSON {
        try await contract.test.market.waitingEntry(
            contract.buyer.scheduler.request("getWaitingEntry"), id
        ).body
    }

    private func offer(
        _ id: WaitingEntryID, to contract: TestContract
    ) async throws -> BookingID {
        let entry = try await entry(id, of: contract)
        #expect(entry["state"] == "offered", "\(entry)")
        return try BookingID(typeID: entry["offer"]?["booking"]?.text ?? "")
    }

    private func cancels(_ contract: TestContract, _ booking: BookingID) async throws {
        _ = try await contract.test.market.cancelBooking(
            contract.buyer.scheduler.request("cancelBooking", key: "cancel \(booking)"), booking,
            expectedFee: .zero, reason: nil)
    }

    private func works(_ test: TestMarket) async throws {
        while try await test.market.actOnWhatIsDue(most: 20) == 20 {}
    }

    @Test func aFreedPlaceIsHeldInTurn() async throws {
        try await withFull { gathering, session, taken in
            let (test, first, second) = (gathering.test, gathering.contract, gathering.other)
            let theirs = try await waits(second, for: session)
            let later = try await waits(first, for: session)
            #expect(try await entry(theirs, of: second)["ahead"] == 0)
            #expect(try await entry(later, of: first)["ahead"] == 1)
            try await cancels(first, taken[0])
            try await works(test)
            let held = try await offer(theirs, to: second)
            #expect(try await entry(later, of: first)["state"] == "waiting")
            // it is nobody else's, and holds its price
            let sheet = try await gathering.session(session, for: second.buyer)
            #expect(sheet["taken"] == 2 && sheet["own"] == 1)
            #expect(sheet["bookings"]?[0]?["state"] == "held")
            let full = await refusal { try await gathering.booked(1, in: session, under: first) }
            #expect(full == .sessionFull)
            #expect(try await gathering.reserved(second) == 12_000)
            #expect(try await Verification.run(on: test.reader) == [])
            let booked = try await test.market.confirmBooking(
                second.buyer.scheduler.request("confirmBooking"), held)
            #expect(booked.body["state"] == "booked")
            #expect(booked.body["group_session"]?.text == session.description)
            let handshake = try await test.market.handshake(
                second.buyer.scheduler.request("getHandshake"), held)
            #expect(handshake.body["state"] == "agreed")
            #expect(try await entry(theirs, of: second)["state"] == "served")
            // who has got least is asked first: the second place goes to the first buyer
            let another = try await waits(second, for: session, patient: "PT-10")
            try await cancels(first, taken[1])
            try await works(test)
            _ = try await offer(later, to: first)
            #expect(try await entry(another, of: second)["state"] == "waiting")
        }
    }

    @Test func whoDoesNotAnswerLeavesItToTheNext() async throws {
        try await withFull { gathering, session, taken in
            let (test, first, second) = (gathering.test, gathering.contract, gathering.other)
            let theirs = try await waits(second, for: session)
            let later = try await waits(first, for: session)
            try await cancels(first, taken[0])
            try await works(test)
            let held = try await offer(theirs, to: second)
            _ = try await test.market.releaseBooking(
                second.buyer.scheduler.request("releaseBooking"), held)
            #expect(try await gathering.reserved(second) == 0)
            try await works(test)
            #expect(try await entry(theirs, of: second)["state"] == "waiting")
            let next = try await offer(later, to: first)
            let entry = try await entry(later, of: first)
            let until = try Instant(rfc3339: entry["offer"]?["reply_by"]?.text ?? "")
            try await test.clock.set(to: until.adding(seconds: 1))
            // whoever comes before the worker finds it free, and the price is held for one place
            try await gathering.booked(1, in: session, under: second)
            let gone = try await test.market.booking(
                first.buyer.scheduler.request("getBooking"), next)
            #expect(gone.body["state"] == "expired")
            #expect(try await gathering.reserved(first) == 12_000)
            #expect(try await self.entry(later, of: first)["state"] == "waiting")
            try await works(test)
            let sheet = try await gathering.session(session, for: gathering.seller)
            #expect(sheet["taken"] == 2 && sheet["state"] == "open")
            // the session has its time as before
            let single = await refusal { _ = try await gathering.opened() }
            #expect(single == .taken)
        }
    }

    @Test func placesOfAnySessionAreWaitedFor() async throws {
        try await withFull { gathering, _, _ in
            let (test, second) = (gathering.test, gathering.other)
            let details = StoredWaitingEntry.Details(
                contract: second.id, service: "rehabilitation-group", specialist: nil,
                minutes: 60,
                wanted: try TimeSlot(
                    start: gathering.instant("2027-03-11", "00:00"),
                    end: gathering.instant("2027-03-13", "00:00")),
                handOver: HandOver(patient: try PatientReference("PT-9"), authorisation: "A 9"))
            let joined = try await test.market.joinWaitingList(
                second.buyer.scheduler.request("joinWaitingList"), details)
            #expect(joined.body["group_session"] == .null && joined.body["state"] == "waiting")
            let id = try WaitingEntryID(typeID: joined.body["id"]?.text ?? "")
            _ = try await gathering.opened("2027-03-10", places: 2)
            try await works(test)
            #expect(try await entry(id, of: second)["state"] == "waiting", "another day")
            let wider = try await gathering.opened("2027-03-12", places: 2)
            try await works(test)
            let held = try await test.market.booking(
                second.buyer.scheduler.request("getBooking"), offer(id, to: second))
            #expect(held.body["group_session"]?.text == wider.description)
            #expect(held.body["state"] == "held" && held.body["quote"] == "120.00")
            // what is free is booked, and not waited for
            let free = await refusal {
                _ = try await test.market.joinWaitingList(
                    gathering.contract.buyer.scheduler.request("joinWaitingList"),
                    .init(
                        contract: gathering.contract.id, service: details.service,
                        specialist: nil, minutes: 60, wanted: details.wanted,
                        handOver: details.handOver))
            }
            #expect(free == .timeAvailable)
        }
    }

    @Test func whoWaitsForWhatIsNotHeldHearsIt() async throws {
        try await withFull { gathering, session, taken in
            let (test, first, second) = (gathering.test, gathering.contract, gathering.other)
            let theirs = try await waits(second, for: session)
            let later = try await waits(first, for: session)
            try await cancels(first, taken[0])
            try await works(test)
            let held = try await offer(theirs, to: second)
            // another specialist is not what was offered: it is offered anew
            let colleague = try await LifeOfAVisit(under: first, label: "Specialist 3")
            _ = try await test.market.substituteGroupSession(
                gathering.seller.scheduler.request("substituteGroupSession"), session,
                by: colleague.specialist)
            let released = try await test.market.booking(
                second.buyer.scheduler.request("getBooking"), held)
            #expect(released.body["state"] == "released")
            try await works(test)
            let offers = try await [
                entry(theirs, of: second)["state"], entry(later, of: first)["state"],
            ]
            #expect(offers.contains("offered") && offers.contains("waiting"))
            _ = try await test.market.withdrawGroupSession(
                gathering.seller.scheduler.request("withdrawGroupSession"), session,
                expectedCost: .zero, reason: nil)
            #expect(try await entry(theirs, of: second)["state"] == "lapsed")
            #expect(try await entry(later, of: first)["state"] == "lapsed")
            #expect(try await gathering.reserved(second) == 0)
        }
    }

    @Test func twoOffersOfOneBuyerHoldThePriceOnce() async throws {
        try await withFull { gathering, session, taken in
            let (test, first, second) = (gathering.test, gathering.contract, gathering.other)
            let entries = try await [
                waits(second, for: session), waits(second, for: session, patient: "PT-10"),
            ]
            for booking in taken { try await cancels(first, booking) }
            try await works(test)
            for entry in entries { _ = try await offer(entry, to: second) }
            #expect(try await gathering.reserved(second) == 12_000)
            #expect(try await Verification.run(on: test.reader) == [])
            _ = try await test.market.withdrawGroupSession(
                gathering.seller.scheduler.request("withdrawGroupSession"), session,
                expectedCost: .zero, reason: nil)
            #expect(try await gathering.reserved(second) == 0)
            for entry in entries {
                #expect(try await self.entry(entry, of: second)["state"] == "lapsed")
            }
        }
    }

    @Test func whatIsRefused() async throws {
        try await withFull { gathering, session, taken in
            let (test, first, second) = (gathering.test, gathering.contract, gathering.other)
            let bare = await refusal {
                _ = try await waits(second, for: session, authorisation: nil)
            }
            #expect(bare == .handOverMissing)
            _ = try await waits(second, for: session)
            let twice = await refusal {
                _ = try await test.market.waitForPlace(
                    second.buyer.scheduler.request("waitForPlace"), in: session,
                    under: second.id,
                    HandOver(patient: try PatientReference("PT-9"), authorisation: "A 9"))
            }
            #expect(twice == .alreadyWaiting)
            let others = await refusal {
                _ = try await test.market.waitForPlace(
                    second.buyer.scheduler.request("waitForPlace"), in: session,
                    under: first.id, .nothing)
            }
            #expect(others == .notFound)
            let seller = await refusal {
                _ = try await test.market.waitForPlace(
                    gathering.seller.scheduler.request("waitForPlace"), in: session,
                    under: first.id, .nothing)
            }
            #expect(seller == .notFound)
            try await cancels(first, taken[0])
            let left = await refusal { _ = try await waits(first, for: session) }
            #expect(left == .timeAvailable)
            try await test.clock.set(to: gathering.instant("2027-03-09"))
            let closed = await refusal { _ = try await waits(first, for: session) }
            #expect(closed == .sessionClosed)
        }
    }

    /// The places of a session are found, and who has taken them is not.
    @Test func sessionsAreFound() async throws {
        try await withFull { gathering, session, _ in
            let second = gathering.other
            let open = try await gathering.opened("2027-03-12", places: 8)
            try await gathering.booked(3, in: open, under: second)
            func found(
                by organisation: TestOrganisation, places: Int64 = 1
            ) async throws -> [JSON] {
                var wish = FoundSession.Wish(
                    from: try gathering.instant("2027-03-08"),
                    until: try gathering.instant("2027-03-20"))
                wish.places = places
                return try await gathering.test.market.findGroupSessions(
                    organisation.scheduler.request("findGroupSessions"), wish: wish,
                    page: Page(after: nil, limit: 10)
                ).body["items"]?.elements ?? []
            }
            let sessions = try await found(by: gathering.contract.buyer)
            #expect(sessions.map { $0["group_session"]?.text } == [open.description])
            #expect(sessions.first?["free"] == 5 && sessions.first?["own"] == 0)
            #expect(sessions.first?["price"] == "120.00" && sessions.first?["share"] == "30.00")
            #expect(try await found(by: second.buyer, places: 6).isEmpty)
            let all = try await found(by: second.buyer, places: 0)
            #expect(
                all.map { $0["group_session"]?.text } == [session.description, open.description])
            #expect(all.map { $0["free"] } == [0, 5] && all.map { $0["own"] } == [0, 3])
            // a place of two that comes free
            #expect(all.first?["share"] == "60.00")
            #expect(try await found(by: gathering.seller).isEmpty)
        }
    }
}
