import MoneyAndTime
import Storage
import TestMarket
import TestServer
import Testing

@testable import Web

@Suite("A guest's pages, and the door on a visit's page")
struct GuestPageTests {
    /// A visit on 2027-03-03 at 10 o'clock (UTC+2), agreed in advance, and those who are there.
    private struct Door {
        let world: PagesWorld
        let visit: String
        let nurse: Browser

        init(_ world: PagesWorld, at time: String = "07:50") async throws {
            let contract = try await world.test.signedContract(
                seller: world.seller, buyer: world.buyer)
            let life = LifeOfAVisit(under: contract, sharing: world.life)
            visit = try await life.booked("2027-03-03").description
            self.world = world
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-03T\(time):00Z"))
            nurse = try await world.browser(of: world.buyer.scheduler)
        }

        func stranger() -> Browser { Browser(port: world.server.port) }

        /// Sends a form of a page of the visit.
        func send(
            _ path: String, _ fields: [String: String], from page: String = ""
        ) async throws -> PageAnswer {
            let shown = try await nurse.get("/visits/\(visit)\(page)")
            let form = shown.sealed(key: "key \(UInt64.random(in: .min ... .max))")
            return try await nurse.post(
                "/visits/\(visit)\(path)", form.merging(fields) { $1 })
        }

        /// A new link; the path of its page.
        func link(_ kind: String = "patient", _ language: String = "en") async throws -> String {
            let sheet = try await send(
                "/guests", ["kind": kind, "language": language], from: "/guests")
            #expect(sheet.status == 200)
            let address = sheet.body.firstMatch(of: /id="guest-link">[^<]*(\/join\/[\w\-]{43})</)
            return String(try #require(address).1)
        }

        /// The guest presses the button of its page.
        func come(_ guest: Browser, _ link: String) async throws -> PageAnswer {
            let page = try await guest.get(link)
            return try await guest.post(
                link, page.sealed(key: "key \(UInt64.random(in: .min ... .max))"))
        }

        func guestOnPage() async throws -> String {
            try #require(try await nurse.get("/visits/\(visit)").hidden("guest"))
        }
    }

    @Test func fromTheLinkToTheRoomAndOut() async throws {
        try await PagesWorld.with { world in
            let door = try await Door(world)
            let link = try await door.link()
            let guest = door.stranger()
            let start = try await guest.get(link)
            #expect(start.status == 200)
            #expect(start.body.contains("Example Health Centre invites you"))
            #expect(start.body.contains("10:00–10:30"))
            // what it is about, and for whom, is on no page of a guest's; nor who sells it
            for secret in ["PT-1", "€", "psychiatr", "Example Hospital", "Specialist 1"] {
                #expect(!start.body.contains(secret), "\(secret)")
            }
            #expect(try await door.come(guest, link).status == 303)
            let waiting = try await guest.get(link)
            #expect(waiting.body.contains("You are in the right place"))
            #expect(!waiting.body.contains("id=\"room\""))
            let page = try await door.nurse.get("/visits/\(door.visit)").body
            #expect(page.contains("Waiting at the door") && page.contains("has waited since 09:5"))
            let id = try await door.guestOnPage()
            let unsaid = try await door.send("/door", ["guest": id, "do": "let_in"])
            #expect(unsaid.status == 422 && unsaid.links.contains("#identified-1"))
            let fields = ["guest": id, "do": "let_in", "identified": "identity_document"]
            #expect(try await door.send("/door", fields).status == 303)
            let inside = try await door.nurse.get("/visits/\(door.visit)").body
            #expect(inside.contains("identity document shown (Test member, Buyer)"))
            let room = try await guest.get(link).body
            #expect(room.contains("id=\"room\"") && room.contains("You were let in at 09:5"))
            #expect(room.contains("identity document shown (Test member, Example Health Centre)"))
            #expect(!room.contains("€") && !room.contains("PT-1"))
            #expect(try await door.send("/door", ["guest": id, "do": "put_out"]).status == 303)
            let out = try await guest.get(link).body
            #expect(out.contains("You were taken out") && !out.contains("id=\"room\""))
            #expect(try await door.come(guest, link).status == 303)
            #expect(try await guest.get(link).body.contains("You are in the right place"))
        }
    }

