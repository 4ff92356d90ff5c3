import MoneyAndTime
import Testing

@testable import Visits

@Suite("A duty shift: from its beginning to its end, by the seller's word")
struct DutyTimeTests {
    private func fact(
        _ kind: Observation.Kind, _ at: Int64, _ side: Side = .seller
    ) -> Observation {
        AttendanceTests.observation(kind, at, side, participant: "duty")
    }

    private func shift(_ start: Int64, _ end: Int64) throws -> DutyTime.Shift {
        try DutyTime.Shift(slot(start, end))
    }

    /// Who comes early is not on duty yet, and nothing counts before the shift has begun.
    @Test func beginsWhenTheShiftDoes() throws {
        let early = [fact(.dutyBegun, -900), fact(.dutyEnded, 9_000)]
        #expect(try DutyTime(early, in: shift(0, 14_400)).spans == [slot(0, 9_000)])
        let left = [fact(.dutyBegun, -900), fact(.dutyEnded, -300)]
        #expect(try DutyTime(left, in: shift(0, 14_400)).spans.isEmpty)
        let now = try DutyTime(
            [fact(.dutyBegun, -900)], in: .init(slot(0, 14_400), by: second(-600)))
        #expect(now.isOn && now.spans.isEmpty)
        let later = try DutyTime(
            [fact(.dutyBegun, -900)], in: .init(slot(0, 14_400), by: second(600)))
        #expect(try later.spans == [slot(0, 600)])
    }

    @Test func lastsWithoutASignOfLife() throws {
        let facts = [
            fact(.dutyBegun, 100), fact(.dutyEnded, 4_000), fact(.dutyBegun, 4_500),
            fact(.dutyEnded, 9_000),
        ]
        for order in [facts, facts.reversed(), facts + facts, facts.shuffled()] as [[Observation]] {
            let duty = try DutyTime(order, in: shift(0, 20_000))
            #expect(try duty.spans == [slot(100, 4_000), slot(4_500, 9_000)])
            #expect(!duty.isOn)
        }
    }

    @Test func whatNobodyEndsLastsUntilTheEnd() throws {
        let duty = try DutyTime([fact(.dutyBegun, 100)], in: shift(0, 14_400))
        #expect(duty.isOn)
        #expect(try duty.spans == [slot(100, 14_400)])
        let begunLate = try DutyTime([fact(.dutyBegun, 15_000)], in: shift(0, 14_400))
        #expect(begunLate.isOn && begunLate.spans.isEmpty)
        // an end alone is no time, nor is the word of the buyer
        let none = try DutyTime(
            [fact(.dutyEnded, 50), fact(.dutyBegun, 60, .buyer)], in: shift(0, 14_400))
        #expect(!none.isOn && none.spans.isEmpty)
    }

    @Test func countsWithoutTheBuyerAndClosesGapsWithinTheGrace() throws {
        let facts = [
            fact(.dutyBegun, 0), fact(.dutyEnded, 3_000), fact(.dutyBegun, 3_500),
            fact(.dutyEnded, 6_000), fact(.dutyBegun, 7_000), fact(.dutyEnded, 8_000),
        ]
        let attendance = try Attendance.fold(
            facts, of: AttendanceTests.visit, shift: shift(0, 20_000))
        #expect(attendance.buyer.isEmpty)
        let billable = try BillableTime.compute(attendance, graceSeconds: 600)
        #expect(try billable.intervals == [slot(0, 6_000), slot(7_000, 8_000)])
        let people = try PersonTime(facts, of: AttendanceTests.visit, shift: shift(0, 20_000))
        #expect(try people.total(.seller) == 6_500)
        #expect(try people.total(.buyer) == 0)
    }

    /// A buyer that looks in and leaves does not end a shift; its planned end does, once it ended.
    @Test func isOverAtItsPlannedEnd() throws {
        let window = try slot(-900, 18_000)
        func isOver(_ facts: [Observation], at now: Int64) throws -> Bool {
            try Presence(
                at: second(now), facts, window: window, graceSeconds: 600,
                planned: slot(0, 14_400)
            ).isOver
        }
        let looked = [
            AttendanceTests.observation(.join, 100, .buyer),
            AttendanceTests.observation(.leave, 200, .buyer),
        ]
        #expect(try !isOver(looked + [fact(.dutyBegun, 0)], at: 5_000))
        let ended = looked + [fact(.dutyBegun, 0), fact(.dutyEnded, 9_000)]
        #expect(try !isOver(ended, at: 14_399))
        #expect(try isOver(ended, at: 14_400))
        #expect(try !isOver([fact(.dutyBegun, 0)], at: 15_000))
        #expect(try isOver([fact(.dutyBegun, 0)], at: 18_000))
        let there = try Presence(
            at: second(5_000), [fact(.dutyBegun, 0)], window: window, graceSeconds: 600,
            planned: slot(0, 14_400))
        #expect(there.seller == ["duty"])
    }
}
