import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// Blocks: nobody pays twice for a minute, nor for one that could not be used.
@Suite struct BlockCostTests {
    /// Half of the price of a cancelled visit from two days before on.
    private static func withBand(_ percent: String) -> JSONObject {
        [
            "cancellation": [
                "buyer": [
                    ["notice_hours": 48, "fee_percent": "0"],
                    ["notice_hours": 0, "fee_percent": JSON(percent)],
                ],
                "seller": [["notice_hours": 0, "fee_percent": "0"]],
            ]
        ]
    }

    private func cost(of booking: BookingID, _ reception: Reception) async throws -> JSON {
        try await reception.test.market.cancellationCost(
            reception.buyer.scheduler.request("getCancellationCost"), booking
        ).body
    }

    private func cancel(
        _ booking: BookingID, for fee: String, _ reception: Reception
    ) async throws {
        _ = try await reception.test.market.cancelBooking(
            reception.buyer.scheduler.request("cancelBooking"), booking,
            expectedFee: Money(decimal: fee), reason: nil)
    }

    private func charged(_ block: BlockID, _ reception: Reception) async throws -> String? {
        guard let charge = try await reception.block(block)["charge"]?.text else { return nil }
        return try await reception.test.market.charge(
            reception.buyer.finance.request("getCharge"), ChargeID(typeID: charge)
        ).body["net"]?.text
    }

