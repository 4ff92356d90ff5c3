import Marketplace
import MoneyAndTime
import NIOHTTP1
import Postgres
import Storage
import StrictJSON
import TestMarket
import TestServer
import Testing
import Visits

@testable import Web

extension PagesWorld {
    static let jitsiSecret = "an-example-of-a-secret-of-40-characters!"

    /// Besides the built-in room, which is there.
    func sellerHosts(jitsi: String? = nil, ownLink: String? = nil, builtIn: Bool = true)
        async throws
    {
        _ = try await test.market.updateRoomSettings(
            seller.admin.request("updateRoomSettings"), revision: 0,
            NewRoomSettings(
                hostsBuiltIn: builtIn,
                jitsi: jitsi.map {
                    .init(domain: $0, appID: "app", secret: Self.jitsiSecret, prefix: "a-")
                },
                ownLink: ownLink.map { .init(name: "Hospital Video", address: $0) }, joins: []))
    }
}

@Suite("Visits in other systems than the built-in room")
struct RoomPageTests {
    /// A visit on 2027-03-03 at 10 o'clock (UTC+2), agreed in advance, ten minutes before.
    private static func visit(_ world: PagesWorld) async throws -> String {
        let contract = try await world.test.signedContract(
            seller: world.seller, buyer: world.buyer)
        let life = LifeOfAVisit(under: contract, sharing: world.life)
        let visit = try await life.booked("2027-03-03").description
        try await clock(world, "07:50:00")
        return visit
    }

    private static func clock(_ world: PagesWorld, _ time: String) async throws {
        try await world.test.clock.set(to: Instant(rfc3339: "2027-03-03T\(time)Z"))
    }

    private static func send(
        _ browser: Browser, from page: String, to path: String, _ fields: [String: String]
    ) async throws -> PageAnswer {
        let form = try await browser.get(page).sealed(
            key: "key \(UInt64.random(in: .min ... .max))")
        return try await browser.post(path, form.merging(fields) { $1 })
    }

    @Test func settings() async throws {
        try await PagesWorld.with { world in
            let admin = try await world.browser(of: world.seller.admin)
            let page = "/settings/rooms"
            let right = [
                "revision": "0", "hosts_built_in": "yes", "domain": "Meet.Example", "app_id": "app",
                "secret": PagesWorld.jitsiSecret, "room_prefix": "a-", "own_name": "Video",
                "own_address": "https://video.example/{visit}", "join_1": "jitsi",
                "join_2": "built_in", "join_3": "",
            ]
            for (field, value) in [
                ("domain", "https://meet.example"), ("app_id", ""), ("secret", "short"),
                ("room_prefix", "A b"), ("own_name", ""), ("own_address", "http://video.example"),
                ("own_address", ""), ("join_2", "jitsi"), ("secret", ""),
            ] {
                let wrong = try await Self.send(
                    admin, from: page, to: page, right.merging([field: value]) { $1 })
                #expect(wrong.status == 422 && wrong.links.contains("#\(field)"), "\(field)")
                #expect(!wrong.body.contains(PagesWorld.jitsiSecret))
            }
            #expect(try await Self.send(admin, from: page, to: page, right).status == 303)
            let saved = try await admin.get(page)
            #expect(saved.body.contains("value=\"meet.example\""))
            #expect(saved.body.contains("A secret is stored. Empty: it stays."))
            #expect(!saved.body.contains(PagesWorld.jitsiSecret))
            // without a secret the one that is there stays
            let again = right.merging(["revision": "1", "secret": "", "join_2": ""]) { $1 }
            #expect(try await Self.send(admin, from: page, to: page, again).status == 303)
            let stale = try await Self.send(admin, from: page, to: page, again)
            #expect(stale.status == 422)
        }
    }

    @Test func ownLinkFromComingToLeaving() async throws {
        try await PagesWorld.with { world in
            try await world.sellerHosts(ownLink: "https://video.example/r/{visit}", builtIn: false)
            let visit = try await Self.visit(world)
            let (page, enter) = ("/visits/\(visit)", "/visits/\(visit)/enter")
            let browsers = [
                try await world.browser(of: world.seller.specialist),
                try await world.browser(of: world.buyer.specialist),
            ]
            for browser in browsers {
                let before = try await browser.get(page)
                #expect(before.body.contains("own video service (video.example)"))
                #expect(!before.links.contains(enter))
                #expect(try await browser.get(enter).location == page, "not before one has come")
                let came = try await Self.send(
                    browser, from: page, to: "\(page)/attendance", ["kind": "join"])
                #expect(came.status == 303)
                let inside = try await browser.get(page)
                #expect(inside.links.contains(enter))
                #expect(inside.body.contains("I left") && !inside.body.contains("room.js"))
                #expect(inside.body.contains("data-every=\"60\""))
                let policy = inside.headers.first(name: "content-security-policy") ?? ""
                #expect(policy.hasPrefix("default-src 'none';") && !policy.contains("frame-src"))
                let gone = try await browser.get(enter)
                #expect(gone.status == 303)
                let address = try #require(gone.location)
                #expect(address.wholeMatch(of: /https:\/\/video\.example\/r\/[0-9a-f]{32}/) != nil)
                #expect(gone.headers.first(name: "cache-control") == "no-store")
            }
            let sources = try await world.test.owner.read([
                "select distinct source from observation"
            ]).map { try $0["source", String.self] }
            #expect(sources == ["join_page"])
            for browser in browsers {
                let left = try await Self.send(
                    browser, from: page, to: "\(page)/attendance", ["kind": "leave"])
                #expect(left.status == 303)
                #expect(try await browser.get(enter).location == page)
            }
        }
    }

