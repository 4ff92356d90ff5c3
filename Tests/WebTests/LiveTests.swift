import API
import AsyncHTTPClient
import Foundation
import Marketplace
import MoneyAndTime
import NIOCore
import NIOHTTP1
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import TestServer
import Testing
import Visits

@testable import Web

@Suite("Streams of open pages: what changed is heard, by those whom it concerns, while they may")
struct LiveTests {
    /// A market whose streams are quick, and whose requests are given up after a second.
    private static func withWorld(
        _ body: @Sendable (PagesWorld) async throws -> Void
    ) async throws {
        var configuration = ServerConfiguration()
        configuration.requestDeadline = .seconds(1)
        let pages: (Market) throws -> Elsewhere = { market in
            let pages = try Pages(
                market: market,
                streams: LiveStreams(
                    pause: .milliseconds(20), heartbeat: .milliseconds(300)))
            return Elsewhere(
                bodyLimit: pages.bodyLimit, credential: pages.credential, answer: pages.answer,
                apology: pages.apology)
        }
        try await TestServer.withServer(configuration, elsewhere: pages) { server in
            let test = server.test
            let contract = try await test.agreedContract(
                seller: try await test.addOrganisation("Example Hospital"),
                buyer: try await test.addOrganisation("Example Health Centre"))
            try await body(
                PagesWorld(
                    server: server, life: try await LifeOfAVisit(under: contract),
                    outsider: try await test.addOrganisation("Example Clinic")))
        }
    }

