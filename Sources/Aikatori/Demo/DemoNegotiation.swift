import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import StrictJSON

/// A contract of the demo that is being negotiated: it is in force, and the seller has offered
/// changed terms that the buyer has not answered yet.
struct DemoNegotiation: Sendable {
    let market: Market
    let agreement: DemoAgreement

    /// From when on the changed terms would rule.
    static let firstDay = "2027-04-01"

    /// A dearer minute, a supplement for evenings, a longer horizon, and a notice that ends it.
    func offer() async throws {
        let seller = agreement.seller
        let version = try await market.contractVersion(
            seller.request("getContractVersion", as: .admin), agreement.id, number: 1
        ).body
        guard var members = version["document"]?.members,
            var service = members["services"]?[0]?.members
        else { throw DemoTokens.Unreadable() }
        service["price_per_minute"] = "3.75"
        service["supplements"] = [
            [
                "code": "evening", "percent": "25", "from": "17:00", "until": "21:00",
                "name": ["fi": "Ilta", "sv": "Kväll", "en": "Evening"],
                "days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            ]
        ]
        members["services"] = [.object(service)]
        var validity = members["validity"]?.members ?? [:]
        validity["first_day"] = JSON(Self.firstDay)
        members["validity"] = .object(validity)
        var limits = members["limits"]?.members ?? [:]
        limits["horizon_days"] = 120
        members["termination"] = ["notice_days": 60]
        members["limits"] = .object(limits)
        members["worked_examples"] = try Self.examples(of: .object(members))
        let drafted = try await market.amendContract(
            seller.request("amendContract", as: .admin), agreement.id, .object(members))
        _ = try await market.offerContractVersion(
            seller.request("offerContractVersion", as: .admin), agreement.id,
            number: drafted.body["number"]?.integer ?? 0)
    }

    /// The same visits, with what they cost by the changed terms.
    private static func examples(of document: JSON) throws -> JSON {
        let terms = try ContractDocument(document).terms
        let shown = document["worked_examples"]?.elements ?? []
        return .array(
            try zip(shown, WorkedExample.recompute(all: terms)).map { example, recomputed in
                var members = example.members ?? [:]
                for (key, value) in recomputed.rated.exampleJSON.members ?? [:] {
                    members[key] = value
                }
                return .object(members)
            })
    }
}
