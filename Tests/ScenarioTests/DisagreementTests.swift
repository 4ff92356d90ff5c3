import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@Suite("What does not go as planned: contested minutes, cancellations, budgets, endings")
struct DisagreementTests {
    @Test("A contested visit misses its month, and is billed in the next one, marked")
    func contestedOverTheMonthsEnd() async throws {
        try await Story.tell(changed: accepted) { story in
            let quiet = try await story.life.held("2027-03-08", minutes: 20)
            let quarrel = try await story.life.booked("2027-03-30")
            let starts = try Instant(rfc3339: "2027-03-30T07:00:00Z")
            try await story.test.clock.set(to: starts)
            try await story.life.attended(quarrel, from: starts, minutes: 40)
            let seconds = try await story.life.measured(quarrel)
            try await story.life.says(.seller, .attests(seconds: seconds), of: quarrel)
            try await story.life.says(
                .buyer, .contests(seconds: 1_800, reason: "ten minutes without sound"),
                of: quarrel)

            try await story.at("2027-04-01T06:00:00Z")
            let march = try await story.life.invoiced()
            #expect(march.count == 1)
            #expect(march[0]["total"] == "72.00")
            #expect(try await story.charge(quiet)["net"] == "72.00")

            // the seller looks again, and agrees
            let settled = try await story.life.says(
                .seller, .attests(seconds: 1_800), of: quarrel)
            #expect(settled.body["state"] == "agreed")
            try await story.at("2027-05-01T06:00:00Z")
            let statement = try await story.life.statement(of: "2027-04")
            #expect(statement.body["total"] == "108.00")
            #expect(statement.body["lines"]?[0]?["late"] == true)
            #expect(statement.body["lines"]?[0]?["period"] == "2027-03")
        }
    }

    @Test("A late cancellation costs its share, and the time goes to another buyer")
    func lateCancellation() async throws {
        try await Story.tell(changed: accepted) { story in
            let other = try await story.test.agreedContract(
                seller: story.seller,
                buyer: story.test.addOrganisation("Example Home Care"), changed: accepted)
            let elsewhere = LifeOfAVisit(under: other, sharing: story.life)
            let first = try await story.life.booked("2027-03-08")
            let taken = await refusal { _ = try await elsewhere.booked("2027-03-08") }
            #expect(taken == .taken)

            // 23 hours before
            try await story.at("2027-03-07T09:00:00Z")
            let scheduler = story.buyer.scheduler
            let cost = try await story.market.cancellationCost(
                scheduler.request("getCancellationCost"), first)
            #expect(cost.body["fee"] == "54.00")
            let blind = await refusal {
                _ = try await story.market.cancelBooking(
                    scheduler.request("cancelBooking"), first, expectedFee: .zero, reason: nil)
            }
            #expect(blind == .cancellationCostDiffers)
            let cancelled = try await story.market.cancelBooking(
                scheduler.request("cancelBooking"), first, expectedFee: Money(decimal: "54.00"),
                reason: "the patient is ill")
            #expect(cancelled.body["state"] == "cancelled")
            _ = try await elsewhere.held("2027-03-08", minutes: 30)

            try await story.at("2027-04-01T06:00:00Z")
            #expect(try await story.life.invoiced()[0]["total"] == "54.00")
            #expect(try await elsewhere.invoiced()[0]["total"] == "108.00")
        }
    }

    @Test("A budget that is used up refuses with what is left, and breathes again")
    func budget() async throws {
        let limits: JSON = [
            "budget_ceiling": "250.00", "minimum_notice_minutes": 120, "horizon_days": 90,
            "hold_minutes": 10,
        ]
        try await Story.tell(changed: ["limits": limits, "handshake": inAdvance]) { story in
            _ = try await story.life.booked("2027-03-08")
            let second = try await story.life.booked("2027-03-09")
            do {
                _ = try await story.life.booked("2027-03-10")
                Issue.record("a third visit passed the ceiling")
            } catch let refusal as Refusal {
                #expect(refusal.code == .overBudget)
                #expect(refusal.figures["left"] == "34.00")
            }
            // another month has its own
            _ = try await story.life.booked("2027-04-01")
            _ = try await story.market.cancelBooking(
                story.buyer.scheduler.request("cancelBooking"), second, expectedFee: .zero,
                reason: nil)
            _ = try await story.life.booked("2027-03-10")
        }
    }

    @Test("An ended contract books nothing more, and what is booked runs, bills and settles")
    func ending() async throws {
        var terms = accepted
        terms["termination"] = ["notice_days": 7]
        try await Story.tell(changed: terms) { story in
            let last = try await story.life.booked("2027-03-08")
            let id = story.contract.id
            let effect = try await story.market.noticeEffect(
                story.buyer.admin.request("getNoticeEffect"), id
            ).body
            #expect(effect["ends_at"] == "2027-03-05T22:00:00Z" && effect["visits_after"] == 1)
            let shown = try await story.market.giveNotice(
                story.buyer.admin.request("giveNotice"), id,
                endsAt: Instant(rfc3339: "2027-03-05T22:00:00Z"), reason: "a county of our own"
            ).body
            #expect(shown["state"] == "active" && shown["notice"]?["side"] == "buyer")
            let after = await refusal { _ = try await story.life.booked("2027-03-09") }
            #expect(after == .afterContractEnd)
            _ = try await story.life.booked("2027-03-05")
            try await story.at("2027-03-05T22:00:00Z")
            #expect(try await story.market.actOnWhatIsDue(most: 10) > 0)
            let ended = await refusal { _ = try await story.life.booked("2027-03-09") }
            #expect(ended == .contractNotActive)
            _ = try await story.held(last, minutes: 30)
            try await story.at("2027-04-01T06:00:00Z")
            let invoice = try await story.life.invoiced()[0]
            #expect(invoice["total"] == "108.00")
            try await story.paid([("108.00", invoice["reference"]?.text)], id: "A")
            #expect(try await story.openAmounts(story.buyer)["invoices"] == [])
        }
    }

    private let inAdvance: JSON = ["reply_within_minutes": 240, "accepted_in_advance": true]
    private var accepted: JSONObject { ["handshake": inAdvance] }
}
