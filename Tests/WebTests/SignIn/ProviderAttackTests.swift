import Crypto
import Foundation
import MoneyAndTime
import SignIn
import StrictJSON
import TestServer
import Testing

@testable import Web

/// Everything that a hostile provider, or somebody on the way to it, may try.
@Suite("A hostile provider")
struct ProviderAttackTests {
    typealias Conduct = HostileProvider.Conduct

    struct Attempt: Sendable {
        let name: String
        let refusal: SignInRefusal
        let logged: String
        let conduct: @Sendable (inout Conduct) -> Void

        init(
            _ name: String, _ refusal: SignInRefusal = .identityNotProven, _ logged: String,
            _ conduct: @escaping @Sendable (inout Conduct) -> Void
        ) {
            self.name = name
            self.refusal = refusal
            self.logged = logged
            self.conduct = conduct
        }

        static func claim(_ name: String, _ value: JSON?, _ logged: String) -> Attempt {
            Attempt("\(name) \(value.map { "\($0.kind)" } ?? "none")", logged) { conduct in
                conduct.claims = { $0[name] = value }
            }
        }

        init(
            _ name: String, _ logged: String,
            _ conduct: @escaping @Sendable (inout Conduct) -> Void
        ) {
            self.init(name, .identityNotProven, logged, conduct)
        }
    }

    static let now = Int64(Date().timeIntervalSince1970)

    static let wrongTokens: [Attempt] = [
        .claim("nonce", "another", "nonce_wrong"),
        .claim("nonce", nil, "nonce_wrong"),
        .claim("iss", "https://login.example", "issuer_wrong"),
        .claim("iss", nil, "issuer_wrong"),
        .claim("aud", "another client", "audience_wrong"),
        .claim("aud", [], "audience_wrong"),
        .claim("aud", nil, "audience_wrong"),
        .claim("aud", [JSON(HostileProvider.clientID), "another client"], "audience_wrong"),
        .claim("azp", "another client", "authorized_party_wrong"),
        .claim("azp", .null, "authorized_party_wrong"),
        .claim("exp", JSON(now - 120), "expired"),
        .claim("exp", nil, "malformed"),
        .claim("exp", "tomorrow", "malformed"),
        .claim("nbf", JSON(now + 600), "not_yet_valid"),
        .claim("iat", JSON(now + 600), "issued_at_wrong"),
        .claim("iat", JSON(now - 86_400), "issued_at_wrong"),
        .claim("iat", nil, "malformed"),
        .claim("sub", nil, "malformed"),
        Attempt("alg none, without a signature", "algorithm_refused") {
            $0.header = { $0["alg"] = "none" }
            $0.signature = { _ in [] }
        },
        Attempt("alg None, signed", "algorithm_refused") { $0.header = { $0["alg"] = "None" } },
        Attempt("no alg", "algorithm_refused") { $0.header = { $0["alg"] = nil } },
        Attempt("an algorithm that the provider does not say it uses", "algorithm_refused") {
            $0.header = { $0["alg"] = "EdDSA" }
        },
        Attempt("another algorithm than the key's", "key_does_not_fit") {
            $0.header = { $0["alg"] = "RS256" }
        },
        Attempt("no signature", "signature_wrong") { $0.signature = { _ in [] } },
        Attempt("another's signature", "signature_wrong") {
            let other = P256.Signing.PrivateKey()
            $0.signature = { bytes in
                (try? other.signature(for: bytes)).map { Array($0.rawRepresentation) } ?? []
            }
        },
        Attempt("an extension that must be understood", "malformed") {
            $0.header = { $0["crit"] = ["exp"] }
        },
        Attempt("a token of another type", "malformed") { $0.header = { $0["typ"] = "at+jwt" } },
        Attempt("a key that is not there", "key_unknown") { $0.header = { $0["kid"] = "none" } },
        Attempt("a key for encryption", "key_unknown") { conduct in
            conduct.keySet = { keys in keys[0]["use"] = "enc" }
        },
        Attempt("a key that may not verify", "key_unknown") { conduct in
            conduct.keySet = { keys in keys[0]["key_ops"] = ["sign"] }
        },
        Attempt("two keys of one name", "key_does_not_fit") { conduct in
            conduct.keySet = { keys in keys.append(keys[0]) }
        },
        Attempt("a key of which nothing is left", "key_unknown") { conduct in
            conduct.keySet = { keys in keys[0]["y"] = nil }
        },
        Attempt("a point that is not on the curve", "signature_wrong") { conduct in
            conduct.keySet = { keys in keys[0]["y"] = keys[0]["x"] }
        },
    ]

