import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@Suite struct HandshakeTests {
    /// 10:00 in Helsinki.
    private static let starts = "2027-03-08T08:00:00Z"

    /// A booked visit whose contract wants a handshake, answered within four hours.
    private func withBooking(
        _ body: (LifeOfAVisit, BookingID, Instant) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                acceptedInAdvance: false)
            let life = try await LifeOfAVisit(under: contract)
            try await body(life, life.booked("2027-03-08"), Instant(rfc3339: Self.starts))
        }
    }

    private func send(
        _ life: LifeOfAVisit, _ side: Visits.Side, _ booking: BookingID, _ sequence: Int64,
        _ kind: HandshakeMessage.Kind, cause: String? = nil, offer: Instant? = nil,
        deadline: Instant? = nil
    ) async throws -> Answer {
        let organisation = side == .seller ? life.contract.seller : life.contract.buyer
        let meeting = try offer.map { starts in
            Market.OfferedMeeting(
                starts: starts, room: .builtIn, needs: [.nursePresent],
                deadline: try deadline ?? starts.adding(seconds: -3_600))
        }
        return try await life.test.market.sendHandshakeMessage(
            organisation.scheduler.request("sendHandshakeMessage"), booking,
            .init(
                kind: kind, sequence: sequence, cause: cause, offer: meeting,
                checks: kind == .ready
                    ? ReadyChecks(device: true, line: true, recordAccess: true) : nil))
    }

    private func booking(_ life: LifeOfAVisit, _ id: BookingID) async throws -> JSON {
        try await life.test.market.booking(
            life.contract.buyer.scheduler.request("getBooking"), id
        ).body
    }

    @Test func aCounterThatIsAcceptedMovesTheBooking() async throws {
        try await withBooking { life, id, start in
            let opened = try await life.test.market.handshake(
                life.contract.seller.scheduler.request("getHandshake"), id)
            #expect(opened.body["state"] == "none")
            #expect(opened.body["messages"] == [])
            let later = try start.adding(seconds: 5_400)
            let proposed = try await send(life, .buyer, id, 1, .propose, offer: start)
            #expect(proposed.body["awaited"] == "seller")
            let stale = await refusal {
                _ = try await send(life, .seller, id, 1, .accept)
            }
            #expect(stale == .staleSequence)
            let countered = try await send(life, .seller, id, 2, .counter, offer: later)
            #expect(countered.body["state"] == "countered")
            #expect(try await booking(life, id)["starts"] == JSON(start.rfc3339))
            let turn = await refusal { _ = try await send(life, .seller, id, 3, .accept) }
            #expect(turn == .notYourTurn)
            let agreed = try await send(life, .buyer, id, 3, .accept)
            #expect(agreed.body["state"] == "agreed")
            #expect(agreed.body["starts"] == JSON(later.rfc3339))
            let moved = try await booking(life, id)
            #expect(moved["starts"] == JSON(later.rfc3339))
            // the freed time is found again, and what was agreed is taken
            let again = try await life.booked("2027-03-08", at: "10:00")
            #expect(again != id)
            let taken = await refusal { _ = try await life.booked("2027-03-08", at: "11:30") }
            #expect(taken == .taken)
            _ = try await send(life, .seller, id, 4, .ready)
            let ready = try await send(life, .buyer, id, 5, .ready)
            #expect(ready.body["state"] == "ready")
            // the whole is the same when it is read again
            let read = try await life.test.market.handshake(
                life.contract.buyer.scheduler.request("getHandshake"), id)
            #expect(read.body == ready.body)
        }
    }

    @Test func aCounterToTakenTimeIsRefusedAndAllStays() async throws {
        try await withBooking { life, id, start in
            _ = try await life.booked("2027-03-08", at: "12:00")
            let noon = try start.adding(seconds: 7_200)
            _ = try await send(life, .buyer, id, 1, .propose, offer: start)
            let before = try await send(life, .seller, id, 2, .counter, offer: noon)
            let taken = await refusal { _ = try await send(life, .buyer, id, 3, .accept) }
            #expect(taken == .taken)
            let after = try await life.test.market.handshake(
                life.contract.buyer.scheduler.request("getHandshake"), id)
            #expect(after.body == before.body)
            #expect(try await booking(life, id)["starts"] == JSON(start.rfc3339))
            #expect(try await Verification.run(on: life.test.reader).isEmpty)
        }
    }

    @Test func silenceIsTheSilentSidesCancellationAndFiresOnce() async throws {
        try await withBooking { life, id, start in
            try await life.test.clock.set(to: start.adding(seconds: -23 * 3_600))
            // the wait for a first proposal has run out at 2027-02-26T12:00Z already
            let late = await refusal {
                _ = try await send(life, .seller, id, 1, .propose, offer: start)
            }
            #expect(late == .staleSequence)
            #expect(try await life.test.market.actOnWhatIsDue(most: 10) == 1)
            #expect(try await booking(life, id)["state"] == "cancelled")
            #expect(try await booking(life, id)["cancellation_fee"] == "0.00")

            let second = try await life.booked("2027-03-09")
            let day = try start.adding(seconds: 86_400)
            // 22 hours before: less than the notice of 24 hours, so the buyer's silence costs
            let reply = try day.adding(seconds: -22 * 3_600)
            _ = try await send(
                life, .seller, second, 1, .propose, offer: day, deadline: reply)
            try await life.test.clock.set(to: reply)
            let read = try await life.test.market.handshake(
                life.contract.buyer.scheduler.request("getHandshake"), second)
            #expect(read.body["state"] == "expired")
            let passed = await refusal { _ = try await send(life, .buyer, second, 2, .accept) }
            #expect(passed == .staleSequence)
            async let one = life.test.market.actOnWhatIsDue(most: 10)
            async let two = life.test.market.actOnWhatIsDue(most: 10)
            _ = try await (one, two)
            let over = try await booking(life, second)
            #expect(over["state"] == "cancelled")
            #expect(over["cancelled_by"] == "buyer")
            // half of 30 minutes at 3.60
            #expect(over["cancellation_fee"] == "54.00")
            #expect(try await Verification.run(on: life.test.reader).isEmpty)
        }
    }

    @Test func aHoldRunsOutByTheWorker() async throws {
        try await withBooking { life, _, _ in
            let held = try await life.booked("2027-03-10", hold: true)
            try await life.test.clock.advance(seconds: 599)
            #expect(try await booking(life, held)["state"] == "held")
            #expect(try await life.test.market.actOnWhatIsDue(most: 10) == 0)
            try await life.test.clock.advance(seconds: 2)
            _ = try await life.test.market.actOnWhatIsDue(most: 10)
            #expect(try await booking(life, held)["state"] == "expired")
            _ = try await life.booked("2027-03-10")
        }
    }

    @Test func aCancelledBookingHasNoHandshakeLeft() async throws {
        try await withBooking { life, id, start in
            let scheduler = life.contract.buyer.scheduler
            _ = try await life.test.market.cancelBooking(
                scheduler.request("cancelBooking"), id, expectedFee: .zero, reason: nil)
            let gone = await refusal {
                _ = try await send(life, .buyer, id, 1, .propose, offer: start)
            }
            #expect(gone == .illegalTransition)
            let token = await refusal { _ = try await life.joinToken(.buyer, of: id) }
            #expect(token == .visitNotAgreed)
        }
    }
}
