import MoneyAndTime

/// What happened with a booked visit: all that its price depends on, beside the terms.
package struct VisitFacts: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case held(HeldVisit)
        /// The line or the equipment failed for good; seconds in which both sides had been
        /// present.
        case failed(afterSeconds: Int64)
        /// One side never came; how long the other one was there.
        case noShow(by: Side, waitedSeconds: Int64)
        case cancelled(by: Side, at: Instant, cause: CancellationCause)
        /// Time of a block in which there was no visit at all; `plannedMinutes` is its length.
        case unused
    }

    /// The planned start, at a whole minute.
    package let starts: Instant
    package let plannedMinutes: Int64
    /// Billed seconds of the service's earlier visits in the period, a multiple of three.
    package let secondsBefore: Int64
    package let outcome: Outcome
    /// Of a group session: whose places it is about; nil for whoever has it whole.
    package let share: GroupShare?

    package init(
        starts: Instant, plannedMinutes: Int64, secondsBefore: Int64 = 0, outcome: Outcome,
        share: GroupShare? = nil
    ) {
        self.starts = starts
        self.plannedMinutes = plannedMinutes
        self.secondsBefore = secondsBefore
        self.outcome = outcome
        self.share = share
    }
}

/// A visit in which both sides met.
package struct HeldVisit: Hashable, Sendable {
    /// One side was there at the planned start, and waited for the other.
    package struct Waiting: Hashable, Sendable {
        /// Who waited.
        package let side: Side
        package let seconds: Int64

        package init(by side: Side, seconds: Int64) {
            self.side = side
            self.seconds = seconds
        }
    }

    /// Seconds in which both sides were present, dropped lines merged within the grace. Zero if
    /// they never were.
    package var billableSeconds: Int64
    package var waiting: Waiting?
    /// Seconds together that are not counted, because the specialist's next booking began then.
    package var cutSeconds: Int64 = 0
    /// The buyer agreed that the visit goes on after its planned length.
    package var overrunAgreed = false
    package var preparationMinutes: Int64 = 0
    package var recordWritingMinutes: Int64 = 0

    package init(billableSeconds: Int64) {
        self.billableSeconds = billableSeconds
    }
}

/// The places of one buyer in a group session, among all that were taken.
package struct GroupShare: Hashable, Sendable {
    package let places: Int64
    /// Of the buyers before it.
    package let placesBefore: Int64
    package let placesInAll: Int64

    package init(places: Int64, placesBefore: Int64, placesInAll: Int64) {
        self.places = places
        self.placesBefore = placesBefore
        self.placesInAll = placesInAll
    }

    /// ⌊whole × (before + places) ÷ all⌋ − ⌊whole × before ÷ all⌋: the shares of all places add
    /// up to the whole exactly (invariant 17).
    package func of(_ whole: Money) throws(ArithmeticFailure) -> Money {
        guard placesInAll > 0 else { throw .divisionByZero }
        let upTo = { (places: Int64) throws(ArithmeticFailure) -> Int64 in
            try whole.minorUnits.multiplied(by: places) / placesInAll
        }
        let end = try upTo(try placesBefore.adding(places))
        return Money(
            minorUnits: try end.subtracting(try upTo(placesBefore)), currency: whole.currency)
    }
}
