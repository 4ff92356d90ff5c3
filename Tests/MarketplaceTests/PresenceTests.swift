import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

/// Someone now: a search among those who say that they are at hand.
@Suite struct PresenceTests {
    @Test func whoIsAtHandIsFoundUntilTheTimeIsOver() async throws {
        try await TestMarket.withMarket { test in
            let life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"),
                    buyer: test.addOrganisation("Buyer"),
                    changed: [
                        "limits": [
                            "budget_ceiling": "20000.00", "minimum_notice_minutes": 0,
                            "horizon_days": 90, "hold_minutes": 10,
                        ]
                    ]))
            let (seller, buyer) = (life.contract.seller, life.contract.buyer)
            let now = try Instant(rfc3339: "2027-03-08T08:00:00Z")
            try await test.clock.set(to: now)
            var wish = FoundTime.Wish(
                from: now, until: try now.adding(seconds: 4 * 3_600), minutes: 45)
            wish.service = "psychiatrist-visit"
            func found(_ isPresent: Bool) async throws -> Int {
                wish.isPresent = isPresent
                return try await test.market.findTimes(
                    buyer.scheduler.request("findTimes"), wish: wish,
                    page: Page(after: nil, limit: 50)
                ).body["items"]?.elements?.count ?? 0
            }
            let all = try await found(false)
            #expect(all > 0)
            #expect(try await found(true) == 0)
            let present = try await test.market.sayPresent(
                seller.specialist.request("sayPresent"), life.specialist, minutes: 60)
            #expect(present.body["until"]?.text?.hasPrefix("2027-03-08T09:00:") == true)
            #expect(try await found(true) == all)
            // what was said last holds
            let longer = try await test.market.sayPresent(
                seller.specialist.request("sayPresent"), life.specialist, minutes: 120)
            #expect(longer.body["until"]?.text?.hasPrefix("2027-03-08T10:00:") == true)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T09:59:30Z"))
            #expect(try await found(true) > 0)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T10:01:00Z"))
            #expect(try await found(true) == 0)
            _ = try await test.market.sayPresent(
                seller.specialist.request("sayPresent"), life.specialist, minutes: 1)
            #expect(try await found(true) > 0)
            let listed = try await test.market.listPresentSpecialists(
                seller.scheduler.request("listPresentSpecialists"), page: Page(after: nil, limit: 9)
            ).body["items"]?.elements
            #expect(listed?.map { $0["label"] } == ["Specialist 1"])
            let away = try await test.market.sayAbsent(
                seller.specialist.request("sayAbsent"), life.specialist)
            #expect(away.body["until"] == .null)
            #expect(try await found(true) == 0)
            let others = await refusal {
                _ = try await test.market.sayPresent(
                    buyer.specialist.request("sayPresent"), life.specialist, minutes: 60)
            }
            #expect(others == .notFound)
        }
    }
}
