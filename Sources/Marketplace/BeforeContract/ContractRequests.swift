import Contracts
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

/// With what a draft begins: a template, its validity, and how the buyer knows it.
package struct ContractBeginning: Sendable {
    package let template: String
    package let firstDay: CalendarDate
    package let lastDay: CalendarDate
    /// What every invoice says of the buyer (EN 16931, BT-10).
    package let buyerReference: String
    /// In which the template's own texts are written.
    package let language: TemplateLanguage

    package init(
        template: String, firstDay: CalendarDate, lastDay: CalendarDate, buyerReference: String,
        language: TemplateLanguage = .english
    ) {
        self.template = template
        self.firstDay = firstDay
        self.lastDay = lastDay
        self.buyerReference = buyerReference
        self.language = language
    }
}

extension Market {
    /// Asks a seller that has published a profile for a contract: drafts it from a template with
    /// what the market knows of both, and offers it with a note. The seller answers as to any
    /// other offer: it signs, declines, or writes other terms.
    package func askForContract(
        _ request: Request, of seller: OrganisationID, words: String,
        _ beginning: ContractBeginning
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let sheet = try await ask(
                seller, words: words, beginning, need: nil, by: caller, in: transaction)
            return try await contractRequest(of: sheet.contract.id, in: transaction)
        }
    }

    /// The requests that the caller's organisation has made or been made.
    package func listContractRequests(
        _ request: Request, of contract: ContractID? = nil, page: Page<ContractID>
    ) async throws -> Answer {
        let rows = try await read(
            request,
            StoredContractRequest.page(of: contract, after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredContractRequest.init(row:)), limit: page.limit,
            cursor: { $0.contract.description }, item: \.json)
    }

    func contractRequest(
        of contract: ContractID, in transaction: Transaction
    ) async throws -> Answer {
        let row = try await transaction.query(
            StoredContractRequest.page(of: contract, after: nil, limit: 1)
        ).only()
        return Answer(
            try StoredContractRequest(row: row).json, location: "/v1/contracts/\(contract)")
    }

    func ask(
        _ seller: OrganisationID, words: String, _ beginning: ContractBeginning, need: NeedID?,
        by caller: Caller, in transaction: Transaction
    ) async throws -> ContractSheet {
        guard seller != caller.organisation,
            let row = try await transaction.query(StoredOrganisation.toAsk(seller)).atMostOne()
        else { throw Refusal(.notFound) }
        let document = try document(
            beginning,
            seller: requireParty(StoredOrganisation(row: row).organisation, as: .seller),
            buyer: requireParty(try await ownOrganisation(in: transaction), as: .buyer))
        let sheet = try await draft(document, by: caller, in: transaction)
        let id = sheet.contract.id
        guard let version = sheet.versions.last else { throw Refusal(.notFound) }
        try await offer(version, of: sheet, in: transaction)
        try await transaction.query(
            StoredContractRequest.insert(
                id, seller: seller, buyer: caller.organisation, template: beginning.template,
                words: words, need: need))
        let after = try await self.sheet(of: id, by: StoredContract.find(id), in: transaction)
        try await tell(
            "contract.asked_for", after.contract, by: caller,
            facts: ["number": JSON(version.number)], in: transaction)
        return after
    }

    private func document(
        _ beginning: ContractBeginning, seller: Party, buyer: Party
    ) throws -> ContractDocument {
        let template = try ContractFiles.template(beginning.template, in: beginning.language)
        guard let template else {
            throw InvalidInput(
                pointer: "/template", code: "template", message: "is not the name of a template")
        }
        guard beginning.firstDay <= beginning.lastDay else {
            throw InvalidInput(
                pointer: "/last_day", code: "order", message: "must not be before the first day")
        }
        do {
            return try template.filled(
                seller: seller, buyer: buyer,
                validity: Validity(firstDay: beginning.firstDay, lastDay: beginning.lastDay),
                buyerReference: beginning.buyerReference)
        } catch {
            // the body has it on its own
            let isReference = error.pointer == "/billing/buyer_reference"
            throw InvalidInput(
                pointer: isReference ? "/buyer_reference" : error.pointer,
                code: error.rule.rawValue, message: error.message)
        }
    }
}

extension StoredContractRequest {
    var json: JSON {
        [
            "contract": JSON(contract.description),
            "title": JSON(title),
            "state": JSON(state),
            "seller": JSON(seller.description),
            "buyer": JSON(buyer.description),
            "template": JSON(template),
            "words": JSON(words),
            "need": JSON(need?.description),
            "awaits_seller": JSON(awaitsSeller),
            "created_at": JSON(createdAt.rfc3339),
        ]
    }
}
