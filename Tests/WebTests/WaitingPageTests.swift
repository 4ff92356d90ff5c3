import Marketplace
import MoneyAndTime
import Scheduling
import Storage
import TestMarket
import Testing

@testable import Web

@Suite("Where nothing fits: what comes near, and the waiting list")
struct WaitingPageTests {
    @Test("what comes near is shown, and one may wait for the rest")
    func nothingFound() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let early = try await browser.get(
                "/find?service=psychiatrist-visit&from=2027-03-01&minutes=30"
                    + "&hours_from=05:00&hours_until=06:00")
            #expect(early.body.contains("At another hour"))
            let near = try #require(early.links.first { $0.hasPrefix("/time?") })
            #expect(try await browser.get(near).status == 200)
            #expect(
                early.links.contains(
                    "/waiting/new?service=psychiatrist-visit&from=2027-03-01&minutes=30"
                        + "&hours_from=05%3A00&hours_until=06%3A00"))
            let morning = try await browser.get(
                "/find?service=psychiatrist-visit&from=2027-03-01&minutes=30"
                    + "&hours_from=09:00&hours_until=09:30")
            let starts = morning.links.filter { $0.hasPrefix("/time?") }
            #expect(starts.count > 5 && starts.allSatisfy { $0.contains("T07%3A00%3A00Z") })
            for hours in ["hours_from=10:00&hours_until=9:00", "hours_from=x"] {
                let wrong = try await browser.get("/find?service=psychiatrist-visit&\(hours)")
                #expect(wrong.status == 422 && wrong.links.contains("#hours_until"), "\(hours)")
            }
        }
    }

    @Test("one waits, is offered time, and confirms it")
    func waiting() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let form = try await browser.get("/waiting/new").form("/waiting")
            // all of that week is free: nobody waits for it
            let wanted = [
                "sold": "\(world.life.contract.id) psychiatrist-visit", "minutes": "30",
                "from": "2027-03-01", "until": "2027-03-05", "patient_reference": "PT-1042",
            ]
            let free = try await browser.post("/waiting", form.merging(wanted) { $1 })
            #expect(free.status == 409 && free.links.contains("#from"))
            #expect(free.body.contains("value=\"PT-1042\""), "nothing typed is lost")
            #expect(
                free.links.contains("/find?service=psychiatrist-visit&from=2027-03-01&minutes=30"))
            for (field, value) in [
                ("sold", "x"), ("minutes", "7"), ("from", "1.1."), ("until", "2026-01-01"),
                ("patient_reference", "131052-308T"),
            ] {
                let wrong = try await browser.post(
                    "/waiting",
                    form.merging(wanted) { $1 }.merging([field: value, "key": "\(field)"]) { $1 })
                #expect(wrong.status == 422 && wrong.links.contains("#\(field)"), "\(field)")
            }
            // a Saturday, on which nothing is on sale yet
            let joined = try await browser.post(
                "/waiting",
                form.merging(wanted) { $1 }.merging([
                    "from": "2027-03-06", "until": "2027-03-06", "key": "joined",
                ]) { $1 })
            #expect((joined.status, joined.location) == (303, "/waiting?done=joined"))
            let list = try await browser.get("/waiting?done=joined")
            #expect(list.body.contains("You are asked next.") && list.body.contains("PT-1042"))
            let colleague = try await world.browser(of: world.seller.scheduler)
            #expect(try await !colleague.get("/waiting").body.contains("PT-1042"))
            try await world.sellSaturday()
            let offered = try await browser.get("/waiting")
            #expect(offered.body.contains("Time is held for you"))
            let booking = try #require(offered.links.first { $0.hasPrefix("/bookings/") })
            let confirm = try await browser.get(booking).form("\(booking)/confirm")
            #expect(try await browser.post("\(booking)/confirm", confirm).status == 303)
            #expect(try await browser.get("/waiting").body.contains("Booked"))
        }
    }

    @Test("a specialist says that it is at hand, and is found by whoever needs someone now")
    func atHand() async throws {
        try await PagesWorld.with { world in
            let specialist = world.life.specialist
            try await world.life.contract.test.clock.set(
                to: Instant(rfc3339: "2027-03-02T07:00:00Z"))
            let sellers = try await world.browser(of: world.seller.scheduler)
            let buyers = try await world.browser(of: world.buyer.scheduler)
            let now = "/find?service=psychiatrist-visit&minutes=30&now=yes"
            let before = try await buyers.get(now)
            #expect(before.body.contains("does not say that they are at hand"))
            let day = try await sellers.get("/day?specialist=\(specialist)")
            let said = try await sellers.post(
                "/day/presence", day.form("/day/presence").merging(["minutes": "120"]) { $1 })
            #expect(said.location == "/day?specialist=\(specialist)")
            let present = try await sellers.get(said.location ?? "")
            #expect(present.body.contains("At hand now") && present.body.contains("11:00"))
            let found = try await buyers.get(now)
            #expect(found.body.contains("of those who say that they are at hand now"))
            #expect(found.links.contains { $0.hasPrefix("/time?") })
            let gone = try await sellers.post("/day/presence", present.form("/day/presence"))
            #expect(gone.status == 303)
            #expect(try await buyers.get(now).body.contains("does not say"))
        }
    }

    @Test func leaving() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let form = try await browser.get("/waiting/new").form("/waiting")
            _ = try await browser.post(
                "/waiting",
                form.merging([
                    "sold": "\(world.life.contract.id) psychiatrist-visit", "minutes": "30",
                    "from": "2027-03-06", "until": "2027-03-07",
                ]) { $1 })
            let leave = try await browser.get("/waiting").form("/waiting/leave")
            let left = try await browser.post("/waiting/leave", leave)
            #expect(left.location == "/waiting?done=left")
            let again = try await browser.post(
                "/waiting/leave", leave.merging(["key": "again"]) { $1 })
            #expect(again.status == 409 && again.body.contains("does not wait any more"))
        }
    }
}

extension PagesWorld {
    /// The specialist works on a Saturday, too, and the worker has seen it.
    fileprivate func sellSaturday() async throws {
        let market = life.contract.test.market
        _ = try await market.publishAvailability(
            seller.scheduler.request("publishAvailability"),
            .init(
                specialist: life.specialist, pattern: .once(CalendarDate(iso: "2027-03-06")),
                from: TimeOfDay("09:00"), to: TimeOfDay("12:00"),
                terms: .init(
                    grid: .fifteen, shortestMinutes: 10, longestMinutes: 90, bufferAfterMinutes: 5))
        )
        _ = try await market.actOnWhatIsDue(most: 20)
    }
}
