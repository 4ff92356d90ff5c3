import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// The rule in Swift decides as SQL does, on random visits that are placed and cancelled.
@Suite struct BlockOracleTests {
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    @Test(arguments: 1...4) func placing(_ seed: UInt64) async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let id = try await reception.made()[0]
            let during = try TimeSlot(
                start: reception.instant("10:00"), end: reception.instant("12:00"))
            var random = Random(state: seed)
            var placed: [(id: BookingID, slot: TimeSlot)] = []
            var visits: [(slot: TimeSlot, use: Block.Use)] = []
            for step in 0..<40 {
                let minute = Int64.random(in: -20...130, using: &random)
                let snapped = Bool.random(using: &random) ? minute / 5 * 5 : minute
                let start = try during.start.adding(seconds: snapped * 60)
                let slot = try TimeSlot(start: start, end: start.adding(seconds: 1_800))
                let block = Block(
                    during: during, placeUntil: try during.start.adding(seconds: -86_400),
                    state: .open, taken: placed.map(\.slot))
                let now = try during.start.adding(seconds: -90_000)
                let expected = Self.refusal(block, slot, now: now)
                let (made, refused) = await Self.place(start, in: id, of: reception)
                #expect(refused == expected, "seed \(seed), step \(step)")
                if let made { placed.append((made, slot)) }
                guard step % 7 == 6, let gone = placed.popLast() else { continue }
                _ = try await test.market.cancelBooking(
                    reception.buyer.scheduler.request("cancelBooking"), gone.id,
                    expectedFee: .zero, reason: nil)
                visits.append((gone.slot, .cancelledFree))
            }
            visits += placed.map { ($0.slot, .kept) }
            let sheet = try await reception.block(id)
            let rest = try Block.unused(of: during, visits: visits, soldToOthers: [])
            #expect(
                sheet["unused"]?.elements?.map { $0["from"]?.text } == rest.map(\.start.rfc3339))
            #expect(
                sheet["unused"]?.elements?.map { $0["until"]?.text } == rest.map(\.end.rfc3339))
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    private static func refusal(_ block: Block, _ slot: TimeSlot, now: Instant) -> String? {
        do throws(Block.Refusal) {
            try block.place(slot, now: now)
            return nil
        } catch {
            return error.rawValue
        }
    }

    private static func place(
        _ start: Instant, in block: BlockID, of reception: Reception
    ) async -> (BookingID?, String?) {
        do {
            let answer = try await reception.test.market.placeVisits(
                reception.buyer.scheduler.request("placeVisits"), in: block,
                [.init(starts: start, minutes: 30, handOver: .nothing)])
            return (try BookingID(typeID: answer.body["visits"]?[0]?["id"]?.text ?? ""), nil)
        } catch {
            let visit = (error as? Refusal)?.figures["visits"]?[0]
            return (nil, visit?["refusal"]?["code"]?.text ?? "\(error)")
        }
    }
}
