import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    package func listContracts(
        _ request: Request, state: ContractLife.State?, page: Page<ContractID>
    ) async throws -> Answer {
        let rows = try await read(
            request,
            StoredContract.page(state: state, after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredContract.init(row:)), limit: page.limit,
            cursor: { $0.id.description },
            item: { .object(JSONObject(ContractSheet.members(of: $0))) })
    }

    package func contract(_ request: Request, _ id: ContractID) async throws -> Answer {
        try await view(request) { transaction, _ in
            try await sheet(of: id, by: StoredContract.find(id), in: transaction).answer
        }
    }

    package func contractVersion(
        _ request: Request, _ id: ContractID, number: Int64
    ) async throws -> Answer {
        try await view(request) { transaction, _ in
            let sheet = try await sheet(of: id, by: StoredContract.find(id), in: transaction)
            guard let version = sheet.version(number) else { throw Refusal(.notFound) }
            return try sheet.answer(of: version)
        }
    }

    /// What the caller's contracts say by the newest version that both signed of each, ended ones
    /// too: the contract, and its document.
    package func signedContracts(_ request: Request) async throws -> [JSON] {
        try await read(request, StoredContractVersion.newestSigned).map { row in
            let document = try JSON.parse(row["document", [UInt8].self])
            return [
                "contract": JSON(try row["contract", ContractID.self].description),
                "document": document,
            ]
        }
    }

    /// The versions of the caller's contracts that are not signed by both, as far as somebody has
    /// to know of them.
    package func openVersions(_ request: Request) async throws -> [OpenVersion] {
        try await read(request, OpenVersion.all).map(OpenVersion.init(row:))
    }

    /// Of the caller's contracts of which nothing is signed, those whose last offer lies with
    /// nobody any more: whether it was `withdrawn` or `declined`.
    package func offersClosed(_ request: Request) async throws -> [ContractID: VersionLife.State] {
        let rows = try await read(request, StoredContract.offersClosed)
        return try rows.reduce(into: [:]) { states, row in
            states[try row.decode("id")] = VersionLife.State(rawValue: try row.decode("state"))
        }
    }

    /// From when on the caller's contracts rule visits, by the first version that both signed.
    package func firstDays(_ request: Request) async throws -> [ContractID: Instant] {
        let rows = try await read(request, StoredContractVersion.firstSigned)
        return try Dictionary(
            rows.map { (try $0.decode("contract"), try $0.decode("rules_from")) }
        ) { first, _ in first }
    }

    /// What a document says, before it is anyone's draft: nothing is stored. What is no contract
    /// yet is told all that it lacks, and what its examples come to where that can be said.
    package func checkContract(_ request: Request, _ json: JSON) async throws -> Answer {
        _ = try await read(request, "select 1")
        let document: ContractDocument
        do {
            document = try ContractDocument(json)
        } catch {
            let problems = Self.problems(of: json, first: error)
            let terms = UnfinishedTerms.read(json, with: problems)
            return Answer([
                "valid": false, "problems": .array(problems.map(\.json)), "digest": nil,
                "worked_examples": try terms?.examplesJSON ?? [],
                "not_carried_out": .array((terms?.notCarriedOut ?? []).map { JSON($0) }),
            ])
        }
        var problems: [JSON] = []
        do {
            try document.requireExamplesHold()
        } catch {
            problems.append(error.json)
        }
        return Answer([
            "valid": JSON(problems.isEmpty),
            "problems": .array(problems),
            "digest": JSON(document.digest.hex),
            "worked_examples": try document.terms.examplesJSON,
            "not_carried_out": .array(document.terms.notCarriedOut.map { JSON($0) }),
        ])
    }

    /// All that is wrong with a document; the first alone where the rest cannot be told.
    static func problems(of json: JSON, first: ContractProblem) -> [ContractProblem] {
        let all = (try? ContractProblems.all(in: json)) ?? []
        return all.isEmpty ? [first] : Array(all.prefix(mostProblems))
    }

    /// So many are told at once.
    private static let mostProblems = 100

    package func listContractTemplates(
        _ request: Request, in language: TemplateLanguage = .english
    ) async throws -> Answer {
        _ = try await read(request, "select 1")
        let items = try ContractFiles.templates(in: language).map { template -> JSON in
            ["name": JSON(template.name), "title": JSON(template.title)]
        }
        return Answer(["items": .array(items), "next": nil])
    }

    package func contractTemplate(
        _ request: Request, _ name: String, in language: TemplateLanguage = .english
    ) async throws -> Answer {
        _ = try await read(request, "select 1")
        guard let template = try ContractFiles.template(name, in: language) else {
            throw Refusal(.notFound)
        }
        return Answer(template.json)
    }

    func sheet(
        of id: ContractID, by query: Query, in transaction: Transaction
    ) async throws -> ContractSheet {
        guard let row = try await transaction.query(query).atMostOne() else {
            throw Refusal(.notFound)
        }
        return try await ContractSheet(StoredContract(row: row), in: transaction)
    }
}

extension ContractProblem {
    var json: JSON {
        [
            "pointer": JSON(pointer), "code": JSON(rule.rawValue), "message": JSON(message),
        ]
    }

    /// As bad input of a request.
    var asInput: InvalidInput {
        InvalidInput(pointer: pointer, code: rule.rawValue, message: message)
    }
}
