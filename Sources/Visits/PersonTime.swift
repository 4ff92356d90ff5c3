import MoneyAndTime

/// How long each person of a side was there, alone or together: what a visit takes of people.
package struct PersonTime: Hashable, Sendable {
    /// Whole seconds by the keys of the participants. A person on two devices is one.
    package let seller: [String: Int64]
    package let buyer: [String: Int64]
    /// What both sides say was held by telephone, and the seller's duty, where nobody of the side
    /// was seen meanwhile: one person's.
    package let sellerByTelephone: Int64
    package let buyerByTelephone: Int64

    package func people(_ side: Side) -> [String: Int64] { side == .seller ? seller : buyer }

    /// Of a side, in seconds.
    package func total(_ side: Side) throws(ArithmeticFailure) -> Int64 {
        var sum = side == .seller ? sellerByTelephone : buyerByTelephone
        for seconds in people(side).values { sum = try sum.adding(seconds) }
        return sum
    }

    /// Observations of other visits are passed over.
    package init(
        _ observations: [Observation], of visit: BookingID,
        silenceSeconds: Int64 = Attendance.silenceSeconds, shift: DutyTime.Shift? = nil
    ) throws {
        let facts = Attendance.distinct(observations.filter { $0.visit == visit })
        var people: [Side: [String: Int64]] = [:]
        var seen: [Side: [TimeSlot]] = [:]
        let places = Dictionary(grouping: facts) {
            Attendance.Place(side: $0.side, key: $0.participant)
        }
        for (place, facts) in places {
            let stays = try Stay(facts, silence: silenceSeconds).closed()
            guard !stays.isEmpty else { continue }
            seen[place.side, default: []] += stays
            people[place.side, default: [:]][place.key] = try BillableTime(intervals: stays).seconds
        }
        seller = people[.seller] ?? [:]
        buyer = people[.buyer] ?? [:]
        let attendance = try Attendance.fold(
            observations, of: visit, silenceSeconds: silenceSeconds, shift: shift)
        func byTelephone(_ side: Side) throws -> Int64 {
            let there = try BillableTime(intervals: attendance.present(side)).seconds
            let seen = try BillableTime(intervals: Spans.union(seen[side] ?? [])).seconds
            return max(0, there - seen)
        }
        sellerByTelephone = try byTelephone(.seller)
        buyerByTelephone = try byTelephone(.buyer)
    }
}
