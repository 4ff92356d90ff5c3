import Crypto
import MoneyAndTime
import StrictJSON

/// An Ed25519 public key (RFC 8032), by which anyone checks an organisation's signatures.
package struct VerifyingKey: Hashable, Sendable {
    /// 32 bytes.
    package let bytes: [UInt8]
    /// RFC 7638: SHA-256 of the key's required members, in base64url.
    package let thumbprint: String

    package init(bytes: [UInt8]) throws(SignatureRefusal) {
        guard (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)) != nil else {
            throw .unusableKey
        }
        self.init(checked: bytes)
    }

    /// Reads a JWK of an octet key pair (RFC 8037 §2). Further members, such as `kid`, are
    /// allowed and not believed.
    package init(jwk: JSON) throws(SignatureRefusal) {
        guard jwk["kty"]?.text == "OKP", jwk["crv"]?.text == "Ed25519",
            let bytes = jwk["x"]?.text.flatMap(Base64URL.decode)
        else { throw .unusableKey }
        try self.init(bytes: bytes)
    }

    init(checked bytes: [UInt8]) {
        self.bytes = bytes
        // RFC 7638 §3.3: the required members in lexicographic order, without spaces.
        let members = #"{"crv":"Ed25519","kty":"OKP","x":"\#(Base64URL.encode(bytes))"}"#
        thumbprint = Base64URL.encode(Array(SHA256.hash(data: Array(members.utf8))))
    }

    package var jwk: JSON {
        [
            "kty": "OKP", "crv": "Ed25519", "x": JSON(Base64URL.encode(bytes)),
            "kid": JSON(thumbprint), "alg": "EdDSA", "use": "sig",
        ]
    }

    func isSignature(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else {
            return false
        }
        return key.isValidSignature(signature, for: message)
    }
}
