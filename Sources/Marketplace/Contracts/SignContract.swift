import Contracts
import Crypto
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// Signs a version by its digest with the organisation's own key. With the second signature it
    /// takes effect, and the version before it rules until its first day.
    package func signContractVersion(
        _ request: Request, _ id: ContractID, number: Int64, digest: ContractDigest
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let before = try await sheet(of: id, by: StoredContract.lock(id), in: transaction)
            guard before.contract.state != .ended else { throw Refusal(.contractEnded) }
            guard let version = before.version(number) else { throw Refusal(.notFound) }
            let side = before.contract.side(of: caller.organisation)
            let state: VersionLife.State
            do {
                state = try VersionLife.receive(
                    .sign(by: side, digest: digest), in: before.state(of: version),
                    digest: version.document.digest
                ).state
            } catch let refusal as VersionLife.Refusal {
                throw Refusal(refusal)
            }
            do {
                try version.document.requireExamplesHold()
            } catch let problem as ContractProblem {
                throw Refusal(.workedExampleFails, figures: problem.json)
            }
            let passedOver = version.document.terms.notCarriedOut
            guard passedOver.isEmpty else {
                throw Refusal(
                    .termNotCarriedOut,
                    figures: ["terms": .array(passedOver.map { JSON($0) })])
            }
            let key = try await signingKey(of: caller, in: transaction)
            let signature = try ContractSignature(of: version.document.canonical, by: key)
            try await transaction.query(
                StoredSignature.insert(
                    signature, of: before.contract, version: version, by: caller))
            if state == .signed {
                try await takeEffect(version, of: before, in: transaction)
            } else {
                try await transaction.query(StoredContract.touch(id))
            }
            let after = try await sheet(of: id, by: StoredContract.find(id), in: transaction)
            try await tell(
                state == .signed ? "contract.activated" : "contract.signed", after.contract,
                by: caller,
                facts: ["number": JSON(number), "digest": JSON(digest.hex)], in: transaction)
            guard let signed = after.version(number) else { throw Refusal(.notFound) }
            return try after.answer(of: signed)
        }
    }

    /// No booking from now on; booked visits run, bill and settle.
    package func endContract(
        _ request: Request, _ id: ContractID, reason: String
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let before = try await sheet(of: id, by: StoredContract.lock(id), in: transaction)
            do {
                _ = try ContractLife.receive(.end, in: before.contract.state)
            } catch let refusal as ContractLife.Refusal {
                throw Refusal(refusal == .contractEnded ? .contractEnded : .contractNotActive)
            }
            let now = try await transaction.now()
            try await transaction.query(StoredContract.end(id, at: now))
            let after = try await sheet(of: id, by: StoredContract.find(id), in: transaction)
            try await tell(
                "contract.ended", after.contract, by: caller, facts: ["reason": JSON(reason)],
                in: transaction)
            return after.answer
        }
    }

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

    /// The organisation's signing key, made when it signs for the first time and kept sealed.
    private func signingKey(
        of caller: Caller, in transaction: Transaction
    ) async throws -> SigningKey {
        let seal = try KeySeal(masterKey: keys.sealing.withUnsafeBytes { Array($0) })
        let rows = try await transaction.query(StoredSigningKey.current(of: caller.organisation))
        if let row = try rows.atMostOne() {
            return try seal.open(
                row["sealed_private_key", [UInt8].self], of: caller.organisation)
        }
        var random = SystemRandomNumberGenerator()
        let key = try SigningKey(using: &random)
        let sealed = try seal.seal(key, of: caller.organisation, using: &random)
        try await transaction.query(
            StoredSigningKey.insert(key.verifyingKey, sealed: sealed, of: caller.organisation))
        return key
    }
}

extension Refusal {
    fileprivate init(_ refusal: VersionLife.Refusal) {
        switch refusal {
        case .alreadySigned: self.init(RefusalCode.alreadySigned)
        case .digestDiffers: self.init(RefusalCode.digestDiffers)
        case .signedVersionNeverChanges: self.init(RefusalCode.alreadySigned)
        case .withdrawn: self.init(RefusalCode.versionWithdrawn)
        }
    }
}
