import MoneyAndTime
import Storage
import TestMarket
import Testing
import Visits

@testable import Web

@Suite("The minutes on pages: what is told of a visit, and many attested at once")
struct MinutesPageTests {
    /// Two visits of twenty minutes at 10:00 and 10:45 (UTC+2), held; it is 11:30.
    private func withHeldVisits(
        _ body: (PagesWorld, LifeOfAVisit, [String]) async throws -> Void
    ) async throws {
        try await PagesWorld.with { world in
            let contract = try await world.test.contractOfAllMinutes(
                seller: world.seller, buyer: world.buyer)
            let life = LifeOfAVisit(under: contract, sharing: world.life)
            var visits: [BookingID] = []
            for time in ["10:00", "10:45"] {
                visits.append(try await life.booked("2027-03-03", at: time))
            }
            for (visit, time) in zip(visits, ["08:00:00Z", "08:45:00Z"]) {
                let start = try Instant(rfc3339: "2027-03-03T\(time)")
                try await world.test.clock.set(to: start.adding(seconds: -60))
                try await life.attended(visit, from: start, minutes: 20)
            }
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-03T09:30:00Z"))
            try await body(world, life, visits.map(\.description))
        }
    }

    /// The values of the boxes of the list, in order.
    private func boxes(_ page: PageAnswer) -> [String] {
        page.body.matches(of: /name="visit" type="checkbox" value="([^"]*)"/).map { String($0.1) }
    }

    private func attest(
        _ values: [String], _ browser: Browser
    ) async throws -> PageAnswer {
        let page = try await browser.get("/minutes")
        let form = page.sealed(key: "key \(UInt64.random(in: .min ... .max))")
        return try await browser.post("/minutes", form, also: values.map { "visit=\($0)" })
    }

    private func tell(
        _ fields: [String: String], _ visit: String, _ browser: Browser
    ) async throws -> PageAnswer {
        let page = try await browser.get("/visits/\(visit)")
        let form = page.sealed(key: "key \(UInt64.random(in: .min ... .max))")
        return try await browser.post("/visits/\(visit)/reports", form.merging(fields) { $1 })
    }

    @Test func manyAreAttestedWithOneButton() async throws {
        try await withHeldVisits { world, _, visits in
            let seller = try await world.browser(of: world.seller.specialist)
            let buyer = try await world.browser(of: world.buyer.specialist)
            let list = try await seller.get("/minutes")
            let values = boxes(list)
            #expect(values.map { String($0.prefix { $0 != ":" }) } == visits)
            #expect(list.body.matches(of: /<svg\b/).count == 6)
            #expect(!list.body.contains("€"), "no price where visits are")
            #expect(try await attest([], seller).status == 303)
            let done = try await attest(values, seller)
            #expect(done.location == "/minutes?done=2")
            let empty = try await seller.get("/minutes").body
            #expect(empty.contains("No minutes wait for your word."))

            // the buyer looked at the list, and then the seller entered minutes
            let looked = boxes(try await buyer.get("/minutes"))
            #expect(looked == values)
            let entered = try await tell(
                ["kind": "extra_time", "preparation": "5", "record_writing": "10"], visits[0],
                seller)
            #expect(entered.status == 303)
            #expect(try await attest([looked[1]], buyer).location == "/minutes?done=1")
            let other = try await attest(["\(visits[0]):7"], buyer)
            #expect(other.status == 409 && other.links.contains("#\(visits[0])"))
            #expect(other.body.contains("The figure has changed meanwhile."))
            let closed = try await buyer.get("/visits/\(visits[1])").body
            #expect(closed.contains("the visit is charged"))
        }
    }

    @Test func whatIsToldStandsOnThePageOfBoth() async throws {
        try await withHeldVisits { world, life, visits in
            let seller = try await world.browser(of: world.seller.specialist)
            let buyer = try await world.browser(of: world.buyer.specialist)
            let page = try await buyer.get("/visits/\(visits[0])").body
            #expect(page.contains("Let the visit go on") && !page.contains("Enter the minutes"))
            #expect(!page.contains("€"))
            let wrong = try await tell(
                ["kind": "extra_time", "preparation": "eleven"], visits[0], seller)
            #expect(wrong.status == 422 && wrong.links.contains("#preparation"))
            let above = try await tell(
                ["kind": "extra_time", "preparation": "11"], visits[0], seller)
            #expect(above.status == 409)
            #expect(above.body.contains("The contract bills fewer minutes than that."))
            let times = ["telephone_from": "10:20", "telephone_until": "10:30"]
            let call = times.merging(["kind": "telephone"]) { $1 }
            #expect(try await tell(call, visits[0], seller).status == 303)
            let waits = try await buyer.get("/visits/\(visits[0])").body
            #expect(waits.contains("10:20–10:30, until now told by one side only"))
            let list = try await buyer.get("/minutes").body
            #expect(list.contains("10:20–10:30, until now told by one side only"))
            #expect(list.matches(of: /type="checkbox"[^>]* checked/).count == 1, "the other one")
            #expect(try await tell(call, visits[0], buyer).location?.hasSuffix("done=told") == true)
            let told = try await buyer.get("/visits/\(visits[0])").body
            #expect(told.contains("10:20–10:30, and the other side tells the same"))
            let failed = ["kind": "technical_failure", "failure": "<no sound>"]
            #expect(try await tell(failed, visits[0], seller).status == 303)
            let seen = try await buyer.get("/visits/\(visits[0])")
            #expect(seen.body.contains("&lt;no sound&gt;") && !seen.body.contains("<no sound>"))
            #expect(seen.hidden("figure")?.hasSuffix("-0-0-1") == true)
            #expect(seen.body.contains("broke off because of a technical failure"))
            // half an hour together, ten minutes of it by telephone
            let id = try BookingID(typeID: visits[0])
            #expect((1_798...1_800).contains(try await life.measured(id)))
            for language in ["fi", "sv"] {
                _ = try await buyer.get("/language?to=\(language)&next=/")
                let other = try await buyer.get("/visits/\(visits[0])").body
                #expect(!other.contains("happened_") && !other.contains("telling_"))
            }
        }
    }
}
