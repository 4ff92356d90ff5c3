import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// A notice ends what can be booked, and nothing that is booked.
@Suite struct NoticeTests {
    @Test func whatIsBookedIsHeldAndChargedByItsTermsAfterTheEnd() async throws {
        try await TestMarket.withMarket { test in
            try await test.clock.set(to: Instant(rfc3339: "2027-02-01T08:00:00Z"))
            let contract = try await test.agreedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                changed: [
                    "termination": ["notice_days": 7],
                    "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true],
                ])
            let (market, buyer) = (test.market, contract.buyer.admin)
            let life = try await LifeOfAVisit(under: contract)
            let visit = try await life.booked("2027-03-10")
            func spans() async throws -> [[JSON?]] {
                try await market.contract(buyer.request("getContract"), contract.id)
                    .body["versions"]?.elements?
                    .map { [$0["effective_from"], $0["effective_until"]] } ?? []
            }
            let before = try await spans()
            let effect = try await market.noticeEffect(
                buyer.request("getNoticeEffect"), contract.id
            ).body
            // 26 February and seven days: 5 March is the last
            #expect(effect["ends_at"] == "2027-03-05T22:00:00Z" && effect["visits_after"] == 1)
            let end = try Instant(rfc3339: "2027-03-05T22:00:00Z")
            _ = try await market.giveNotice(
                buyer.request("giveNotice"), contract.id, endsAt: end, reason: "Test")
            #expect(try await spans() == before, "no version says anything else by it")
            let late = await refusal { _ = try await life.booked("2027-03-11") }
            #expect(late == .afterContractEnd)
            _ = try await life.booked("2027-03-05")

            try await test.clock.set(to: end)
            #expect(try await market.actOnWhatIsDue(most: 9) >= 1)
            let ended = try await market.contract(buyer.request("getContract"), contract.id).body
            #expect(ended["state"] == "ended")
            let start = try Instant(rfc3339: "2027-03-10T08:00:00Z")
            try await test.clock.set(to: start.adding(seconds: -600))
            try await life.attended(visit, from: start, minutes: 20)
            let seconds = try await life.measured(visit)
            try await life.says(.seller, .attests(seconds: seconds), of: visit)
            let done = try await life.says(.buyer, .attests(seconds: seconds), of: visit)
            let charge = try await market.charge(
                contract.buyer.finance.request("getCharge"),
                ChargeID(typeID: done.body["charge"]?.text ?? "")
            ).body
            // twenty minutes at 3.60
            #expect(charge["version"] == 1 && charge["net"] == "72.00")
        }
    }
}
