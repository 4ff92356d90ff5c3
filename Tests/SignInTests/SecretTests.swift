import Crypto
import MoneyAndTime
import Testing

@testable import SignIn

@Suite("Secrets")
struct SecretTests {
    @Test func oneTimeSecrets() throws {
        var random = SystemRandomNumberGenerator()
        let secret = OneTimeSecret(using: &random)
        #expect(secret.text.utf8.count == 43)
        #expect(OneTimeSecret(presented: secret.text) == secret)
        #expect(OneTimeSecret(using: &random) != secret)
        for wrong in [
            "", "a", String(secret.text.dropLast()), secret.text + "A",
            String(secret.text.dropLast()) + "=", String(secret.text.dropLast()) + "é",
        ] {
            #expect(OneTimeSecret(presented: wrong) == nil)
        }
    }

    @Test("what is made from a browser's secret needs both, and the purpose")
    func derived() {
        var random = SystemRandomNumberGenerator()
        let (browser, state) = (OneTimeSecret(using: &random), OneTimeSecret(using: &random))
        let all = [
            browser.derived(for: "nonce", about: state),
            browser.derived(for: "code verifier", about: state),
            state.derived(for: "nonce", about: browser),
            browser.derived(for: "nonce", about: browser),
        ]
        #expect(Set(all).count == 4)
        let request = AuthorizationRequest(state: state, browser: browser)
        #expect(request.nonce == all[0] && request.verifier == all[1])
    }

    @Test("RFC 7636, appendix B")
    func challenge() {
        #expect(
            AuthorizationRequest.challenge(of: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
                == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test("what is sealed opens for its purpose, its owner and its key alone")
    func seals() throws {
        var random = SystemRandomNumberGenerator()
        let seal = SecretSeal(key: SymmetricKey(size: .bits256))
        let owner = OrganisationID(bits: 1)
        let secret = Array("a secret".utf8)
        let sealed = try seal.seal(secret, for: .clientSecret, of: owner, using: &random)
        #expect(try seal.open(sealed, for: .clientSecret, of: owner) == secret)
        #expect(throws: SecretSeal.Broken.self) {
            try seal.open(sealed, for: .mail, of: owner)
        }
        #expect(throws: SecretSeal.Broken.self) {
            try seal.open(sealed, for: .clientSecret, of: OrganisationID(bits: 2))
        }
        #expect(throws: SecretSeal.Broken.self) {
            try seal.open(sealed, for: .clientSecret, of: MemberID(bits: 1))
        }
        #expect(throws: SecretSeal.Broken.self) {
            try SecretSeal(key: SymmetricKey(size: .bits256))
                .open(sealed, for: .clientSecret, of: owner)
        }
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: SecretSeal.Broken.self) {
                try seal.open(changed, for: .clientSecret, of: owner)
            }
        }
        #expect(throws: SecretSeal.Broken.self) {
            try seal.open([], for: .clientSecret, of: owner)
        }
    }

    @Test func recoveryCodes() throws {
        var random = SystemRandomNumberGenerator()
        let key = SymmetricKey(size: .bits256)
        let code = RecoveryCode(using: &random)
        #expect(code.text.count == 14)
        let loud = try #require(RecoveryCode(typed: " " + code.text.uppercased() + " "))
        #expect(loud.digest(key) == code.digest(key))
        #expect(code.digest(SymmetricKey(size: .bits256)) != code.digest(key))
        for wrong in ["", String(code.text.dropLast()), code.text + "a", "1l0o-abcd-efgh"] {
            #expect(RecoveryCode(typed: wrong) == nil)
        }
    }
}
