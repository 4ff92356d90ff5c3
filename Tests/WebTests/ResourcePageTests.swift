import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

@testable import Web

extension PagesWorld {
    /// A room of the buyer's.
    func room(_ name: String = "Room 2") async throws -> String {
        try await test.market.addResource(
            buyer.scheduler.request("addResource", key: name), .room, in: buyer.unit,
            .init(name: name, opening: nil)
        ).body["id"]?.text ?? ""
    }
}

@Suite("The buyer's rooms and staff on pages")
struct ResourcePageTests {
    @Test("added with opening hours, changed, closed and opened again")
    func keeping() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let list = try await browser.get("/resources")
            #expect(list.body.contains("There are none yet."))
            let wanted = [
                "unit": world.buyer.unit.description, "kind": "staff", "name": "Nurse, reception 2",
                "open_on": "monday",
                "opens": "08:00", "closes": "12:00", "cost_per_minute": "0,75",
            ]
            let form = try list.form("/resources").merging(wanted) { $1 }
            for (field, typed) in [
                ("name", ""), ("name", "131052-308T"), ("closes", "07:00"), ("opens", "x"),
                ("cost_per_minute", "cheap"),
            ] {
                let wrong = try await browser.post(
                    "/resources", form.merging([field: typed, "key": "wrong \(typed)"]) { $1 })
                #expect(wrong.status == 422 && wrong.links.contains("#\(field)"), "\(field)")
            }
            let added = try await browser.post("/resources", form)
            #expect((added.status, added.location) == (303, "/resources?done=added"))
            let again = try await browser.post("/resources", form.merging(["key": "2"]) { $1 })
            #expect(again.status == 409 && again.links.contains("#name"))
            let kept = try await browser.get("/resources")
            #expect(kept.body.contains("Monday 08:00–12:00"))
            let address = try #require(kept.links.first { $0.hasPrefix("/resources/resource_") })
            var page = try await browser.get("\(address)?week=2027-03-08")
            #expect(page.status == 200 && page.body.contains("Nurse, reception 2"))
            #expect(page.body.contains("Opening hours: Monday 08:00–12:00."))
            let closing = [
                "closed_from": "2027-03-09", "closed_from_time": "08:00",
                "closed_until": "2027-03-10", "closed_until_time": "16:00", "reason": "Leave",
            ]
            let close = try page.form("\(address)/closures").merging(closing) { $1 }
            let empty = try await browser.post(
                "\(address)/closures", close.merging(["reason": "", "key": "1"]) { $1 })
            #expect(empty.status == 422 && empty.links.contains("#reason"))
            let closed = try await browser.post("\(address)/closures", close)
            #expect(closed.location == "\(address)?week=2027-03-09&done=closed")
            page = try await browser.get(closed.location ?? "")
            #expect(page.body.matches(of: /Closed: Leave/).count == 2, "on both days")
            let twice = try await browser.post(
                "\(address)/closures", close.merging(["key": "3"]) { $1 })
            #expect(twice.status == 409 && twice.links.contains("#closed_from"))
            let opened = try await browser.post(
                "\(address)/reopen", try page.form("\(address)/reopen"))
            #expect(opened.location == "\(address)?done=reopened")
            page = try await browser.get("\(address)?week=2027-03-09")
            #expect(!page.body.contains("Closed: Leave"))
            var edit = try page.form(address)
            edit["active"] = nil
            edit["name"] = "Nurse"
            #expect(page.body.contains("name=\"cost_per_minute\" type=\"text\" value=\"0.75\""))
            let saved = try await browser.post(address, edit)
            #expect(saved.location == "\(address)?done=saved")
            let gone = try await browser.get("/resources")
            #expect(gone.body.contains("Not in use"))
        }
    }

    @Test("a search with a room finds when it is free, and the booking takes it")
    func finding() async throws {
        try await PagesWorld.with { world in
            let room = try await world.room()
            let browser = try await world.browser(of: world.buyer.scheduler)
            let search = "/find?service=psychiatrist-visit&from=2027-03-01&minutes=30"
            let with = "&own_room=\(room)"
            let first = try await browser.get(search + with).links.first {
                $0.hasPrefix("/time?")
            }
            let address = try #require(first)
            #expect(address.hasSuffix(with))
            let time = try await browser.get(address)
            #expect(time.body.contains("<option value=\"\(room)\" selected>Room 2</option>"))
            var form = try time.form("/bookings")
            form["patient_reference"] = "PT-1"
            form["own_room"] = room
            let held = try await browser.post("/bookings", form)
            let booking = try #require(held.location)
            let shown = try await browser.get(booking)
            #expect(shown.body.contains("<dt>Rooms and staff</dt><dd>Room 2</dd>"))
            let sellers = try await world.browser(of: world.seller.scheduler)
            #expect(try await !sellers.get(booking).body.contains("Room 2"))
            let later = try await browser.get(search + with).links.first {
                $0.hasPrefix("/time?")
            }
            #expect(later != address && later != nil)
            // another in the same room at that time, who did not look: told at the question
            let other = try await LifeOfAVisit(under: world.life.contract, label: "Second")
            var late = form
            late["specialist"] = other.specialist.description
            late["key"] = "late"
            let refused = try await browser.post("/bookings", late)
            #expect(refused.status == 409 && refused.links.contains("#own_room"))
            let week = try await browser.get("/resources/\(room)?week=2027-03-01")
            #expect(week.links.contains(booking))
            // given up for the visit, and taken again
            let path = "\(booking)/resources"
            var choice = try shown.form(path)
            choice["own_room"] = ""
            let chosen = try await browser.post(path, choice)
            #expect(chosen.location == "\(booking)?done=resources")
            #expect(try await !browser.get(booking).body.contains("<dd>Room 2</dd>"))
        }
    }
}
