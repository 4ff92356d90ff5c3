import MoneyAndTime
import Testing

@Suite struct TimeSlotTests {
    private func slot(_ start: Int64, _ end: Int64) throws -> TimeSlot {
        try TimeSlot(
            start: Instant(secondsSince1970: start), end: Instant(secondsSince1970: end))
    }

    @Test func emptyAndReversedSlotsAreRefused() {
        #expect(throws: EmptyTimeSlot()) { try slot(5, 5) }
        #expect(throws: EmptyTimeSlot()) { try slot(6, 5) }
    }

    /// Every pair of slots within ten seconds, against the sets of seconds they hold.
    @Test func algebraEqualsThatOfSets() throws {
        let slots = try (0..<10).flatMap { start in
            try (start + 1...10).map { try slot(Int64(start), Int64($0)) }
        }
        for left in slots {
            for right in slots {
                let (leftSet, rightSet) = (try seconds(of: left), try seconds(of: right))
                let common = leftSet.intersection(rightSet)
                #expect(left.overlaps(right) == !common.isEmpty)
                #expect(left.contains(right) == rightSet.isSubset(of: leftSet))
                #expect(try left.intersection(right).map(seconds(of:)) ?? [] == common)
                let rest = left.subtracting(right)
                #expect(try Set(rest.flatMap(seconds(of:))) == leftSet.subtracting(rightSet))
                #expect(rest.allSatisfy { !$0.overlaps(right) && left.contains($0) })
            }
        }
    }

    private func seconds(of slot: TimeSlot) throws -> Set<Int64> {
        let held = try (-1...11).filter { slot.contains(try Instant(secondsSince1970: $0)) }
        #expect(Int64(held.count) == slot.seconds)
        return Set(held)
    }

    @Test func buffersWiden() throws {
        let widened = try slot(100, 200).widened(before: Seconds(10), after: Seconds(5))
        #expect(try widened == slot(90, 205))
        #expect(try slot(100, 200).widened(before: .zero, after: .zero) == slot(100, 200))
    }

    @Test func partsOfSecondsAreNotCounted() throws {
        let slot = try TimeSlot(
            start: Instant(microseconds: 1), end: Instant(microseconds: 2_000_000))
        #expect(slot.seconds == 1)
    }
}
