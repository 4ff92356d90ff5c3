import MoneyAndTime
import StrictJSON

/// A contract with its signatures, as one organisation hands it to anyone: a JWS whose payload is
/// the contract's canonical bytes.
package struct SignedContract: Hashable, Sendable {
    private let signed: SignedPayload

    /// RFC 8785.
    package var canonical: [UInt8] { signed.bytes }
    /// One or two, by different keys.
    package var signatures: [PayloadSignature] { signed.signatures }
    package var json: JSON { signed.json }

    package init(canonical: [UInt8], signatures: [PayloadSignature]) throws(SignatureRefusal) {
        signed = try SignedPayload(bytes: canonical, signatures: signatures)
    }

    /// Reads the JWS. Nothing is believed before `verify`.
    package init(json: JSON) throws(SignatureRefusal) {
        signed = try SignedPayload(json: json)
    }

    /// Who signed, with which of the keys that the reader trusts.
    package struct Signer: Hashable, Sendable {
        /// Nil where the reader's keys do not say whose they are.
        package let side: Side?
        package let key: PublishedKey
        /// When the signer says that it signed.
        package let claimedAt: Instant
    }

    /// The payload, which is a contract in its canonical form; who signed it is not checked.
    package func document() throws -> ContractDocument {
        let document = try ContractDocument(reading: canonical)
        // Two texts of one contract would have two digests: only the canonical one counts.
        guard document.canonical == canonical else { throw SignatureRefusal.payloadDiffers }
        return document
    }

    /// Every signature is of a trusted key and over the payload, the key is a party's and was not
    /// retired before it signed, and the payload is a contract in its canonical form. Returns
    /// that contract, and the signers in the signatures' order.
    package func verify(
        trusting keys: [PublishedKey]
    ) throws -> (document: ContractDocument, signers: [Signer]) {
        let document = try document()
        var signers: [Signer] = []
        for signature in signatures {
            let signer = try signer(of: signature, among: keys, document.terms)
            if let side = signer.side, signers.contains(where: { $0.side == side }) {
                throw SignatureRefusal.signedTwice(signature.keyID)
            }
            signers.append(signer)
        }
        return (document, signers)
    }

    private func signer(
        of signature: PayloadSignature, among keys: [PublishedKey], _ terms: Terms
    ) throws(SignatureRefusal) -> Signer {
        guard let key = keys.first(where: { $0.key.thumbprint == signature.keyID }) else {
            throw .unknownKey(signature.keyID)
        }
        try signature.verify(over: canonical, trusting: [key.key])
        if let retiredAt = key.retiredAt, signature.claimedAt >= retiredAt {
            throw .keyRetired(signature.keyID)
        }
        let side = key.organisation.flatMap(terms.side)
        guard key.organisation == nil || side != nil else { throw .keyOfAnother(signature.keyID) }
        return Signer(side: side, key: key, claimedAt: signature.claimedAt)
    }
}
