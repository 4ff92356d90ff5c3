import MoneyAndTime

/// Who is in the room at an instant, and whether the visit is over then.
package struct Presence: Hashable, Sendable {
    /// The keys of the participants who are there, in order.
    package let seller: [String]
    package let buyer: [String]
    /// Nobody can come any more, or both sides were there and all have left or been silent for
    /// longer than a dropped line may take to come back. A duty shift that was begun is over when
    /// nobody is on duty any more at its planned end or after it.
    package let isOver: Bool

    /// `window` is that of the visit's join tokens; observations are of this visit only.
    package init(
        at now: Instant, _ observations: [Observation], window: TimeSlot, graceSeconds: Int64,
        silenceSeconds: Int64 = Attendance.silenceSeconds, planned: TimeSlot
    ) throws {
        let all = Attendance.distinct(observations)
        let places = Dictionary(grouping: all.filter { !$0.isWord }) {
            Attendance.Place(side: $0.side, key: $0.participant)
        }
        var present: [Side: [String]] = [:]
        var mayComeBack = false
        for (place, facts) in places {
            let stay = try Stay(facts, silence: silenceSeconds)
            guard let alive = stay.open?.alive else { continue }
            if try now <= alive.adding(seconds: silenceSeconds) {
                present[place.side, default: []].append(place.key)
            }
            let patience = max(silenceSeconds, graceSeconds)
            if try now <= alive.adding(seconds: patience) { mayComeBack = true }
        }
        let duty = try DutyTime(observations, in: DutyTime.Shift(planned))
        if duty.isOn { present[.seller, default: []].append(DutyTime.participant) }
        seller = present[.seller, default: []].sorted()
        buyer = present[.buyer, default: []].sorted()
        // one side's word alone is no presence
        let (seen, told) = (Set(places.keys.map(\.side)), Set(all.filter(\.isWord).map(\.side)))
        let bothWere = [seen, told].contains { $0.count == Side.allCases.count }
        let isEnded =
            duty.spans.isEmpty && !duty.isOn
            ? bothWere && !mayComeBack : planned.end <= now && !duty.isOn
        isOver = window.end <= now || isEnded
    }
}

extension Observation {
    fileprivate var isWord: Bool {
        if case .word = kind { true } else { false }
    }
}
