import MoneyAndTime

/// What a cancellation costs, by how much notice is given.
package struct CancellationTerms: Hashable, Sendable {
    /// Elapsed hours before the start, whatever the clocks on the wall do; with this much notice
    /// or more, the fee is this share of the quote.
    package struct Band: Hashable, Sendable {
        package let noticeHours: Int64
        package let fee: Percentage
    }

    /// From the longest notice to none: the hours fall, the last are 0, and the fee never falls.
    package let buyer: [Band]
    package let seller: [Band]

    package func bands(of side: Side) -> [Band] { side == .seller ? seller : buyer }

    /// The last instant at which a side cancels free of charge; nil where it never does.
    package func freeUntil(starts: Instant, by side: Side) throws(ArithmeticFailure) -> Instant? {
        guard let free = bands(of: side).last(where: { $0.fee.basisPoints == 0 }) else {
            return nil
        }
        // Without any fee it is free up to the start, and after it nothing is cancelled.
        return try starts.adding(seconds: try free.noticeHours.multiplied(by: -3600))
    }

    /// The band of a cancellation: the first whose notice was given, or the last one.
    func band(
        starts: Instant, by side: Side, at instant: Instant
    ) throws(ArithmeticFailure) -> (band: Band, givenSeconds: Int64)? {
        // Rounded down, as `seconds(since:)` is: a part of a second too late is too late.
        let given = try starts.seconds(since: instant)
        for band in bands(of: side) where try given >= band.noticeHours.multiplied(by: 3600) {
            return (band, given)
        }
        return bands(of: side).last.map { ($0, given) }
    }
}

/// Why a visit was cancelled; some causes have terms of their own.
package enum CancellationCause: String, Hashable, Sendable, CaseIterable {
    case ordinary
    /// The seller's specialist fell ill and the day is cancelled.
    case suddenAbsence = "sudden_absence"
    /// A proposal of the handshake was declined.
    case declined
    /// A proposal of the handshake was not answered in time.
    case expired
}

/// Whether something costs nothing or what a cancellation would.
package enum FeeRule: String, Hashable, Sendable, CaseIterable {
    case free
    case asCancellation = "as_cancellation"
}

/// What it costs when one side never came and the other one waited.
package struct NoShowTerms: Hashable, Sendable {
    package let waitMinutes: Int64
    /// Shares of the quote.
    package let buyerFee: Percentage
    package let sellerFee: Percentage
}

/// What it costs when one side waited for the other and the visit was held.
package struct LateStartTerms: Hashable, Sendable {
    /// Waiting up to this long is nobody's fault.
    package let toleranceMinutes: Int64
    /// The seller's waiting beyond the tolerance is billed as time of the visit.
    package let waitingIsBilled: Bool
    /// What is taken off the visit's price when the buyer waited beyond the tolerance.
    package let reduction: Percentage
}

/// A visit that broke off because the line or the equipment failed.
package struct TechnicalFailureTerms: Hashable, Sendable {
    package enum Charge: String, Hashable, Sendable, CaseIterable {
        case free
        /// The time until the failure, without minimum and start fee.
        case timeHeld = "time_held"
    }

    /// How the sides try to go on first.
    package enum GoOn: String, Hashable, Sendable, CaseIterable {
        case resume
        case telephone
        case newTime = "new_time"
    }

    package let charge: Charge
    package let goOnBy: [GoOn]
}

/// Whether the seller may send another specialist.
package enum Substitution: String, Hashable, Sendable, CaseIterable {
    case sameField = "same_field"
    case withConsent = "with_consent"
}
