import MoneyAndTime
import Testing
import Visits

@Suite("Time that is not counted, and what a visit takes of people")
struct OverrunCutTests {
    private static let visit = booking(7)

    private static func together(_ from: Int64, _ to: Int64) throws -> Attendance {
        try Attendance(visit: visit, seller: [slot(from, to)], buyer: [slot(from, to)])
    }

    private static func cut(
        _ attendance: Attendance, takenUntil previous: Int64? = nil, takenFrom next: Int64?,
        grace: Int64 = 60
    ) throws -> (seconds: Int64, cut: OverrunCut) {
        let (billable, cut) = try BillableTime.compute(
            attendance, graceSeconds: grace, within: slot(0, 5_000),
            takenUntil: previous.map { second($0) }, andFrom: next.map { second($0) })
        return (billable.seconds, cut)
    }

    @Test func nothingCountsFromTheNextBookingOn() throws {
        let whole = try Self.together(100, 2_000)
        #expect(try Self.cut(whole, takenFrom: nil) == (1_900, .none))
        #expect(
            try Self.cut(whole, takenFrom: 1_800)
                == (1_700, OverrunCut(seconds: 200, at: second(1_800))))
        // one that begins when they part cuts nothing
        #expect(try Self.cut(whole, takenFrom: 2_000) == (1_900, .none))
        #expect(try Self.cut(whole, takenFrom: 6_000) == (1_900, .none))
    }

    @Test func nothingCountsBeforeThePreviousBookingIsOver() throws {
        let whole = try Self.together(100, 2_000)
        #expect(try Self.cut(whole, takenUntil: 400, takenFrom: nil) == (1_600, .none))
        #expect(try Self.cut(whole, takenUntil: 100, takenFrom: nil) == (1_900, .none))
        #expect(
            try Self.cut(whole, takenUntil: 400, takenFrom: 1_800)
                == (1_400, OverrunCut(seconds: 200, at: second(1_800))))
    }

    /// A line that drops around the start of the next booking: what is before it does not reach
    /// over it by the grace.
    @Test func graceDoesNotReachOver() throws {
        let dropped = try Attendance(
            visit: Self.visit, seller: [slot(0, 1_790), slot(1_810, 2_000)],
            buyer: [slot(0, 2_000)])
        let (seconds, cut) = try Self.cut(dropped, takenFrom: 1_800)
        #expect(seconds == 1_790)
        #expect(cut == OverrunCut(seconds: 210, at: second(1_800)))
    }

    /// Two nurses and a specialist on two devices, and a quarter of an hour by telephone.
    @Test func everyPersonCounts() throws {
        func fact(
            _ id: String, _ side: Side, _ who: String, _ kind: Observation.Kind, _ at: Int64
        ) -> Observation {
            Observation(
                id: id, visit: Self.visit, side: side, participant: who, kind: kind,
                at: second(at), source: .joinPage)
        }
        let call = try slot(100, 1_000)
        let facts = [
            fact("1", .seller, "specialist", .join, 0), fact("2", .seller, "specialist", .join, 30),
            fact("3", .seller, "specialist", .leave, 90), fact("4", .buyer, "nurse-1", .join, 10),
            fact("5", .buyer, "nurse-1", .leave, 70), fact("6", .buyer, "nurse-2", .join, 50),
            fact("7", .buyer, "nurse-2", .leave, 90),
            fact("8", .seller, "telephone", .word(call), 2_000),
            fact("9", .buyer, "telephone", .word(call), 2_100),
        ]
        let people = try PersonTime(facts.shuffled(), of: Self.visit)
        #expect(people.people(.seller) == ["specialist": 90])
        #expect(people.people(.buyer) == ["nurse-1": 60, "nurse-2": 40])
        #expect(people.sellerByTelephone == 900 && people.buyerByTelephone == 900)
        #expect(try people.total(.seller) == 990 && people.total(.buyer) == 1_000)
        let other = try PersonTime(facts, of: booking(8))
        #expect(try other.total(.seller) == 0 && other.people(.buyer).isEmpty)
    }
}
