import MoneyAndTime
import Scheduling
import Testing

@Suite struct GroupSessionRuleTests {
    private func minute(_ number: Int64) throws -> Instant {
        try Instant(rfc3339: "2027-03-11T11:00:00Z").adding(seconds: number * 60)
    }

    private func refusal(
        taken: Int64, asked: Int64 = 1, state: GroupSession.State = .open, at now: Int64 = -61
    ) throws -> GroupSession.Refusal? {
        let session = GroupSession(
            during: try TimeSlot(start: minute(0), end: minute(60)), places: 8, taken: taken,
            bookUntil: try minute(-60), state: state)
        let instant = try minute(now)
        do throws(GroupSession.Refusal) {
            try session.take(asked, now: instant)
            return nil
        } catch {
            return error
        }
    }

    @Test func placesAreTakenInTimeAndNeverBeyond() throws {
        #expect(try refusal(taken: 0) == nil)
        #expect(try refusal(taken: 7) == nil)
        #expect(try refusal(taken: 6, asked: 2) == nil)
        #expect(try refusal(taken: 6, asked: 3) == .sessionFull(left: 2))
        #expect(try refusal(taken: 8) == .sessionFull(left: 0))
        #expect(try refusal(taken: 9) == .sessionFull(left: 0))
        #expect(try refusal(taken: 0, at: -60) == .sessionClosed)
        #expect(try refusal(taken: 0, state: .withdrawn) == .sessionClosed)
    }

    @Test func sharesAreCountedAmongWhatIsTaken() {
        let taken: Set<Int64> = [1, 3, 4, 8]
        let shares = taken.sorted().map { GroupSession.share(of: $0, among: taken) }
        #expect(shares.map { $0?.before } == [0, 1, 2, 3])
        #expect(shares.allSatisfy { $0?.inAll == 4 })
        #expect(GroupSession.share(of: 2, among: taken) == nil)
    }
}
