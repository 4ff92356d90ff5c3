import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import SignIn
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// A visit in the calendars of both sides, and the private feeds.
@Suite struct VisitCalendarTests {
    private func with(
        inAdvance: Bool, _ body: (LifeOfAVisit, BookingID) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                acceptedInAdvance: inAdvance)
            let life = try await LifeOfAVisit(under: contract)
            try await body(life, life.booked("2027-03-08"))
        }
    }

    private func lines(_ document: Document?) -> [String] {
        let text = document.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        return text.replacing("\r\n ", with: "").split(separator: "\r\n").map(String.init)
    }

    private func calendar(
        _ life: LifeOfAVisit, _ booking: BookingID, _ side: Visits.Side,
        as form: Market.CalendarForm = .message
    ) async throws -> Document {
        let organisation = side == .seller ? life.contract.seller : life.contract.buyer
        return try await life.test.market.bookingCalendar(
            organisation.scheduler.request("getBookingCalendar"), booking, as: form, in: .english)
    }

    private func say(
        _ life: LifeOfAVisit, _ side: Visits.Side, _ booking: BookingID, _ sequence: Int64,
        _ kind: HandshakeMessage.Kind, offer: String? = nil
    ) async throws {
        let organisation = side == .seller ? life.contract.seller : life.contract.buyer
        let meeting = try offer.map { try Instant(rfc3339: $0) }.map { starts in
            Market.OfferedMeeting(
                starts: starts, room: .builtIn, needs: [],
                deadline: try Instant(rfc3339: "2027-03-08T06:00:00Z"))
        }
        _ = try await life.test.market.sendHandshakeMessage(
            organisation.scheduler.request("sendHandshakeMessage"), booking,
            .init(
                kind: kind, sequence: sequence, cause: "Fits better.", offer: meeting,
                checks: nil))
    }

    @Test func theExchangeOfOneVisit() async throws {
        try await with(inAdvance: false) { life, id in
            let nothing = await refusal { _ = try await calendar(life, id, .buyer) }
            #expect(nothing == .nothingProposed)
            try await say(life, .seller, id, 1, .propose, offer: "2027-03-08T08:00:00Z")
            let invited = try await calendar(life, id, .buyer)
            #expect(invited.mediaType == "text/calendar; method=REQUEST; charset=utf-8")
            let said = lines(invited)
            #expect(said.contains("DTSTART:20270308T080000Z"))
            #expect(said.contains("UID:\(id)") && said.contains("SEQUENCE:0"))
            // no patient, no price
            let whole = said.joined(separator: "\n")
            for secret in ["PT-1", "€", "EUR", "D 1/2027", "A 1"] {
                #expect(!whole.contains(secret), "\(secret)")
            }
            try await say(life, .buyer, id, 2, .counter, offer: "2027-03-08T09:00:00Z")
            let countered = lines(try await calendar(life, id, .seller))
            #expect(countered.contains("METHOD:COUNTER"))
            #expect(countered.contains("DTSTART:20270308T090000Z"))
            try await say(life, .seller, id, 3, .accept)
            let agreed = lines(try await calendar(life, id, .buyer))
            #expect(agreed.contains("METHOD:REQUEST") && agreed.contains("SEQUENCE:1"))
            #expect(agreed.contains("STATUS:CONFIRMED"))
            let event = lines(try await calendar(life, id, .buyer, as: .event))
            #expect(!event.contains { $0.hasPrefix("METHOD") } && event.contains("SEQUENCE:1"))
            #expect(event.contains("DTSTART:20270308T090000Z"))
        }
    }

    /// What is done to the booking without the handshake is in the calendars too, and a reader who
    /// comes before the worker sees what has run out.
    @Test func aCancellationAndADeadlineReachTheCalendars() async throws {
        try await with(inAdvance: true) { life, id in
            let market = life.test.market
            let scheduler = life.contract.buyer.scheduler
            _ = try await market.cancelBooking(
                scheduler.request("cancelBooking"), id, expectedFee: .zero, reason: "No need.")
            let cancelled = lines(try await calendar(life, id, .seller))
            #expect(cancelled.contains("METHOD:CANCEL") && cancelled.contains("SEQUENCE:1"))
            #expect(!cancelled.joined().contains("No need."))
        }
        try await with(inAdvance: false) { life, id in
            try await say(life, .seller, id, 1, .propose, offer: "2027-03-08T08:00:00Z")
            try await life.test.clock.set(to: Instant(rfc3339: "2027-03-08T06:30:00Z"))
            let before = try await calendar(life, id, .buyer)
            #expect(lines(before).contains("METHOD:CANCEL"))
            #expect(lines(before).contains("DTSTAMP:20270308T060000Z"))
            #expect(try await life.test.market.actOnWhatIsDue(most: 10) > 0)
            let after = lines(try await calendar(life, id, .seller))
            #expect(after.contains("METHOD:CANCEL"))
        }
    }

    // MARK: Feeds

    private func added(
        _ life: LifeOfAVisit, _ subject: StoredCalendarFeed.Subject, by caller: TestCaller,
        key: String = "feed"
    ) async throws -> (id: CalendarFeedID, secret: OneTimeSecret, answer: JSON) {
        let answer = try await life.test.market.addCalendarFeed(
            caller.request("addCalendarFeed", key: key), of: subject, in: .finnish
        ).body
        let address = try #require(answer["address"]?.text)
        let text = address.split(separator: "/").last?.dropLast(4) ?? ""
        return (
            try CalendarFeedID(typeID: answer["id"]?.text ?? ""),
            try #require(OneTimeSecret(presented: String(text))), answer
        )
    }

    @Test func eachSideReadsItsOwnWords() async throws {
        try await with(inAdvance: true) { life, id in
            let (seller, buyer) = (life.contract.seller, life.contract.buyer)
            let market = life.test.market
            let gone = try await life.booked("2027-03-09")
            _ = try await market.cancelBooking(
                buyer.scheduler.request("cancelBooking"), gone, expectedFee: .zero, reason: nil)
            let sold = try await added(
                life, .specialist(life.specialist), by: seller.scheduler)
            let bought = try await added(life, .unit(buyer.unit), by: buyer.scheduler)
            let sellers = lines(try await market.calendarFeed(sold.secret))
            #expect(sellers.filter { $0.hasPrefix("UID") }.count == 2)
            #expect(sellers.contains("STATUS:CONFIRMED") && sellers.contains("STATUS:CANCELLED"))
            #expect(sellers.filter { $0.hasPrefix("SUMMARY") }.allSatisfy { $0.hasSuffix("Buyer") })
            #expect(sellers.contains("X-WR-CALNAME:Aikatori: Specialist 1"))
            let buyers = lines(try await market.calendarFeed(bought.secret))
            #expect(buyers.filter { $0.hasPrefix("UID") }.count == 2)
            #expect(
                buyers.filter { $0.hasPrefix("SUMMARY") }
                    .allSatisfy { $0.hasSuffix("Specialist 1") })
            for line in sellers + buyers {
                #expect(!line.contains("PT-1") && !line.contains("€"), "\(line)")
            }
            // the same bytes as long as nothing changes
            let first = try await market.calendarFeed(sold.secret)
            #expect(try await market.calendarFeed(sold.secret)?.bytes == first?.bytes)
            // a cancelled one is forgotten after two weeks, and the past after a month
            try await life.test.clock.set(to: Instant(rfc3339: "2027-03-20T08:00:00Z"))
            let later = lines(try await market.calendarFeed(sold.secret))
            #expect(later.filter { $0.hasPrefix("UID") } == ["UID:\(id)"])
            try await life.test.clock.set(to: Instant(rfc3339: "2027-04-20T08:00:00Z"))
            let afterwards = lines(try await market.calendarFeed(sold.secret))
            #expect(!afterwards.contains("UID:\(id)"))
        }
    }

    /// At ten by Helsinki's clock, before and after it is put forward.
    @Test func aFeedIsRightOverTheChangeOfClocks() async throws {
        try await with(inAdvance: true) { life, _ in
            _ = try await life.booked("2027-03-26")
            _ = try await life.booked("2027-03-29")
            let feed = try await added(
                life, .specialist(life.specialist), by: life.contract.seller.scheduler)
            let read = lines(try await life.test.market.calendarFeed(feed.secret))
            #expect(
                read.filter { $0.hasPrefix("DTSTART") } == [
                    "DTSTART:20270308T080000Z", "DTSTART:20270326T080000Z",
                    "DTSTART:20270329T070000Z",
                ])
        }
    }

    @Test func theAddressIsShownOnceAndCanBeRevoked() async throws {
        try await with(inAdvance: true) { life, _ in
            let (seller, market) = (life.contract.seller, life.test.market)
            let feed = try await added(
                life, .specialist(life.specialist), by: seller.scheduler)
            #expect(feed.answer["address_shown"] == false)
            let again = try await market.addCalendarFeed(
                seller.scheduler.request("addCalendarFeed", key: "feed"),
                of: .specialist(life.specialist), in: .finnish
            ).body
            #expect(again["address"] == .null && again["address_shown"] == true)
            #expect(again["id"] == feed.answer["id"])
            #expect(try await market.calendarFeed(feed.secret) != nil)
            let listed = try await market.listCalendarFeeds(
                seller.admin.request("listCalendarFeeds"), page: Page(after: nil, limit: 10)
            ).body["items"]?[0]
            #expect(listed?["last_used_at"]?.text != nil && listed?["address"] == nil)
            // nothing in the database says the secret
            let text = feed.secret.text
            let kept = try await life.test.owner.read([
                """
                select (select string_agg(f::text, ' ') from calendar_feed f)
                    || (select string_agg(i::text, ' ') from idempotency i)
                    || (select string_agg(a::text, ' ') from audit_fact a) as words
                """
            ]).only()["words", String.self]
            #expect(kept.contains("calendar_feed") && !kept.contains(text))
            _ = try await market.revokeCalendarFeed(
                seller.scheduler.request("revokeCalendarFeed", key: "1"), feed.id)
            #expect(try await market.calendarFeed(feed.secret) == nil)
            let twice = await refusal {
                _ = try await market.revokeCalendarFeed(
                    seller.scheduler.request("revokeCalendarFeed", key: "2"), feed.id)
            }
            #expect(twice == .alreadyRevoked)
            var random = SystemRandomNumberGenerator()
            #expect(try await market.calendarFeed(OneTimeSecret(using: &random)) == nil)
        }
    }

    @Test func itEndsWithTheMemberWhoMadeIt() async throws {
        try await with(inAdvance: true) { life, _ in
            let (seller, market) = (life.contract.seller, life.test.market)
            let feed = try await added(
                life, .specialist(life.specialist), by: seller.scheduler)
            try await life.test.owner.write([
                "update member set active = false where id = \(seller.scheduler.member)"
            ])
            #expect(try await market.calendarFeed(feed.secret) == nil)
        }
    }

    @Test func itEndsWithWhatItsMakerMaySee() async throws {
        try await with(inAdvance: true) { life, _ in
            let (seller, market) = (life.contract.seller, life.test.market)
            let feed = try await added(
                life, .specialist(life.specialist), by: seller.scheduler)
            func becomes(_ role: String, _ specialist: SpecialistID?) async throws -> Bool {
                try await life.test.owner.write([
                    """
                    update member set roles = array[\(role)], specialist = \(specialist)
                    where id = \(seller.scheduler.member)
                    """
                ])
                return try await market.calendarFeed(feed.secret) != nil
            }
            #expect(try await !becomes("finance", nil))
            #expect(try await !becomes("specialist", nil))
            #expect(try await becomes("specialist", life.specialist))
            #expect(try await becomes("admin", nil))
        }
    }

    @Test func whoIsASpecialistMakesOneOfTheirOwnOnly() async throws {
        try await with(inAdvance: true) { life, _ in
            let (seller, buyer, market) = (
                life.contract.seller, life.contract.buyer, life.test.market
            )
            func attempt(
                _ caller: TestCaller, _ subject: StoredCalendarFeed.Subject
            ) async -> RefusalCode? {
                await refusal {
                    _ = try await market.addCalendarFeed(
                        caller.request("addCalendarFeed"), of: subject, in: .english)
                }
            }
            let own = StoredCalendarFeed.Subject.specialist(life.specialist)
            #expect(await attempt(seller.specialist, own) == .roleNotAllowed)
            #expect(await attempt(seller.specialist, .unit(seller.unit)) == .roleNotAllowed)
            #expect(await attempt(seller.finance, own) == .roleNotAllowed)
            #expect(await attempt(buyer.scheduler, own) == .notFound)
            #expect(await attempt(buyer.scheduler, .unit(seller.unit)) == .notFound)
            try await life.test.owner.write([
                """
                update member set specialist = \(life.specialist)
                where id = \(seller.specialist.member)
                """
            ])
            #expect(await attempt(seller.specialist, .unit(seller.unit)) == .roleNotAllowed)
            let feed = try await added(life, own, by: seller.specialist)
            _ = try await added(life, .unit(seller.unit), by: seller.scheduler, key: "unit")
            let listed =
                try await market.listCalendarFeeds(
                    seller.specialist.request("listCalendarFeeds"),
                    page: Page(after: nil, limit: 10)
                ).body["items"]?.elements ?? []
            #expect(listed.map { $0["id"] } == [feed.answer["id"]])
            let others = await refusal {
                _ = try await market.revokeCalendarFeed(
                    buyer.scheduler.request("revokeCalendarFeed"), feed.id)
            }
            #expect(others == .notFound)
        }
    }
}
