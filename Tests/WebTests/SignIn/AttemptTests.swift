import Foundation
import MoneyAndTime
import Postgres
import SignIn
import StrictJSON
import TestMarket
import TestServer
import Testing

@testable import Web

/// What comes back belongs to one browser, one provider and one attempt.
@Suite("The way to a provider and back")
struct AttemptTests {
    @Test("a state that was never given, is cut short, or is missing")
    func wrongState() async throws {
        try await ProviderWorld.with { world in
            let browser = world.browser()
            let question = try await world.question(browser)
            let code = await world.provider.grant(question)
            var random = SystemRandomNumberGenerator()
            for state in ["", "x", OneTimeSecret(using: &random).text] {
                let answer = try await browser.get("/sign-in/return?state=\(state)&code=\(code)")
                try await world.expectRefusal(answer, browser, .attemptUnknown, logged: nil)
            }
            let none = try await browser.get("/sign-in/return?code=\(code)")
            try await world.expectRefusal(none, browser, .attemptUnknown, logged: nil)
            #expect(await world.provider.asked["/realm/token"] == nil)
        }
    }

    @Test("a state is good once, whatever came of it")
    func replayedState() async throws {
        try await ProviderWorld.with { world in
            let browser = world.browser()
            let question = try await world.question(browser)
            let address = await world.answer(to: question)
            #expect(try await browser.get(address).status == 303)
            await browser.keep(login: nil)
            let fresh = await world.answer(to: question)
            for replayed in [address, fresh] {
                let again = try await browser.get(replayed)
                try await world.expectRefusal(again, browser, .attemptUnknown, logged: nil)
            }
            // and after a refusal
            let second = try await world.question(browser)
            let denied = ProviderWorld.back(second, code: "", rest: "&error=access_denied")
            try await world.expectRefusal(
                browser.get(denied), browser, .providerRefused, logged: "provider_refused")
            try await world.expectRefusal(
                browser.get(await world.answer(to: second)), browser, .attemptUnknown,
                logged: nil)
        }
    }

    @Test("an answer in another browser than the one that asked counts for nothing")
    func otherBrowser() async throws {
        try await ProviderWorld.with { world in
            let address = await world.answer(to: try await world.question(world.browser()))
            let victim = world.browser()
            _ = try await victim.get("/sign-in")
            let answer = try await victim.get(address)
            try await world.expectRefusal(answer, victim, .attemptUnknown, logged: nil)
            let bare = world.browser()
            let other = await world.answer(to: try await world.question(world.browser()))
            try await world.expectRefusal(
                bare.get(other), bare, .attemptUnknown, logged: nil)
            #expect(await world.provider.asked["/realm/token"] == nil)
        }
    }

    @Test("a code is good once, and only with the verifier of its own attempt")
    func reusedAndStolenCodes() async throws {
        try await ProviderWorld.with { world in
            let browser = world.browser()
            let first = try await world.question(browser)
            let code = await world.provider.grant(first)
            #expect(try await browser.get(ProviderWorld.back(first, code: code)).status == 303)
            await browser.keep(login: nil)
            let second = try await world.question(browser)
            try await world.expectRefusal(
                browser.get(ProviderWorld.back(second, code: code)), browser, .providerRefused,
                logged: "provider_refused")
            // a code that was stolen on its way, put into the thief's own attempt
            let stolen = await world.provider.grant(try await world.question(world.browser()))
            let thief = world.browser()
            let own = try await world.question(thief)
            try await world.expectRefusal(
                thief.get(ProviderWorld.back(own, code: stolen)), thief, .providerRefused,
                logged: "provider_refused")
        }
    }

    @Test("an attempt that is too old")
    func tooLate() async throws {
        try await ProviderWorld.with { world in
            let browser = world.browser()
            let address = await world.answer(to: try await world.question(browser))
            try await world.pages.test.superuser.pool.transaction { transaction in
                _ = try await transaction.script(
                    "update sign_in_attempt set expires_at = clock_timestamp()")
            }
            try await world.expectRefusal(
                browser.get(address), browser, .attemptUnknown, logged: nil)
        }
    }