    @Test("who waits hears when it is let in, and is refused the room's signals until then")
    func hearing() async throws {
        try await PagesWorld.with { world in
            let door = try await Door(world)
            let link = try await door.link()
            let guest = door.stranger()
            let seal = try await guest.get(link).sealed(key: "first")
            let signal = seal.merging(["session": "a", "body": "{}"]) { $1 }
            #expect(try await guest.post("\(link)/room", signal).status == 409, "not come")
            #expect(try await guest.get("\(link)/room?session=a").status == 409, "not come")
            #expect(try await guest.get("\(link)/door").status == 409, "not come")
            _ = try await door.come(guest, link)
            #expect(try await guest.post("\(link)/room", signal).status == 409, "waits")
            #expect(try await guest.get("\(link)/room?session=a").status == 409, "waits")
            let news = try await guest.follow("\(link)/door")
            let first = try await news.text { $0.contains("data: waiting\n") }
            #expect(first.contains("data: waiting\n"))
            let id = try await door.guestOnPage()
            _ = try await door.send(
                "/door", ["guest": id, "do": "let_in", "identified": "not_identified"])
            let then = try await news.text { $0.contains("data: in\n") }
            #expect(then.contains("data: in\n"))
            #expect(try await guest.post("\(link)/room", signal).status == 204)
            let beat = seal.merging(["kind": "heartbeat"]) { $1 }
            #expect(try await guest.post("\(link)/door", beat).status == 204)
            // another's browser with the same link is somebody else
            let other = door.stranger()
            let theirs = try await other.get(link).sealed(key: "other")
            let stolen = theirs.merging(["session": "b", "body": "{}"]) { $1 }
            #expect(try await other.post("\(link)/room", stolen).status == 409)
            let leave = seal.merging(["kind": "leave"]) { $1 }
            #expect(try await guest.post("\(link)/door", leave).status == 303)
            #expect(try await guest.get(link).body.contains("Thank you for coming"))
            #expect(try await guest.post("\(link)/room", signal).status == 409, "gone")
        }
    }

    @Test func whatALinkSaysWhenNobodyCanCome() async throws {
        try await PagesWorld.with { world in
            let door = try await Door(world, at: "07:30")
            let link = try await door.link("interpreter", "sv")
            let guest = door.stranger()
            let early = try await guest.get(link)
            #expect(early.body.contains("<html lang=\"sv\">"))
            #expect(early.body.contains("Du kan komma in från klockan 9.45"))
            #expect(!early.body.contains("name=\"kind\""))
            #expect(try await guest.get("\(link)/check").status == 200)
            // the link's language, until the guest chooses another
            _ = try await guest.get("/language?to=fi&next=\(link)")
            #expect(try await guest.get(link).body.contains("Sisään pääsee kello 9.45"))
            let list = try await door.nurse.get("/visits/\(door.visit)/guests")
            let id = try #require(list.hidden("guest_link"))
            let revoked = try await door.send(
                "/guests/revoke", ["guest_link": id], from: "/guests")
            #expect(revoked.status == 303)
            #expect(try await guest.get(link).body.contains("ei ole enää voimassa"))
            #expect(try await guest.get(String(link.dropLast(2)) + "AA").status == 404)
            #expect(try await guest.get("/join/nonsense").status == 404)
        }
    }

    @Test("an open page of another site cannot bring a guest in or take one out")
    func otherSites() async throws {
        try await PagesWorld.with { world in
            let door = try await Door(world)
            let link = try await door.link()
            let guest = door.stranger()
            let form = try await guest.get(link).sealed(key: "a")
            let site = ["Sec-Fetch-Site": "cross-site"]
            #expect(try await guest.post(link, form, headers: site).status == 403)
            #expect(try await guest.post(link, ["key": "b"]).status == 403, "no seal")
            let other = try await door.stranger().get(link).sealed(key: "c")
            #expect(try await guest.post(link, other).status == 403, "another browser's seal")
        }
    }

    @Test func aUnitsTelephoneIsOnEveryPageOfAGuest() async throws {
        try await PagesWorld.with { world in
            let door = try await Door(world)
            let admin = try await world.browser(of: world.buyer.admin)
            let units = try await admin.get("/settings/units")
            var form = try units.form("/settings/units")
            form["telephone"] = "call us"
            let wrong = try await admin.post("/settings/units", form)
            #expect(wrong.status == 422 && wrong.links.contains("#telephone-1"))
            form["telephone"] = "09-123 4567"
            form["key"] = "again"
            #expect(try await admin.post("/settings/units", form).status == 303)
            let link = try await door.link()
            let guest = door.stranger()
            for path in [link, "\(link)/check"] {
                let page = try await guest.get(path)
                #expect(page.links.contains("tel:091234567"), "\(path)")
                #expect(page.body.contains("09 123 4567"))
            }
            _ = try await door.come(guest, link)
            #expect(try await guest.get(link).links.contains("tel:091234567"))
        }
    }

    @Test func whoHasCheckedSaysThatTheSideIsReady() async throws {
        try await PagesWorld.with { world in
            let door = try await Door(world, at: "07:30")
            let check = try await door.nurse.get("/visits/\(door.visit)/check")
            #expect(check.body.contains("id=\"check-camera\""))
            let form = try check.form("/bookings/\(door.visit)/handshake")
            #expect(form["kind"] == "ready" && form["sequence"] == "1")
            let said = try await door.nurse.post(
                "/bookings/\(door.visit)/handshake", form,
                also: ["checks=device", "checks=line", "checks=record_access"])
            #expect(said.status == 303)
        }
    }
}
