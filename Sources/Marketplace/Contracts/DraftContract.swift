import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// A contract between the caller's organisation and another, as its first version. Nobody else
    /// knows of it before it is offered.
    package func draftContract(_ request: Request, _ json: JSON) async throws -> Answer {
        let document = try Self.document(json)
        return try await change(request) { transaction, caller in
            try await draft(document, by: caller, in: transaction).answer
        }
    }

    func draft(
        _ document: ContractDocument, by caller: Caller, in transaction: Transaction
    ) async throws -> ContractSheet {
        try await requireParties(document.terms, caller, in: transaction)
        let id: ContractID = newID()
        try await transaction.query(
            StoredContract.insert(id, of: document.terms, draftedBy: caller.organisation))
        for query in try StoredContractVersion.insert(
            document, number: 1, of: id, draftedBy: caller.organisation)
        {
            try await transaction.query(query)
        }
        let sheet = try await sheet(of: id, by: StoredContract.find(id), in: transaction)
        try await tell(
            "contract.drafted", sheet.contract, by: caller, toBoth: false, in: transaction)
        return sheet
    }

    /// New terms for the same two parties. When they are offered, a version that not both have
    /// signed gives way to them: who is asked to sign may answer with other words.
    package func amendContract(
        _ request: Request, _ id: ContractID, _ json: JSON
    ) async throws -> Answer {
        let document = try Self.document(json)
        return try await change(request) { transaction, caller in
            let before = try await sheet(of: id, by: StoredContract.lock(id), in: transaction)
            guard before.contract.state != .ended else { throw Refusal(.contractEnded) }
            let terms = document.terms
            guard terms.seller.organisation == before.contract.seller,
                terms.buyer.organisation == before.contract.buyer
            else { throw Refusal(.partyDiffers) }
            try await requireParties(terms, caller, in: transaction)
            try requireNothingLost(by: terms, of: before)
            let number = try await transaction.query(StoredContractVersion.nextNumber(of: id))
                .only()["number", Int64.self]
            for query in try StoredContractVersion.insert(
                document, number: number, of: id, draftedBy: caller.organisation)
            {
                try await transaction.query(query)
            }
            try await transaction.query(StoredContract.touch(id))
            let after = try await sheet(of: id, by: StoredContract.find(id), in: transaction)
            try await tell(
                "contract.amended", after.contract, by: caller, toBoth: false, in: transaction)
            guard let version = after.version(number) else { throw Refusal(.notFound) }
            return try after.answer(of: version)
        }
    }

    /// New terms rule to their own last day. Where they ended before those that they replace, the
    /// rest of these would be lost without anyone having said so.
    private func requireNothingLost(by terms: Terms, of sheet: ContractSheet) throws {
        let span = try terms.validitySlot()
        for other in sheet.versions
        where other.signedAt != nil && other.effective.start < span.start
            && other.effective.end > span.start && other.effective.end > span.end
        {
            throw Refusal(
                .versionEndsEarly,
                figures: [
                    "version": JSON(other.number),
                    "until": JSON(other.effective.end.rfc3339),
                ])
        }
    }

    private static func document(_ json: JSON) throws -> ContractDocument {
        do {
            return try ContractDocument(json)
        } catch {
            throw error.asInput
        }
    }

    /// The caller is one of the parties, and each is as it has registered itself.
    private func requireParties(
        _ terms: Terms, _ caller: Caller, in transaction: Transaction
    ) async throws {
        guard terms.side(of: caller.organisation) != nil else { throw Refusal(.notAParty) }
        try await requireRegistered(terms, in: transaction)
    }

    /// Each organisation has the business id and the name given for it: both stand on invoices, and
    /// whoever signs must know with whom.
    func requireRegistered(_ terms: Terms, in transaction: Transaction) async throws {
        for side in Side.allCases {
            let party = terms.party(side)
            let known = try await transaction.query(
                """
                select name from organisation_directory(
                    \(party.organisation)::uuid, \(party.businessID.text)::text, null, 1)
                """
            ).atMostOne()
            guard let known else {
                throw Refusal(.partyDiffers, figures: ["side": JSON(side.rawValue)])
            }
            let name: String = try known.decode("name")
            guard name == party.name else {
                throw Refusal(
                    .partyNameDiffers,
                    figures: [
                        "side": JSON(side.rawValue), "pointer": JSON("/\(side.rawValue)/name"),
                        "name": JSON(name),
                    ])
            }
        }
    }

    /// To both sides, or to the caller's own alone what the other does not know of.
    func tell(
        _ kind: String, _ contract: StoredContract, by caller: Caller, facts: JSON = .object([:]),
        toBoth: Bool = true, in transaction: Transaction
    ) async throws {
        let other = toBoth ? contract.other(than: caller.organisation) : nil
        try await transaction.record(
            .init(
                .contract, contract.id, kind, revision: contract.revision, counterparty: other,
                facts: facts),
            by: caller)
    }
}
