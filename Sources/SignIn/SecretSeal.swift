import Crypto
import FoundationEssentials
import MoneyAndTime

/// Secrets of others sealed for storage: AES-256-GCM under a key that the database never has. What
/// a secret is for and whose it is are authenticated with it, so that one moved elsewhere does not
/// open.
package struct SecretSeal: Sendable {
    /// It was sealed under another key, for another purpose or owner, or was changed.
    package struct Broken: Error {}

    package enum Purpose: String, Sendable {
        case clientSecret = "client secret"
        case secondFactor = "second factor"
        case mail
        /// The address of a calendar that a specialist keeps elsewhere.
        case calendar
        /// What an organisation shows to its gateway for texts.
        case textGateway = "text gateway"
        /// What a Jitsi Meet server shares with the market for its tokens.
        case jitsi
    }

    private static let nonceLength = 12

    private let key: SymmetricKey

    package init(key: SymmetricKey) {
        self.key = key
    }

    /// Nonce (12 bytes), ciphertext and tag (16). The generator must be the system's own outside
    /// of tests: a nonce is never used twice under one key.
    package func seal<Owner: IDTag>(
        _ secret: [UInt8], for purpose: Purpose, of owner: ID<Owner>,
        using generator: inout some RandomNumberGenerator
    ) throws -> [UInt8] {
        let nonce = (0..<Self.nonceLength).map { _ in
            UInt8.random(in: .min ... .max, using: &generator)
        }
        let box = try AES.GCM.seal(
            secret, using: key, nonce: AES.GCM.Nonce(data: nonce),
            authenticating: Self.associated(purpose, owner))
        return nonce + Array(box.ciphertext) + Array(box.tag)
    }

    package func open<Owner: IDTag>(
        _ sealed: [UInt8], for purpose: Purpose, of owner: ID<Owner>
    ) throws(Broken) -> [UInt8] {
        do {
            let box = try AES.GCM.SealedBox(combined: sealed)
            return Array(
                try AES.GCM.open(box, using: key, authenticating: Self.associated(purpose, owner)))
        } catch {
            throw Broken()
        }
    }

    private static func associated<Owner>(_ purpose: Purpose, _ owner: ID<Owner>) -> [UInt8] {
        Array("\(purpose.rawValue) \(owner)".utf8)
    }
}
