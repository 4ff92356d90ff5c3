import MoneyAndTime

/// A stretch of a specialist's time that nobody else may have: the visit and its buffers.
package struct Reservation: Hashable, Sendable {
    package let id: ReservationID
    package let specialist: SpecialistID
    /// Half-open, buffers included; lies inside the window that it was made from.
    package let occupied: TimeSlot
    /// Until when it is only held; nil once it is booked.
    package let holdExpiresAt: Instant?

    package init(
        id: ReservationID, specialist: SpecialistID, occupied: TimeSlot, holdExpiresAt: Instant?
    ) {
        self.id = id
        self.specialist = specialist
        self.occupied = occupied
        self.holdExpiresAt = holdExpiresAt
    }

    /// A hold ends at its instant, whether or not anyone has tidied it away (invariant 7).
    package func isLive(at now: Instant) -> Bool {
        holdExpiresAt.map { now < $0 } ?? true
    }

    /// Whether the two may not both exist at `now` (invariant 1).
    package func excludes(_ other: Reservation, at now: Instant) -> Bool {
        specialist == other.specialist && isLive(at: now) && other.isLive(at: now)
            && occupied.overlaps(other.occupied)
    }
}
