import MoneyAndTime
import NIOHTTP1
import Postgres
import Storage
import TestMarket
import TestServer
import Testing

@testable import Web

@Suite("Visits in the calendars that people keep elsewhere")
struct CalendarFeedPageTests {
    /// Makes an address on the page, and returns its path.
    private static func made(_ browser: Browser, whose: String, key: String) async throws -> String
    {
        let list = try await browser.get("/calendar-feeds")
        let form = try list.form("/calendar-feeds").merging(["whose": whose, "key": key]) { $1 }
        let page = try await browser.post("/calendar-feeds", form)
        #expect(page.status == 200)
        let found = try #require(page.body.firstMatch(of: /\/calendars\/[A-Za-z0-9_-]{43}\.ics/))
        #expect(page.headers.first(name: "cache-control") == "no-store")
        // the same form again does not show it again
        let again = try await browser.post("/calendar-feeds", form)
        #expect(again.status == 200 && !again.body.contains("/calendars/"))
        return String(found.0)
    }

    @Test("made, read by a program without a login, listed with its last use, and ended")
    func life() async throws {
        try await PagesWorld.with { world in
            let booking = try await world.life.booked("2027-03-08")
            let browser = try await world.browser(of: world.seller.scheduler)
            let path = try await Self.made(
                browser, whose: world.life.specialist.description, key: "a")
            let program = Browser(port: world.server.port)
            let read = try await program.get(path)
            #expect(read.status == 200)
            #expect(read.headers.first(name: "content-type") == "text/calendar; charset=utf-8")
            #expect(read.headers.first(name: "cache-control") == "private, no-cache")
            #expect(read.headers.first(name: "ratelimit") != nil)
            #expect(read.body.contains("UID:\(booking)") && !read.body.contains("PT-1"))
            let tag = try #require(read.headers.first(name: "etag"))
            let same = try await program.get(path, headers: ["If-None-Match": "\"a\", W/\(tag)"])
            #expect(same.status == 304 && same.body.isEmpty)
            #expect(same.headers.first(name: "etag") == tag)
            _ = try await world.life.booked("2027-03-09")
            let changed = try await program.get(path, headers: ["If-None-Match": tag])
            #expect(changed.status == 200 && changed.body != read.body)
            let list = try await browser.get("/calendar-feeds")
            #expect(!list.body.contains(path) && !list.body.contains("Never yet"))
            let ended = try await browser.post(
                "/calendar-feeds/end", try list.form("/calendar-feeds/end"))
            #expect(ended.location == "/calendar-feeds?done=ended")
            let gone = try await program.get(path, headers: ["If-None-Match": tag])
            let wrong = try await program.get("/calendars/\(String(repeating: "A", count: 43)).ics")
            let short = try await program.get("/calendars/a.ics")
            for answer in [gone, wrong, short] {
                #expect(answer.status == 404 && answer.headers.first(name: "etag") == nil)
                #expect(answer.body == gone.body)
            }
        }
    }

    @Test("a specialist makes one of their own visits and of nobody else's")
    func ownOnly() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.specialist)
            let none = try await browser.get("/calendar-feeds")
            #expect(none.body.contains("It has not been said which specialist you are"))
            try await world.test.owner.write([
                """
                update member set specialist = \(world.life.specialist)
                where id = \(world.seller.specialist.member)
                """
            ])
            _ = try await Self.made(browser, whose: world.life.specialist.description, key: "a")
            let list = try await browser.get("/calendar-feeds")
            #expect(!list.body.contains(world.seller.unit.description))
            let form = try list.form("/calendar-feeds")
            let unit = try await browser.post(
                "/calendar-feeds",
                form.merging(["whose": world.seller.unit.description, "key": "b"]) { $1 })
            #expect(unit.status == 403)
            let nobody = try await browser.post(
                "/calendar-feeds", form.merging(["whose": "", "key": "c"]) { $1 })
            #expect(nobody.status == 422 && nobody.links.contains("#whose"))
        }
    }

    @Test("a visit as a file, from its booking and from its page")
    func oneVisit() async throws {
        try await PagesWorld.with { world in
            let booking = try await world.life.booked("2027-03-08")
            let browser = try await world.browser(of: world.buyer.scheduler)
            let address = "/bookings/\(booking)/calendar"
            let page = try await browser.get("/bookings/\(booking)")
            #expect(page.links.contains("\(address)?form=event"))
            let event = try await browser.get("\(address)?form=event")
            #expect(event.headers.first(name: "content-type") == "text/calendar; charset=utf-8")
            #expect(
                event.headers.first(name: "content-disposition")
                    == "attachment; filename=\"visit.ics\"")
            #expect(event.body.contains("UID:\(booking)") && !event.body.contains("PT-1"))
            #expect(try await browser.get("\(address)?form=other").status == 404)
            let visit = try await browser.get("/visits/\(booking)")
            #expect(visit.links.contains("\(address)?form=event"))
        }
    }

    @Test("where invitations are mailed to: set, changed and removed")
    func mailboxes() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.admin)
            let path = "/settings/calendar-mail"
            let list = try await browser.get(path)
            #expect(list.body.contains("No invitations are mailed."))
            let form = try list.form(path).merging(["unit": "whole", "tongue": "sv"]) { $1 }
            let wrong = try await browser.post(
                path, form.merging(["email": "nobody", "key": "1"]) { $1 })
            #expect(wrong.status == 422 && wrong.links.contains("#email"))
            for (key, address) in [("2", "a@hospital.example"), ("3", "b@hospital.example")] {
                let set = try await browser.post(
                    path, form.merging(["email": address, "key": key]) { $1 })
                #expect(set.location == "\(path)?done=set")
            }
            let kept = try await browser.get(path)
            #expect(kept.body.contains("b@hospital.example"))
            #expect(!kept.body.contains("a@hospital.example"))
            let removed = try await browser.post("\(path)/remove", try kept.form("\(path)/remove"))
            #expect(removed.location == "\(path)?done=removed")
            #expect(try await !browser.get(path).body.contains("b@hospital.example"))
        }
    }
}
