import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("A seller's time: changed, copied, approved, from a roster and beside another calendar")
struct SellersPlanningTests {
    @Test("a change shows what it would do, and then does it")
    func change() async throws {
        try await PagesWorld.with { world in
            let booking = try await world.life.booked("2027-03-08", at: "10:00")
            let browser = try await world.browser(of: world.seller.scheduler)
            let pattern = try await world.availability()
            let page = try await browser.get("/availability/\(pattern)")
            #expect(page.links.contains("/availability/\(pattern)/change"))
            let address = "/availability/\(pattern)/change"
            let form = try await browser.get(address)
            // it begins with what is on sale
            #expect(form.body.contains("name=\"from\" type=\"time\" value=\"09:00\""))
            let fields = try form.form(address).merging([
                "weekdays": "monday", "from": "12:00", "to": "16:00",
                "starts_on": "2027-03-08", "grid_minutes": "15", "shortest_minutes": "10",
                "longest_minutes": "90", "buffer_after_minutes": "5",
            ]) { $1 }
            let preview = try await browser.post(address, fields)
            #expect(preview.status == 200)
            #expect(preview.body.contains("Outside of the new time; stays booked all the same"))
            #expect(preview.links.contains("/bookings/\(booking)"))
            let digest = try #require(preview.hidden("digest"))
            let wrong = try await browser.post(
                address,
                fields.merging([
                    "digest": String(repeating: "0", count: 64), "key": "wrong",
                ]) { $1 })
            #expect(wrong.status == 409)
            let done = try await browser.post(
                address, fields.merging(["digest": digest, "key": "right"]) { $1 })
            #expect(done.location?.hasSuffix("&week=2027-03-08&done=changed") == true)
            let week = try await world.week(of: "2027-03-08", browser)
            #expect(try week.day("Mon 8 Mar").contains("For sale 12:00–16:00"))
            #expect(try week.day("Mon 8 Mar").contains("10:00"))
            #expect(try week.day("Tue 9 Mar").contains("Nothing is for sale."))
            let old = try await browser.get("/availability/\(pattern)")
            #expect(old.body.contains("Another pattern stands in its place from"))
        }
    }

