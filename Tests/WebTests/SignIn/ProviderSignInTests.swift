import Foundation
import MoneyAndTime
import Organisations
import Postgres
import SignIn
import StrictJSON
import TestMarket
import TestServer
import Testing

@testable import Web

@Suite("Signing in at an organisation's own provider")
struct ProviderSignInTests {
    @Test("from an e-mail address to the page that was wanted")
    func allTheWay() async throws {
        try await ProviderWorld.with { world in
            let browser = world.browser()
            let question = try await world.question(browser)
            let values = Dictionary(
                uniqueKeysWithValues: (question.queryItems ?? []).map { ($0.name, $0.value) })
            #expect(question.path == "/realm/authorize")
            #expect(values["tenant"] == "1")
            #expect(values["response_type"] == "code")
            #expect(values["scope"] == "openid email profile groups")
            #expect(values["client_id"] == HostileProvider.clientID)
            #expect(values["code_challenge_method"] == "S256")
            #expect(
                values["redirect_uri"] == "http://127.0.0.1:\(world.server.port)/sign-in/return")
            let entered = try await browser.get(await world.answer(to: question))
            #expect((entered.status, entered.location) == (303, "/bookings"))
            let start = try await browser.get("/")
            #expect(start.status == 200)
            #expect(start.body.contains("Example Health Centre"))
            #expect(start.body.contains("Scheduler"))
        }
    }

    @Test("a login is made anew, and the one before ends; the way is told in the record")
    func rotatesAndTells() async throws {
        try await ProviderWorld.with { world in
            let browser = world.browser()
            _ = try await world.signIn(browser)
            let first = try #require(await browser.login)
            _ = try await world.signIn(browser)
            #expect(await browser.login != first)
            let old = world.browser()
            await old.keep(login: first)
            #expect(try await old.get("/").status == 303)
            let facts = try await world.pages.test.superuser.read([
                """
                select count(*)::int as count from audit_fact
                where operation = 'signInAtProvider' and member = \(world.member.member)
                """
            ]).only()["count", Int32.self]
            #expect(facts == 2)
            let life = try await world.pages.test.superuser.read([
                """
                select extract(epoch from expires_at - created_at)::int as life,
                    extract(epoch from idle_until - created_at)::int as idle
                from credential where idle_until is not null order by created_at desc limit 1
                """
            ]).only()
            #expect(try life["life", Int32.self] == 36_000)
            #expect(abs(try life["idle", Int32.self] - 1_800) < 5)
        }
    }

    @Test("where an administrator gives the roles, nobody is made a member")
    func strangers() async throws {
        try await ProviderWorld.with { world in
            await world.provider.conduct { $0.claims = { $0["email"] = "new@health.example" } }
            let browser = world.browser()
            try await world.expectRefusal(
                world.signIn(browser), browser, .memberUnknown, logged: nil)
        }
    }

    @Test("a member who is no longer active stays outside")
    func inactive() async throws {
        try await ProviderWorld.with(roles: Self.mapping) { world in
            try await world.pages.test.superuser.pool.transaction { transaction in
                try await transaction.query(
                    "update member set active = false where id = \(world.member.member)")
            }
            let browser = world.browser()
            try await world.expectRefusal(
                world.signIn(browser), browser, .memberUnknown, logged: nil)
        }
    }

    static let mapping: JSON = [
        "claim": "realm.roles",
        "values": ["scheduler": ["booking-desk"], "finance": ["money", "invoices"]],
    ]

    @Test("roles from a claim: a member is made at the first sign-in, and changed by the next")
    func rolesFromClaims() async throws {
        try await ProviderWorld.with(roles: Self.mapping) { world in
            await world.provider.conduct { $0.claims = { $0["email"] = "new@health.example" } }
            let browser = world.browser()
            #expect(try await world.signIn(browser).status == 303)
            #expect(try await browser.get("/").body.contains("Scheduler"))
            let made = try await Self.member("new@health.example", in: world)
            #expect(made.name == "A. Person" && made.roles == ["scheduler"])
            #expect(made.events == ["member.created"])

            await world.provider.conduct {
                $0.claims = {
                    $0["email"] = "New@health.example"
                    $0["name"] = "Another Name"
                    $0["realm"] = ["roles": "invoices"]
                }
            }
            let page = try await world.signIn(browser)
            #expect(page.status == 303)
            let changed = try await Self.member("new@health.example", in: world)
            #expect(changed.name == "A. Person", "what colleagues see is the administrator's")
            #expect(changed.roles == ["finance"])
            #expect(changed.events == ["member.created", "member.updated"])

            await world.provider.conduct { $0.claims = { $0["realm"] = ["roles": []] } }
            let other = world.browser()
            try await world.expectRefusal(
                world.signIn(other), other, .rolesUnknown, logged: "roles_unknown")
        }
    }

    private struct MadeMember {
        let name: String
        let roles: [String]
        let events: [String]
    }

    private static func member(
        _ email: String, in world: ProviderWorld
    ) async throws -> MadeMember {
        let row = try await world.pages.test.superuser.read([
            """
            select m.name, m.roles, array(select e.kind from event e
                where e.subject = m.id order by e.revision) as events
            from member m where m.email = \(email)
            """
        ]).only()
        return MadeMember(
            name: try row.decode("name"), roles: try row.decode("roles"),
            events: try row.decode("events"))
    }

    @Test("what the token leaves out is asked of user info, of the same person only")
    func userInfo() async throws {
        try await ProviderWorld.with { world in
            await world.provider.conduct {
                $0.claims = {
                    $0["email"] = nil
                    $0["email_verified"] = nil
                }
                $0.userInfo = [
                    "sub": "person-1", "email": "person@health.example", "email_verified": true,
                ]
            }
            let browser = world.browser()
            #expect(try await world.signIn(browser).status == 303)
            await world.provider.conduct { $0.userInfo?["sub"] = "person-2" }
            let other = world.browser()
            try await world.expectRefusal(
                world.signIn(other), other, .providerMisconfigured,
                logged: "provider_misconfigured")
        }
    }
}
