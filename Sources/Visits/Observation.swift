import MoneyAndTime

/// One fact about who was in a visit. Facts are appended and never edited.
package struct Observation: Hashable, Sendable {
    /// Made by the sender, so that the same fact sent twice is one fact.
    package let id: String
    package let visit: BookingID
    package let side: Side
    /// One opened page or one person in a provider's room; two pages of a person are two.
    package let participant: String
    package let kind: Kind
    /// When it was recorded, by the database's clock.
    package let at: Instant
    package let source: Source

    package enum Kind: Hashable, Sendable {
        case join
        /// A sign of life.
        case heartbeat
        case leave
        /// A duty shift was begun, or ended, by the seller's word.
        case dutyBegun
        case dutyEnded
        /// A person's word that both were present in this span, such as by telephone; it counts
        /// where the other side's word says the same.
        case word(TimeSlot)
    }

    package enum Source: String, Hashable, Sendable, CaseIterable {
        /// The page of the visit, also while the visit is in another system than the built-in room.
        case joinPage = "join_page"
        case program
        /// What a person tells afterwards.
        case word
    }

    package init(
        id: String, visit: BookingID, side: Side, participant: String, kind: Kind, at: Instant,
        source: Source
    ) {
        self.id = id
        self.visit = visit
        self.side = side
        self.participant = participant
        self.kind = kind
        self.at = at
        self.source = source
    }
}
