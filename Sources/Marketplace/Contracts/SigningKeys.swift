import Contracts
import Crypto
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// An organisation has one signing key in use. A new one takes its place; what it signed can be
// checked for ever.

/// A key of an organisation that signs elsewhere, and the proof that it has the private half.
package struct OwnKey: Sendable {
    package let key: VerifyingKey
    package let proof: PayloadSignature

    package init(_ key: VerifyingKey, proof: PayloadSignature) {
        self.key = key
        self.proof = proof
    }

    /// What the proof signs. No contract has these bytes, so that a proof is never a signature.
    static func challenge(of organisation: OrganisationID) -> [UInt8] {
        Array("aikatori signing key of \(organisation)".utf8)
    }
}

extension Market {
    /// Everyone's public keys as a JWK set (RFC 7517 §5), those of organisations and then the
    /// market's own, which sign the heads of audit chains. They are anyone's to read, so nobody
    /// enters.
    package func publishedKeys() async throws -> Answer {
        try await asRefusals {
            let organisations = try await database.read([StoredSigningKey.all(of: nil)])
            let market = try await database.read([StoredAuditCheckpoint.keys])
            return Answer(
                keySet: try organisations.map(StoredSigningKey.init(row:))
                    + market.map(StoredSigningKey.init(ofMarket:)))
        }
    }

    /// Puts a new key in the place of the one in use: one that the market makes and keeps, or the
    /// organisation's own.
    package func addOrganisationKey(_ request: Request, own: OwnKey?) async throws -> Answer {
        try await change(request) { transaction, caller in
            let organisation = caller.organisation
            try await transaction.query(StoredSigningKey.lock(organisation))
            try await transaction.query(StoredSigningKey.retire(nil, of: organisation))
            let added: VerifyingKey
            if let own {
                try own.proof.require(over: OwnKey.challenge(of: organisation), by: own.key)
                try await transaction.query(
                    StoredSigningKey.insert(own.key, sealed: nil, of: organisation),
                    refusing: .uniqueViolation, as: .signingKeyKnown)
                added = own.key
            } else {
                added = try await makeSigningKey(of: organisation, in: transaction).verifyingKey
            }
            return try await toldKey(added.thumbprint, "key.added", by: caller, in: transaction)
        }
    }

    /// Stops a key that others may have learnt, without another in its place: the market makes one
    /// when the organisation signs next.
    package func retireOrganisationKey(
        _ request: Request, _ keyID: String
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard Base64URL.decode(keyID) != nil else { throw Refusal(.notFound) }
            let organisation = caller.organisation
            try await transaction.query(StoredSigningKey.lock(organisation))
            guard
                try await transaction.query(StoredSigningKey.retire(keyID, of: organisation))
                    .atMostOne() != nil
            else {
                let known = try await signingKeys(of: organisation, in: transaction)
                throw Refusal(known[keyID] == nil ? .notFound : .signingKeyRetired)
            }
            return try await toldKey(keyID, "key.retired", by: caller, in: transaction)
        }
    }

    /// A key of an organisation that has none in use, kept under the market's seal.
    private func makeSigningKey(
        of organisation: OrganisationID, in transaction: Transaction
    ) async throws -> SigningKey {
        var random = SystemRandomNumberGenerator()
        let key = try SigningKey(using: &random)
        let sealed = try keySeal().seal(key, of: organisation, using: &random)
        try await transaction.query(
            StoredSigningKey.insert(key.verifyingKey, sealed: sealed, of: organisation))
        return key
    }

    /// The key that the market signs with for an organisation, made when it signs for the first
    /// time. Refused where the organisation signs elsewhere.
    func heldSigningKey(
        of organisation: OrganisationID, in transaction: Transaction
    ) async throws -> SigningKey {
        try await transaction.query(StoredSigningKey.lock(organisation))
        let row = try await transaction.query(StoredSigningKey.current(of: organisation))
            .atMostOne()
        guard let row else { return try await makeSigningKey(of: organisation, in: transaction) }
        guard let sealed = try row["sealed_private_key", [UInt8]?.self] else {
            throw Refusal(.signatureMissing, figures: ["key": JSON(try row["key_id", String.self])])
        }
        return try keySeal().open(sealed, of: organisation)
    }

    /// All that an organisation has had, oldest first.
    func signingKeys(
        of organisation: OrganisationID, in transaction: Transaction
    ) async throws -> [StoredSigningKey] {
        try await transaction.query(StoredSigningKey.all(of: organisation))
            .map(StoredSigningKey.init(row:))
    }

    private func keySeal() throws -> KeySeal {
        try KeySeal(masterKey: keys.sealing.withUnsafeBytes { Array($0) })
    }

    private func toldKey(
        _ keyID: String, _ kind: String, by caller: Caller, in transaction: Transaction
    ) async throws -> Answer {
        let known = try await signingKeys(of: caller.organisation, in: transaction)
        guard let stored = known[keyID] else { throw Refusal(.notFound) }
        try await transaction.note(
            .init(
                .organisation, caller.organisation, kind, revision: 0,
                facts: ["key": JSON(keyID), "held_by": JSON(stored.holder)]),
            by: caller)
        return Answer(stored.jwk)
    }
}

extension PayloadSignature {
    /// A signature by this key over these bytes; another is refused with the reason.
    func require(over bytes: [UInt8], by key: VerifyingKey) throws(Refusal) {
        do {
            try verify(over: bytes, trusting: [key])
        } catch {
            throw Refusal(.signatureRefused, figures: ["reason": JSON(error.description)])
        }
    }
}

extension [StoredSigningKey] {
    /// The key with this thumbprint.
    subscript(keyID: String) -> StoredSigningKey? {
        first { $0.published.key.thumbprint == keyID }
    }
}

extension Answer {
    init(keySet keys: [StoredSigningKey]) {
        self.init(["keys": .array(keys.map(\.jwk))])
    }
}

extension StoredSigningKey {
    /// Who has the private half.
    fileprivate var holder: String { isHeld ? "market" : "organisation" }

    fileprivate var jwk: JSON {
        var members = published.jwk.members ?? [:]
        members["held_by"] = JSON(holder)
        return .object(members)
    }
}
