import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("Proposals that wait, rooms, needs and readiness")
struct ProposalTests {
    private static let offer = [
        "date": "2027-03-02", "time": "10:00", "answer_date": "2027-02-26",
        "answer_time": "15:00",
    ]

    /// Proposes the visit by the page's form, changed by `fields`.
    private static func propose(
        _ booking: BookingID, _ browser: Browser, _ fields: [String: String] = [:]
    ) async throws -> PageAnswer {
        let page = try await browser.get("/bookings/\(booking)")
        let form = try page.form("/bookings/\(booking)/handshake")
        return try await browser.post(
            "/bookings/\(booking)/handshake",
            form.merging(offer) { $1 }.merging(fields) { $1 })
    }

    @Test func whatWaits() async throws {
        try await PagesWorld.with { world in
            let (buyers, sellers) = (
                try await world.browser(of: world.buyer.scheduler),
                try await world.browser(of: world.seller.specialist)
            )
            #expect(try await buyers.get("/proposals").body.contains("Nothing waits for"))
            let first = try await world.life.booked("2027-03-02")
            try await world.test.clock.set(to: Instant(rfc3339: "2027-02-26T08:10:00Z"))
            let second = try await world.life.booked("2027-03-01")
            for browser in [buyers, sellers] {
                let page = try await browser.get("/proposals")
                #expect(page.body.contains("Nobody has proposed yet"))
                #expect(page.body.contains("Proposals (2)"))
                let links = page.links.filter { $0.hasPrefix("/bookings/") }
                #expect(links == ["/bookings/\(first)", "/bookings/\(second)"], "soonest first")
                let start = try await browser.get("/").body
                #expect(start.contains("2 visits wait for your proposal or answer"))
            }
            #expect(try await Self.propose(first, buyers).status == 303)
            let asked = try await sellers.get("/proposals")
            #expect(asked.body.contains("The other side asks you"))
            #expect(asked.body.contains("Fri\u{a0}26\u{a0}Feb\u{a0}2027, 15:00"))
            #expect(asked.body.contains("Specialist 1") && asked.body.contains("Proposals (2)"))
            let silent = try await buyers.get("/proposals")
            #expect(!silent.links.contains("/bookings/\(first)"))
            #expect(silent.body.contains("Proposals (1)"))
            let others = try await world.browser(of: world.outsider.scheduler).get("/proposals")
            #expect(others.body.contains("Nothing waits for your answer."))
            #expect(!others.body.contains("Proposals ("))
        }
    }

    @Test("what is cancelled or has run out waits no more")
    func whatIsOver() async throws {
        try await PagesWorld.with { world in
            let (gone, late) = (
                try await world.life.booked("2027-03-02"), try await world.life.booked("2027-03-03")
            )
            let browser = try await world.browser(of: world.buyer.scheduler)
            let cancel = "/bookings/\(gone)/cancel"
            _ = try await browser.post(cancel, try await browser.get(cancel).form(cancel))
            let page = try await browser.get("/proposals")
            #expect(!page.links.contains("/bookings/\(gone)"))
            #expect(page.links.contains("/bookings/\(late)"))
            // nobody proposed, and the worker for what is due has not been there
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-02T08:00:00Z"))
            let after = try await browser.get("/proposals")
            #expect(after.body.contains("Nothing waits for your answer."))
        }
    }

    @Test func roomAndNeeds() async throws {
        try await PagesWorld.with { world in
            let booking = try await world.life.booked("2027-03-02")
            let buyers = try await world.browser(of: world.buyer.scheduler)
            let sellers = try await world.browser(of: world.seller.specialist)
            try await world.sellerHosts(ownLink: "https://video.example/room/1")
            let own = ["room": "own_link", "needs": "interpreter"]
            for link in ["http://video.example/1", "https://me@video.example/1"] {
                let wrong = try await Self.propose(
                    booking, sellers, own.merging(["link": link]) { $1 })
                #expect(wrong.status == 422 && wrong.links.contains("#link"), "\(link)")
                #expect(wrong.body.contains("value=\"\(link)\""), "nothing typed is lost")
                #expect(wrong.body.contains("value=\"own_link\" selected"))
                #expect(wrong.body.contains("value=\"interpreter\" checked"))
            }
            let link = "https://video.example/room/1"
            // the buyer gives no address: it follows from what the seller has set up
            #expect(try await !buyers.get("/bookings/\(booking)").body.contains("name=\"link\""))
            #expect(try await Self.propose(booking, buyers, own).status == 303)
            let seen = try await sellers.get("/bookings/\(booking)")
            #expect(seen.links.contains(link))
            #expect(seen.body.contains("Asked for: an interpreter."))
            #expect(seen.body.contains("<dd>Specialist 1</dd>"))
            #expect(try await buyers.get("/bookings/\(booking)").body.contains("Specialist 1"))
        }
    }