    /// How far a page says that it goes.
    private static func place(on page: PageAnswer) throws -> String {
        String(try #require(page.body.firstMatch(of: /data-after="([^"]*)"/)).1)
    }

    @Test("a change is told to both sides within a moment, as a place and nothing else")
    func changes() async throws {
        try await Self.withWorld { world in
            let buyer = try await world.browser(of: world.buyer.scheduler)
            let seller = try await world.browser(of: world.seller.specialist)
            let outsider = try await world.browser(of: world.outsider.scheduler)
            try await world.test.horizonToPass()
            var streams: [Stream] = []
            for browser in [buyer, seller, outsider] {
                let page = try await browser.get("/bookings")
                #expect(page.body.contains("src=\"/static/aikatori.js\" defer"))
                let from = try Self.place(on: page)
                streams.append(try await browser.follow("/live?after=\(from)"))
            }
            #expect(streams[0].headers["content-type"] == ["text/event-stream; charset=utf-8"])
            #expect(streams[0].headers["cache-control"] == ["no-store"])
            let booking = try await world.life.booked("2027-03-02")
            for stream in streams[...1] {
                let told = try await stream.text { $0.contains("data:") }
                let event = try #require(told.firstMatch(of: /id: ([0-9]+-[0-9]+)\ndata: (.+)\n\n/))
                #expect(event.1 == event.2)
                #expect(!told.contains(booking.description))
            }
            let silence = try await streams[2].text { $0.count { $0 == ":" } > 3 }
            #expect(!silence.contains("data"), "the outsider heard: \(silence)")
            let list = try await buyer.get("/bookings?month=2027-03")
            #expect(list.body.contains(booking.description))
        }
    }

    @Test("who comes again hears what was missed, and nothing when nothing was")
    func resumed() async throws {
        try await Self.withWorld { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let from = try Self.place(on: try await browser.get("/"))
            _ = try await world.life.booked("2027-03-02")
            try await world.test.horizonToPass()
            let missed = try await browser.follow("/live?after=\(from)")
            let told = try await missed.text { $0.contains("data:") }
            let event = try #require(told.firstMatch(of: /id: (\S+)/))
            let again = try await browser.follow(
                "/live?after=\(from)", headers: ["Last-Event-ID": String(event.1)])
            let silence = try await again.text { $0.count { $0 == ":" } > 2 }
            #expect(!silence.contains("data"))
        }
    }

    @Test("who comes to a visit and who goes is told to the other side's open page")
    func presence() async throws {
        try await Self.withWorld { world in
            let contract = try await world.test.signedContract(
                seller: world.seller, buyer: world.buyer)
            let life = LifeOfAVisit(under: contract, sharing: world.life)
            let booking = try await life.booked("2027-03-03")
            let start = try Instant(rfc3339: "2027-03-03T08:00:00Z")
            try await world.test.clock.set(to: start)
            let token = try await life.joinToken(.seller, of: booking)
            let buyer = try await world.browser(of: world.buyer.specialist)
            for (kind, shown) in [
                (Market.AttendanceKind.join, "there now: 1"), (.leave, "not there"),
            ] {
                try await world.test.horizonToPass()
                let from = try Self.place(on: try await buyer.get("/visits/\(booking)"))
                let stream = try await buyer.follow("/live?after=\(from)")
                let silence = try await stream.text { $0.count { $0 == ":" } > 2 }
                #expect(!silence.contains("data"))
                try await life.observe(token, kind, at: start)
                let told = try await stream.text { $0.contains("data:") }
                #expect(!told.contains(booking.description))
                let page = try await buyer.get("/visits/\(booking)").body
                let presence = try #require(page.firstRange(of: "id=\"live-presence\""))
                let sellers = page[presence.upperBound...].prefix(300)
                #expect(sellers.contains(shown))
            }
        }
    }

    @Test("a stream lives longer than a request may, and ends with its login")
    func endsWithTheLogin() async throws {
        try await Self.withWorld { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let form = try await browser.get("/").form("/sign-out")
            let stream = try await browser.follow("/live")
            // Longer than the second after which any other request is given up.
            let alive = try await stream.text { $0.count { $0 == ":" } > 6 }
            #expect(!alive.contains("over"))
            #expect(try await browser.post("/sign-out", form).status == 303)
            let told = try await stream.text { _ in false }
            #expect(told.hasSuffix("event: over\ndata: over\n\n"), "\(told)")
        }
    }

    @Test("neither a stream nor what a page asks by itself keeps a login alive")
    func keepsNothingAlive() async throws {
        try await Self.withWorld { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let soon = "clock_timestamp() + interval '1 minute'"
            try await world.test.superuser.pool.transaction { transaction in
                _ = try await transaction.script(
                    "update credential set idle_until = \(soon) where idle_until is not null")
            }
            let left: @Sendable () async throws -> Bool = {
                try await world.test.superuser.read([
                    """
                    select idle_until < clock_timestamp() + interval '2 minutes' as soon
                    from credential where idle_until is not null
                    """
                ]).only()["soon", Bool.self]
            }
            let refresh = ["Aikatori-Refresh": "live"]
            #expect(try await browser.get("/", headers: refresh).status == 200)
            let stream = try await browser.follow("/live")
            _ = try await stream.text { $0.count { $0 == ":" } > 2 }
            #expect(try await left())
            #expect(try await browser.get("/").status == 200)
            #expect(try await !left())
        }
    }

    @Test("a login has four streams: the oldest is over when a fifth comes")
    func most() async throws {
        try await Self.withWorld { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            var streams: [Stream] = []
            for _ in 0...LiveStreams.mostPerLogin {
                streams.append(try await browser.follow("/live"))
                _ = try await streams[streams.count - 1].text { !$0.isEmpty }
            }
            let first = try await streams[0].text { _ in false }
            #expect(first.hasSuffix("event: over\ndata: over\n\n"))
            for stream in streams[1...] {
                let told = try await stream.text { $0.count { $0 == ":" } > 2 }
                #expect(!told.contains("over"))
            }
        }
    }

    @Test("a server that stops ends its streams, and says when to come again")
    func drained() async throws {
        try await Self.withWorld { world in
            let browser = try await world.browser(of: world.buyer.scheduler)
            let stream = try await browser.follow("/live")
            _ = try await stream.text { !$0.isEmpty }
            await world.server.drain()
            let told = try await stream.text { _ in false }
            #expect(told.firstMatch(of: /retry: [1-5][0-9]{3}\n\n$/) != nil, "\(told)")
        }
    }

    @Test("without a login there is no stream and no script; other pages ask for their bell alone")
    func nobody() async throws {
        try await Self.withWorld { world in
            let nobody = Browser(port: world.server.port)
            #expect(try await nobody.get("/live").status == 303)
            let browser = try await world.browser(of: world.buyer.scheduler)
            #expect(try await !nobody.get("/sign-in").body.contains("<script"))
            let contracts = try await browser.get("/contracts").body
            #expect(contracts.contains("data-from=\"/alerts/bell\""))
            #expect(try await browser.get("/bookings").body.contains("data-from=\"\""))
            let script = try await nobody.get("/static/aikatori.js")
            #expect(script.headers["content-type"] == ["text/javascript; charset=utf-8"])
        }
    }
}

/// An answer that comes bit by bit.
final class Stream {
    struct Silent: Error {
        let heard: String
    }

    let headers: [String: [String]]
    private var iterator: HTTPClientResponse.Body.AsyncIterator
    private var heard = ""

    init(_ response: HTTPClientResponse) {
        headers = Dictionary(
            response.headers.map { ($0.name.lowercased(), [$0.value]) }, uniquingKeysWith: +)
        iterator = response.body.makeAsyncIterator()
    }

    /// What has come, as soon as it is enough or the stream has ended.
    func text(isEnough: (String) -> Bool) async throws -> String {
        let end = ContinuousClock.now + .seconds(20)
        while !isEnough(heard), let part = try await iterator.next() {
            heard += String(buffer: part)
            guard ContinuousClock.now < end else { throw Silent(heard: heard) }
        }
        return heard
    }
}
