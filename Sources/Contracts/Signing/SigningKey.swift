import Crypto

/// An Ed25519 private key, which leaves the program only sealed.
package struct SigningKey: Sendable {
    let seed: [UInt8]
    package let verifyingKey: VerifyingKey

    /// From the 32 bytes that RFC 8032 calls the private key.
    package init(seed: [UInt8]) throws(SignatureRefusal) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
            throw .unusableKey
        }
        self.seed = seed
        verifyingKey = VerifyingKey(checked: Array(key.publicKey.rawRepresentation))
    }

    /// A new key. The generator must be the system's own outside of tests.
    package init(
        using generator: inout some RandomNumberGenerator
    ) throws(SignatureRefusal) {
        try self.init(seed: (0..<32).map { _ in .random(in: .min ... .max, using: &generator) })
    }

    func signature(of message: [UInt8]) throws(SignatureRefusal) -> [UInt8] {
        do {
            let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
            return Array(try key.signature(for: message))
        } catch {
            throw .unusableKey
        }
    }
}

extension SigningKey: CustomStringConvertible {
    /// Only the public part, so that a key in a message or log gives nothing away.
    package var description: String { "signing key \(verifyingKey.thumbprint)" }
}

extension SigningKey: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: []) }
}