    @Test("an answer that names another issuer, or none where it must (RFC 9207)")
    func mixUp() async throws {
        try await ProviderWorld.with { world in
            let issuer = await world.provider.issuer
            let browser = world.browser()
            func answered(_ rest: String) async throws -> PageAnswer {
                await browser.keep(login: nil)
                let question = try await world.question(browser)
                let code = await world.provider.grant(question)
                return try await browser.get(
                    ProviderWorld.back(question, code: code, rest: rest))
            }
            #expect(try await answered("&iss=\(issuer.inQuery)").status == 303)
            for rest in ["&iss=https%3A%2F%2Fevil.example", "&iss=\("\(issuer)/".inQuery)"] {
                try await world.expectRefusal(
                    answered(rest), browser, .issuerDiffers, logged: "issuer_differs")
            }
        }
        try await ProviderWorld.with { world in
            await world.provider.conduct {
                $0.description = { $0["authorization_response_iss_parameter_supported"] = true }
            }
            let browser = world.browser()
            try await world.expectRefusal(
                world.signIn(browser), browser, .issuerDiffers, logged: "issuer_differs")
        }
    }
}

/// What a provider publishes, and how often it is asked for it.
@Suite("What a provider says of itself")
struct ProviderDescriptionPageTests {
    typealias Change = @Sendable (inout JSONObject) -> Void

    static let wrong: [(String, Change)] = [
        ("another issuer", { $0["issuer"] = "https://login.example" }),
        ("no issuer", { $0["issuer"] = nil }),
        ("no place to go to", { $0["authorization_endpoint"] = nil }),
        ("no keys", { $0["jwks_uri"] = nil }),
        ("a place without TLS", { $0["token_endpoint"] = "http://login.example/token" }),
        ("a script", { $0["authorization_endpoint"] = "javascript:alert(1)" }),
        ("a fragment", { $0["authorization_endpoint"] = "https://login.example/a#b" }),
        ("no code flow", { $0["response_types_supported"] = ["id_token"] }),
        ("no S256", { $0["code_challenge_methods_supported"] = ["plain"] }),
        (
            "no signature that we take",
            {
                $0["id_token_signing_alg_values_supported"] = ["HS256", "none"]
            }
        ),
    ]

    @Test(arguments: wrong.indices)
    func isRefused(_ index: Int) async throws {
        let (what, change) = Self.wrong[index]
        try await ProviderWorld.with { world in
            await world.provider.conduct { $0.description = change }
            let browser = world.browser()
            let page = try await browser.get("/sign-in/provider/start?domain=health.example")
            #expect(page.status == 502, "\(what)")
            try await world.expectRefusal(
                page, browser, .providerMisconfigured, logged: "provider_misconfigured",
                "\(what)")
        }
    }

    @Test("keys that change are asked for again, the old ones count no more, and not for ever")
    func rotation() async throws {
        try await ProviderWorld.with { world in
            let browser = world.browser()
            let old = HostileProvider.SigningPair(id: "old")
            let fresh = HostileProvider.SigningPair(id: "new")
            await world.provider.rotate(to: [old])
            #expect(try await world.signIn(browser).status == 303)
            #expect(try await world.signIn(browser).status == 303)
            #expect(await world.provider.asked["/realm/keys"] == 1)
            #expect(await world.provider.asked["/realm/.well-known/openid-configuration"] == 1)

            await world.provider.rotate(to: [old, fresh])
            #expect(try await world.signIn(browser).status == 303, "the new key")
            #expect(await world.provider.asked["/realm/keys"] == 2)

            // The old key is withdrawn; whoever still has it signs in vain, however often.
            await world.provider.conduct { $0.keySet = { $0.removeFirst() } }
            await world.provider.rotate(to: [fresh, HostileProvider.SigningPair(id: "lost")])
            await browser.keep(login: nil)
            for _ in 0..<3 {
                try await world.expectRefusal(
                    world.signIn(browser), browser, .identityNotProven, logged: "key_unknown")
            }
            #expect(await world.provider.asked["/realm/keys"] == 2, "asked again too soon")
        }
    }

    @Test("what went wrong is not kept: it works again when the provider does")
    func recovers() async throws {
        try await ProviderWorld.with { world in
            let browser = world.browser()
            let start = "/sign-in/provider/start?domain=health.example"
            await world.provider.conduct { $0.description = { $0["issuer"] = nil } }
            let broken = try await browser.get(start)
            #expect(broken.status == 502)
            await world.provider.conduct { $0.description = { _ in } }
            #expect(try await browser.get(start).status == 303)
        }
    }

    @Test("a provider that is not there")
    func unreachable() async throws {
        try await ProviderWorld.with { world in
            var settings = await world.settings().members ?? [:]
            var provider = settings["provider"]?.members ?? [:]
            provider["issuer"] = "http://127.0.0.1:9"
            settings["provider"] = .object(provider)
            #expect(try await world.set(.object(settings), revision: 1).status == 200)
            let browser = world.browser()
            let page = try await browser.get("/sign-in/provider/start?domain=health.example")
            try await world.expectRefusal(
                page, browser, .providerUnreachable, logged: "provider_unreachable")
        }
    }
}
