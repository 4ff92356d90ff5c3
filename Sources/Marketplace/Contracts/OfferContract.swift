import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Showing a version to the other side, and taking it back or turning it down before both signed.

extension Market {
    /// The other side sees it from now on, and may sign it. What was offered before and not signed
    /// by both gives way to it.
    package func offerContractVersion(
        _ request: Request, _ id: ContractID, number: Int64
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let before = try await sheet(of: id, by: StoredContract.lock(id), in: transaction)
            let version = try before.taking(.offer, number, by: caller)
            try await offer(version, of: before, in: transaction)
            return try await told(
                "contract.offered", number, of: id, by: caller, in: transaction)
        }
    }

    /// Its writer takes a version back.
    package func withdrawContractVersion(
        _ request: Request, _ id: ContractID, number: Int64
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let before = try await sheet(of: id, by: StoredContract.lock(id), in: transaction)
            let version = try before.taking(.withdraw, number, by: caller)
            try await close(version, of: id, reason: nil, by: caller, in: transaction)
            return try await told(
                "contract.withdrawn", number, of: id, by: caller,
                toBoth: version.offeredAt != nil, in: transaction)
        }
    }

    /// The other side turns a version down, with a reason that both see.
    package func declineContractVersion(
        _ request: Request, _ id: ContractID, number: Int64, reason: String
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let before = try await sheet(of: id, by: StoredContract.lock(id), in: transaction)
            let version = try before.taking(.decline, number, by: caller)
            try await close(version, of: id, reason: reason, by: caller, in: transaction)
            return try await told(
                "contract.declined", number, of: id, by: caller, facts: ["reason": JSON(reason)],
                in: transaction)
        }
    }

    /// An organisation may have another name by now than when the version was drafted.
    func offer(
        _ version: StoredContractVersion, of sheet: ContractSheet, in transaction: Transaction
    ) async throws {
        try await requireRegistered(version.document.terms, in: transaction)
        let now = try await transaction.now()
        let id = sheet.contract.id
        try await transaction.query(
            StoredContractVersion.offer(version.number, of: id, at: now))
        try await transaction.query(StoredContract.offer(id))
    }

    private func close(
        _ version: StoredContractVersion, of id: ContractID, reason: String?, by caller: Caller,
        in transaction: Transaction
    ) async throws {
        let now = try await transaction.now()
        try await transaction.query(
            StoredContractVersion.close(
                version.number, of: id, by: caller.organisation, at: now, reason: reason))
        try await transaction.query(StoredContract.touch(id))
    }

    /// Tells what happened to a version, and returns the version as it is now.
    private func told(
        _ kind: String, _ number: Int64, of id: ContractID, by caller: Caller,
        facts: JSONObject = [:], toBoth: Bool = true, in transaction: Transaction
    ) async throws -> Answer {
        let after = try await sheet(of: id, by: StoredContract.find(id), in: transaction)
        guard let version = after.version(number) else { throw Refusal(.notFound) }
        var facts = facts
        facts["number"] = JSON(number)
        try await tell(
            kind, after.contract, by: caller, facts: .object(facts), toBoth: toBoth,
            in: transaction)
        return try after.answer(of: version)
    }
}

extension ContractSheet {
    /// The version, if the rules let the caller's side do this to it.
    fileprivate func taking(
        _ message: VersionLife.Message, _ number: Int64, by caller: Caller
    ) throws -> StoredContractVersion {
        guard contract.state != .ended else { throw Refusal(.contractEnded) }
        guard let version = version(number) else { throw Refusal(.notFound) }
        do {
            _ = try receive(message, of: version, by: contract.side(of: caller.organisation))
        } catch {
            throw Refusal(version: error)
        }
        return version
    }
}

extension Refusal {
    package init(version refusal: VersionLife.Refusal) {
        switch refusal {
        case .alreadySigned: self.init(RefusalCode.alreadySigned)
        case .alreadyOffered: self.init(RefusalCode.alreadyOffered)
        case .digestDiffers: self.init(RefusalCode.digestDiffers)
        case .withdrawn: self.init(RefusalCode.versionWithdrawn)
        case .notYourSide: self.init(RefusalCode.notYourSide)
        case .notOffered: self.init(RefusalCode.notFound)
        }
    }
}
