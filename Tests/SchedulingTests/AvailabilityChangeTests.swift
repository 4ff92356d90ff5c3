import MoneyAndTime
import Scheduling
import Testing

@Suite struct AvailabilityChangeTests {
    @Test func whatComesOffAndOn() throws {
        let change = AvailabilityChange(
            before: [try slot(200, 260), try slot(0, 60), try slot(100, 160)],
            after: [try slot(100, 160), try slot(10, 60), try slot(300, 360)])
        #expect(change.removed == [try slot(0, 60), try slot(200, 260)])
        #expect(change.added == [try slot(10, 60), try slot(300, 360)])
        #expect(change.same == [try slot(100, 160)])
        #expect(change.place(of: try slot(10, 40)) == .inside)
        // its buffer begins before the new window does
        #expect(change.place(of: try slot(5, 40)) == .outside)
        #expect(change.place(of: try slot(210, 240)) == .outside)
        #expect(change.place(of: try slot(60, 100)) == .untouched)
        #expect(change.place(of: try slot(300, 330)) == .untouched)
    }

    /// Minute by minute: what is for sale afterwards is what was, without what came off and with
    /// what came on; and a visit is inside exactly where each of its minutes is in one window.
    @Test(arguments: 0..<60) func minuteByMinute(_ seed: UInt64) throws {
        var random = Seeded(seed)
        func windows() throws -> [TimeSlot] {
            var start: Int64 = 0
            return try (0..<Int.random(in: 0...5, using: &random)).map { _ in
                let first = start + Int64.random(in: 0...3, using: &random) * 10
                start = first + Int64.random(in: 1...3, using: &random) * 10
                return try slot(first, start)
            }
        }
        let (before, after) = (try windows(), try windows())
        let change = AvailabilityChange(before: before, after: after)
        for minute in stride(from: Int64(0), to: 320, by: 1) {
            let one = try slot(minute, minute + 1)
            func isIn(_ windows: [TimeSlot]) -> Bool {
                windows.contains { $0.contains(one) }
            }
            #expect(isIn(before) == (isIn(change.removed) || isIn(change.same)))
            #expect(isIn(after) == (isIn(change.added) || isIn(change.same)))
        }
        for _ in 0..<40 {
            let first = Int64.random(in: 0...300, using: &random)
            let visit = try slot(first, first + Int64.random(in: 1...30, using: &random))
            let touches = before.contains { $0.overlaps(visit) }
            let holds = after.contains { $0.start <= visit.start && visit.end <= $0.end }
            #expect(
                change.place(of: visit) == (!touches ? .untouched : holds ? .inside : .outside))
        }
    }
}
