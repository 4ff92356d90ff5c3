import MoneyAndTime
import StrictJSON
import Testing

@testable import Contracts

@Suite("Sealed keys")
struct KeySealTests {
    private let owner = OrganisationID(bits: 1)
    private let masterKey = [UInt8](repeating: 7, count: 32)

    @Test("A sealed key opens to the same key, and is another text each time")
    func roundTrip() throws {
        var generator = SplitMix64(seed: 6)
        let key = try SigningKey(using: &generator)
        let seal = try KeySeal(masterKey: masterKey)
        let sealed = try seal.seal(key, of: owner, using: &generator)
        #expect(sealed.count == 12 + 32 + 16)
        #expect(try seal.open(sealed, of: owner).verifyingKey == key.verifyingKey)
        #expect(try seal.seal(key, of: owner, using: &generator) != sealed)
    }

    @Test("Another owner, another master key, or any changed byte does not open")
    func broken() throws {
        var generator = SplitMix64(seed: 7)
        let seal = try KeySeal(masterKey: masterKey)
        let sealed = try seal.seal(
            try SigningKey(using: &generator), of: owner, using: &generator)
        #expect(throws: SignatureRefusal.sealBroken) {
            try seal.open(sealed, of: OrganisationID(bits: 2))
        }
        let other = try KeySeal(masterKey: [UInt8](repeating: 8, count: 32))
        #expect(throws: SignatureRefusal.sealBroken) { try other.open(sealed, of: owner) }
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: SignatureRefusal.sealBroken) { try seal.open(changed, of: owner) }
        }
        for length in [0, 11, 28, 59] {
            #expect(throws: SignatureRefusal.sealBroken) {
                try seal.open(Array(sealed.prefix(length)), of: owner)
            }
        }
    }

    @Test("Keys of another length are unusable", arguments: [0, 16, 31, 33, 64])
    func lengths(count: Int) {
        let bytes = [UInt8](repeating: 1, count: count)
        #expect(throws: SignatureRefusal.unusableKey) { try KeySeal(masterKey: bytes) }
        #expect(throws: SignatureRefusal.unusableKey) { try SigningKey(seed: bytes) }
        #expect(throws: SignatureRefusal.unusableKey) { try VerifyingKey(bytes: bytes) }
    }

    @Test("A JWK of another kind is unusable")
    func otherJWK() throws {
        let jwk = try SigningKey(seed: masterKey).verifyingKey.jwk
        #expect(try VerifyingKey(jwk: jwk).jwk == jwk)
        for (member, value) in [("kty", "EC"), ("crv", "X25519"), ("x", "AA"), ("x", "=")] {
            #expect(throws: SignatureRefusal.unusableKey) {
                try VerifyingKey(jwk: jwk.setting("/\(member)", to: JSON(value)))
            }
        }
    }
}
