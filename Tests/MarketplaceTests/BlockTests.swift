import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// Blocks: a stretch of time that is sold whole, and what becomes of what is not used of it.
@Suite struct BlockTests {
    private func refusal(_ body: () async throws -> Void) async -> Refusal? {
        do {
            try await body()
            return nil
        } catch {
            return error as? Refusal
        }
    }

    private func expectInOrder(_ test: TestMarket) async throws {
        let findings = try await Verification.run(on: test.reader)
        #expect(findings == [])
    }

    private func free(_ reception: Reception, _ minutes: Int64 = 30) async throws -> [String] {
        var wish = FoundTime.Wish(
            from: try reception.instant("00:00"), until: try reception.instant("23:00"),
            minutes: minutes)
        wish.specialist = reception.life.specialist
        return try await reception.test.market.findTimes(
            reception.buyer.scheduler.request("findTimes"), wish: wish,
            page: Page(after: nil, limit: 200)
        ).body["items"]?.elements?.compactMap { item in
            try item["starts"]?.text.map {
                "\(reception.contract.clock.timeOfDay(of: try Instant(rfc3339: $0)))"
            }
        } ?? []
    }

    @Test func aMorningIsPlacedHeldAndSettled() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let blocks = try await reception.made(through: "2027-03-31")
            #expect(blocks.count == 4)
            let block = blocks[0]
            // its time is its buyer's
            let between = try await free(reception).filter { ("09:30"..<"12:00").contains($0) }
            #expect(between == [])
            let placed = try await reception.placed(["10:00", "10:30"], in: block)
            let booking = try await test.market.booking(
                reception.buyer.scheduler.request("getBooking"), placed[0]
            ).body
            #expect(booking["state"] == "booked" && booking["block"]?.text == "\(block)")
            let handshake = try await test.market.handshake(
                reception.buyer.scheduler.request("getHandshake"), placed[0]
            ).body
            #expect(handshake["state"] == "agreed")
            let sheet = try await reception.block(block)
            #expect(sheet["placed"] == 2 && sheet["free_minutes"] == 60)
            #expect(sheet["unused_cost"] == "108.00")
            try await reception.worked(at: "2027-03-09T08:00:00Z")
            #expect(try await reception.block(block)["state"] == "closed")
            #expect(try await free(reception).contains("11:00") == false)
            try await reception.worked(at: "2027-03-11T10:00:00Z")
            let settled = try await reception.block(block)
            let charge = try ChargeID(typeID: settled["charge"]?.text ?? "")
            let lines = try await test.market.charge(
                reception.buyer.finance.request("getCharge"), charge
            ).body
            #expect(lines["net"] == "108.00" && lines["cause"] == "unused_block")
            #expect(lines["booking"] == .null && lines["block"]?.text == "\(block)")
            #expect(lines["lines"]?.elements?.map { $0["kind"] } == ["unused_block"])
            try await expectInOrder(test)
            // nothing is charged twice
            try await reception.worked(at: "2027-03-11T10:10:00Z")
            let count: Int64 = try await test.owner.read(["select count(*) from charge"]).only()
                .decode(0)
            #expect(count == 1)
        }
    }

    @Test func itGoesThroughStatementAndInvoice() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            _ = try await reception.made()
            try await reception.worked(at: "2027-03-31T21:00:00Z")
            let statement = try await reception.life.statement()
            let line = statement.body["lines"]?[0]
            #expect(line?["cause"] == "unused_block" && line?["net"] == "216.00")
            let id = try StatementID(typeID: statement.body["id"]?.text ?? "")
            _ = try await test.market.acceptStatement(
                reception.buyer.finance.request("acceptStatement"), id,
                total: Money(decimal: "216.00"))
            let issued = try await test.market.issueInvoice(
                reception.seller.finance.request("issueInvoice"), of: id)
            #expect(issued.body["invoices"]?[0]?["net"] == "216.00")
            try await expectInOrder(test)
        }
    }

    @Test func twoNeverHaveOnePlace() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            let outcomes = await withTaskGroup(of: String.self) { group in
                for number in 0..<12 {
                    // starts that overlap
                    let time = number % 2 == 0 ? "10:00" : "10:15"
                    group.addTask { await Self.place(time, in: block, of: reception) }
                }
                return await group.reduce(into: [String]()) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == "placed" } == 1)
            #expect(outcomes.count { $0 == "taken" } == 11)
            #expect(try await reception.block(block)["placed"] == 1)
            try await expectInOrder(test)
        }
    }

    private static func place(
        _ time: String, in block: BlockID, of reception: Reception
    ) async -> String {
        do {
            try await reception.placed([time], in: block)
            return "placed"
        } catch {
            let refusal = error as? Refusal
            return refusal?.figures["visits"]?[0]?["refusal"]?["code"]?.text ?? "\(error)"
        }
    }

    @Test func whatIsRefused() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            let stranger = try await test.addOrganisation("Stranger")
            let other = await refusal {
                try await reception.placed(["10:00"], in: block, by: stranger.scheduler)
            }
            #expect(other?.code == .notFound)
            let seller = await refusal {
                try await reception.placed(["10:00"], in: block, by: reception.seller.scheduler)
            }
            #expect(seller?.code == .notYourSide)
            let outside = await refusal {
                try await reception.placed(["10:00", "09:30", "11:45", "10:02"], in: block)
            }
            #expect(outside?.code == .placingRefused)
            #expect(
                outside?.figures["visits"]?.elements?.map { $0["refusal"]?["code"]?.text ?? "-" }
                    == ["-", "outside_block", "outside_block", "outside_block"])
            // all or none
            #expect(try await reception.block(block)["placed"] == 0)
            let again = await refusal { _ = try await reception.made() }
            #expect(again?.code == .blocksRefused)
            #expect(again?.figures["days"]?[0]?["refusal"]?["code"] == "block_exists")
            let none = await refusal {
                _ = try await reception.made(from: "2027-03-11", through: "2027-03-12")
            }
            #expect(none?.code == .blockNotInContract)
            _ = try await reception.life.booked("2027-03-17", at: "11:00")
            let taken = await refusal {
                _ = try await reception.made(from: "2027-03-17", through: "2027-03-24")
            }
            #expect(
                taken?.figures["days"]?.elements?.map { $0["refusal"]?["code"]?.text ?? "-" }
                    == ["taken", "-"])
            try await test.clock.set(to: Instant(rfc3339: "2027-03-09T08:00:00Z"))
            let late = await refusal { try await reception.placed(["10:00"], in: block) }
            #expect(late?.code == .placingClosed)
            let backLate = await refusal {
                _ = try await test.market.giveBackBlock(
                    reception.buyer.scheduler.request("giveBackBlock"), block,
                    expectedCost: Money(decimal: "216.00"))
            }
            #expect(backLate?.code == .placingClosed)
        }
    }

    /// What a visit leaves in a block is its buyer's place again.
    @Test func aCancelledPlaceIsFreeAgain() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            let placed = try await reception.placed(["10:00", "10:30"], in: block)
            _ = try await test.market.cancelBooking(
                reception.buyer.scheduler.request("cancelBooking"), placed[0],
                expectedFee: .zero, reason: nil)
            #expect(try await reception.block(block)["free_minutes"] == 90)
            #expect(try await free(reception).contains("10:00") == false)
            try await reception.placed(["10:00"], in: block)
            try await expectInOrder(test)
        }
    }

    @Test func aVisitMovesWithinItsBlockOnly() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            let placed = try await reception.placed(["10:00", "10:30"], in: block)
            func move(_ time: String, revision: Int64 = 1) async throws {
                _ = try await test.market.moveBooking(
                    reception.buyer.scheduler.request("moveBooking"), placed[0],
                    revision: revision,
                    to: .init(starts: try reception.instant(time), specialist: nil))
            }
            let outside = await refusal { try await move("13:00") }
            #expect(outside?.code == .outsideBlock)
            let taken = await refusal { try await move("10:15") }
            #expect(taken?.code == .taken)
            try await move("11:25")
            let sheet = try await reception.block(block)
            #expect(sheet["visits"]?[1]?["starts"] == "2027-03-10T09:25:00Z")
            try await expectInOrder(test)
        }
    }

    @Test func whatIsGivenBackAndSoldCostsNothing() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            try await reception.placed(["10:30"], in: block)
            let stale = await refusal {
                _ = try await test.market.giveBackBlock(
                    reception.buyer.scheduler.request("giveBackBlock"), block,
                    expectedCost: Money(decimal: "1.00"))
            }
            #expect(stale?.code == .cancellationCostDiffers)
            let seller = await refusal {
                _ = try await test.market.giveBackBlock(
                    reception.seller.scheduler.request("giveBackBlock"), block,
                    expectedCost: Money(decimal: "162.00"))
            }
            #expect(seller?.code == .notYourSide)
            _ = try await test.market.giveBackBlock(
                reception.buyer.scheduler.request("giveBackBlock"), block,
                expectedCost: Money(decimal: "162.00"))
            // half past ten is placed, with its buffer of five minutes
            let found = try await free(reception).filter { ("09:45"..<"12:00").contains($0) }
            #expect(found == ["09:45", "11:15", "11:30", "11:45"])
            let other = try await test.signedContract(
                seller: reception.seller, buyer: test.addOrganisation("Another buyer"))
            _ = try await LifeOfAVisit(under: other, sharing: reception.life)
                .booked("2027-03-10", at: "11:15")
            try await expectInOrder(test)
            try await reception.worked(at: "2027-03-11T10:00:00Z")
            let settled = try await reception.block(block)
            // 10:00-10:30, 11:00-11:15 and 11:45-12:00
            #expect(settled["unused_cost"] == "108.00" && settled["charge"] != .null)
            try await expectInOrder(test)
        }
    }

    @Test func theRestIsReofferedWhenPlacingEnds() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test, reoffer: true)
            let block = try await reception.made()[0]
            let placed = try await reception.placed(["10:00", "10:30"], in: block)
            try await reception.worked(at: "2027-03-09T08:00:00Z")
            #expect(try await reception.block(block)["on_sale"] == true)
            #expect(try await free(reception).contains("11:15"))
            // who is placed can still be called off, and that time is on sale as well
            _ = try await test.market.cancelBooking(
                reception.seller.scheduler.request("cancelBooking"), placed[1],
                expectedFee: cost(of: placed[1], reception), reason: nil)
            #expect(try await free(reception).contains("10:45"))
            try await expectInOrder(test)
            try await reception.worked(at: "2027-03-11T10:00:00Z")
            // not that which the seller cancelled
            #expect(try await reception.block(block)["unused_cost"] == "108.00")
        }
    }

    private func cost(of booking: BookingID, _ reception: Reception) async throws -> Money {
        let cost = try await reception.test.market.cancellationCost(
            reception.seller.scheduler.request("getCancellationCost"), booking)
        return try Money(decimal: cost.body["fee"]?.text ?? "")
    }

    @Test func anEmptyBlockIsWithdrawnForNothing() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let blocks = try await reception.made(through: "2027-03-17")
            try await reception.placed(["10:00"], in: blocks[0])
            let inUse = await refusal { try await withdraw(blocks[0], reception) }
            #expect(inUse?.code == .blockInUse)
            try await withdraw(blocks[1], reception)
            let twice = await refusal { try await withdraw(blocks[1], reception) }
            #expect(twice?.code == .illegalTransition)
            // and can be made anew
            #expect(try await reception.made(from: "2027-03-17", through: "2027-03-17").count == 1)
            try await expectInOrder(test)
        }
    }

    private func withdraw(_ block: BlockID, _ reception: Reception) async throws {
        _ = try await reception.test.market.withdrawBlock(
            reception.seller.scheduler.request("withdrawBlock"), block)
    }

    /// The specialist is ill: the visits are cancelled by the seller, and the block costs nothing.
    @Test func anAbsenceGivesTheBlockUp() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            try await reception.placed(["10:00"], in: block)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-10T05:30:00Z"))
            let during = try TimeSlot(
                start: reception.instant("00:00"), end: reception.instant("18:00"))
            let plan = try await test.market.previewAbsence(
                reception.seller.scheduler.request("previewAbsence"),
                of: .specialist(reception.life.specialist),
                during: during)
            _ = try await test.market.noteAbsence(
                reception.seller.scheduler.request("noteAbsence"),
                of: .specialist(reception.life.specialist),
                NotedAbsence(
                    during: during, digest: plan.body["digest"]?.text ?? "", moves: [:],
                    reason: nil))
            let sheet = try await reception.block(block)
            #expect(sheet["state"] == "withdrawn" && sheet["unused_cost"] == "0.00")
            try await expectInOrder(test)
            try await reception.worked(at: "2027-03-11T10:00:00Z")
            #expect(try await reception.block(block)["charge"] == .null)
        }
    }
}
