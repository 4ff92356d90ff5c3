import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

/// What comes near to a wish that finds nothing.
@Suite struct NearestTimesTests {
    @Test func eachConcessionGivesWayInOneThing() throws {
        var wish = try FoundTime.Wish(
            from: Instant(rfc3339: "2027-03-08T00:00:00Z"),
            until: Instant(rfc3339: "2027-03-15T00:00:00Z"), minutes: 45)
        for concession in Concession.allCases {
            let others = wish.conceding(concession, shorter: [])
            #expect(others.isEmpty == (concession != .later), "\(concession)")
        }
        wish.language = "sv"
        wish.weekdays = [.monday]
        wish.hours = FoundTime.Hours(from: try TimeOfDay("08:00"), until: try TimeOfDay("10:00"))
        wish.specialist = try SpecialistID(typeID: "specialist_01j0000000e008000000000014")
        #expect(wish.conceding(.specialist, shorter: []).isEmpty, "it would be anybody")
        wish.specialty = "70"
        #expect(wish.conceding(.specialist, shorter: []).map(\.specialist) == [nil])
        #expect(wish.conceding(.specialist, shorter: []).map(\.language) == ["sv"])
        #expect(wish.conceding(.language, shorter: []).map(\.language) == [nil])
        let hours = wish.conceding(.hours, shorter: []).first
        #expect(hours?.hours == nil && hours?.weekdays == [] && hours?.minutes == 45)
        #expect(wish.conceding(.minutes, shorter: [40, 30]).map(\.minutes) == [40, 30])
        let later = wish.conceding(.later, shorter: [30]).first
        #expect(later?.from.rfc3339 == "2027-03-15T00:00:00Z")
        #expect(later?.until.rfc3339 == "2027-05-09T00:00:00Z" && later?.minutes == 45)
        wish.until = try Instant(rfc3339: "2027-05-09T00:00:00Z")
        #expect(wish.conceding(.later, shorter: []).isEmpty, "so far one search looks")
    }

    @Test func nearestTimesAreThoseThatASearchFinds() async throws {
        try await TestMarket.withMarket { test in
            let life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"),
                    buyer: test.addOrganisation("Buyer")))
            let scheduler = life.contract.buyer.scheduler
            // a Saturday and a Sunday
            var wish = try FoundTime.Wish(
                from: Instant(rfc3339: "2027-03-05T22:00:00Z"),
                until: Instant(rfc3339: "2027-03-07T22:00:00Z"), minutes: 45)
            wish.service = "psychiatrist-visit"
            let nothing = try await test.market.findTimes(
                scheduler.request("findTimes"), wish: wish, page: Page(after: nil, limit: 10))
            #expect(nothing.body["items"]?.elements?.isEmpty == true)
            let near = try await test.market.nearestTimes(
                scheduler.request("findNearestTimes"), wish: wish
            ).body["alternatives"]?.elements
            #expect(near?.map { $0["differs_in"]?.text } == ["later"])
            // with the terms in short: the example is free of charge up to 24 hours before
            #expect(
                near?.first?["times"]?[0]?["terms"] == [
                    "free_cancellation_until": "2027-03-07T07:00:00Z",
                    "highest_cancellation_percent": "50", "hold_minutes": 10,
                ])
            #expect(
                near?.first?["times"]?.elements?.map { $0["starts"]?.text } == [
                    "2027-03-08T07:00:00Z", "2027-03-08T07:15:00Z", "2027-03-08T07:30:00Z",
                ])
            // on Monday there is time, but not for so long a visit in the last hour of the day
            wish.from = try Instant(rfc3339: "2027-03-08T12:15:00Z")
            wish.until = try Instant(rfc3339: "2027-03-08T13:00:00Z")
            let shorter = try await test.market.nearestTimes(
                scheduler.request("findNearestTimes"), wish: wish
            ).body["alternatives"]?[0]
            #expect(shorter?["differs_in"] == "minutes")
            let length = shorter?["times"]?[0]?["minutes"]?.integer ?? 0
            #expect(length > 0 && length < 45)
            wish.minutes = length
            let same = try await test.market.findTimes(
                scheduler.request("findTimes"), wish: wish, page: Page(after: nil, limit: 3))
            #expect(same.body["items"]?.elements == shorter?["times"]?.elements)
            // no German at all, and nothing in the evening: only both together give way
            wish.minutes = 30
            wish.from = try Instant(rfc3339: "2027-03-07T22:00:00Z")
            wish.until = try Instant(rfc3339: "2027-03-08T22:00:00Z")
            wish.language = "de"
            wish.hours = try FoundTime.Hours(
                from: TimeOfDay("18:00"), until: TimeOfDay("20:00"))
            let both = try await test.market.nearestTimes(
                scheduler.request("findNearestTimes"), wish: wish
            ).body["alternatives"]?[0]
            #expect(both?["differs_in"] == "hours")
            #expect(both?["differences"] == ["hours", "language"])
            #expect(both?["times"]?[0]?["starts"] == "2027-03-08T07:00:00Z")
        }
    }
}
