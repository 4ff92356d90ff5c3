import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("The calendar: published, held, booked and free time of a specialist")
struct CalendarTests {
    @Test func week() async throws {
        try await PagesWorld.with { world in
            let booking = try await world.life.booked("2027-03-02")
            _ = try await world.life.booked("2027-03-03", at: "09:00", hold: true)
            let browser = try await world.browser(of: world.seller.scheduler)
            let page = try await world.week(of: "2027-03-04", browser)
            #expect(page.status == 200 && page.body.contains("Specialist 1, week 9"))
            #expect(page.links.contains("/bookings/\(booking)"))
            let monday = "For sale 09:00–15:00 09:00–15:00 Free"
            #expect(try page.day("Mon 1 Mar").contains(monday))
            #expect(
                try page.day("Tue 2 Mar").contains(
                    "09:00–10:00 Free 10:00–10:30 Booked Example Health Centre "
                        + "Psychiatrist's remote visit then 5 min kept free 10:35–15:00 Free"))
            #expect(
                try page.day("Wed 3 Mar").contains("09:00–09:30 On hold Example Health"))
            #expect(try page.day("Sat 6 Mar").contains("Nothing is for sale."))
            // a hold that has run out blocks nobody
            try await world.test.clock.set(to: Instant(rfc3339: "2027-02-26T09:00:00Z"))
            let later = try await world.week(of: "2027-03-04", browser)
            #expect(try later.day("Wed 3 Mar").contains("For sale 09:00–15:00 09:00–15:00"))
            // what is over cannot be had
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-02T09:00:00Z"))
            let then = try await world.week(of: "2027-03-04", browser)
            #expect(try then.day("Mon 1 Mar").contains("Free") == false)
            #expect(try then.day("Tue 2 Mar").contains("kept free 11:00–15:00 Free"))
            #expect(try then.day("Tue 2 Mar").hasPrefix("Tue 2 Mar Today"))
        }
    }

    @Test("the day with 23 hours")
    func summerTimeBegins() async throws {
        try await PagesWorld.with { world in
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-25T08:00:00Z"))
            let browser = try await world.browser(of: world.seller.scheduler)
            let day = world.oneDay("2027-03-28", "00:00", "06:00")
            #expect(try await world.publish(day, browser).status == 303)
            // 04:30 is an hour after 02:30, since 03:00 is skipped
            _ = try await world.booked(at: "2027-03-28T00:30:00Z")
            _ = try await world.booked(at: "2027-03-28T01:30:00Z")
            let page = try await world.week(of: "2027-03-28", browser)
            let sunday = try page.day("Sun 28 Mar")
            #expect(sunday.contains("Summer time begins: this day has 23 hours."))
            #expect(sunday.contains("For sale 00:00–06:00 00:00–02:30 Free 02:30–04:00 Booked"))
            #expect(sunday.contains("04:10–04:30 Free 04:30–05:00 Booked"))
            #expect(sunday.contains("05:10–06:00 Free"))
            #expect(try page.day("Sat 27 Mar").contains("hours") == false)
        }
    }

    @Test("the day with 25 hours, on which 3:30 comes twice")
    func summerTimeEnds() async throws {
        try await PagesWorld.with { world in
            try await world.test.clock.set(to: Instant(rfc3339: "2027-10-28T08:00:00Z"))
            let browser = try await world.browser(of: world.seller.scheduler)
            let day = world.oneDay("2027-10-31", "00:00", "06:00")
            #expect(try await world.publish(day, browser).status == 303)
            _ = try await world.booked(at: "2027-10-31T00:15:00Z")
            _ = try await world.booked(at: "2027-10-31T01:30:00Z")
            let page = try await world.week(of: "2027-10-31", browser)
            let sunday = try page.day("Sun 31 Oct")
            #expect(sunday.contains("Summer time ends: this day has 25 hours."))
            #expect(sunday.contains("00:00–03:15 (summer time) Free"))
            #expect(sunday.contains("03:15 (summer time)–03:45 (summer time) Booked"))
            #expect(
                sunday.contains(
                    "03:55 (summer time)–03:30 (winter time) Free "
                        + "03:30 (winter time)–04:00 Booked"))
            #expect(sunday.contains("04:10–06:00 Free"))
            // the week has 169 hours: nothing of the next one is in it
            let week = try CalendarWeek(
                of: CalendarDate(iso: "2027-10-31"), zone: WallClock(zone: "Europe/Helsinki"))
            #expect(try week.slot.seconds == 169 * 3_600)
        }
    }

    @Test("time over midnight stands on the day of its start")
    func overMidnight() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.scheduler)
            for (day, from, to) in [
                ("2027-03-06", "18:00", "00:00"), ("2027-03-07", "22:00", "06:00"),
            ] {
                let fields = world.oneDay(day, from, to).merging(["overnight": "yes"]) { $1 }
                let said = try await world.publish(fields, browser)
                #expect(said.status == 303, "\(day)")
            }
            let page = try await world.week(of: "2027-03-07", browser)
            #expect(try page.day("Sat 6 Mar").contains("For sale 18:00–24:00"))
            #expect(try page.day("Sun 7 Mar").contains("For sale 22:00–Mon 06:00"))
            let next = try await world.week(of: "2027-03-08", browser)
            #expect(try next.day("Mon 8 Mar").contains("For sale Sun 22:00–06:00"))
        }
    }

    @Test("only one's own specialists, and only the time of the one that is chosen")
    func ownOnly() async throws {
        try await PagesWorld.with { world in
            let booking = try await world.life.booked("2027-03-02")
            let other = try await world.test.addSpecialist(to: world.seller, label: "Specialist 2")
            let sellers = try await world.browser(of: world.seller.specialist)
            let empty = try await sellers.get("/calendar?specialist=\(other)&week=2027-03-02")
            #expect(empty.status == 200 && !empty.links.contains("/bookings/\(booking)"))
            #expect(!empty.body.contains("For sale 09:00"))
            let listed = try await world.week(of: "2027-03-02", sellers)
            #expect(!listed.links.contains { $0.hasPrefix("/availability/new") })
            for caller in [world.buyer.scheduler, world.outsider.scheduler] {
                let browser = try await world.browser(of: caller)
                #expect(try await world.week(of: "2027-03-02", browser).status == 404)
                let own = try await browser.get("/calendar")
                #expect(own.status == 200 && own.body.contains("has no specialists"))
                #expect(!own.body.contains("Specialist 1"))
            }
        }
    }

    @Test(arguments: ["2027-02-30", "next", "0001-01-01", "9999-12-31"])
    func badWeek(week: String) async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.scheduler)
            let page = try await world.week(of: week, browser)
            #expect(page.status == 422 && page.links.contains("#week"))
            #expect(page.body.contains("value=\"\(week)\""))
            #expect(page.body.contains("class=\"week\""), "this week is shown meanwhile")
        }
    }
}