    @Test func aGuestGoesThereAfterBeingLetIn() async throws {
        try await PagesWorld.with { world in
            try await world.sellerHosts(jitsi: "meet.example", builtIn: false)
            let visit = try await Self.visit(world)
            let nurse = try await world.browser(of: world.buyer.scheduler)
            let sheet = try await Self.send(
                nurse, from: "/visits/\(visit)/guests", to: "/visits/\(visit)/guests",
                ["kind": "patient", "language": "en"])
            let link = String(
                try #require(
                    sheet.body.firstMatch(of: /id="guest-link">[^<]*(\/join\/[\w\-]{43})</)
                ).1)
            let guest = Browser(port: world.server.port)
            _ = try await Self.send(guest, from: link, to: link, [:])
            #expect(try await guest.get("\(link)/enter").location == link, "it waits")
            let page = try await nurse.get("/visits/\(visit)")
            _ = try await Self.send(
                nurse, from: "/visits/\(visit)", to: "/visits/\(visit)/door",
                [
                    "guest": try #require(page.hidden("guest")), "do": "let_in",
                    "identified": "known_in_person",
                ])
            let inside = try await guest.get(link)
            #expect(inside.links.contains("\(link)/enter"))
            // whose system it is, is on no page of a guest's
            #expect(!inside.body.contains("meet.example") && !inside.body.contains("room.js"))
            let gone = try await guest.get("\(link)/enter")
            let token = try #require(gone.location?.split(separator: "jwt=").last)
            let claims = try JSON.parse(
                #require(Base64URL.decode(token.split(separator: ".")[1])))
            #expect(claims["context"]?["user"]?["name"] == "Patient")
            #expect(claims["context"]?["user"]?["moderator"] == "false")
            _ = try await Self.send(guest, from: link, to: "\(link)/door", ["kind": "leave"])
            #expect(try await guest.get("\(link)/enter").location == link)
        }
    }

    @Test func aCallLogIsSeenBeforeItIsImported() async throws {
        try await PagesWorld.with { world in
            try await world.sellerHosts(ownLink: "https://video.example/r/{visit}", builtIn: false)
            let visit = try await Self.visit(world)
            try await Self.clock(world, "08:40:00")
            let desk = try await world.browser(of: world.seller.scheduler)
            let (page, head) = ("/call-log", "visit,side,joined,left\n")
            let seal = try await desk.get(page).sealed(key: "one")
            let wrong = try await desk.upload(
                page, seal, file: Array((head + "\(visit),guest,x,y\n").utf8))
            #expect(wrong.status == 422 && wrong.links.contains("#file"))
            #expect(wrong.body.contains("Neither seller nor buyer"))
            let stays = ["seller", "buyer"].map {
                "\(visit),\($0),2027-03-03T08:00:00Z,2027-03-03T08:20:00Z\n"
            }
            let file = Array((head + stays.joined()).utf8)
            let seen = try await desk.upload(page, seal.merging(["key": "two"]) { $1 }, file: file)
            #expect(seen.status == 200 && seen.body.contains("20\u{a0}min"))
            #expect(try await !desk.get("/visits/\(visit)").body.contains("Call log, imported"))
            let form = try seen.form(page).merging(["key": "three"]) { $1 }
            #expect(form["seen"] == "yes")
            #expect(try await desk.post(page, form).location == "/call-log?done=2")
            let twice = try await desk.post(page, form.merging(["key": "four"]) { $1 })
            #expect(twice.location == "/call-log?done=0")
            let buyers = try await world.browser(of: world.buyer.scheduler)
            for browser in [desk, buyers] {
                let shown = try await browser.get("/visits/\(visit)").body
                #expect(shown.contains("Call log, imported by: Seller"))
                #expect(shown.contains("which differs from what was measured"))
            }
        }
    }
}
