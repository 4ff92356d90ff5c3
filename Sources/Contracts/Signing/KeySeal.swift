import Crypto
import MoneyAndTime

/// Private keys sealed for storage: AES-256-GCM under a master key that the database never has.
package struct KeySeal: Sendable {
    private static let nonceLength = 12

    private let masterKey: SymmetricKey

    /// The master key has 32 bytes.
    package init(masterKey: [UInt8]) throws(SignatureRefusal) {
        guard masterKey.count == 32 else { throw .unusableKey }
        self.masterKey = SymmetricKey(data: masterKey)
    }

    /// Nonce (12 bytes), ciphertext (32) and tag (16). The owner is authenticated with them, so
    /// that a sealed key moved to another organisation does not open. The generator must be the
    /// system's own outside of tests: a nonce is never used twice under one master key.
    package func seal(
        _ key: SigningKey, of owner: OrganisationID,
        using generator: inout some RandomNumberGenerator
    ) throws(SignatureRefusal) -> [UInt8] {
        let nonce = (0..<Self.nonceLength).map { _ in
            UInt8.random(in: .min ... .max, using: &generator)
        }
        do {
            let box = try AES.GCM.seal(
                key.seed, using: masterKey, nonce: try AES.GCM.Nonce(data: nonce),
                authenticating: Self.associated(owner))
            return nonce + Array(box.ciphertext) + Array(box.tag)
        } catch {
            throw .sealBroken
        }
    }

    package func open(
        _ sealed: [UInt8], of owner: OrganisationID
    ) throws(SignatureRefusal) -> SigningKey {
        let seed: [UInt8]
        do {
            let box = try AES.GCM.SealedBox(combined: sealed)
            seed = Array(
                try AES.GCM.open(box, using: masterKey, authenticating: Self.associated(owner)))
        } catch {
            throw .sealBroken
        }
        return try SigningKey(seed: seed)
    }

    private static func associated(_ owner: OrganisationID) -> [UInt8] {
        Array(owner.description.utf8)
    }
}
