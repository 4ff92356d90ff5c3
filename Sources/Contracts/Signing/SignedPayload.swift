import MoneyAndTime
import StrictJSON

/// Bytes with their signatures, as they are handed to anyone: a JWS in general JSON form
/// (RFC 7515 §7.2.1).
package struct SignedPayload: Hashable, Sendable {
    package let bytes: [UInt8]
    /// One or two, each by another key.
    package let signatures: [PayloadSignature]

    package init(bytes: [UInt8], signatures: [PayloadSignature]) throws(SignatureRefusal) {
        guard (1...2).contains(signatures.count) else {
            throw .malformed("there is one signature, or two")
        }
        if signatures.count == 2, signatures[0].keyID == signatures[1].keyID {
            throw .signedTwice(signatures[0].keyID)
        }
        self.bytes = bytes
        self.signatures = signatures
    }

    /// Reads the JWS. Nothing is believed before the signatures are verified.
    package init(json: JSON) throws(SignatureRefusal) {
        guard let members = json.members, Set(members.keys) == ["payload", "signatures"],
            let payload = members["payload"]?.text.flatMap(Base64URL.decode),
            let entries = members["signatures"]?.elements
        else { throw .malformed("a JWS has a payload and signatures") }
        var signatures: [PayloadSignature] = []
        for entry in entries { signatures.append(try PayloadSignature(json: entry)) }
        try self.init(bytes: payload, signatures: signatures)
    }

    package var json: JSON {
        [
            "payload": JSON(Base64URL.encode(bytes)),
            "signatures": .array(signatures.map(\.json)),
        ]
    }
}
