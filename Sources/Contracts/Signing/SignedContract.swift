import MoneyAndTime
import StrictJSON

/// A contract with its signatures, as one organisation hands it to anyone: a JWS in general JSON
/// form (RFC 7515 §7.2.1) whose payload is the contract's canonical bytes.
package struct SignedContract: Hashable, Sendable {
    /// RFC 8785.
    package let canonical: [UInt8]
    /// One or two, by different keys.
    package let signatures: [ContractSignature]

    package init(
        canonical: [UInt8], signatures: [ContractSignature]
    ) throws(SignatureRefusal) {
        guard (1...2).contains(signatures.count) else {
            throw .malformed("there is one signature, or two")
        }
        if signatures.count == 2, signatures[0].keyID == signatures[1].keyID {
            throw .signedTwice(signatures[0].keyID)
        }
        self.canonical = canonical
        self.signatures = signatures
    }

    /// Reads the JWS. Nothing is believed before `verify`.
    package init(json: JSON) throws(SignatureRefusal) {
        guard let members = json.members, Set(members.keys) == ["payload", "signatures"],
            let payload = members["payload"]?.text.flatMap(Base64URL.decode),
            let entries = members["signatures"]?.elements
        else { throw .malformed("a JWS has a payload and signatures") }
        var signatures: [ContractSignature] = []
        for entry in entries { signatures.append(try ContractSignature(json: entry)) }
        try self.init(canonical: payload, signatures: signatures)
    }

    package var json: JSON {
        [
            "payload": JSON(Base64URL.encode(canonical)),
            "signatures": .array(signatures.map(\.json)),
        ]
    }

    /// Every signature is of a trusted key and over the payload, and the payload is a contract
    /// in its canonical form. Returns that contract, and the keys in the signatures' order.
    package func verify(
        trusting keys: [VerifyingKey]
    ) throws -> (document: ContractDocument, keys: [VerifyingKey]) {
        var signers: [VerifyingKey] = []
        for signature in signatures {
            signers.append(try signature.verify(over: canonical, trusting: keys))
        }
        let document = try ContractDocument(reading: canonical)
        // Two texts of one contract would have two digests: only the canonical one counts.
        guard document.canonical == canonical else { throw SignatureRefusal.payloadDiffers }
        return (document, signers)
    }
}
