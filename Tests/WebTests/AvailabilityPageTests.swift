import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("Publishing time by form, and taking it off sale")
struct AvailabilityPageTests {
    private static func weekly(_ world: PagesWorld) -> [String: String] {
        [
            "kind": "weekly", "specialist": world.life.specialist.description,
            "weekdays": "saturday", "from": "10:00", "to": "14:00", "starts_on": "2027-03-01",
            "until": "2027-03-31", "exceptions": "13.3.2027, 2027-03-20", "grid_minutes": "30",
            "shortest_minutes": "30", "longest_minutes": "60", "buffer_after_minutes": "0",
            "interval_weeks": "1", "buffer_before_minutes": "0",
        ]
    }

    @Test func everyWeek() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.scheduler)
            let form = try await browser.get(
                "/availability/new?specialist=\(world.life.specialist)&date=2027-03-08")
            #expect(form.body.contains("id=\"starts_on\" name=\"starts_on\" type=\"date\""))
            #expect(form.body.contains("value=\"2027-03-08\""))
            // it begins with what the specialist's newest pattern asks for
            #expect(form.body.contains("name=\"longest_minutes\" type=\"text\" value=\"90\""))
            let said = try await world.publish(Self.weekly(world), browser)
            let address = try #require(said.location)
            #expect(address.hasSuffix("&week=2027-03-01&done=published"))
            let page = try await browser.get(address)
            #expect(page.body.contains("Published. The time can be found at once."))
            #expect(try page.day("Sat 6 Mar").contains("For sale 10:00–14:00"))
            let patterns = page.body.replacing("\u{a0}", with: " ")
            #expect(patterns.contains("Sat 10:00–14:00</a> from Mon 1 Mar 2027 until"))
            for (week, date) in [("2027-03-13", "Sat 13"), ("2027-03-20", "Sat 20")] {
                let off = try await world.week(of: week, browser)
                #expect(try off.day("\(date) Mar").contains("Nothing is for sale."))
            }
            let found = try await world.browser(of: world.buyer.scheduler).get(
                "/find?service=psychiatrist-visit&from=2027-03-06&minutes=30")
            #expect(found.body.contains("Sat\u{a0}6\u{a0}Mar\u{a0}2027"))
        }
    }

    @Test("every second week, with pauses, extra days and a contract of its own")
    func widePattern() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.scheduler)
            let contract = world.life.contract.id.description
            let said = try await world.publish(
                Self.weekly(world).merging([
                    "interval_weeks": "2", "until": "", "count": "3", "exceptions": "",
                    "extra": "14.3.2027", "pauses": "11.30–12.00, 13:00-13:15",
                    "except_holidays": "yes", "buffer_before_minutes": "5",
                    "contracts": contract,
                ]) { $1 }, browser)
            #expect(said.status == 303)
            let week = try await world.week(of: "2027-03-06", browser)
            let saturday = try week.day("Sat 6 Mar")
            for part in ["10:00–11:30", "12:00–13:00", "13:15–14:00"] {
                #expect(saturday.contains("For sale \(part)"), "\(saturday)")
            }
            #expect(week.body.contains("every 2 weeks"))
            let between = try await world.week(of: "2027-03-13", browser)
            #expect(try between.day("Sat 13 Mar").contains("Nothing is for sale."))
            #expect(try between.day("Sun 14 Mar").contains("For sale 10:00–11:30"))
            let pattern = try #require(
                week.links.last { $0.hasPrefix("/availability/availability_") })
            let page = try await browser.get(pattern)
            let text = page.body.replacing("\u{a0}", with: " ")
            for words in [
                "11:30–12:00, 13:00–13:15", "Not for sale on the public holidays of Finland",
                "Sun 14 Mar 2027", "5 min kept free before each", "Only for the contracts",
                // the third of the weeks
                "until Sat 3 Apr 2027",
            ] {
                #expect(text.contains(words), "\(words)")
            }
        }
    }

    @Test("the same form sent twice publishes once")
    func sentTwice() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.scheduler)
            let page = try await browser.get("/availability/new?kind=once")
            let fields = try page.form("/availability").merging(
                world.oneDay("2027-03-06", "10:00", "12:00")
            ) { $1 }
            let first = try await browser.post("/availability", fields)
            let again = try await browser.post("/availability", fields)
            #expect(first.status == 303 && again.location == first.location)
        }
    }

    @Test(
        "what is typed wrongly is named, and kept",
        arguments: [
            ("weekdays", "", "weekdays", 422), ("from", "9", "from", 422),
            ("to", "25:00", "to", 422), ("to", "10:15", "to", 422),
            ("to", "10:00", "to", 422), ("to", "09:00", "to", 422),
            ("starts_on", "2027-02-30", "starts_on", 422),
            ("until", "2027-02-28", "until", 422), ("until", "never", "until", 422),
            ("until", "2027-03-03", "weekdays", 422),
            ("exceptions", "tomorrow", "exceptions", 422),
            ("exceptions", "31.2.2027", "exceptions", 422),
            ("grid_minutes", "7", "grid_minutes", 422),
            ("shortest_minutes", "0", "shortest_minutes", 422),
            ("shortest_minutes", "70", "longest_minutes", 422),
            ("longest_minutes", "a day", "longest_minutes", 422),
            ("buffer_after_minutes", "-1", "buffer_after_minutes", 422),
            ("buffer_before_minutes", "241", "buffer_before_minutes", 422),
            ("interval_weeks", "0", "interval_weeks", 422),
            ("interval_weeks", "second", "interval_weeks", 422),
            ("count", "0", "count", 422), ("count", "3", "count", 422),
            ("extra", "31.2.2027", "extra", 422), ("extra", "28.2.2027", "extra", 422),
            ("extra", "13.3.2027", "extra", 422),
            ("pauses", "noon", "pauses", 422), ("pauses", "9:00–9:30", "pauses", 422),
            ("pauses", "11:30-12:00, 12:00-12:30", "pauses", 422),
            ("contracts", "none", "contracts", 422),
            ("buffer_after_minutes", "241", "buffer_after_minutes", 422),
            ("weekdays", "monday", "from", 409),
        ])
    func badPattern(field: String, typed: String, named: String, status: Int) async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.scheduler)
            let wrong = try await world.publish(
                Self.weekly(world).merging([field: typed]) { $1 }, browser)
            #expect(wrong.status == status)
            #expect(wrong.links.filter { $0.hasPrefix("#") && $0 != "#main" } == ["#\(named)"])
            #expect(wrong.body.contains("id=\"\(named)\""), "the link leads somewhere")
            // what a list does not offer, it cannot show
            let isShown = field != "grid_minutes" && field != "contracts"
            #expect(typed.isEmpty || wrong.body.contains("value=\"\(typed)\"") == isShown)
            #expect(wrong.body.contains("value=\"13.3.2027, 2027-03-20\"") || field == "exceptions")
            let isInDetails = [
                "exceptions", "grid_minutes", "shortest_minutes", "longest_minutes",
                "buffer_before_minutes", "buffer_after_minutes", "interval_weeks", "count",
                "extra", "pauses", "contracts",
            ].contains(named)
            #expect(wrong.body.contains("<details open>") == isInDetails)
        }
    }

    @Test("a night is sold only where that is said")
    func night() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.scheduler)
            let night = world.oneDay("2027-03-06", "20:00", "08:00")
            let asked = try await world.publish(night, browser)
            #expect(asked.status == 422 && asked.body.contains("name=\"overnight\""))
            let said = try await world.publish(night.merging(["overnight": "yes"]) { $1 }, browser)
            #expect(said.status == 303)
            // the end of the day is no night
            let evening = world.oneDay("2027-03-08", "20:00", "00:00")
            #expect(try await world.publish(evening, browser).status == 303)
        }
    }

    @Test("a day that is over, and hours that are skipped")
    func neverComes() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.scheduler)
            for (fields, link) in [
                (world.oneDay("2027-02-25", "10:00", "12:00"), "#date"),
                (world.oneDay("2027-03-28", "03:00", "03:45"), "#from"),
            ] {
                let wrong = try await world.publish(fields, browser)
                #expect(wrong.status == 422 && wrong.links.contains(link), "\(link)")
            }
        }
    }

    @Test("another organisation's specialist is not there")
    func othersSpecialist() async throws {
        try await PagesWorld.with { world in
            let own = try await world.test.addSpecialist(to: world.outsider, label: "Specialist 9")
            let browser = try await world.browser(of: world.outsider.scheduler)
            let page = try await browser.get("/availability/new?specialist=\(own)")
            let fields = try page.form("/availability").merging(
                world.oneDay("2027-03-06", "10:00", "12:00")
            ) { $1 }
            #expect(try await browser.post("/availability", fields).status == 404)
            let asked = "/availability/new?specialist=\(world.life.specialist)"
            #expect(try await browser.get(asked).status == 404)
        }
    }

    @Test func withdraw() async throws {
        try await PagesWorld.with { world in
            let booking = try await world.life.booked("2027-03-02")
            let address = "/availability/\(try await world.availability())"
            let browser = try await world.browser(of: world.seller.scheduler)
            let page = try await browser.get(address)
            #expect(page.body.contains("One visit is booked in it. It stays booked."))
            let form = try page.form("\(address)/withdraw")
            let done = try await browser.post("\(address)/withdraw", form)
            #expect(done.location?.hasSuffix("&done=withdrawn") == true)
            let week = try await world.week(of: "2027-03-02", browser)
            #expect(try week.day("Mon 1 Mar").contains("Nothing is for sale."))
            let tuesday = try week.day("Tue 2 Mar")
            #expect(tuesday.contains("around it is no longer for sale 10:00–10:30 Booked"))
            #expect(week.links.contains("/bookings/\(booking)"))
            let after = try await browser.get(address)
            #expect(after.body.contains("No longer for sale"))
            #expect(!after.body.contains("\(address)/withdraw"))
            let again = try await browser.post(
                "\(address)/withdraw", form.merging(["key": "another"]) { $1 })
            #expect(again.status == 409 && again.body.contains("taken off sale already"))
        }
    }
}
