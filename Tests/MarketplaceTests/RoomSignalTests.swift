import Marketplace
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing
import Visits

/// What the browsers of a built-in room say to each other, and who hears it.
@Suite struct RoomSignalTests {
    /// A visit that both sides may be in now, with a token of each.
    private struct Meeting {
        let life: LifeOfAVisit
        let booking: BookingID
        let seller: String
        let buyer: String

        var market: Market { life.test.market }

        init(of booking: BookingID, _ life: LifeOfAVisit) async throws {
            self.life = life
            self.booking = booking
            seller = try await life.joinToken(.seller, of: booking)
            buyer = try await life.joinToken(.buyer, of: booking)
        }

        /// Each side has one page.
        func say(_ body: String, by token: String, to recipient: String? = nil) async throws {
            let page = token == seller ? "seller-page" : "buyer-page"
            #expect(
                try await market.sendRoomSignal(token, session: page, to: recipient, body))
        }

        /// What each of these hears that has heard nothing yet.
        func heard(_ tokens: [String]) async throws -> [String] {
            let listeners = try tokens.map { (token: try market.roomToken($0), after: Int64(0)) }
            var heard = tokens.map { _ in "" }
            for each in try await market.roomSignals(after: listeners) {
                switch each.heard {
                case .ended(let ending): heard[each.listener] += ending.rawValue
                case .signal(let signal): heard[each.listener] += "\(signal.side) \(signal.body);"
                }
            }
            return heard
        }
    }

    /// Visits at these local times of one day, when the first of them can be entered.
    private static func meetings(
        _ test: TestMarket, at times: [String] = ["10:00"]
    ) async throws -> [Meeting] {
        let life = try await LifeOfAVisit(
            under: test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
        var bookings: [BookingID] = []
        for time in times { bookings.append(try await life.booked("2027-03-08", at: time)) }
        try await test.clock.set(to: Instant(rfc3339: "2027-03-08T07:50:00Z"))
        var meetings: [Meeting] = []
        for booking in bookings { meetings.append(try await Meeting(of: booking, life)) }
        return meetings
    }

    private func refusal(_ body: () async throws -> Void) async -> RefusalCode? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? Refusal)?.code
        }
    }

    @Test func onlyThoseInTheVisitHear() async throws {
        try await TestMarket.withMarket { test in
            let meetings = try await Self.meetings(test, at: ["10:00", "10:45"])
            let (meeting, other) = (meetings[0], meetings[1])
            try await meeting.say("one", by: meeting.seller)
            try await meeting.say("two", by: meeting.buyer, to: "seller-page")
            try await meeting.say("three", by: meeting.seller, to: "buyer-page")
            let heard = try await meeting.heard([meeting.seller, other.buyer, meeting.buyer])
            // that of the other visit is not open yet
            #expect(heard == ["seller one;buyer two;", "over", "seller one;seller three;"])
            // nobody speaks as another's page
            let taken = await refusal {
                _ = try await test.market.sendRoomSignal(
                    meeting.buyer, session: "seller-page", to: nil, "four")
            }
            #expect(taken == .roomPageTaken)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T08:35:00Z"))
            #expect(try await meeting.heard([other.buyer, meeting.buyer])[0] == "")
            #expect(try await test.market.roomPlace(meeting.buyer) == 3)
        }
    }

    @Test func whoseTokenIsNoLongerGoodHearsThatItIsOver() async throws {
        try await TestMarket.withMarket { test in
            let meeting = try await Self.meetings(test)[0]
            try await meeting.say("one", by: meeting.seller)
            // a new token of the same person takes the place of the old one
            let newer = try await meeting.life.joinToken(.buyer, of: meeting.booking)
            #expect(
                try await meeting.heard([meeting.buyer, newer]) == ["replaced", "seller one;"])
            let revoked = await refusal { try await meeting.say("two", by: meeting.buyer) }
            #expect(revoked == .joinTokenRevoked)
            let forged = String(newer.dropLast(4)) + "AAAA"
            #expect(await refusal { try await meeting.say("x", by: forged) } == .joinTokenUnknown)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T12:00:00Z"))
            #expect(try await meeting.heard([meeting.seller]) == ["over"])
            #expect(await refusal { try await meeting.say("x", by: newer) } == .joinClosed)
        }
    }

    @Test func whatWasSaidIsForgottenAndNobodyFloods() async throws {
        try await TestMarket.withMarket { test in
            let meeting = try await Self.meetings(test)[0]
            for number in 0..<500 { try await meeting.say("\(number)", by: meeting.seller) }
            let more = try await test.market.sendRoomSignal(
                meeting.seller, session: "seller-page", to: nil, "more")
            #expect(!more)
            try await meeting.say("from the other side", by: meeting.buyer)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T07:53:00Z"))
            try await meeting.say("later", by: meeting.seller)
            #expect(try await meeting.heard([meeting.buyer]) == ["seller later;"])
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T08:04:00Z"))
            #expect(try await meeting.heard([meeting.buyer]) == [""])
            try await test.market.forgetRoomSignals()
            let left: Int64 = try await test.superuser.read([
                "select count(*) from room_signal"
            ]).only().decode(0)
            #expect(left == 0)
        }
    }
}
