import MoneyAndTime
import StrictJSON

/// One signature of a `SignedPayload`, such as a party's of a contract: an entry of a JWS in
/// general JSON form (RFC 7515 §7.2.1).
package struct PayloadSignature: Hashable, Sendable {
    /// The protected header as it was signed, in base64url.
    package let protectedHeader: String
    /// RFC 7638 thumbprint of the key that claims to have signed.
    package let keyID: String
    /// When the signer says that it signed, to the second: `iat`, as in RFC 7519 §4.1.6. Signed
    /// with the rest, so that only the signer can say otherwise.
    package let claimedAt: Instant
    /// 64 bytes.
    package let bytes: [UInt8]

    /// Signs these bytes: of JSON, the canonical ones (RFC 8785).
    package init(
        of canonical: [UInt8], by key: SigningKey, at now: Instant
    ) throws(SignatureRefusal) {
        keyID = key.verifyingKey.thumbprint
        let seconds = now.secondsSince1970
        claimedAt = try Self.instant(seconds)
        let header = #"{"alg":"EdDSA","iat":\#(seconds),"kid":"\#(keyID)"}"#
        protectedHeader = Base64URL.encode(Array(header.utf8))
        bytes = try key.signature(of: Self.input(protectedHeader, canonical))
    }

    /// Reads `{"protected": …, "signature": …}`. Nothing is believed before `verify`.
    package init(json: JSON) throws(SignatureRefusal) {
        guard let members = json.members, Set(members.keys) == ["protected", "signature"],
            let protected = members["protected"]?.text,
            let bytes = members["signature"]?.text.flatMap(Base64URL.decode), bytes.count == 64
        else { throw .malformed("an entry has a protected header and a signature of 64 bytes") }
        guard let text = Base64URL.decode(protected), let header = try? JSON.parse(text),
            let known = header.members, Set(known.keys) == ["alg", "iat", "kid"],
            let keyID = known["kid"]?.text, let seconds = known["iat"]?.integer
        else { throw .malformed("a protected header holds alg, iat in whole seconds, and kid") }
        if known["alg"]?.text != "EdDSA" { throw .unknownAlgorithm }
        self.protectedHeader = protected
        self.keyID = keyID
        claimedAt = try Self.instant(seconds)
        self.bytes = bytes
    }

    package var json: JSON {
        ["protected": JSON(protectedHeader), "signature": JSON(Base64URL.encode(bytes))]
    }

    /// Whether the key that this names, among the trusted ones, signed these bytes. Returns it.
    @discardableResult
    package func verify(
        over canonical: [UInt8], trusting keys: [VerifyingKey]
    ) throws(SignatureRefusal) -> VerifyingKey {
        guard let key = keys.first(where: { $0.thumbprint == keyID }) else {
            throw .unknownKey(keyID)
        }
        guard key.isSignature(bytes, of: Self.input(protectedHeader, canonical)) else {
            throw .wrongSignature(keyID)
        }
        return key
    }

    /// From 1970 to the end of 9998, so that it can be written in RFC 3339.
    private static let claimable: Range<Int64> = 0..<253_370_764_800

    private static func instant(_ seconds: Int64) throws(SignatureRefusal) -> Instant {
        guard claimable.contains(seconds), let instant = try? Instant(secondsSince1970: seconds)
        else { throw .malformed("iat is no second of the years 1970 to 9998") }
        return instant
    }

    /// RFC 7515 §5.1, step 5.
    private static func input(_ protectedHeader: String, _ payload: [UInt8]) -> [UInt8] {
        Array("\(protectedHeader).\(Base64URL.encode(payload))".utf8)
    }
}
