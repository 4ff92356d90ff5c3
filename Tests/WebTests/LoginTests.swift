import MoneyAndTime
import NIOHTTP1
import Organisations
import Postgres
import StrictJSON
import TestMarket
import TestServer
import Testing

@Suite("Signing in and out")
struct LoginTests {
    @Test("the demo's page lists people by role, says that it is a demo, and lets one in")
    func inAndOut() async throws {
        try await PagesWorld.with { world in
            let browser = Browser(port: world.server.port)
            let away = try await browser.get("/bookings?done=x")
            #expect(away.status == 303)
            #expect(away.location == "/sign-in?next=%2Fbookings%3Fdone%3Dx")
            let page = try await browser.get("/sign-in?next=%2Fbookings")
            #expect(page.status == 200)
            #expect(page.body.contains("<strong>Demo.</strong>"))
            #expect(page.body.contains("Scheduler, Example Health Centre"))
            let member = world.buyer.scheduler.member.description
            let entered = try await browser.signIn(as: member, ["next": "/bookings"])
            #expect((entered.status, entered.location) == (303, "/bookings"))
            let cookie = try #require(entered.headers.first(name: "set-cookie"))
            #expect(cookie.contains("HttpOnly; SameSite=Lax") && !cookie.contains("Secure"))
            let start = try await browser.get("/")
            #expect(start.status == 200 && start.body.contains("<strong>Demo.</strong>"))

            let first = try #require(await browser.login)
            _ = try await browser.signIn(as: member)
            let second = try #require(await browser.login)
            #expect(first != second, "a login is made anew at each sign-in")
            #expect(try await Self.opens(first, world) == false, "and the old one ends")

            let out = try await browser.post(
                "/sign-out",
                try start.form("/sign-out").merging(
                    ["seal": try await browser.get("/").form("/sign-out")["seal"] ?? ""]
                ) { $1 })
            #expect((out.status, out.location) == (303, "/sign-in"))
            #expect(await browser.login == nil)
            #expect(try await Self.opens(second, world) == false)
        }
    }

    @Test("a form of another site signs nobody in: it lacks the seal of the browser's own page")
    func sealed() async throws {
        try await PagesWorld.with { world in
            let member = ["member": world.buyer.scheduler.member.description]
            let browser = Browser(port: world.server.port)
            let other = Browser(port: world.server.port)
            #expect(try await browser.post("/sign-in", member).status == 403)
            _ = try await browser.get("/sign-in")
            #expect(try await browser.post("/sign-in", member).status == 403)
            let seal = try await other.seal()
            let stolen = member.merging(["seal": seal]) { $1 }
            #expect(try await browser.post("/sign-in", stolen).status == 403)
            #expect(await browser.login == nil)
            #expect(try await other.post("/sign-in", stolen).status == 303)
        }
    }

    /// Whether a page opens for who still has the cookie.
    private static func opens(_ login: String, _ world: PagesWorld) async throws -> Bool {
        let browser = Browser(port: world.server.port)
        await browser.keep(login: login)
        return try await browser.get("/").status == 200
    }

    @Test("a login that lay unused, or is as old as it may be, opens nothing: page or API")
    func ends() async throws {
        try await PagesWorld.with { world in
            for column in ["idle_until", "expires_at"] {
                let browser = try await world.browser(of: world.buyer.scheduler)
                let login = try #require(await browser.login)
                #expect(try await browser.get("/").status == 200)
                try await world.test.superuser.pool.transaction { transaction in
                    _ = try await transaction.script(
                        "update credential set \(column) = clock_timestamp() "
                            + "where idle_until is not null")
                }
                #expect(try await browser.get("/").location?.hasPrefix("/sign-in") == true)
                let answer = try await world.server.client.send(
                    "GET", "/v1/bookings", headers: ["Authorization": "Bearer \(login)"])
                #expect(answer.status == 401, "\(column)")
            }
        }
    }

    @Test("a token of a program is no login")
    func tokens() async throws {
        try await PagesWorld.with { world in
            let opens = try await Self.opens(world.buyer.scheduler.token.text, world)
            #expect(!opens)
        }
    }

    @Test("outside of a demo's database there is no such page, and nobody gets in by it")
    func notOutsideOfADemo() async throws {
        try await PagesWorld.with { world in
            try await world.test.superuser.pool.transaction { transaction in
                _ = try await transaction.script("drop table demo_clock")
            }
            let browser = Browser(port: world.server.port)
            let member = world.buyer.scheduler.member.description
            let page = try await browser.get("/sign-in")
            #expect(page.status == 200 && !page.body.contains(member))
            #expect(page.body.contains("action=\"/sign-in/address\""))
            #expect(try await browser.get("/mail").status == 404)
            #expect(try await browser.signIn(as: member).status == 404)
            #expect(try await browser.get("/components").status == 404)
            #expect(await browser.login == nil)
        }
    }

    @Test("nobody becomes a member of an organisation that is no example")
    func examplesOnly() async throws {
        try await PagesWorld.with { world in
            try await world.test.superuser.pool.transaction { transaction in
                _ = try await transaction.query(
                    "update organisation set is_example = false where id = \(world.buyer.id)")
            }
            let browser = Browser(port: world.server.port)
            let member = world.buyer.scheduler.member.description
            let page = try await browser.get("/sign-in")
            #expect(page.status == 200 && !page.body.contains(member))
            #expect(try await browser.signIn(as: member).status == 404)
            #expect(await browser.login == nil)
        }
    }

    @Test(arguments: [
        ("example.org", true), ("127.0.0.1.example.org", true), ("localhost:1", false),
    ])
    func cookies(host: String, isSecure: Bool) async throws {
        try await PagesWorld.with { world in
            let browser = Browser(port: world.server.port)
            let headers = ["Host": host]
            let member = ["member": world.buyer.scheduler.member.description]
            let form = try await browser.get("/sign-in", headers: headers).sealed(key: "key")
            let answer = try await browser.post(
                "/sign-in", form.merging(member) { $1 }, headers: headers)
            let cookie = try #require(answer.headers.first(name: "set-cookie"))
            #expect(cookie.hasPrefix("__Host-aikatori_login=") == isSecure)
            #expect(cookie.contains("; Secure") == isSecure)
            #expect(cookie.contains("; Path=/; HttpOnly; SameSite=Lax"))
        }
    }

    @Test(
        "after signing in nobody is sent to another site",
        arguments: [
            "https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)",
            "/a b",
        ])
    func nextIsOurs(next: String) async throws {
        try await PagesWorld.with { world in
            let answer = try await Browser(port: world.server.port).signIn(
                as: world.buyer.scheduler.member.description, ["next": next])
            #expect((answer.status, answer.location) == (303, "/"))
        }
    }
}
