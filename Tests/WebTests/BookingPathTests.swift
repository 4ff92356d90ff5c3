import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import TestServer
import Testing

@testable import Web

@Suite("The buyer's path: find, hold, book, agree, cancel")
struct BookingPathTests {
    /// Holds the first time that is found, and confirms it.
    private static func booked(_ browser: Browser, _ world: PagesWorld) async throws -> String {
        let time = try await browser.get(try await world.timeAddress(browser))
        let form = try time.form("/bookings")
        let typed = [
            "patient_reference": "PT-1042",
            "on_behalf_of": world.buyer.admin.member.description,
        ]
        let held = try await browser.post("/bookings", form.merging(typed) { $1 })
        #expect(held.status == 303)
        let again = try await browser.post("/bookings", form.merging(typed) { $1 })
        #expect(again.location == held.location, "the same form sent twice holds once")
        let address = try #require(held.location)
        let page = try await browser.get(address)
        #expect(page.status == 200 && page.body.contains("The time is on hold for you until"))
        let confirmed = try await browser.post(
            "\(address)/confirm", try page.form("\(address)/confirm"))
        #expect(confirmed.location == "\(address)?done=booked")
        return address
    }

    @Test func findAndBook() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let found = try await browser.get(
                "/find?service=psychiatrist-visit&from=2027-03-01&minutes=30")
            #expect(found.body.contains("€108.00"))
            #expect(found.body.contains("€3.60 a minute"))
            #expect(found.body.contains("Usually 30 minutes; 45 with an interpreter."))
            let address = try await Self.booked(browser, world)
            let page = try await browser.get(address)
            #expect(page.body.contains("PT-1042") && page.body.contains("Booked"))
            #expect(page.body.contains("<dd>Specialist 1</dd>"))
            #expect(page.body.contains("<dt>Booked on behalf of</dt><dd>Administrator 1</dd>"))
            #expect(page.body.contains("Book an interpreter at least three days ahead."))
            let march = try await browser.get("/bookings?month=2027-03")
            #expect(march.links.contains(address))
            #expect(march.body.contains("<h2>March\u{A0}2027</h2>"))
            let april = try #require(march.links.first { $0.hasSuffix("=2027-04") })
            #expect(try await !browser.get(april).links.contains(address))
            #expect(try await browser.get("/bookings?month=9999-12").status == 404)
            #expect(try await browser.get("/").links.contains(address))

