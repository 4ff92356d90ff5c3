import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// A buyer with a contract on demand with each of some sellers, whose specialists have published
/// Monday, 8 March 2027, from nine to three in Helsinki.
package struct OnDemand: Sendable {
    package static let service = "home-care-physician"

    package let test: TestMarket
    package let buyer: TestOrganisation
    /// One for each specialist; those of one seller follow each other.
    package let lives: [LifeOfAVisit]

    package var contracts: [TestContract] {
        var seen: Set<ContractID> = []
        return lives.map(\.contract).filter { seen.insert($0.id).inserted }
    }

    package init(
        _ test: TestMarket, sellers: Int = 1, specialists: Int = 1, inAdvance: Bool = true,
        changed: JSONObject = [:]
    ) async throws {
        self.test = test
        buyer = try await test.addOrganisation("Home care")
        var lives: [LifeOfAVisit] = []
        for seller in 0..<sellers {
            let contract = try await test.signedContract(
                "home-care-physician-on-demand",
                seller: test.addOrganisation("Seller \(seller)"), buyer: buyer,
                acceptedInAdvance: inAdvance, changed: changed)
            for number in 0..<specialists {
                lives.append(
                    try await LifeOfAVisit(
                        under: contract, label: "Physician \(seller).\(number)"))
            }
        }
        self.lives = lives
        try await test.clock.set(to: Instant(rfc3339: "2027-03-08T08:07:20Z"))
    }

    /// Asks all sellers, or those of these contracts.
    package func asks(
        _ contracts: [TestContract]? = nil, minutes: Int64 = 10, answerMinutes: Int64 = 10,
        patient: String? = "HC-1", key: String? = nil
    ) async throws -> JSON {
        try await test.market.askNow(
            buyer.scheduler.request("askNow", key: key),
            .init(
                asks: (contracts ?? self.contracts).map { ($0.id, Self.service) },
                minutes: minutes, answerMinutes: answerMinutes,
                handOver: HandOver(patient: patient.map { try PatientReference($0) }))
        ).body
    }

    package func isAtHand(
        _ life: LifeOfAVisit, minutes: Int64 = 60, services: [String]? = nil
    ) async throws {
        _ = try await test.market.sayPresent(
            life.contract.seller.specialist.request("sayPresent"), life.specialist,
            minutes: minutes, services: services)
    }

    @discardableResult
    package func accepts(_ life: LifeOfAVisit, _ demand: JSON) async throws -> JSON {
        try await test.market.acceptDemand(
            life.contract.seller.specialist.request("acceptDemand"),
            DemandID(typeID: demand["id"]?.text ?? ""), by: life.specialist
        ).body
    }

    package func seen(_ demand: JSON, by caller: TestCaller) async throws -> JSON {
        try await test.market.demand(
            caller.request("getDemand"), DemandID(typeID: demand["id"]?.text ?? "")
        ).body
    }
}
