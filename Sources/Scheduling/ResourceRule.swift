import MoneyAndTime

/// What is known of a room or of staff that a visit is to have, near its planned time.
package struct ResourceState: Hashable, Sendable {
    /// Nil is always open.
    package let opening: OpeningHours?
    /// On the wall of its unit.
    package let clock: WallClock
    /// When its organisation has closed it.
    package let closures: [TimeSlot]
    /// What other visits take of it, but those that are booked together with this one.
    package let taken: [ReservedRange]

    package init(
        opening: OpeningHours?, clock: WallClock, closures: [TimeSlot], taken: [ReservedRange]
    ) {
        self.opening = opening
        self.clock = clock
        self.closures = closures
        self.taken = taken
    }

    /// How far it is looked ahead for when it opens again.
    private static let secondsAhead: Int64 = 8 * 86_400

    /// The end of what others take of a visit's time; nil when they take none. A hold that has run
    /// out takes none.
    package func takenUntil(_ planned: TimeSlot, now: Instant) -> Instant? {
        taken.filter { $0.isLive(at: now) && $0.occupied.overlaps(planned) }
            .map(\.occupied.end).max()
    }

    /// When it opens again after the last time within a visit at which it is closed; nil when it is
    /// open for all of the visit.
    package func closedUntil(_ planned: TimeSlot) throws -> Instant? {
        let around = try planned.widened(before: .zero, after: Seconds(Self.secondsAhead))
        let shut = try opening?.closed(in: around, by: clock) ?? []
        let closed = (shut + closures.filter { $0.overlaps(around) }).joined
        return closed.filter { $0.overlaps(planned) }.map(\.end).max()
    }
}

extension [TimeSlot] {
    /// The same time as slots that do not touch, in order.
    fileprivate var joined: [TimeSlot] {
        sorted { $0.start < $1.start }.reduce(into: []) { whole, slot in
            if let last = whole.last, slot.start <= last.end {
                whole[whole.count - 1] =
                    (try? TimeSlot(start: last.start, end: Swift.max(last.end, slot.end))) ?? last
            } else {
                whole.append(slot)
            }
        }
    }
}
