import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("Weeks that one works in: a specialist's, a unit's, and that of what is free")
struct WorkingWeekTests {
    @Test("a stretch is taken off sale after its preview, and put on sale again")
    func pausing() async throws {
        try await PagesWorld.with { world in
            let booking = try await world.life.booked("2027-03-02")
            let browser = try await world.browser(of: world.seller.scheduler)
            let week = try await world.week(of: "2027-03-02", browser)
            #expect(week.body.contains("data-form=\"marking\""))
            #expect(week.body.contains("id=\"marking\""))
            let stretch = "pause_date=2027-03-02&pause_from=10:00&pause_to=12:00"
            let address = "/sale-pauses/new?specialist=\(world.life.specialist)&\(stretch)"
            let preview = try await browser.get(address)
            #expect(preview.status == 200 && preview.links.contains("/bookings/\(booking)"))
            #expect(preview.body.contains("10:00–12:00"))
            let form = try preview.form("/sale-pauses")
            let done = try await browser.post("/sale-pauses", form)
            #expect(done.location?.hasSuffix("&week=2027-03-02&done=paused") == true)
            let paused = try await world.week(of: "2027-03-02", browser)
            let day = try paused.day("Tue 2 Mar")
            #expect(day.contains("For sale 09:00–10:00") && day.contains("For sale 12:00–15:00"))
            #expect(day.contains("10:00–12:00 Off sale") && day.contains("10:00–10:30 Booked"))
            #expect(try paused.day("Wed 3 Mar").contains("For sale 09:00–15:00"))
            let there = try await browser.get(address)
            #expect(there.body.contains("Nothing is for sale there."))
            let ended = try await browser.post(
                "/sale-pauses/end", try there.form("/sale-pauses/end"))
            #expect(ended.location?.hasSuffix("done=resumed") == true)
            #expect(
                try await world.week(of: "2027-03-02", browser).day("Tue 2 Mar")
                    .contains("For sale 09:00–15:00"))
        }
    }

    @Test(
        "a bad stretch is named by its field",
        arguments: [
            ("2027-02-30", "10:00", "12:00", "pause_date"),
            ("2027-03-02", "25:00", "12:00", "pause_from"),
            ("2027-03-02", "10:00", "", "pause_to"), ("2027-03-02", "12:00", "10:00", "pause_to"),
            ("2020-03-02", "10:00", "12:00", "pause_date"),
        ])
    func badStretch(date: String, from: String, to: String, field: String) async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.scheduler)
            let page = try await browser.get(
                "/sale-pauses/new?specialist=\(world.life.specialist)&pause_date=\(date)"
                    + "&pause_from=\(from)&pause_to=\(to)")
            #expect(page.status == 422 && page.links.contains("#\(field)"), "\(page.links)")
        }
    }

    @Test("the unit's week: each specialist a row, with what is for sale and taken")
    func unitWeek() async throws {
        try await PagesWorld.with { world in
            _ = try await world.life.booked("2027-03-02")
            _ = try await world.life.booked("2027-03-02", at: "12:00")
            _ = try await world.test.addSpecialist(to: world.seller, label: "Specialist 2")
            let browser = try await world.browser(of: world.seller.scheduler)
            let own = try await world.week(of: "2027-03-02", browser)
            let address = "/calendar?unit=\(world.seller.unit)&week=2027-03-01"
            #expect(own.links.contains(address))
            let page = try await browser.get(address)
            #expect(page.status == 200)
            #expect(page.body.contains("Specialist 1") && page.body.contains("Specialist 2"))
            #expect(page.body.contains("09:00–15:00") && page.body.contains("2 booked"))
            let day = "/calendar?specialist=\(world.life.specialist)&week=2027-03-02#day-2027-03-02"
            #expect(page.links.contains(day))
            let others = try await world.browser(of: world.outsider.scheduler)
            #expect(try await others.get(address).status == 404)
            #expect(try await browser.get("/calendar?unit=nothing").status == 404)
        }
    }

    @Test("what is free, as a week: a count and the lowest price of each hour, and on to its list")
    func foundWeek() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let week = try await browser.get("/find?minutes=30&from=2027-03-03&view=week")
            #expect(week.status == 200 && week.body.contains("Free times of week 9"))
            let hour = try #require(
                week.links.first { $0.contains("hour=2027-03-02T07%3A00%3A00Z") })
            #expect(week.body.contains("4 free"))
            #expect(week.links.contains { $0.contains("view=week") && $0.contains("2027-03-08") })
            let list = try await browser.get(hour)
            #expect(list.status == 200 && list.body.contains("Only what begins on"))
            let starts = list.links.filter { $0.hasPrefix("/time?") }
            #expect(starts.count == 4, "\(starts)")
            #expect(starts.allSatisfy { $0.contains("2027-03-02T07") })
            let monday = try await browser.get(
                "/find?minutes=30&from=2027-03-03&view=week&weekdays=monday&weekdays=friday")
            #expect(!monday.links.contains { $0.contains("hour=2027-03-02") })
            #expect(monday.links.contains { $0.contains("hour=2027-03-05") })
            #expect(monday.body.contains("value=\"friday\" checked"))
        }
    }

    @Test("limits of a specialist's sold minutes are saved, and a wrong figure is named")
    func limits() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.scheduler)
            let address = "/working-limits?specialist=\(world.life.specialist)"
            let form = try await browser.get(address).form("/working-limits")
            let wrong = try await browser.post(
                "/working-limits", form.merging(["daily_minutes": "1441"]) { $1 })
            #expect(wrong.status == 422 && wrong.links.contains("#daily_minutes"))
            let saved = try await browser.post(
                "/working-limits",
                form.merging(["daily_minutes": "240", "weekly_minutes": "", "key": "right"]) { $1 })
            #expect(saved.status == 303)
            let sheet = try await world.test.market.specialist(
                world.seller.scheduler.request("getSpecialist"), world.life.specialist
            ).body
            #expect(sheet["daily_minutes"]?.integer == 240 && sheet["weekly_minutes"] == .null)
            #expect(sheet["label"]?.text == "Specialist 1" && sheet["active"]?.flag == true)
            let stale = try await browser.post(
                "/working-limits",
                form.merging(["daily_minutes": "60", "key": "stale"]) { $1 })
            #expect(stale.status == 409)
        }
    }

    /// An axis of rows is right on both days on which the clocks are changed.
    @Test func axis() throws {
        let zone = try WallClock(zone: "Europe/Helsinki")
        func week(_ day: String) throws -> [CalendarDate] {
            let week = try CalendarWeek(of: CalendarDate(iso: day), zone: zone)
            return try (0..<7).map { try week.monday.adding(days: $0) }
        }
        func slot(_ from: String, _ until: String) throws -> TimeSlot {
            try TimeSlot(start: Instant(rfc3339: from), end: Instant(rfc3339: until))
        }
        let spring = try week("2027-03-28")
        let night = try slot("2027-03-27T23:00:00Z", "2027-03-28T02:00:00Z")
        var grid = try TimeGrid(spring, zone: zone, covering: [night])
        // from one to five: three hours, and the one that is skipped
        #expect(grid.place(of: night, on: spring[6]) == "a0 b0 c4 d0")
        #expect((grid.fields["hours"] as? String)?.hasPrefix("1 2 3 4 5") == true)
        let autumn = try week("2027-10-31")
        let first = try slot("2027-10-31T00:30:00Z", "2027-10-31T01:00:00Z")
        let second = try slot("2027-10-31T01:30:00Z", "2027-10-31T02:00:00Z")
        grid = try TimeGrid(autumn, zone: zone, covering: [], whole: true)
        #expect((grid.fields["hours"] as? String)?.hasPrefix("0 1 2 3 3 4 5") == true)
        #expect(grid.place(of: first, on: autumn[6]) == "a3 b30 c0 d30 short")
        #expect(grid.place(of: second, on: autumn[6]) == "a4 b30 c0 d30 short")
        // four on any other day is under both rows of three
        let monday = try slot("2027-10-25T01:00:00Z", "2027-10-25T02:00:00Z")
        #expect(grid.place(of: monday, on: autumn[0]) == "a5 b0 c1 d0")
        #expect(grid.place(of: monday, on: autumn[1]) == nil)
        // over midnight it stands on both days
        let over = try slot("2027-10-26T20:00:00Z", "2027-10-27T04:00:00Z")
        #expect(grid.place(of: over, on: autumn[1]) == "a24 b0 c1 d0")
        #expect(grid.place(of: over, on: autumn[2]) == "a0 b0 c8 d0")
    }
}
