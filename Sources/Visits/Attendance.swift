import MoneyAndTime

/// Who was present when, as the observations say it.
///
/// The fold is pure: the order of the observations and their repetition do not matter. Its result
/// is stored with `foldVersion`, so that a better fold never changes what was attested.
package struct Attendance: Hashable, Sendable {
    package static let foldVersion: Int32 = 1
    /// Without a sign of life for longer than this, presence ended at the last one.
    package static let silenceSeconds: Int64 = 90

    package let visit: BookingID
    /// In order of time; neither overlapping nor touching.
    package let seller: [TimeSlot]
    package let buyer: [TimeSlot]
    /// When somebody of the seller was on duty in a shift: that counts without the buyer.
    package let duty: [TimeSlot]

    package init(
        visit: BookingID, seller: [TimeSlot], buyer: [TimeSlot], duty: [TimeSlot] = []
    ) throws {
        self.visit = visit
        self.seller = try Spans.union(seller + duty)
        self.buyer = try Spans.union(buyer)
        self.duty = try Spans.union(duty)
    }

    /// What counts: both sides were there, or somebody was on duty.
    package var together: [TimeSlot] {
        get throws { try Spans.union(Spans.intersection(seller, buyer) + duty) }
    }

    package func present(_ side: Side) -> [TimeSlot] {
        side == .seller ? seller : buyer
    }

    /// Observations of other visits are passed over. Of two with one id the earlier counts. Duty
    /// is that of `shift`.
    package static func fold(
        _ observations: [Observation], of visit: BookingID,
        silenceSeconds: Int64 = Attendance.silenceSeconds, shift: DutyTime.Shift? = nil
    ) throws -> Attendance {
        let facts = distinct(observations.filter { $0.visit == visit })
        var seen: [Side: [TimeSlot]] = [:]
        let places = Dictionary(grouping: facts) { Place(side: $0.side, key: $0.participant) }
        for (place, facts) in places {
            let stay = try Stay(facts, silence: silenceSeconds)
            seen[place.side, default: []] += try stay.closed()
        }
        let agreed = try Spans.intersection(words(facts, of: .seller), words(facts, of: .buyer))
        return try Attendance(
            visit: visit, seller: (seen[.seller] ?? []) + agreed,
            buyer: (seen[.buyer] ?? []) + agreed,
            duty: DutyTime(facts, in: shift).spans)
    }

    struct Place: Hashable {
        let side: Side
        let key: String
    }

    /// One observation an id, in an order that depends on nothing but the facts.
    static func distinct(_ observations: [Observation]) -> [Observation] {
        var taken: Set<String> = []
        return observations.sorted(by: precedes).filter { taken.insert($0.id).inserted }
    }

    private static func precedes(_ one: Observation, _ two: Observation) -> Bool {
        (one.at, rank(one), one.id, one.side.rawValue, one.participant)
            < (two.at, rank(two), two.id, two.side.rawValue, two.participant)
    }

    /// At one instant a leave comes last: who has left at an instant is not there after it.
    private static func rank(_ observation: Observation) -> Int64 {
        switch observation.kind {
        case .join, .dutyBegun: 0
        case .heartbeat: 1
        case .leave, .dutyEnded: 2
        case .word: 3
        }
    }

    /// What a side says by word; no word reaches past the instant at which it was given.
    private static func words(_ facts: [Observation], of side: Side) throws -> [TimeSlot] {
        try Spans.union(
            facts.filter { $0.side == side }.compactMap { fact in
                guard case .word(let span) = fact.kind, span.start < fact.at else { return nil }
                return try TimeSlot(start: span.start, end: min(span.end, fact.at))
            })
    }
}
