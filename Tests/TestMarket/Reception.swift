import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// A contract that sells the Wednesdays of a specialist from ten to twelve as blocks; a visit of
/// half an hour costs 108.00, and unused time half of its price.
package struct Reception: Sendable {
    package let life: LifeOfAVisit

    package var test: TestMarket { life.test }
    package var contract: TestContract { life.contract }
    package var seller: TestOrganisation { contract.seller }
    package var buyer: TestOrganisation { contract.buyer }
    package var service: String { contract.terms.rateCard.services[0].code }

    package init(
        _ test: TestMarket, reoffer: Bool = false, changed: JSONObject = [:]
    ) async throws {
        var changed = changed
        changed["blocks"] = [
            [
                "service": "psychiatrist-visit", "weekday": "wednesday", "from": "10:00",
                "until": "12:00", "room": "Room 2", "nurse": true, "place_until_hours": 24,
                "unused_fee_percent": "50", "reoffer": JSON(reoffer),
            ]
        ]
        // the block makes it agreed in advance, not the contract
        life = try await LifeOfAVisit(
            under: test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                acceptedInAdvance: false, changed: changed))
    }

    /// Makes the blocks of these days.
    package func made(
        from first: String = "2027-03-10", through last: String = "2027-03-10"
    ) async throws -> [BlockID] {
        let answer = try await test.market.makeBlocks(
            seller.scheduler.request("makeBlocks"),
            .init(
                contract: contract.id, term: 0, specialist: life.specialist,
                from: CalendarDate(iso: first), through: CalendarDate(iso: last)))
        return try (answer.body["blocks"]?.elements ?? []).map {
            try BlockID(typeID: $0["id"]?.text ?? "")
        }
    }

    /// Places visits of half an hour at local times.
    @discardableResult
    package func placed(
        _ times: [String], in block: BlockID, on day: String = "2027-03-10",
        by caller: TestCaller? = nil
    ) async throws -> [BookingID] {
        let visits = try times.map { time in
            Market.WantedPlace(
                starts: try instant(time, on: day), minutes: 30,
                handOver: HandOver(patient: try PatientReference("PT-\(time.prefix(2))")))
        }
        let answer = try await test.market.placeVisits(
            (caller ?? buyer.scheduler).request("placeVisits"), in: block, visits)
        return try (answer.body["visits"]?.elements ?? []).map {
            try BookingID(typeID: $0["id"]?.text ?? "")
        }
    }

    package func instant(_ time: String, on day: String = "2027-03-10") throws -> Instant {
        try contract.clock.instant(CalendarDate(iso: day), TimeOfDay(time))
    }

    package func block(_ id: BlockID, _ caller: TestCaller? = nil) async throws -> JSON {
        try await test.market.block((caller ?? buyer.scheduler).request("getBlock"), id).body
    }

    /// What the worker does when the clock shows an instant.
    package func worked(at instant: String) async throws {
        try await test.clock.set(to: Instant(rfc3339: instant))
        while try await test.market.actOnWhatIsDue(most: 50) > 0 {}
    }
}
