import Foundation
import Marketplace
import MoneyAndTime
import Organisations
import SignIn
import StrictJSON
import TestMarket
import TestServer
import Testing

@testable import Web

/// The pages' world, in which the buyer has a provider of its own, and a member there.
struct ProviderWorld {
    let pages: PagesWorld
    let provider: HostileProvider
    let member: TestCaller

    var server: TestServer { pages.server }

    static func with<Result: Sendable>(
        roles: JSON = .null, _ body: (ProviderWorld) async throws -> Result
    ) async throws -> Result {
        try await HostileProvider.with { provider in
            try await PagesWorld.with { pages in
                let member = try await pages.test.caller(
                    [.scheduler], email: "Person@health.example", pages.buyer.admin)
                let world = ProviderWorld(pages: pages, provider: provider, member: member)
                let answer = try await world.set(world.settings(roles: roles), revision: 0)
                #expect(answer.status == 200, "\(answer.summary)")
                return try await body(world)
            }
        }
    }

    func settings(roles: JSON = .null, domain: String = "health.example") async -> JSON {
        [
            "provider": [
                "issuer": JSON(await provider.issuer),
                "client_id": JSON(HostileProvider.clientID),
                "client_secret": JSON(HostileProvider.clientSecret),
                "scopes": ["groups"], "roles": roles,
            ],
            "domains": [JSON(domain)], "requires_second_factor": false,
        ]
    }

    func set(_ settings: JSON, revision: Int64) async throws -> Exchange {
        try await server.client.put(
            "/v1/organisation/sign-in", settings, as: pages.buyer.admin, revision: revision)
    }

    // MARK: The way of a browser

    func browser() -> Browser { Browser(port: server.port) }

    /// From the sign-in page to where the provider is asked.
    func question(_ browser: Browser, next: String = "/bookings") async throws -> URLComponents {
        let page = try await browser.get("/sign-in?next=\(next.inQuery)")
        var form = try page.form("/sign-in/address")
        form["email"] = "person@Health.example"
        let chosen = try await browser.post("/sign-in/address", form)
        #expect(chosen.status == 303)
        let address = try #require(chosen.location)
        #expect(address == "/sign-in/provider?domain=health.example&next=\(next.inQuery)")
        let link = try #require(
            try await browser.get(address).links.first { $0.contains("/provider/start?") })
        return try await Self.start(browser, link)
    }

    static func start(_ browser: Browser, _ link: String) async throws -> URLComponents {
        let started = try await browser.get(link)
        #expect(started.status == 303)
        return try #require(started.location.flatMap { URLComponents(string: $0) })
    }

    /// The address to which somebody comes back who has signed in there.
    func answer(to question: URLComponents) async -> String {
        let code = await provider.grant(question)
        return Self.back(question, code: code)
    }

    static func back(_ question: URLComponents, code: String, rest: String = "") -> String {
        let state = question.queryItems?.first { $0.name == "state" }?.value ?? ""
        return "/sign-in/return?state=\(state)&code=\(code.inQuery)\(rest)"
    }

    /// All of it.
    func signIn(_ browser: Browser) async throws -> PageAnswer {
        try await browser.get(await answer(to: question(browser)))
    }

    /// Nobody is signed in, the page says why, and the log has this reason.
    func expectRefusal(
        _ answer: PageAnswer, _ browser: Browser, _ refusal: SignInRefusal, logged: String?,
        _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let texts = try Texts()[.english]
        let text = try #require(texts["sign_in_refused_\(refusal.rawValue)"])
        let shown = text.replacing("'", with: "&#39;")
        #expect(answer.status >= 400, comment, sourceLocation: sourceLocation)
        #expect(answer.body.contains(shown), comment, sourceLocation: sourceLocation)
        #expect(await browser.login == nil, comment, sourceLocation: sourceLocation)
        guard let logged else { return }
        let reasons = server.log.lines.compactMap { $0.metadata["reason"] }
        #expect(reasons.last == logged, comment, sourceLocation: sourceLocation)
    }
}
