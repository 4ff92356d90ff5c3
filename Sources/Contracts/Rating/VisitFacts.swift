import MoneyAndTime

/// What happened with a booked visit: all that its price depends on, beside the terms.
package struct VisitFacts: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        /// The visit was held: seconds in which both sides were present, dropped lines merged
        /// within the grace. Zero if they never were.
        case held(billableSeconds: Int64)
        case cancelled(by: Side, at: Instant)
    }

    /// The planned start.
    package let starts: Instant
    package let plannedMinutes: Int64
    package let outcome: Outcome

    package init(starts: Instant, plannedMinutes: Int64, outcome: Outcome) {
        self.starts = starts
        self.plannedMinutes = plannedMinutes
        self.outcome = outcome
    }
}