            let sellers = try await world.browser(of: world.seller.scheduler)
            let seen = try await sellers.get(address)
            #expect(seen.status == 200)
            #expect(!seen.body.contains("PT-1042"), "the patient reference is the buyer's alone")
            #expect(!seen.body.contains("Booked on behalf of"), "so is for whom it is")
        }
    }

    @Test("by specialty alone, and back to the search from a hold that is released")
    func specialtyAndRelease() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let asked = try await browser.get("/find?specialty=70&service=&from=2027-03-01")
            #expect(asked.status == 200 && asked.body.contains("<option value=\"70\" selected>"))
            let time = try #require(asked.links.first { $0.hasPrefix("/time?") })
            let other = try await browser.get("/find?specialty=77&from=2027-03-01")
            #expect(other.status == 422 && other.links.contains("#specialty"))
            let all = try await browser.get("/find?service=&from=2027-03-01&minutes=30")
            #expect(all.links.contains { $0.hasPrefix("/time?") }, "any service of any specialty")
            let chosen = try await browser.get(time)
            let search = "/find?service=psychiatrist-visit&from=2027-03-01&minutes=30"
            #expect(chosen.links.contains(search), "another time of the same search")
            #expect(chosen.body.contains("Free of charge until Sun\u{a0}28\u{a0}Feb\u{a0}2027"))
            #expect(asked.body.contains("before the start or earlier it costs nothing"))
            let held = try await browser.post("/bookings", try chosen.form("/bookings"))
            let address = try #require(held.location)
            let form = try await browser.get(address).form("\(address)/release")
            let released = try await browser.post("\(address)/release", form)
            #expect(released.location == "\(search)&done=released")
            let back = try await browser.get(released.location ?? "")
            #expect(back.body.contains("The hold is released") && back.links.contains(time))
        }
    }

    @Test("the language that was asked for is kept through a hold, and back to the search")
    func languageOfTheSearch() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let found = try await browser.get("/find?language=fi&from=2027-03-01&minutes=30")
            let time = try #require(found.links.first { $0.hasPrefix("/time?") })
            let chosen = try await browser.get(time)
            let search = "/find?service=psychiatrist-visit&from=2027-03-01&minutes=30&language=fi"
            #expect(chosen.links.contains(search))
            let held = try await browser.post("/bookings", try chosen.form("/bookings"))
            let address = try #require(held.location)
            let booking = address.replacing("?language=fi", with: "")
            #expect(booking != address)
            let form = try await browser.get(address).form("\(booking)/release")
            let released = try await browser.post("\(booking)/release", form)
            #expect(released.location == "\(search)&done=released")
            let back = try await browser.get(released.location ?? "")
            #expect(back.body.contains("<option value=\"fi\" selected>"))
            let odd = try await browser.get(time.replacing("language=fi", with: "language=%22x"))
            #expect(!odd.links.contains { $0.contains("language=") && $0.hasPrefix("/find") })
        }
    }

    @Test func handshake() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let address = try await Self.booked(browser, world)
            let handshake = "\(address)/handshake"
            let offer = [
                "date": "2027-03-01", "time": "09:00", "answer_date": "2027-02-26",
                "answer_time": "15:00",
            ]
            let form = try await browser.get(address).form(handshake)
            #expect(form["kind"] == "propose")
            let hasty = try await browser.post(
                handshake, form.merging(offer) { $1 }.merging(["answer_time": "13:00"]) { $1 })
            #expect(hasty.status == 409 && hasty.links.contains("#answer_date"))
            #expect(hasty.body.contains("until Fri\u{a0}26\u{a0}Feb\u{a0}2027, 14:00 at least"))
            let said = try await browser.post(
                handshake, form.merging(offer) { $1 }.merging(["key": "later"]) { $1 })
            #expect((said.status, said.location) == (303, "\(address)?done=said"))
            let stale = try await browser.post(
                handshake,
                form.merging(offer) { $1 }
                    .merging(["answer_time": "15:30", "key": "another"]) { $1 })
            #expect(stale.status == 409)
            #expect(stale.body.contains("something meanwhile"))

            let sellers = try await world.browser(of: world.seller.scheduler)
            let asked = try await sellers.get(address)
            #expect(asked.body.contains("Your answer is needed by"))
            let accept = try asked.form(handshake)
            #expect(accept["kind"] == "accept")
            #expect(try await sellers.post(handshake, accept).status == 303)
            #expect(try await browser.get(address).body.contains("Both sides have agreed."))
        }
    }

    @Test func declineNeedsACause() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let address = try await Self.booked(browser, world)
            let handshake = "\(address)/handshake"
            let form = try await browser.get(address).form(handshake)
            let wrong = try await browser.post(
                handshake,
                form.merging(["date": "2027-02-30", "time": "9", "answer_date": "x"]) { $1 })
            #expect(wrong.status == 422)
            for field in ["date", "time", "answer_date", "answer_time"] {
                #expect(wrong.links.contains("#\(field)"), "\(field)")
            }
            #expect(wrong.body.contains("value=\"2027-02-30\""), "nothing typed is lost")
            let sellers = try await world.browser(of: world.seller.scheduler)
            let said = try await browser.post(
                handshake,
                form.merging([
                    "date": "2027-03-01", "time": "09:00", "answer_date": "2027-02-26",
                    "answer_time": "15:00",
                ]) { $1 })
            #expect(said.status == 303)
            var decline = try await sellers.get(address).form(handshake)
            decline["kind"] = "decline"
            let silent = try await sellers.post(handshake, decline)
            #expect(silent.status == 422 && silent.links.contains("#cause"))
            decline["cause"] = "The room is closed"
            decline["key"] = "another"
            #expect(try await sellers.post(handshake, decline).status == 303)
            let after = try await browser.get(address)
            #expect(after.body.contains("The room is closed") && after.body.contains("Cancelled"))
        }
    }

    @Test("to another time of the list, and what is gone by then is refused")
    func move() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let address = try await Self.booked(browser, world)
            #expect(try await browser.get(address).links.contains("\(address)/move"))
            let list = try await browser.get("\(address)/move")
            let times = list.links.filter { $0.hasPrefix("\(address)/move?starts=") }
            #expect(times.count > 20 && list.body.contains("Specialist 1"))
            let chosen = try await browser.get(try #require(times.last))
            #expect(chosen.body.contains("€108.00"))
            let form = try chosen.form("\(address)/move")
            let moved = try await browser.post("\(address)/move", form)
            #expect(moved.location == "\(address)?done=moved")
            let page = try await browser.get(moved.location ?? "")
            #expect(page.body.contains("The old time is free again"))
            // somebody else has changed it since the form was opened
            let other = try await browser.get(try #require(times.first)).form("\(address)/move")
            var stale = other
            stale["revision"] = "2"
            let refused = try await browser.post("\(address)/move", stale)
            #expect(refused.status == 409 && refused.links.contains("\(address)/move"))
            #expect(try await browser.get("\(address)/move?starts=soon").status == 404)
            #expect(try await browser.get("\(address)/move?from=soon").status == 422)
            let sellers = try await world.browser(of: world.seller.scheduler)
            #expect(try await !sellers.get(address).links.contains("\(address)/move"))
            // an hour before it starts, cancelling costs
            try await world.life.test.clock.set(to: Instant(rfc3339: "2027-03-12T05:00:00Z"))
            let late = try await world.life.booked("2027-03-12")
            let costs = try await browser.get("/bookings/\(late)/move")
            #expect(costs.body.contains("too late to move") && costs.body.contains("€54.00"))
            let gone = try await browser.post(
                "/bookings/\(late)/move",
                other.merging(["revision": "1", "starts": "2027-03-15T08:00:00Z"]) { $1 })
            #expect(gone.status == 409 && gone.body.contains("too late to move"))
        }
    }

    @Test("a time every week: what can be had, and all of that at once")
    func series() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let time = try await world.timeAddress(browser)
            #expect(try await browser.get(time).body.contains("Repeat this time"))
            let asked = "\(time.replacing("/time?", with: "/series?"))&interval=1&count=3"
            let all = try await browser.get(asked)
            #expect(all.body.contains("Book all 3 visits") && all.body.contains("€324.00"))
            let form = try all.form("/series")
            let booked = try await browser.post("/series", form)
            let address = try #require(booked.location)
            #expect(address.hasPrefix("/bookings?series=series_"))
            let list = try await browser.get(address)
            let visits = list.links.filter { $0.hasPrefix("/bookings/booking_") }
            #expect(visits.count == 3 && list.body.contains("3 visits are booked"))
            let own = address.replacing("&done=booked", with: "")
            #expect(try await browser.get(try #require(visits.first)).links.contains(own))
            // the same once more, from a form that was opened before
            let late = try await browser.post("/series", form.merging(["key": "another"]) { $1 })
            #expect(late.status == 409 && late.links.contains { $0.hasPrefix("/series?") })
            let none = try await browser.get(asked)
            #expect(none.body.contains("None of these visits can be booked"))
            #expect(try await browser.get("\(asked)0").status == 404)
            #expect(try await browser.get("/bookings?series=nonsense").status == 404)
            let others = try await world.browser(of: world.outsider.scheduler)
            #expect(try await others.get(own).status == 404)
        }
    }

    @Test func cancelAtTheCostShown() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            // Two hours before it begins to cost something: the visit is on the next morning.
            try await world.test.clock.set(to: Instant(rfc3339: "2027-02-28T05:00:00Z"))
            let address = try await Self.booked(browser, world)
            let free = try await browser.get("\(address)/cancel")
            #expect(free.body.contains("id=\"cost\">€0.00<"))
            let form = try free.form("\(address)/cancel")
            try await world.test.clock.set(to: Instant(rfc3339: "2027-02-28T07:30:00Z"))
            let dearer = try await browser.post("\(address)/cancel", form)
            #expect(dearer.status == 409 && dearer.body.contains("id=\"cost\">€54.00<"))
            #expect(dearer.body.contains("50% of €108.00 = €54"))
            let done = try await browser.post(
                "\(address)/cancel", try dearer.form("\(address)/cancel"))
            #expect(done.location == "\(address)?done=cancelled")
            let after = try await browser.get(address)
            #expect(after.body.contains("Cancelled") && after.body.contains("€54.00"))
        }
    }

    @Test(
        "what is typed wrongly is named, and kept",
        arguments: [
            ("patient_reference", "131052-308T", "looks like a personal identity code"),
            ("patient_reference", "two words", "Use 1 to 64 letters"),
            ("record_reference", "131052-308T", "looks like a personal identity code"),
            ("record_reference", String(repeating: "x", count: 101), "100 characters"),
        ])
    func badHold(field: String, typed: String, expected: String) async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let time = try await browser.get(try await world.timeAddress(browser))
            let wrong = try await browser.post(
                "/bookings", try time.form("/bookings").merging([field: typed]) { $1 })
            #expect(wrong.status == 422)
            #expect(wrong.links.contains("#\(field)") && wrong.body.contains(expected))
            #expect(wrong.body.contains("value=\"\(typed)\"") && wrong.body.contains("Error:"))
            let log = world.server.log.lines.map { "\($0.message) \($0.metadata)" }.joined()
            #expect(!log.contains(typed), "nothing typed is in the log")
            #expect(log.contains("page.holdTime"))
        }
    }

    @Test(arguments: [
        ("service=nothing", "#service"), ("service=psychiatrist-visit&from=2027-02-30", "#from"),
        ("service=psychiatrist-visit&minutes=31", "#minutes"),
    ])
    func badSearch(query: String, link: String) async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let page = try await browser.get("/find?\(query)")
            #expect(page.status == 422 && page.links.contains(link))
        }
    }

    @Test(
        "a time that another has taken meanwhile is told, in every language",
        arguments: [
            ("fi", "Joku muu otti juuri"), ("sv", "Någon annan tog just"),
            ("en", "Somebody else has just taken"),
        ])
    func taken(language: String, expected: String) async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let address = try await world.timeAddress(browser)
            let form = try await browser.get(address).form("/bookings")
            _ = try await world.life.booked("2027-03-01", at: "09:00")
            _ = try await browser.get("/language?to=\(language)&next=%2F")
            let late = try await browser.post("/bookings", form)
            #expect(late.status == 409 && late.body.contains(expected))
            #expect(late.body.contains("<html lang=\"\(language)\">"))
            #expect(try await browser.get(address).status == 409)
        }
    }
}
