import MoneyAndTime
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("A month is priced again on its page")
struct RatingAgainPageTests {
    /// The hidden fields of the form that changes something: another one chooses the month.
    private static func posted(
        _ page: PageAnswer, to address: String
    ) throws -> [String: String] {
        try PageAnswer(
            status: page.status, headers: page.headers,
            body: page.body.replacing("method=\"get\" action=\"\(address)\"", with: "")
        ).form(address)
    }

    @Test("Both see what the fee comes to; the seller puts it in its place")
    func aFee() async throws {
        try await PagesWorld.with { world in
            let (life, _) = try await world.charged()
            let contract = life.contract.id
            let address = "/contracts/\(contract)/rating-again"
            let sellers = try await world.browser(of: world.seller.finance)
            let before = try await sellers.get("\(address)?month=2027-03")
            #expect(before.body.contains("No charge of this month"))
            try await world.test.amended(
                contract, from: CalendarDate(iso: "2027-03-01"),
                signedAt: Instant(rfc3339: "2027-04-01T06:00:00Z"), pricePerMinute: "3.20")
            let buyers = try await world.browser(of: world.buyer.finance)
            let seen = try await buyers.get("\(address)?month=2027-03")
            #expect(seen.body.contains(">48.00<") && seen.body.contains("Replaced by a new charge"))
            #expect(!seen.body.contains("name=\"difference\""), "the buyer changes nothing")

            let page = try await sellers.get("\(address)?month=2027-03")
            var form = try Self.posted(page, to: address)
            #expect(form["difference"] == "-6.00")
            form["difference"] = "-5.00"
            let stale = try await sellers.post(address, form)
            #expect(stale.status == 409 && stale.body.contains("The difference has changed"))
            let made = try await sellers.post(address, Self.posted(stale, to: address))
            #expect(made.location == "\(address)?month=2027-03&done=made")
            let done = try await sellers.get(made.location ?? "")
            #expect(done.body.contains("Priced again before"))
            #expect(done.body.contains("Make its next statement now"))
            #expect(try await sellers.get("\(address)?month=2027-3").status == 422)
        }
    }
}
