import MoneyAndTime

/// A stretch of a specialist's time that a contract sells whole, and in which the buyer places its
/// visits: the rules that SQL decides by (`place_visits`, `unused_of_block`).
package struct Block: Hashable, Sendable {
    /// The raw values are the words in SQL and JSON.
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// Visits are placed in it, until placing ends.
        case open
        /// Placing has ended.
        case closed
        /// What was not placed was given back by the buyer.
        case givenBack = "given_back"
        /// Taken back by the seller: it costs nothing.
        case withdrawn
    }

    package enum Refusal: String, Error, Hashable, Sendable {
        case placingClosed = "placing_closed"
        case outsideBlock = "outside_block"
        case taken
    }

    /// What became of the time of a visit, as far as unused time asks.
    package enum Use: Hashable, Sendable {
        /// It is to be, or was held until its end, whoever came.
        case kept
        /// Cancelled by the buyer for nothing.
        case cancelledFree
        /// Cancelled by the buyer for a fee, by the seller, or by neither.
        case cancelledOtherwise
    }

    /// The seconds between the starts of places, from the block's own start.
    package static let grid: Int64 = 300

    package let during: TimeSlot
    package let placeUntil: Instant
    package let state: State
    /// The visits that have a place in it.
    package let taken: [TimeSlot]

    package init(during: TimeSlot, placeUntil: Instant, state: State, taken: [TimeSlot]) {
        self.during = during
        self.placeUntil = placeUntil
        self.state = state
        self.taken = taken
    }

    package func takesVisits(at now: Instant) -> Bool { state == .open && now < placeUntil }

    /// What is free of it, in order.
    package func free() throws -> [TimeSlot] {
        try StartTimes.freeRuns(of: during, without: taken)
    }

    /// Whether a visit can be placed there now. What the contract asks of any booking is decided
    /// elsewhere.
    package func place(_ slot: TimeSlot, now: Instant) throws(Refusal) {
        guard takesVisits(at: now) else { throw .placingClosed }
        // within the block the difference is small
        guard during.contains(slot),
            (slot.start.microseconds - during.start.microseconds) % (Self.grid * 1_000_000) == 0
        else { throw .outsideBlock }
        guard !taken.contains(where: { $0.overlaps(slot) }) else { throw .taken }
    }

    /// The places of one length that are free, one after the other, from the first on.
    package func places(minutes: Int64) throws -> [TimeSlot] {
        var places: [TimeSlot] = []
        let length = try minutes.multiplied(by: 60)
        guard length > 0 else { return [] }
        for run in try free() {
            var start = try during.gridStart(at: run.start)
            while let end = try? start.adding(seconds: length), end <= run.end {
                let place = try TimeSlot(start: start, end: end)
                places.append(place)
                start = try during.gridStart(at: end)
            }
        }
        return places
    }

    /// The stretches that no visit pays: what its visits kept or pay otherwise is used; of a block
    /// that is on sale also what was sold to others.
    package static func unused(
        of during: TimeSlot, visits: [(slot: TimeSlot, use: Use)], soldToOthers: [TimeSlot]
    ) throws -> [TimeSlot] {
        let used = visits.filter { $0.use != .cancelledFree }.map(\.slot) + soldToOthers
        return try StartTimes.freeRuns(of: during, without: used)
    }
}

extension TimeSlot {
    /// The first start of the grid of places that is not before an instant.
    fileprivate func gridStart(at instant: Instant) throws -> Instant {
        let step = Block.grid * 1_000_000
        let offset = try instant.microseconds.subtracting(start.microseconds)
        let rest = offset % step
        return rest == 0 ? instant : try instant.adding(seconds: (step - rest) / 1_000_000)
    }
}
