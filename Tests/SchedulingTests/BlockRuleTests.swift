import MoneyAndTime
import Scheduling
import Testing

@Suite struct BlockRuleTests {
    /// Two hours, placed until an hour before.
    private func block(
        _ state: Block.State = .open, taken: [TimeSlot] = []
    ) throws -> Block {
        Block(during: try slot(0, 120), placeUntil: minute(-60), state: state, taken: taken)
    }

    private func refusal(_ block: Block, _ from: Int64, _ to: Int64, at now: Int64 = -61)
        -> Block.Refusal?
    {
        do {
            try block.place(slot(from, to), now: minute(now))
            return nil
        } catch {
            return error as? Block.Refusal
        }
    }

    @Test func aPlaceIsInsideFreeAndInTime() throws {
        let empty = try block()
        #expect(refusal(empty, 0, 20) == nil)
        #expect(refusal(empty, 100, 120) == nil)
        #expect(refusal(empty, 105, 125) == .outsideBlock)
        #expect(refusal(empty, -5, 15) == .outsideBlock)
        #expect(refusal(empty, 2, 22) == .outsideBlock)
        #expect(refusal(empty, 0, 20, at: -60) == .placingClosed)
        for state in Block.State.allCases where state != .open {
            #expect(refusal(try block(state), 0, 20) == .placingClosed)
        }
        let full = try block(taken: [slot(20, 40)])
        #expect(refusal(full, 0, 20) == nil && refusal(full, 40, 60) == nil)
        #expect(refusal(full, 15, 25) == .taken && refusal(full, 35, 55) == .taken)
    }

    @Test func placesAreFreeAndFollowEachOther() throws {
        let taken = try block(taken: [slot(20, 52)])
        let places = try [slot(0, 20), slot(55, 75), slot(75, 95), slot(95, 115)]
        #expect(try taken.places(minutes: 20) == places)
        #expect(try taken.places(minutes: 70) == [])
        #expect(try taken.places(minutes: 0) == [])
    }

    /// Whatever is taken: every place that is shown can be placed, and all of them together.
    @Test(arguments: 0..<30) func everyPlaceCanBePlaced(_ seed: UInt64) throws {
        var random = Seeded(seed)
        var taken: [TimeSlot] = []
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let start = 5 * Int64.random(in: 0...20, using: &random)
            let visit = try slot(start, start + Int64.random(in: 1...20, using: &random))
            if !taken.contains(where: { $0.overlaps(visit) }) { taken.append(visit) }
        }
        let minutes = Int64.random(in: 1...40, using: &random)
        for place in try block(taken: taken).places(minutes: minutes) {
            try block(taken: taken).place(place, now: minute(-61))
            taken.append(place)
        }
        // and none is forgotten
        let full = try block(taken: taken)
        for start in stride(from: Int64(0), to: 120, by: 5) {
            #expect(refusal(full, start, start + minutes) != nil, "seed \(seed), \(start)")
        }
    }

    @Test func whatNobodyPaysIsUnused() throws {
        let rest = try Block.unused(
            of: slot(0, 120),
            visits: [
                (slot(0, 20), .kept), (slot(20, 40), .cancelledFree),
                (slot(60, 80), .cancelledOtherwise), (slot(65, 75), .cancelledFree),
            ],
            soldToOthers: [slot(100, 140)])
        #expect(rest == [try slot(20, 60), try slot(80, 100)])
    }
}
