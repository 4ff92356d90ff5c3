import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// Signs a version by its digest: with the key that the market keeps for the organisation, or
    /// with a signature that the organisation made elsewhere. With the second signature it takes
    /// effect, and the version before it rules until its first day. The writer's own offers it,
    /// where it was not offered before.
    package func signContractVersion(
        _ request: Request, _ id: ContractID, number: Int64, digest: ContractDigest,
        signature: PayloadSignature? = nil
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let before = try await sheet(of: id, by: StoredContract.lock(id), in: transaction)
            guard let version = before.version(number) else { throw Refusal(.notFound) }
            return try await sign(
                version, of: before, digest: digest, with: signature, by: caller,
                in: transaction)
        }
    }

    func sign(
        _ version: StoredContractVersion, of before: ContractSheet, digest: ContractDigest,
        with given: PayloadSignature?, by caller: Caller, in transaction: Transaction
    ) async throws -> Answer {
        let id = before.contract.id
        let side = before.contract.side(of: caller.organisation)
        let state: VersionLife.State
        do {
            state = try before.receive(.sign(digest: digest), of: version, by: side)
        } catch {
            throw Refusal(version: error)
        }
        try requireCarriedOut(version.document)
        if version.offeredAt == nil { try await offer(version, of: before, in: transaction) }
        let signature: PayloadSignature
        if let given {
            try await requireOwn(given, over: version.document, by: caller, in: transaction)
            signature = given
        } else {
            let key = try await heldSigningKey(of: caller.organisation, in: transaction)
            signature = try PayloadSignature(
                of: version.document.canonical, by: key, at: await transaction.now())
        }
        try await transaction.query(
            StoredSignature.insert(signature, of: before.contract, version: version, by: caller))
        if state == .signed {
            try await takeEffect(version, of: before, in: transaction)
        } else {
            try await transaction.query(StoredContract.touch(id))
        }
        let after = try await sheet(of: id, by: StoredContract.find(id), in: transaction)
        try await tell(
            state == .signed ? "contract.activated" : "contract.signed", after.contract,
            by: caller,
            facts: ["number": JSON(version.number), "digest": JSON(digest.hex)],
            in: transaction)
        guard let signed = after.version(version.number) else { throw Refusal(.notFound) }
        return try after.answer(of: signed)
    }

    /// What is signed comes out as its examples say, and the market can carry out all of it.
    private func requireCarriedOut(_ document: ContractDocument) throws {
        do {
            try document.requireExamplesHold()
        } catch {
            throw Refusal(.workedExampleFails, figures: error.json)
        }
        let passedOver = document.terms.notCarriedOut
        guard passedOver.isEmpty else {
            throw Refusal(
                .termNotCarriedOut, figures: ["terms": .array(passedOver.map { JSON($0) })])
        }
    }

    /// A signature from elsewhere: by the organisation's key in use, over this document, and not
    /// from a time that has not come.
    private func requireOwn(
        _ signature: PayloadSignature, over document: ContractDocument, by caller: Caller,
        in transaction: Transaction
    ) async throws {
        let known = try await signingKeys(of: caller.organisation, in: transaction)
        guard let key = known[signature.keyID]?.published else {
            throw Refusal(
                .signatureRefused,
                figures: ["reason": JSON(SignatureRefusal.unknownKey(signature.keyID).description)])
        }
        guard key.retiredAt == nil else { throw Refusal(.signingKeyRetired) }
        try signature.require(over: document.canonical, by: key.key)
        let latest = try await transaction.now().adding(seconds: Self.clockTolerance)
        guard signature.claimedAt <= latest else {
            throw Refusal(
                .signatureRefused,
                figures: ["reason": "iat is more than five minutes ahead of the market's clock"])
        }
    }

    /// Seconds by which a signer's clock may go ahead of the market's.
    private static let clockTolerance: Int64 = 300

    private func takeEffect(
        _ version: StoredContractVersion, of sheet: ContractSheet, in transaction: Transaction
    ) async throws {
        let start = version.effective.start
        for other in sheet.versions
        where other.signedAt != nil && other.effective.end > start
            && other.effective.start >= start
        {
            throw Refusal(.versionOverlaps, figures: ["version": JSON(other.number)])
        }
        let now = try await transaction.now()
        for query in StoredContractVersion.takeEffect(
            version.number, of: sheet.contract.id, from: start, at: now)
        {
            try await transaction.query(query)
        }
        try await transaction.query(
            StoredContract.activate(sheet.contract.id, title: version.document.terms.title))
    }
}
