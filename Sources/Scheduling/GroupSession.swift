import MoneyAndTime

/// A specialist's time in which patients of several buyers have places: the rules that SQL decides
/// by (`booking_in_session`, `session_gives_back`, `session_share`); who may take a place is
/// `PlaceRule`'s.
package struct GroupSession: Hashable, Sendable {
    /// The raw values are the words in SQL and JSON.
    package enum State: String, Hashable, Sendable, CaseIterable {
        case open
        /// It is not held; who had a place was told.
        case withdrawn
    }

    package enum Refusal: Error, Hashable, Sendable {
        /// Withdrawn, or the time to book has passed.
        case sessionClosed
        case sessionFull(left: Int64)
        /// Nobody leaves from here on: the price is shared by who has a place.
        case visitStarted(at: Instant)
    }

    package let during: TimeSlot
    /// How many there are in all.
    package let places: Int64
    /// How many are taken or held.
    package let taken: Int64
    package let bookUntil: Instant
    package let state: State

    package init(
        during: TimeSlot, places: Int64, taken: Int64, bookUntil: Instant, state: State
    ) {
        self.during = during
        self.places = places
        self.taken = taken
        self.bookUntil = bookUntil
        self.state = state
    }

    package var left: Int64 { max(0, places - taken) }

    package func isOpen(at now: Instant) -> Bool { state == .open && now < bookUntil }

    /// Whether so many places can be taken now.
    package func take(_ asked: Int64, now: Instant) throws(Refusal) {
        guard isOpen(at: now) else { throw .sessionClosed }
        guard asked <= left else { throw .sessionFull(left: left) }
    }

    /// Whether who has a place can give it up now.
    package func leave(now: Instant) throws(Refusal) {
        guard now < during.start else { throw .visitStarted(at: during.start) }
    }

    /// What places of one buyer reserve together of a period's budget: the price of the session,
    /// once. The quotes are those of the places, in one currency.
    package static func reserved(by quotes: [Money]) -> Money { quotes.max() ?? .zero }

    /// What one of them gives back when it goes: what the others do not hold.
    package static func givenBack(
        by quote: Money, besides others: [Money]
    ) throws(ArithmeticFailure) -> Money {
        max(.zero, try quote.subtracting(reserved(by: others)))
    }

    /// Which part of the whole a place is among all that are taken, by their numbers; nil where it
    /// is none of them.
    package static func share(
        of place: Int64, among taken: Set<Int64>
    ) -> (before: Int64, inAll: Int64)? {
        guard taken.contains(place) else { return nil }
        return (Int64(taken.count { $0 < place }), Int64(taken.count))
    }
}
