import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import StrictJSON

extension TestMarket {
    /// A contract made from a template and signed by both, as organisations do it: through the
    /// market, at the time that its clock shows. `changed` replaces members of the template.
    package func agreedContract(
        _ template: String = "psychiatrist-remote-visit", seller: TestOrganisation,
        buyer: TestOrganisation, from first: String = "2027-01-01",
        through last: String = "2027-12-31", changed: JSONObject = [:]
    ) async throws -> TestContract {
        let document = try await document(
            template, seller: seller, buyer: buyer, validity: [first, last], changed)
        let drafted = try await market.draftContract(
            seller.admin.request("draftContract"), document)
        let id = try ContractID(typeID: drafted.body["id"]?.text ?? "")
        try await sign(id, number: 1, seller, buyer)
        return TestContract(
            test: self, seller: seller, buyer: buyer, id: id,
            terms: try ContractDocument(document).terms)
    }

    /// The template filled with what the two organisations have registered.
    package func document(
        _ template: String, seller: TestOrganisation, buyer: TestOrganisation,
        validity: [String], _ changed: JSONObject
    ) async throws -> JSON {
        let bytes = try ContractFiles.read("v1/templates/\(template).json")
        var members = JSONObject()
        for (key, value) in try JSON.parse(bytes).members ?? [:] where key != "template" {
            members[key] = changed[key] ?? value
        }
        for (key, value) in changed where members[key] == nil { members[key] = value }
        members["seller"] = try await party(seller)
        members["buyer"] = try await party(buyer)
        members["validity"] = ["first_day": JSON(validity[0]), "last_day": JSON(validity[1])]
        var billing = members["billing"]?.members ?? [:]
        billing["buyer_reference"] = "REMOTE-2027"
        members["billing"] = .object(billing)
        return .object(members)
    }

    /// Both sign what stands, its writer first.
    package func sign(
        _ contract: ContractID, number: Int64, _ writer: TestOrganisation,
        _ other: TestOrganisation
    ) async throws {
        let shown = try await market.contractVersion(
            writer.admin.request("getContractVersion"), contract, number: number)
        guard let digest = ContractDigest(hex: shown.body["digest"]?.text ?? "") else {
            throw CancellationError()
        }
        for party in [writer, other] {
            _ = try await market.signContractVersion(
                party[.signatory].request("signContractVersion"), contract, number: number,
                digest: digest)
        }
    }

    private func party(_ organisation: TestOrganisation) async throws -> JSON {
        let registered = try await market.organisation(
            organisation.admin.request("getOrganisation")
        ).body
        var members: JSONObject = ["organisation": registered["id"] ?? .null]
        for key in ["name", "business_id", "vat_id", "ovt", "address", "iban", "email"] {
            if let value = registered[key], value != .null { members[key] = value }
        }
        return .object(members)
    }
}
