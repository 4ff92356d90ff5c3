import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// A contract in words and figures, with its examples recomputed; and the signature.
enum ContractPages {
    /// The names of the organisations in the market, by identifier.
    static func organisationNames(_ visitor: Visitor) async throws -> [String: String] {
        let organisations = try await visitor.every {
            try await visitor.market.listOrganisations(
                visitor.asking("listOrganisations"), businessID: nil, page: $0)
        }
        return organisations.reduce(into: [:]) { names, organisation in
            names[organisation["id"]?.text ?? ""] = organisation["name"]?.text
        }
    }

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(visitor, id(parameter), errors: FieldErrors(), status: 200)
    }

    /// The version that was asked for, else the one that is in force.
    private static func show(
        _ visitor: Visitor, _ id: ContractID, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let sheet = try await visitor.market.contract(visitor.asking("getContract"), id).body
        let timeline = try ContractTimeline(sheet)
        let now = try visitor.signedIn.now
        let asked = (visitor.request.query.text("version") ?? visitor.request.form.text("number"))
            .flatMap { Int64($0) }
        guard let number = asked ?? timeline.usual(now) else { throw Refusal(.notFound) }
        let version = try await visitor.market.contractVersion(
            visitor.asking("getContractVersion"), id, number: number
        ).body
        var fields = try ContractReading(version, visitor).fields
        fields["number"] = "\(number)"
        fields["address"] = "/contracts/\(id)"
        let isInForce = timeline.inForce(now)?.number == Int(number)
        fields["price_address"] =
            "/contracts/\(id)/price" + (isInForce ? "" : "?version=\(number)")
        let life = try ContractStanding(
            sheet, version, visitor, notice: try await notice(visitor, id, sheet))
        fields.merge(try life.fields) { $1 }
        if version["document"]?["blocks"]?.elements?.isEmpty == false {
            fields["has_blocks"] = ["address": "/blocks?contract=\(id)"]
        }
        if version["document"]?["commitment"] != nil {
            fields["commitment"] = try await commitment(visitor, id)
        }
        let services = version["document"]?["services"]?.elements ?? []
        if services.contains(where: { $0["kind"]?.text == "on_demand" }) {
            fields["is_on_demand"] = ["address": "/contracts/\(id)/response-times"]
        }
        if life.maySign {
            var form: [String: Any] = ["digest": version["digest"]?.text ?? ""]
            if let error = errors.message(of: "read") {
                form["error"] = ["text": visitor.say(error)]
            }
            fields["may_sign"] = form
        }
        if version["signatures"]?.elements?.isEmpty == false { fields["is_signed"] = true }
        let asking = try await visitor.market.listContractRequests(
            visitor.asking("listContractRequests"), of: id, page: Page(after: nil, limit: 1)
        ).body["items"]?[0]
        if let words = asking?["words"]?.text { fields["asked_for"] = ["words": words] }
        if let done = visitor.request.query.text("done") {
            let key = ["contract_done_\(done)", "life_done_\(done)"]
                .first { visitor.texts[$0] != nil }
            if let key { fields["done"] = ["text": visitor.say(key)] }
        }
        return try visitor.page(
            "contract", title: sheet["title"]?.text ?? "", fields, status: status, errors: errors)
    }

    /// How much of the agreed capacity is taken; nil where none rules now.
    private static func commitment(
        _ visitor: Visitor, _ id: ContractID
    ) async throws -> [String: Any]? {
        let now = try await visitor.market.commitment(visitor.asking("getCommitment"), of: id)
            .body["now"]
        guard let now, let committed = now["committed_seconds"]?.integer else { return nil }
        let billed = now["billed_seconds"]?.integer ?? 0
        let seller = now["seller_seconds"]?.integer ?? 0
        let length = visitor.language.length(seconds:)
        var fields: [String: Any] = [
            "text": visitor.say(
                "commitment_use", try visitor.month(now["period"]), length(billed),
                length(committed), length(now["missing_seconds"]?.integer ?? 0))
        ]
        if seller > 0 {
            fields["by_seller"] = ["text": visitor.say("commitment_seller", length(seller))]
        }
        return fields
    }

    /// What a notice given now would do, for who may give one; nil where the market refuses it.
    private static func notice(
        _ visitor: Visitor, _ id: ContractID, _ sheet: JSON
    ) async throws -> JSON? {
        guard try visitor.signedIn.roles.contains(.admin),
            ["active", "suspended"].contains(sheet["state"]?.text)
        else { return nil }
        do {
            return try await visitor.market.noticeEffect(
                visitor.asking("getNoticeEffect"), id
            ).body
        } catch is Refusal {
            return nil
        }
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
        return .see("/contracts/\(id)?version=\(number)&done=signed")
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

    /// The document of a version as it is signed: a file whose SHA-256 digest the page shows.
    static func downloadDocument(
        _ visitor: Visitor, _ parameter: String
    ) async throws -> PageReply {
        guard let number = visitor.request.query.text("version").flatMap({ Int64($0) }) else {
            throw InvalidLink()
        }
        let version = try await visitor.market.contractVersion(
            visitor.asking("getContractVersion"), id(parameter), number: number
        ).body
        var reply = PageReply(
            body: try (version["document"] ?? .null).canonical(), mediaType: "application/json")
        reply.fileName = "\(parameter)-\(number).json"
        return reply
    }

    /// A contract, and the version of it that was asked for, else the newest that was neither
    /// withdrawn nor declined: what the next version is written from.
    static func newest(
        _ visitor: Visitor, _ id: ContractID, asked: Int64? = nil
    ) async throws -> (sheet: JSON, version: JSON) {
        let sheet = try await visitor.market.contract(visitor.asking("getContract"), id).body
        let timeline = try ContractTimeline(sheet)
        let newest = timeline.standing ?? timeline.versions.last
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
