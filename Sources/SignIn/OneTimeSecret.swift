import Crypto
import MoneyAndTime

/// 32 random bytes that open something once, or mark one browser: a link's token, the state of a
/// sign-in at a provider. Kept only as its digest; it has no description, so that it does not
/// reach a log.
package struct OneTimeSecret: Hashable, Sendable {
    package static let byteCount = 32

    /// As it travels: 43 characters of base64url.
    package let text: String

    /// The generator must be the system's own outside of tests.
    package init(using generator: inout some RandomNumberGenerator) {
        text = Base64URL.encode(
            (0..<Self.byteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// Nil for what cannot be one, so that nothing else is ever hashed and looked up.
    package init?(presented text: String) {
        guard text.utf8.count == 43, Base64URL.decode(text)?.count == Self.byteCount else {
            return nil
        }
        self.text = text
    }

    /// SHA-256: there are 256 random bits, so nothing slower is needed.
    package var digest: [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// Another secret that only who has this one can make, for `purpose` and what it is about.
    package func derived(for purpose: String, about subject: OneTimeSecret) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(purpose) \(subject.text)".utf8),
            using: SymmetricKey(data: Array(text.utf8)))
        return Base64URL.encode(Array(code))
    }
}
