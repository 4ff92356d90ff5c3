import Organisations
import Postgres
import StrictJSON
import TestMarket
import TestServer
import Testing

@testable import Web

@Suite("How members sign in: the page, and the operations beside it")
struct SignInSettingsTests {
    private static let typed = [
        "by": "provider", "issuer": "https://login.hospital.example", "client_id": "aikatori",
        "client_secret": "the secret", "domains": "Hospital.example, clinic.example",
        "scopes": "groups, roles", "roles_from": "claim", "claim": "groups",
        "values_scheduler": "booking desk, nurses", "values_admin": "it",
    ]

    private static func save(
        _ browser: Browser, _ changed: [String: String] = [:]
    ) async throws -> PageAnswer {
        let form = try await browser.get("/settings/sign-in").form("/settings/sign-in")
        return try await browser.post(
            "/settings/sign-in", typed.merging(changed) { $1 }.merging(form) { $1 })
    }

    @Test("what is saved is there again, but for the secret, which is sealed")
    func saved() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.admin)
            #expect(try await browser.get("/account").body.contains("href=\"/settings/sign-in\""))
            let answer = try await Self.save(browser)
            #expect((answer.status, answer.location) == (303, "/settings/sign-in?done=saved"))
            let page = try await browser.get("/settings/sign-in?done=saved").body
            for text in [
                "https://login.hospital.example", "clinic.example, hospital.example",
                "groups, roles", "booking desk, nurses", "Saved.",
                "http://127.0.0.1:\(world.server.port)/sign-in/return",
            ] { #expect(page.contains(text), "\(text)") }
            #expect(!page.contains("the secret"))

            let told = try await world.server.client.get(
                "/v1/organisation/sign-in", as: world.buyer.auditor)
            #expect(told.json?["provider"]?["has_client_secret"] == true)
            #expect(told.json?["provider"]?["roles"]?["values"]?["admin"] == ["it"])
            #expect(!told.text.contains("the secret"))
            #expect(told.headers["etag"] == "\"1\"")
            let stored = try await world.test.superuser.read([
                "select sealed_client_secret as sealed from sign_in_settings"
            ]).only()["sealed", [UInt8].self]
            #expect(stored.firstRange(of: Array("the secret".utf8)) == nil)
        }
    }

    @Test("the secret stays for the same provider, and goes to no other")
    func secretStays() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.admin)
            func hasSecret() async throws -> Bool? {
                try await world.server.client.get(
                    "/v1/organisation/sign-in", as: world.buyer.admin
                ).json?["provider"]?["has_client_secret"]?.flag
            }
            #expect(try await Self.save(browser).status == 303)
            let kept = try await Self.save(browser, ["client_secret": "", "scopes": ""])
            #expect(kept.status == 303)
            #expect(try await hasSecret() == true)
            let moved = try await Self.save(
                browser, ["client_secret": "", "issuer": "https://elsewhere.example"])
            #expect(moved.status == 303)
            #expect(try await hasSecret() == false)
        }
    }

    static let mistakes: [(field: String, value: String, shown: String)] = [
        ("issuer", "", "#issuer"), ("issuer", "login.hospital.example", "#issuer"),
        ("issuer", "http://login.hospital.example", "#issuer"),
        ("issuer", "https://user@login.example", "#issuer"),
        ("issuer", "https://login.example/?a=b", "#issuer"),
        ("issuer", "javascript:alert(1)", "#issuer"), ("client_id", "", "#client_id"),
        ("client_id", "ä", "#client_id"), ("domains", "", "#domains"),
        ("domains", "hospital", "#domains"), ("domains", "a@hospital.example", "#domains"),
        ("scopes", "two words", "#scopes"), ("claim", "", "#claim"),
        ("claim", "two words", "#claim"),
    ]

    @Test("each mistake is named at its field, and nothing typed is lost")
    func mistakes() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.admin)
            for mistake in Self.mistakes {
                let page = try await Self.save(browser, [mistake.field: mistake.value])
                #expect(page.status == 422, "\(mistake)")
                #expect(page.body.contains("<a href=\"\(mistake.shown)\">"), "\(mistake)")
                #expect(page.body.contains("booking desk, nurses"), "\(mistake)")
                #expect(page.body.contains("value=\"the secret\""), "\(mistake)")
            }
            let none = try await Self.save(
                browser, ["values_scheduler": "", "values_admin": ""])
            #expect(none.body.contains("<a href=\"#values_scheduler\">"))
            let told = try await world.server.client.get(
                "/v1/organisation/sign-in", as: world.buyer.admin)
            #expect(told.json?["revision"] == 0)
        }
    }

    @Test("a domain belongs to one organisation, and is free again when it is given up")
    func domains() async throws {
        try await PagesWorld.with { world in
            let buyers = try await world.browser(of: world.buyer.admin)
            let sellers = try await world.browser(of: world.seller.admin)
            #expect(try await Self.save(buyers).status == 303)
            let taken = try await Self.save(
                sellers, ["domains": "seller.example, clinic.example"])
            #expect(taken.status == 422)
            #expect(taken.body.contains("<a href=\"#domains\">Another organisation"))
            #expect(
                try await sellers.get("/sign-in/provider?domain=seller.example").status == 403)
            #expect(try await Self.save(buyers, ["by": "mail"]).status == 303)
            #expect(
                try await buyers.get("/sign-in/provider?domain=clinic.example").status == 403)
            #expect(try await Self.save(sellers).status == 303)
            let found = try await sellers.get("/sign-in/provider?domain=clinic.example")
            #expect(found.body.contains("Sign in at Example Hospital"))
        }
    }

    @Test("two who save at once: the second is told")
    func stale() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.admin)
            let form = try await browser.get("/settings/sign-in").form("/settings/sign-in")
            #expect(try await Self.save(browser).status == 303)
            let late = try await browser.post(
                "/settings/sign-in", Self.typed.merging(form) { $1 })
            #expect(late.status == 422)
            #expect(late.body.contains("Somebody else has changed this meanwhile"))
        }
    }

    @Test("an auditor reads the page and has no button")
    func auditor() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.buyer.auditor)
            let page = try await browser.get("/settings/sign-in")
            #expect(page.status == 200 && !page.body.contains("Save</button>"))
            let form = try page.form("/settings/sign-in")
            let answer = try await browser.post(
                "/settings/sign-in", Self.typed.merging(form) { $1 })
            #expect(answer.status == 403)
        }
    }

    @Test("outside of a demo's database a provider without TLS is refused, on loopback too")
    func loopbackOnlyInADemo() async throws {
        try await PagesWorld.with { world in
            let body: JSON = [
                "provider": [
                    "issuer": "http://127.0.0.1:1", "client_id": "aikatori", "scopes": [],
                ],
                "domains": [], "requires_second_factor": false,
            ]
            try await world.test.superuser.pool.transaction { transaction in
                _ = try await transaction.script(
                    "create or replace function is_demo() returns boolean language sql stable "
                        + "as 'select false'")
            }
            let refused = try await world.server.client.put(
                "/v1/organisation/sign-in", body, as: world.buyer.admin, revision: 0)
            #expect(refused.status == 422, "\(refused.summary)")
            #expect(refused.pointers == ["/provider/issuer"])
        }
    }
}