    /// An address that the seller gave by hand stays when either side offers another time.
    @Test func anAddressGivenByHandStaysWithTheOffer() async throws {
        try await PagesWorld.with { world in
            let booking = try await world.life.booked("2027-03-02")
            let buyers = try await world.browser(of: world.buyer.scheduler)
            let sellers = try await world.browser(of: world.seller.specialist)
            try await world.sellerHosts(ownLink: "https://video.example/lobby")
            let byHand = "https://video.example/room/77"
            let offered = try await Self.propose(
                booking, sellers, ["room": "own_link", "link": byHand])
            #expect(offered.status == 303)
            let page = try await buyers.get("/bookings/\(booking)")
            let kept = "<input type=\"hidden\" name=\"link\" value=\"\(byHand)\">"
            #expect(page.body.contains(kept))
            let countered = try await Self.propose(
                booking, buyers,
                ["kind": "counter", "time": "10:15", "room": "own_link", "link": byHand])
            #expect(countered.status == 303)
            let seen = try await sellers.get("/bookings/\(booking)")
            #expect(seen.links.contains(byHand))
            #expect(seen.body.contains("name=\"link\" type=\"text\" value=\"\(byHand)\""))
        }
    }

    @Test func readiness() async throws {
        try await PagesWorld.with { world in
            let booking = try await world.life.booked("2027-03-02")
            let address = "/bookings/\(booking)/handshake"
            let buyers = try await world.browser(of: world.buyer.scheduler)
            let sellers = try await world.browser(of: world.seller.specialist)
            try await world.sellerHosts(jitsi: "meet.example")
            let possible = try await buyers.get("/bookings/\(booking)").body
            #expect(possible.contains(">Jitsi Meet (meet.example)</option>"))
            #expect(!possible.contains("value=\"own_link\""))
            _ = try await Self.propose(booking, buyers, ["room": "jitsi"])
            _ = try await sellers.post(
                address, try await sellers.get("/bookings/\(booking)").form(address))
            let agreed = try await buyers.get("/bookings/\(booking)")
            #expect(agreed.body.contains("Agreed:") && agreed.body.contains("Jitsi"))
            #expect(agreed.body.ranges(of: "has not said yet").count == 2)
            let form = try agreed.form(address)
            #expect(form["kind"] == "ready")
            let unchecked = try await buyers.post(
                address, form.merging(["checks": "device"]) { $1 })
            #expect(unchecked.status == 422 && unchecked.links.contains("#checks"))
            #expect(unchecked.body.contains("value=\"device\" checked"))
            let silent = try await buyers.post(
                address, form.merging(["kind": "not_ready", "key": "two"]) { $1 })
            #expect(silent.status == 422 && silent.links.contains("#cause"))
            let not = try await buyers.post(
                address,
                form.merging(["kind": "not_ready", "cause": "No camera", "key": "three"]) { $1 })
            #expect(not.status == 303)
            let told = try await sellers.get("/bookings/\(booking)")
            #expect(told.body.contains("not ready") && told.body.contains("No camera"))
            for browser in [buyers, sellers] {
                let page = try await browser.get("/bookings/\(booking)")
                let ready = try await browser.postReady(address, try page.form(address))
                #expect(ready.status == 303)
            }
            let both = try await sellers.get("/bookings/\(booking)")
            #expect(both.body.contains("Both sides have agreed and are ready."))
            // until the visit's planned end
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-02T08:10:00Z"))
            let during = try await buyers.get("/bookings/\(booking)")
            #expect(during.body.contains("We are ready"))
            #expect(!during.body.contains("Propose another time"))
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-02T08:30:00Z"))
            #expect(!(try await buyers.get("/bookings/\(booking)").body.contains("We are ready")))
        }
    }
}

extension Browser {
    /// All three checks are made: a name that comes three times.
    fileprivate func postReady(
        _ path: String, _ form: [String: String]
    ) async throws -> PageAnswer {
        try await post(path, form, also: ["checks=device", "checks=line", "checks=record_access"])
    }
}
