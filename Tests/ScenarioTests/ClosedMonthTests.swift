import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@Suite("A month is closed: what comes late counts in the next one")
struct ClosedMonthTests {
    private let accepted: JSONObject = [
        "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true]
    ]

    private func close(
        _ organisation: TestOrganisation, _ month: String, in story: Story
    ) async throws {
        _ = try await story.market.closePeriod(
            organisation.finance.request("closePeriod", key: "close \(month)"),
            month: .init(key: month))
    }

    private func entries(_ organisation: TestOrganisation, in story: Story) async throws -> [JSON] {
        try await story.market.listEntries(
            organisation.finance.request("listEntries"), page: Page(after: nil, limit: 100)
        ).body["items"]?.elements ?? []
    }

    @Test("A visit of March is attested in April, when the buyer has closed March")
    func aLateVisit() async throws {
        try await Story.tell(changed: accepted) { story in
            try await story.life.held("2027-03-08", minutes: 30)
            let late = try await story.life.booked("2027-03-31")
            let starts = try Instant(rfc3339: "2027-03-31T07:00:00Z")
            try await story.test.clock.set(to: starts.adding(seconds: -300))
            try await story.life.attended(late, from: starts, minutes: 30)
            try await story.at("2027-04-06T06:00:00Z")
            let unfinished = try await story.market.periods(
                story.buyer.finance.request("getPeriods")
            ).body["next"]?["unfinished"]
            #expect(unfinished?[0]?["kind"] == "unattested")
            #expect(unfinished?[0]?["count"] == 1)
            try await close(story.buyer, "2027-03", in: story)

            let seconds = try await story.life.measured(late)
            try await story.life.says(.seller, .attests(seconds: seconds), of: late)
            try await story.life.says(.buyer, .attests(seconds: seconds), of: late)
            for party in [story.seller, story.buyer] {
                let accruals = try await entries(party, in: story)
                #expect(accruals.map { $0["effective_on"] } == ["2027-03-08", "2027-04-01"])
                #expect(accruals.map { $0["about_on"] } == [.null, "2027-03-31"])
            }
            // it is billed with its month all the same
            let invoice = try await story.life.invoiced()[0]
            #expect(invoice["total"] == "216.00")
        }
    }

    @Test("The year changes: December is closed, and what is about it counts in January")
    func theYearChanges() async throws {
        try await Story.tell(changed: accepted) { story in
            try await story.at("2027-11-22T08:00:00Z")
            try await story.life.held("2027-11-30", minutes: 30)
            let visit = try await story.life.booked("2027-12-31")
            let starts = try Instant(rfc3339: "2027-12-31T08:00:00Z")
            try await story.test.clock.set(to: starts.adding(seconds: -300))
            try await story.life.attended(visit, from: starts, minutes: 30)
            try await story.at("2028-01-01T06:00:00Z")
            for month in ["2027-11", "2027-12"] {
                try await close(story.seller, month, in: story)
            }
            let seconds = try await story.life.measured(visit)
            try await story.life.says(.seller, .attests(seconds: seconds), of: visit)
            try await story.life.says(.buyer, .attests(seconds: seconds), of: visit)
            let last = try await entries(story.seller, in: story).last
            #expect(last?["effective_on"] == "2028-01-01" && last?["about_on"] == "2027-12-31")
            let january = try await story.market.monthBalance(
                story.seller.finance.request("getMonthBalance"), of: .init(key: "2028-01")
            ).body
            let revenue = january["accounts"]?.elements?.first { $0["code"] == "revenue" }
            #expect(revenue?["opening"] == "108.00" && revenue?["closing"] == "216.00")
        }
    }
}
