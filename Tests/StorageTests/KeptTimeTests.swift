import Contracts
import Marketplace
import MoneyAndTime
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// Time that is kept for some contracts.
@Suite struct KeptTimeTests {
    /// Only the contracts that the seller names see the time and can book it; to the others it is
    /// as if it were not there.
    @Test func timeKeptForAContract() async throws {
        try await TestMarket.withMarket { test in
            let seller = try await test.addOrganisation("Seller")
            let one = try await test.signedContract(
                seller: seller, buyer: test.addOrganisation("Buyer 1"))
            let two = try await test.signedContract(
                seller: seller, buyer: test.addOrganisation("Buyer 2"))
            let foreign = try await test.signedContract(
                seller: test.addOrganisation("Seller 2"), buyer: seller)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-01T06:00:00Z"))
            let service = one.terms.rateCard.services[0]
            let specialist = try await test.addSpecialist(
                to: seller, specialty: service.field.code)
            func publish(for contracts: Set<ContractID>) async throws {
                _ = try await test.market.publishAvailability(
                    seller.scheduler.request("publishAvailability"),
                    .init(
                        specialist: specialist, pattern: .once(CalendarDate(iso: "2027-03-09")),
                        from: TimeOfDay("09:00"), to: TimeOfDay("12:00"),
                        terms: OfferTerms(
                            contracts: contracts, grid: .thirty, shortestMinutes: 30,
                            longestMinutes: 60, bufferAfterMinutes: 0)))
            }
            let unknown = try ContractID(typeID: "contract_01j0000000e008000000000021")
            for bad in [foreign.id, unknown] {
                let refusal = await #expect(throws: InvalidInput.self) {
                    try await publish(for: [one.id, bad])
                }
                #expect(refusal?.problems.first?.pointer == "/contracts")
            }
            try await publish(for: [one.id])
            let starts = try one.clock.instant(
                CalendarDate(iso: "2027-03-09"), TimeOfDay("10:00"))
            for (contract, count) in [(one, 4), (two, 0)] {
                let wish = FoundTime.Wish(
                    from: starts, until: try starts.adding(seconds: 4 * 3_600), minutes: 30)
                let found = try await test.asked(
                    by: contract.buyer.scheduler, FoundTime.find(wish, after: nil, limit: 50))
                #expect(found.count == count)
            }
            let refused = try await test.app.book(two.call(specialist, at: starts, minutes: 30))
            let outside = try await test.app.book(
                two.call(specialist, at: starts.adding(seconds: 4 * 3_600), minutes: 30))
            #expect(refused.code == "outside_availability" && outside.code == refused.code)
            #expect(
                try await test.app.book(one.call(specialist, at: starts, minutes: 30)).code == nil)
        }
    }
}