    @Test(arguments: wrongTokens)
    func wrongToken(_ attempt: Attempt) async throws {
        try await ProviderWorld.with { world in
            await world.provider.conduct(attempt.conduct)
            let browser = world.browser()
            try await world.expectRefusal(
                world.signIn(browser), browser, attempt.refusal, logged: attempt.logged,
                "\(attempt.name)")
        }
    }

    /// The public key is public: who takes it for a secret lets everybody in.
    @Test func signedWithThePublicKey() async throws {
        try await ProviderWorld.with { world in
            let pair = HostileProvider.SigningPair(id: "first")
            await world.provider.rotate(to: [pair])
            let publicKey = pair.key.publicKey
            for secret in [
                Array(publicKey.rawRepresentation), Array(publicKey.x963Representation),
                Array(publicKey.pemRepresentation.utf8),
            ] {
                await world.provider.conduct {
                    $0.header = { $0["alg"] = "HS256" }
                    $0.description = { members in
                        members["id_token_signing_alg_values_supported"] = ["HS256", "ES256"]
                    }
                    $0.signature = { bytes in
                        Array(
                            HMAC<SHA256>.authenticationCode(
                                for: bytes, using: SymmetricKey(data: secret)))
                    }
                }
                let browser = world.browser()
                try await world.expectRefusal(
                    world.signIn(browser), browser, .identityNotProven,
                    logged: "algorithm_refused")
            }
        }
    }

    static let wrongPeople: [Attempt] = [
        Attempt("an address that nobody vouches for", .emailNotVerified, "email_not_verified") {
            $0.claims = { $0["email_verified"] = false }
        },
        Attempt("an address of which nothing is said", .emailNotVerified, "email_not_verified") {
            $0.claims = { $0["email_verified"] = nil }
            $0.userInfo = ["sub": "person-1"]
        },
        Attempt("no address", .emailNotVerified, "email_not_verified") {
            $0.claims = { $0["email"] = nil }
            $0.userInfo = ["sub": "person-1"]
        },
        Attempt("another organisation's member", .emailElsewhere, "email_elsewhere") {
            $0.claims = { $0["email"] = "scheduler@example.org" }
        },
        Attempt("a domain within the own one", .emailElsewhere, "email_elsewhere") {
            $0.claims = { $0["email"] = "person@sub.health.example" }
        },
    ]

    @Test(arguments: wrongPeople)
    func wrongPerson(_ attempt: Attempt) async throws {
        try await ProviderWorld.with { world in
            await world.provider.conduct(attempt.conduct)
            let browser = world.browser()
            try await world.expectRefusal(
                world.signIn(browser), browser, attempt.refusal, logged: attempt.logged,
                "\(attempt.name)")
        }
    }

    static let wrongAnswers: [Attempt] = [
        Attempt("it hangs", .providerUnreachable, "provider_unreachable") {
            $0.answering = .hang
        },
        Attempt("it fails", .providerUnreachable, "provider_unreachable") {
            $0.answering = .status(500)
        },
        Attempt("it answers too much", .providerUnreachable, "provider_unreachable") {
            $0.answering = .huge
        },
        Attempt("it sends us elsewhere", .providerUnreachable, "provider_unreachable") {
            $0.answering = .redirect
        },
        Attempt("it refuses the code", .providerRefused, "provider_refused") {
            $0.answering = .status(400)
        },
        Attempt("no JSON", .providerRefused, "provider_refused") {
            $0.answering = .text("<html></html>")
        },
        Attempt("no identity token", .providerRefused, "provider_refused") {
            $0.answering = .text(#"{"access_token":"access","token_type":"Bearer"}"#)
        },
        Attempt("a token that is none", .identityNotProven, "malformed") {
            $0.answering = .text(#"{"id_token":"a.b","token_type":"Bearer"}"#)
        },
    ]

    @Test(arguments: wrongAnswers)
    func wrongAnswer(_ attempt: Attempt) async throws {
        try await ProviderWorld.with { world in
            await world.provider.conduct(attempt.conduct)
            let browser = world.browser()
            let started = ContinuousClock.now
            try await world.expectRefusal(
                world.signIn(browser), browser, attempt.refusal, logged: attempt.logged,
                "\(attempt.name)")
            #expect(ContinuousClock.now - started < .seconds(12), "\(attempt.name)")
        }
    }
}
