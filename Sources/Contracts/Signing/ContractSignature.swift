import MoneyAndTime
import StrictJSON

/// One party's signature of a contract: an entry of a JWS in general JSON form (RFC 7515 §7.2.1).
package struct ContractSignature: Hashable, Sendable {
    /// The protected header as it was signed, in base64url.
    package let protectedHeader: String
    /// RFC 7638 thumbprint of the key that claims to have signed.
    package let keyID: String
    /// 64 bytes.
    package let bytes: [UInt8]

    /// Signs the canonical bytes of a contract.
    package init(of canonical: [UInt8], by key: SigningKey) throws(SignatureRefusal) {
        keyID = key.verifyingKey.thumbprint
        let header = #"{"alg":"EdDSA","kid":"\#(keyID)"}"#
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
            let known = header.members, Set(known.keys) == ["alg", "kid"],
            let keyID = known["kid"]?.text
        else { throw .malformed("a protected header holds alg and kid") }
        if known["alg"]?.text != "EdDSA" { throw .unknownAlgorithm }
        self.protectedHeader = protected
        self.keyID = keyID
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

    /// RFC 7515 §5.1, step 5.
    private static func input(_ protectedHeader: String, _ payload: [UInt8]) -> [UInt8] {
        Array("\(protectedHeader).\(Base64URL.encode(payload))".utf8)
    }
}
