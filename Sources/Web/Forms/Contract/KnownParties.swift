import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// What the market knows of the two parties of a new contract: of the own organisation its entry;
/// of the other what the newest contract with it says, or else what its business id says.
struct KnownParties {
    let own: JSON
    let other: JSON

    init(_ visitor: Visitor, other id: String, called name: String) async throws {
        let entry = try await visitor.market.organisation(visitor.asking("getOrganisation")).body
        var own = JSONObject()
        own["organisation"] = entry["id"]
        for key in ["name", "business_id", "vat_id", "ovt", "address", "iban", "email"] {
            own[key] = entry[key].flatMap { $0.isNull ? nil : $0 }
        }
        self.own = .object(own)
        if let party = try await Self.asBefore(visitor, id) {
            other = party
            return
        }
        let organisations = try await visitor.every {
            try await visitor.market.listOrganisations(
                visitor.asking("listOrganisations"), businessID: nil, page: $0)
        }
        let businessID = organisations.first { $0["id"]?.text == id }?["business_id"]?.text
        var party: JSONObject = ["organisation": JSON(id), "name": JSON(name)]
        if let known = businessID.flatMap({ try? BusinessID($0) }) {
            party["business_id"] = JSON(known.text)
            party["vat_id"] = JSON(VATID(known).text)
            party["ovt"] = JSON(OVT(known).text)
        }
        other = .object(party)
    }

    /// As the newest contract of the two has it.
    private static func asBefore(_ visitor: Visitor, _ id: String) async throws -> JSON? {
        let contracts = try await visitor.every {
            try await visitor.market.listContracts(
                visitor.asking("listContracts"), state: nil, page: $0)
        }
        let side = { (contract: JSON) in
            ["seller", "buyer"].first { contract[$0]?.text == id }
        }
        guard let newest = contracts.last(where: { side($0) != nil }), let side = side(newest),
            let contract = newest["id"]?.text
        else { return nil }
        let (_, version) = try await ContractPages.newest(visitor, ContractPages.id(contract))
        return version["document"]?[side]
    }
}