    /// Ten hours before placing ends a place is the buyer's again, whatever the bands say; once it
    /// has ended, a cancelled place costs what the bands say, and not less than unused.
    @Test(arguments: [("10", "54.00"), ("80", "86.40")])
    func cancellingAPlace(_ percent: String, _ fee: String) async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test, changed: Self.withBand(percent))
            let block = try await reception.made()[0]
            let placed = try await reception.placed(
                ["10:00", "10:30", "11:00", "11:30"], in: block)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T22:00:00Z"))
            let early = try await cost(of: placed[0], reception)
            #expect(early["fee"] == "0.00" && early["free_until"] == "2027-03-09T08:00:00Z")
            try await cancel(placed[0], for: "0.00", reception)
            try await reception.placed(["10:00"], in: block)
            try await reception.worked(at: "2027-03-09T08:00:00Z")
            #expect(try await cost(of: placed[1], reception)["fee"]?.text == fee)
            try await cancel(placed[1], for: fee, reception)
            // paid for already
            #expect(try await reception.block(block)["unused_cost"] == "0.00")
            try await reception.worked(at: "2027-03-11T11:00:00Z")
            #expect(try await charged(block, reception) == nil)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// A visit goes on for ten minutes after its place has ended: they are paid as a visit.
    @Test func whatRunsOverIsNotUnused() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            let visit = try await reception.placed(["10:00"], in: block)[0]
            let start = try reception.instant("10:00")
            try await test.clock.set(to: start.adding(seconds: -600))
            try await reception.life.attended(visit, from: start, minutes: 40)
            let seconds = try await reception.life.measured(visit)
            // when the block is over, nobody has said yet how long it was
            try await reception.worked(at: "2027-03-10T10:00:00Z")
            #expect(try await reception.block(block)["settled_at"] == .null)
            try await reception.life.says(.seller, .attests(seconds: seconds), of: visit)
            try await reception.life.says(.buyer, .attests(seconds: seconds), of: visit)
            try await reception.worked(at: "2027-03-10T11:01:00Z")
            let sheet = try await reception.block(block)
            #expect(sheet["unused"]?[0]?["from"] == "2027-03-10T08:40:00Z")
            // eighty minutes, each for half of 3.60
            #expect(try await charged(block, reception) == "144.00")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// Minutes that nobody says do not hold up the block for longer than a day.
    @Test func theBlockWaitsADayForMinutes() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            try await reception.placed(["10:00"], in: block)
            try await reception.worked(at: "2027-03-11T09:59:00Z")
            #expect(try await reception.block(block)["settled_at"] == .null)
            try await reception.worked(at: "2027-03-11T11:00:00Z")
            #expect(try await charged(block, reception) == "162.00")
        }
    }

    /// The time to place visits is the block's own, not that of single visits.
    @Test func noticeAndHorizonAreOfSingleVisits() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(
                test,
                changed: [
                    "limits": [
                        "budget_ceiling": "20000.00", "minimum_notice_minutes": 2_880,
                        "horizon_days": 5, "hold_minutes": 10,
                    ]
                ])
            let block = try await reception.made(from: "2027-03-17", through: "2027-03-17")[0]
            try await reception.placed(["10:00"], in: block, on: "2027-03-17")
            try await test.clock.set(to: Instant(rfc3339: "2027-03-16T07:59:00Z"))
            try await reception.placed(["10:30"], in: block, on: "2027-03-17")
        }
    }

    private func giveBack(_ block: BlockID, for cost: String, _ reception: Reception) async throws {
        _ = try await reception.test.market.giveBackBlock(
            reception.buyer.scheduler.request("giveBackBlock"), block,
            expectedCost: Money(decimal: cost))
    }

    /// What was given back can be sold to somebody else only while its seller offers it.
    @Test func whatTheSellerTakesOffSaleIsNotPaidFor() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            try await giveBack(block, for: "216.00", reception)
            _ = try await test.market.pauseSale(
                reception.seller.scheduler.request("pauseSale"), of: reception.life.specialist,
                during: TimeSlot(
                    start: reception.instant("11:00"), end: reception.instant("12:00")))
            #expect(try await reception.block(block)["unused_cost"] == "108.00")
            try await reception.worked(at: "2027-03-11T11:00:00Z")
            #expect(try await charged(block, reception) == "108.00")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// A visit that was cancelled for a fee before there was a block has nothing to do with it.
    @Test func anEarlierFeeIsOfAnotherVisit() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(
                test,
                changed: [
                    "cancellation": [
                        "buyer": [["notice_hours": 0, "fee_percent": "10"]],
                        "seller": [["notice_hours": 0, "fee_percent": "0"]],
                    ]
                ])
            let single = try await reception.life.booked("2027-03-10", at: "10:00")
            let fee = try await cost(of: single, reception)["fee"]?.text ?? ""
            #expect(fee != "0.00")
            try await cancel(single, for: fee, reception)
            let block = try await reception.made()[0]
            try await giveBack(block, for: "216.00", reception)
            #expect(try await reception.block(block)["unused_cost"] == "216.00")
        }
    }

    @Test func aBlockIsThereForADayAtLeast() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T08:00:01Z"))
            let refused = await #expect(throws: Refusal.self) { try await reception.made() }
            let day = refused?.figures["days"]?[0]?["refusal"]
            #expect(day?["code"] == "placing_too_short" && day?["figures"]?["hours"] == 24)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T07:59:59Z"))
            #expect(try await reception.made().count == 1)
        }
    }

    @Test func whoHasLeftSellsNothing() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            let specialist = try await test.market.specialist(
                reception.seller.admin.request("getSpecialist"), reception.life.specialist
            ).body
            _ = try await test.market.updateSpecialist(
                reception.seller.admin.request("updateSpecialist"), reception.life.specialist,
                revision: specialist["revision"]?.integer ?? 0,
                SpecialistDetails(
                    label: specialist["label"]?.text ?? "",
                    profession: specialist["profession"]?.text ?? "",
                    specialty: specialist["specialty"]?.text ?? "", languages: ["fi"]),
                isActive: false)
            try await reception.worked(at: "2027-03-10T10:00:00Z")
            let sheet = try await reception.block(block)
            #expect(sheet["state"] == "withdrawn" && sheet["charge"] == .null)
        }
    }

    /// While booking is suspended nothing moves, as nothing is placed.
    @Test func nothingMovesWhileSuspended() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            let visit = try await reception.placed(["10:00"], in: block)[0]
            _ = try await test.market.suspendContract(
                reception.seller.admin.request("suspendContract"), reception.contract.id,
                reason: "Unpaid")
            let refused = await #expect(throws: Refusal.self) {
                _ = try await test.market.moveBooking(
                    reception.buyer.scheduler.request("moveBooking"), visit, revision: 1,
                    to: .init(starts: reception.instant("11:00"), specialist: nil))
            }
            #expect(refused?.code == .contractSuspended)
        }
    }
}
