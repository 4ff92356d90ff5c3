import Contracts
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import Visits

extension TestMarket {
    /// A contract with a price for every minute of a visit: 3.60 in it, 4.00 of an overrun (at most
    /// 15), 1.00 of preparation (at most 10) and 1.50 of record-writing (at most 15); the time held
    /// is billed after a technical failure.
    package func contractOfAllMinutes() async throws -> TestContract {
        try await contractOfAllMinutes(
            seller: addOrganisation("Seller"), buyer: addOrganisation("Buyer"))
    }

    package func contractOfAllMinutes(
        seller: TestOrganisation, buyer: TestOrganisation
    ) async throws -> TestContract {
        let example = try JSON.parse(
            ContractFiles.read("v1/examples/valid/psychiatrist-remote-visit.json"))
        var service = example["services"]?[0]?.members ?? [:]
        service["overrun"] = ["price_per_minute": "4.00", "maximum_minutes": 15]
        service["preparation"] = ["price_per_minute": "1.00", "maximum_minutes": 10]
        service["record_writing"] = ["price_per_minute": "1.50", "maximum_minutes": 15]
        return try await signedContract(
            seller: seller, buyer: buyer,
            changed: [
                "services": .array([.object(service)]),
                "technical_failure": ["charge": "time_held", "go_on_by": ["telephone"]],
                "late_start": [
                    "tolerance_minutes": 5, "waiting_is_billed": true, "reduction_percent": "10",
                ],
                "no_show": [
                    "wait_minutes": 10, "buyer_fee_percent": "50", "seller_fee_percent": "30",
                ],
            ])
    }
}

extension LifeOfAVisit {
    package func organisation(_ side: Visits.Side) -> TestOrganisation {
        side == .seller ? contract.seller : contract.buyer
    }

    @discardableResult
    package func tells(
        _ side: Visits.Side, _ report: VisitReport, of booking: BookingID
    ) async throws -> JSON {
        try await test.market.reportVisit(
            organisation(side).specialist.request("reportVisit"), booking, report
        ).body
    }

    /// The visit as a side reads it.
    package func sheet(_ booking: BookingID, for side: Visits.Side = .seller) async throws -> JSON {
        try await test.market.visit(
            organisation(side).specialist.request("getVisit"), booking
        ).body
    }

    /// Both say the same; the charge that follows.
    package func agree(_ figures: Attestation.Figures, on booking: BookingID) async throws -> JSON {
        try await says(.seller, .attests(figures), of: booking)
        let done = try await says(.buyer, .attests(figures), of: booking)
        return try await test.market.charge(
            contract.buyer.finance.request("getCharge"),
            ChargeID(typeID: done.body["charge"]?.text ?? "")
        ).body
    }
}
