import API
import MoneyAndTime
import NIOHTTP1
import Organisations
import TestMarket
import TestServer
import Testing

@testable import Web

@Suite("What every page tells the browser, and what is too much")
struct SecurityTests {
    private static func expectHeaders(_ page: PageAnswer, _ name: String) {
        let wanted = [
            ("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin"),
            ("x-frame-options", "DENY"), ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            (
                "permissions-policy",
                "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()"
            ),
        ]
        for (header, value) in wanted {
            #expect(page.headers[header] == [value], "\(header) of \(name)")
        }
        let policy = page.headers.first(name: "content-security-policy") ?? ""
        #expect(policy.hasPrefix("default-src 'none'; script-src 'self'"), "\(name)")
        #expect(policy.contains("frame-ancestors 'none'; base-uri 'none'"), "\(name)")
        #expect(page.headers.first(name: "x-request-id") != nil)
        #expect(page.headers.first(name: "ratelimit")?.hasPrefix("\"address\";r=") == true)
    }

    @Test("every page, and what is no page, carries the headers")
    func headers() async throws {
        try await PagesWorld.with { world in
            let visitors = [
                Browser(port: world.server.port),
                try await world.browser(of: world.buyer.scheduler),
            ]
            for (operation, browser) in PageOperation.allCases.flatMap({ operation in
                // A stream does not end by itself: it has a test of its own.
                operation == .followChanges || operation == .followRoom
                    ? [(operation, visitors[0])] : visitors.map { (operation, $0) }
            }) {
                let path = operation.path.replacing(/[{}]/, with: "")
                let page =
                    operation.method == "GET"
                    ? try await browser.get(path) : try await browser.post(path, [:])
                Self.expectHeaders(page, "\(operation), \(page.status)")
                let kept =
                    path.hasPrefix("/static/") ? "public, max-age=3600" : "no-store"
                #expect(page.headers.first(name: "cache-control") == kept, "\(operation)")
                #expect(page.headers.first(name: "strict-transport-security") == nil)
            }
            let browser = visitors[1]
            let long = ["a": String(repeating: "x", count: 70_000)]
            for (status, page) in [
                (404, try await browser.get("/nothing")),
                (404, try await browser.get("/bookings/nothing")),
                (405, try await browser.post("/find", [:])),
                (413, try await browser.post("/bookings", long)),
                (400, try await browser.get("/", headers: ["Host": "a b"])),
            ] {
                #expect(page.status == status)
                Self.expectHeaders(page, "\(status)")
            }
        }
    }

    private static func withConfiguration(
        _ configuration: ServerConfiguration,
        _ body: (TestServer, TestOrganisation) async throws
            -> Void
    ) async throws {
        try await TestServer.withServer(configuration, elsewhere: PagesWorld.pages) { server in
            try await body(server, try await server.test.addOrganisation("Example Hospital"))
        }
    }

    @Test("too much in a minute is answered by a page, in the visitor's language")
    func tooMuch() async throws {
        var configuration = ServerConfiguration()
        configuration.requestsPerToken = 2
        try await Self.withConfiguration(configuration) { server, hospital in
            let browser = Browser(port: server.port)
            let member = hospital.scheduler.member.description
            _ = try await browser.signIn(as: member)
            for _ in 0..<2 { #expect(try await browser.get("/contracts").status == 200) }
            let over = try await browser.get("/contracts", headers: ["Accept-Language": "sv"])
            #expect(over.status == 429)
            #expect(over.headers.first(name: "retry-after").flatMap { Int($0) } ?? 0 > 0)
            #expect(over.body.contains("<h1>För många förfrågningar</h1>"))
            Self.expectHeaders(over, "429")
            // Another login is not held up.
            let other = Browser(port: server.port)
            _ = try await other.signIn(as: member)
            #expect(try await other.get("/contracts").status == 200)
        }
    }

    @Test("who tries to get in is stopped ten times as soon")
    func tries() async throws {
        var configuration = ServerConfiguration()
        configuration.requestsPerAddress = 100
        try await Self.withConfiguration(configuration) { server, hospital in
            let browser = Browser(port: server.port)
            let member = ["member": hospital.scheduler.member.description]
            let seal = try await browser.seal()
            let wrong = ["member": "me", "seal": seal]
            var tries = 0
            // Both kinds of tries count; what time gives back meanwhile is far from fifty of them.
            while tries < 50 {
                if try await browser.post("/sign-in", wrong).status == 429 { break }
                await browser.keep(login: "aik_" + String(repeating: "A", count: 43))
                if try await browser.get("/bookings").status == 429 { break }
                await browser.keep(login: nil)
                tries += 2
            }
            #expect((10..<50).contains(tries), "\(tries)")
            #expect(try await browser.post("/sign-in", member).status == 429)
        }
    }

    @Test(
        "a trusted proxy's word alone makes a page secure, on loopback too",
        arguments: [
            ("127.0.0.1", "https", true), ("127.0.0.1", "http", false), ("::1", "https", false),
        ]
    )
    func cookies(trusted: String, proto: String, isSecure: Bool) async throws {
        var configuration = ServerConfiguration()
        configuration.trustedProxies = try #require(TrustedProxies(trusted))
        try await Self.withConfiguration(configuration) { server, hospital in
            let browser = Browser(port: server.port)
            let headers = ["X-Forwarded-Proto": proto, "X-Forwarded-For": "198.51.100.1"]
            let form = try await browser.get("/sign-in", headers: headers).form("/sign-in")
            let answer = try await browser.post(
                "/sign-in",
                form.merging(["member": hospital.scheduler.member.description]) { $1 },
                headers: headers)
            let cookie = try #require(answer.headers.first(name: "set-cookie"))
            #expect(cookie.hasPrefix("__Host-aikatori_login=") == isSecure)
            #expect(cookie.contains("; Secure") == isSecure)
            let strict = answer.headers.first(name: "strict-transport-security")
            #expect((strict == "max-age=31536000") == isSecure)
            #expect(try await browser.get("/", headers: headers).status == 200)
            // The cookie of one is none of the other.
            let elsewhere = try await browser.get("/", headers: ["X-Forwarded-Proto": "ftp"])
            #expect((elsewhere.status == 303) == isSecure)
        }
    }
}
