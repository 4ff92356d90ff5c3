import Crypto
import Foundation
import MoneyAndTime

/// The server's own secrets, all made from one master key of 32 bytes by HKDF (RFC 5869).
package struct ServerKeys: Sendable {
    /// Seals the private halves of organisations' signing keys (AES-GCM).
    package let sealing: SymmetricKey
    /// Signs join tokens (HMAC-SHA256).
    package let joinTokens: SymmetricKey
    /// Binds the forms of a page to the login that they were made for (HMAC-SHA256).
    package let forms: SymmetricKey
    /// Seals what signing in has to keep: clients' secrets, keys of second factors, mail (AES-GCM).
    let secrets: SymmetricKey
    /// Becomes the key that signs the heads of audit chains (Ed25519, RFC 8032).
    let audit: SymmetricKey
    /// Makes recovery codes useless to who has the database alone (HMAC-SHA256).
    let recoveryCodes: SymmetricKey

    package init(master: SymmetricKey) {
        func derived(_ purpose: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: master, info: Data("aikatori \(purpose)".utf8),
                outputByteCount: 32)
        }
        sealing = derived("signing key seal 1")
        joinTokens = derived("join token 1")
        forms = derived("form 1")
        secrets = derived("sign-in secret seal 1")
        audit = derived("audit head 1")
        recoveryCodes = derived("recovery code 1")
    }
}

extension Market {
    /// The machine's own clock: for identifiers and tokens towards outside, never for a decision.
    static func realTime() -> Instant {
        Instant(microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded(.down)))
    }
}
