import Contracts
import MoneyAndTime
import StrictJSON

// Keys and signatures as bodies carry them: a JWK (RFC 8037), and entries of a JWS (RFC 7515).

extension JSONReader {
    /// A JWS in general JSON form. Nothing of it is believed yet.
    func signedContract() throws -> SignedContract {
        try object { fields in
            let payload = try fields.base64URL("payload")
            let signatures = try fields.array("signatures", min: 1, max: 2) { reader in
                try reader.signature()
            }
            do throws(SignatureRefusal) {
                return try SignedContract(canonical: payload, signatures: signatures)
            } catch {
                throw malformed(error, at: fields.pointer.appending("signatures"))
            }
        }
    }

    /// An entry of a JWS.
    func signature() throws -> PayloadSignature {
        try object { fields in
            _ = try fields.base64URL("protected")
            _ = try fields.base64URL("signature")
            // what else is there is named after this, as unknown
            let entry: JSON = [
                "protected": value["protected"] ?? .null, "signature": value["signature"] ?? .null,
            ]
            do throws(SignatureRefusal) {
                return try PayloadSignature(json: entry)
            } catch {
                throw malformed(error, at: pointer)
            }
        }
    }

    /// An Ed25519 public key as a JWK; what else key libraries write into one is not believed.
    func publicKey() throws -> VerifyingKey {
        try object { fields in
            for name in ["kid", "alg", "use"] { _ = try fields.optionalString(name, max: 200) }
            for (name, wanted) in [("kty", "OKP"), ("crv", "Ed25519")]
            where try fields.string(name, max: 20) != wanted {
                throw fields.problem(name, .unknownValue, "must be \(wanted)")
            }
            let bytes = try fields.base64URL("x")
            guard let key = try? VerifyingKey(bytes: bytes) else {
                throw fields.problem("x", .pattern, "must be an Ed25519 public key of 32 bytes")
            }
            return key
        }
    }

    private func malformed(_ refusal: SignatureRefusal, at pointer: JSONPointer) -> JSONProblem {
        JSONProblem(
            pointer: pointer.text, code: "malformed_jws", message: refusal.description)
    }
}

extension JSONFields {
    /// Bytes in base64url without padding; at least one.
    mutating func base64URL(_ key: String) throws -> [UInt8] {
        let text = try string(key, min: 1, max: 1_048_576)
        guard let bytes = Base64URL.decode(text) else {
            throw problem(key, .pattern, "must be base64url without padding (RFC 4648 §5)")
        }
        return bytes
    }

    /// An entry of a JWS, or nil when it is absent or null.
    mutating func optionalSignature(_ key: String) throws -> PayloadSignature? {
        try optional(key)?.signature()
    }
}
