import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The organisation's contracts; one of them in words and figures, with its examples recomputed;
/// and the signature.
enum ContractPages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        let names = try await organisationNames(visitor)
        let contracts =
            try await visitor.market.listContracts(
                visitor.asking("listContracts"), state: nil, page: Page(after: nil, limit: 200)
            ).body["items"]?.elements ?? []
        let rows = contracts.map { contract -> [String: Any] in
            let isSeller = contract["seller"]?.text == login.organisation.description
            let other = contract[isSeller ? "buyer" : "seller"]?.text ?? ""
            return [
                "address": "/contracts/\(contract["id"]?.text ?? "")",
                "name": contract["title"]?.text ?? "",
                "side": visitor.say(isSeller ? "side_seller" : "side_buyer"),
                "counterparty": names[other] ?? "",
                "state": visitor.say("contract_\(contract["state"]?.text ?? "")"),
                "is_live": contract["state"]?.text == "active",
            ]
        }
        var fields: [String: Any] = [:]
        if !rows.isEmpty { fields["contracts"] = ["rows": rows] }
        if login.roles.contains(.admin) { fields["may_write"] = true }
        return try visitor.page("contracts", title: visitor.say("contracts_title"), fields)
    }

    /// The names of the organisations in the market, by identifier.
    static func organisationNames(_ visitor: Visitor) async throws -> [String: String] {
        var names: [String: String] = [:]
        var after: OrganisationID?
        repeat {
            let page = try await visitor.market.listOrganisations(
                visitor.asking("listOrganisations"), businessID: nil,
                page: Page(after: after, limit: 200)
            ).body
            for organisation in page["items"]?.elements ?? [] {
                names[organisation["id"]?.text ?? ""] = organisation["name"]?.text
            }
            after = try page["next"]?.text.map { try OrganisationID(typeID: $0) }
        } while after != nil
        return names
    }

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(visitor, id(parameter), errors: FieldErrors(), status: 200)
    }

    /// The version that was asked for, else the newest that is open or in force.
    private static func show(
        _ visitor: Visitor, _ id: ContractID, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let asked = (visitor.request.query.text("version") ?? visitor.request.form.text("number"))
            .flatMap { Int64($0) }
        let (sheet, version) = try await newest(visitor, id, asked: asked)
        var fields = try ContractReading(version, visitor).fields
        fields["number"] = "\(version["number"]?.integer ?? 0)"
        fields["address"] = "/contracts/\(id)"
        fields["contract_state"] = visitor.say("contract_\(sheet["state"]?.text ?? "")")
        let life = try ContractStanding(sheet, version, visitor)
        fields.merge(try life.fields) { $1 }
        if life.maySign {
            var form: [String: Any] = ["digest": version["digest"]?.text ?? ""]
            if let error = errors.message(of: "read") {
                form["error"] = ["text": visitor.say(error)]
            }
            fields["may_sign"] = form
        }
        fields["is_signed"] = version["signatures"]?.elements?.isEmpty == false
        if let done = visitor.request.query.text("done") {
            let key = ["contract_done_\(done)", "life_done_\(done)"]
                .first { visitor.texts[$0] != nil }
            if let key { fields["done"] = ["text": visitor.say(key)] }
        }
        return try visitor.page(
            "contract", title: sheet["title"]?.text ?? "", fields, status: status, errors: errors)
    }

    /// Signs what was read: the digest of the page's own text goes with the form.
    static func sign(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        let form = visitor.request.form
        guard let number = form.text("number").flatMap({ Int64($0) }),
            let digest = form.text("digest").flatMap(ContractDigest.init(hex:))
        else { throw InvalidLink() }
        var errors = FieldErrors()
        guard form.text("read") == "yes" else {
            errors.add("read", "error_read")
            return try await show(visitor, id, errors: errors, status: 422)
        }
        _ = try await visitor.market.signContractVersion(
            visitor.asking("signContractVersion"), id, number: number, digest: digest)
        return .see("/contracts/\(id)?done=signed")
    }

    /// A signed version as a file, by its number.
    static func download(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        guard let number = visitor.request.query.text("version").flatMap({ Int64($0) }) else {
            throw InvalidLink()
        }
        return try await .file(
            visitor.market.signedContract(
                visitor.asking("getSignedContract"), id(parameter), number: number))
    }

    /// A contract, and the version of it that was asked for, else the newest that was neither
    /// withdrawn nor declined.
    static func newest(
        _ visitor: Visitor, _ id: ContractID, asked: Int64? = nil
    ) async throws -> (sheet: JSON, version: JSON) {
        let sheet = try await visitor.market.contract(visitor.asking("getContract"), id).body
        let versions = sheet["versions"]?.elements ?? []
        let newest =
            versions.last { !["withdrawn", "declined"].contains($0["state"]?.text) }
            ?? versions.last
        guard let number = asked ?? newest?["number"]?.integer else { throw Refusal(.notFound) }
        let version = try await visitor.market.contractVersion(
            visitor.asking("getContractVersion"), id, number: number
        ).body
        return (sheet, version)
    }

    static func id(_ parameter: String) throws(InvalidLink) -> ContractID {
        guard let id = try? ContractID(typeID: parameter) else { throw InvalidLink() }
        return id
    }
}
