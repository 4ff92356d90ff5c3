import Contracts
import Crypto
import MoneyAndTime
import StrictJSON

/// What is signed of all audit chains at one moment.
package struct AuditCheckpoint: Hashable, Sendable {
    /// From 1, without a gap.
    package let number: Int64
    package let madeAt: Instant
    /// How many organisations had a chain.
    package let leaves: Int
    /// Of an `AuditTree`.
    package let root: [UInt8]
    /// SHA-256 of the checkpoint before, in its canonical form; nil for the first.
    package let previous: [UInt8]?

    package init(
        number: Int64, madeAt: Instant, leaves: Int, root: [UInt8], previous: [UInt8]?
    ) {
        self.number = number
        self.madeAt = madeAt
        self.leaves = leaves
        self.root = root
        self.previous = previous
    }

    /// RFC 8785.
    package var canonical: [UInt8] {
        JSON.object(
            JSONObject([
                ("leaves", JSON(leaves)), ("made_at", JSON(madeAt.rfc3339)),
                ("number", JSON(number)), ("previous", JSON(previous?.hexadecimal)),
                ("root", JSON(root.hexadecimal)),
            ])
        ).write()
    }

    /// The payload of a signed checkpoint, in its one form; nil for anything else.
    package init?(canonical: [UInt8]) {
        guard let json = try? JSON.parse(canonical), let number = json["number"]?.integer,
            let madeAt = json["made_at"]?.text.flatMap({ try? Instant(rfc3339: $0) }),
            let leaves = json["leaves"]?.integer.flatMap(Int.init(exactly:)), leaves > 0,
            let root = json["root"]?.text.flatMap([UInt8].init(hexadecimal:)), root.count == 32,
            let before = json["previous"]
        else { return nil }
        let previous = before.text.flatMap([UInt8].init(hexadecimal:))
        self.init(number: number, madeAt: madeAt, leaves: leaves, root: root, previous: previous)
        guard self.canonical == canonical else { return nil }
    }
}

/// A checkpoint with the market's signature.
package struct SignedAuditCheckpoint: Hashable, Sendable {
    package let checkpoint: AuditCheckpoint
    package let signature: PayloadSignature

    package init(_ checkpoint: AuditCheckpoint, by key: SigningKey) throws(SignatureRefusal) {
        self.checkpoint = checkpoint
        signature = try PayloadSignature(
            of: checkpoint.canonical, by: key, at: checkpoint.madeAt)
    }

    init(_ checkpoint: AuditCheckpoint, _ signature: PayloadSignature) {
        self.checkpoint = checkpoint
        self.signature = signature
    }

    /// Reads the JWS (RFC 7515 §7.2.1). Nothing is believed before `verify`.
    package init(jws: JSON) throws(SignatureRefusal) {
        let signed = try SignedPayload(json: jws)
        guard let checkpoint = AuditCheckpoint(canonical: signed.bytes),
            signed.signatures.count == 1
        else { throw .malformed("this is no checkpoint with one signature") }
        self.init(checkpoint, signed.signatures[0])
    }

    /// A JWS in general JSON form.
    package var jws: JSON {
        [
            "payload": JSON(Base64URL.encode(checkpoint.canonical)),
            "signatures": [signature.json],
        ]
    }

    /// Signed by one of these keys, which is the market's and no organisation's. Returns it.
    package func verify(
        trusting keys: [PublishedKey]
    ) throws(SignatureRefusal) -> PublishedKey {
        guard let key = keys.first(where: { $0.key.thumbprint == signature.keyID }) else {
            throw .unknownKey(signature.keyID)
        }
        guard key.organisation == nil else { throw .keyOfAnother(signature.keyID) }
        try signature.verify(over: checkpoint.canonical, trusting: [key.key])
        return key
    }

    /// SHA-256 of what is signed, which the next checkpoint names.
    package var digest: [UInt8] { Array(SHA256.hash(data: checkpoint.canonical)) }
}