    @Test("a pattern is kept as a template, and a form begins with it")
    func template() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.scheduler)
            let pattern = try await world.availability()
            let address = "/availability/\(pattern)/template"
            let form = try await browser.get("/availability/\(pattern)").form(address)
            let nameless = try await browser.post(address, form)
            #expect(nameless.status == 422)
            let kept = try await browser.post(
                address, form.merging(["name": "Working days", "key": "kept"]) { $1 })
            #expect(kept.status == 303)
            let list = try await browser.get("/availability/new")
            #expect(list.body.contains("Working days"))
            let id = try #require(list.hidden("template"))
            let filled = try await browser.get("/availability/new?template=\(id)")
            #expect(filled.body.contains("name=\"from\" type=\"time\" value=\"09:00\""))
            #expect(filled.body.contains("value=\"friday\" checked"))
            #expect(!filled.body.contains("value=\"saturday\" checked"))
            let copied = try await browser.get("/availability/new?copy=\(pattern)")
            #expect(copied.body.contains("value=\"friday\" checked"))
            let removed = try await browser.post(
                "/availability-templates/remove",
                list.sealed(key: "removed").merging(["template": id]) { $1 })
            #expect(removed.status == 303)
            #expect(try await !browser.get("/availability/new").body.contains("Working days"))
        }
    }

    @Test("time waits for an administrator, who is told so on the first page")
    func approval() async throws {
        try await PagesWorld.with { world in
            let manager = try await world.browser(of: world.seller.admin)
            let setting = try await manager.get("/availability/proposals")
                .form("/availability/approval")
            let saved = try await manager.post(
                "/availability/approval", setting.merging(["required": "yes"]) { $1 })
            #expect(saved.location == "/availability/proposals?done=saved")
            let browser = try await world.browser(of: world.seller.scheduler)
            let said = try await world.publish(
                world.oneDay("2027-03-06", "10:00", "12:00"), browser)
            #expect(said.location == "/availability/proposals?done=proposed")
            #expect(
                try await world.week(of: "2027-03-06", browser).day("Sat 6 Mar")
                    .contains("Nothing is for sale."))
            let start = try await manager.get("/")
            #expect(start.body.contains("One publication waits for your approval"))
            let list = try await manager.get("/availability/proposals")
            let pattern = try #require(
                list.links.first { $0.hasPrefix("/availability/availability_") })
            let none = try await manager.post(
                "\(pattern)/decline", list.sealed(key: "none"))
            #expect(none.status == 422)
            let approved = try await manager.post(
                "\(pattern)/approve", list.sealed(key: "yes"))
            #expect(approved.location == "/availability/proposals?done=approved")
            #expect(
                try await world.week(of: "2027-03-06", browser).day("Sat 6 Mar")
                    .contains("For sale 10:00–12:00"))
        }
    }

    @Test("a roster: its mistakes by line and column, then what it would change, then the button")
    func roster() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.scheduler)
            let page = try await browser.get("/roster")
            let days = ["first_day": "2027-03-01", "last_day": "2027-03-31"]
            let form = try page.form("/roster").merging(days) { $1 }
            func file(_ time: String) -> [UInt8] {
                Array(
                    ("specialist,date,from,to\n"
                        + "\(world.life.specialist),2027-03-06,\(time),12:00\n").utf8)
            }
            let wrong = try await browser.upload("/roster", form, file: file("9am"))
            #expect(wrong.status == 422)
            #expect(wrong.body.contains("No time of day such as 08:00"))
            #expect(!wrong.body.contains("9am"))
            let preview = try await browser.upload(
                "/roster", form.merging(["key": "second"]) { $1 }, file: file("09:00"))
            #expect(preview.status == 200)
            let digest = try #require(preview.hidden("digest"))
            let table = try #require(preview.hidden("table"))
            let done = try await browser.post(
                "/roster",
                preview.sealed(key: "third").merging(days) { $1 }
                    .merging(["digest": digest, "table": table]) { $1 })
            #expect(done.location == "/roster?done=imported&new=1&gone=0")
            #expect(
                try await world.week(of: "2027-03-06", browser).day("Sat 6 Mar")
                    .contains("For sale 09:00–12:00"))
        }
    }

    @Test("a calendar kept elsewhere, as a file")
    func busyCalendar() async throws {
        try await PagesWorld.with { world in
            _ = try await world.life.booked("2027-03-09", at: "10:00")
            let browser = try await world.browser(of: world.seller.scheduler)
            let address = "/busy-calendar?specialist=\(world.life.specialist)"
            let form = try await browser.get(address).form("/busy-calendar")
            let neither = try await browser.upload("/busy-calendar", form, file: [])
            #expect(neither.status == 422)
            let none = try await browser.upload(
                "/busy-calendar", form.merging(["key": "2"]) { $1 }, file: Array("x".utf8))
            #expect(none.status == 422)
            #expect(none.body.contains("The file is no iCalendar calendar"))
            let calendar =
                "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20270309\r\n"
                + "END:VEVENT\r\nEND:VCALENDAR\r\n"
            let set = try await browser.upload(
                "/busy-calendar", form.merging(["key": "3"]) { $1 }, file: Array(calendar.utf8))
            #expect(set.status == 303)
            let page = try await browser.get(address)
            #expect(page.body.contains("Visits that are booked at busy times; they stay"))
            let week = try await world.week(of: "2027-03-08", browser)
            #expect(try !week.day("Tue 9 Mar").contains("Free"))
            let removed = try await browser.post(
                "/busy-calendar/remove", try page.form("/busy-calendar/remove"))
            #expect(removed.status == 303)
            #expect(
                try await world.week(of: "2027-03-08", browser).day("Tue 9 Mar")
                    .contains("For sale"))
        }
    }

    @Test("the month's hours for payroll")
    func hours() async throws {
        try await PagesWorld.with { world in
            _ = try await world.life.booked("2027-03-09", at: "10:00")
            let browser = try await world.browser(of: world.seller.finance)
            let file = try await browser.get("/hours?hours_month=2027-03")
            #expect(file.status == 200)
            #expect(file.body.contains("2027-03-09,10:00,"))
            #expect(try await browser.get("/hours?hours_month=March").status == 404)
            #expect(try await browser.get("/statements").body.contains("action=\"/hours\""))
        }
    }
}
