import MoneyAndTime

/// What a cancellation costs the buyer. The seller's own cancellation costs the buyer nothing.
package struct CancellationTerms: Hashable, Sendable {
    /// Elapsed hours before the start, whatever the clocks on the wall do. With exactly this
    /// much notice a cancellation is still free.
    package let noticeHours: Int64
    /// The share of the quote that a later cancellation costs.
    package let fee: Percentage

    /// The last instant at which the buyer cancels free of charge.
    package func freeUntil(starts: Instant) throws(ArithmeticFailure) -> Instant {
        try starts.adding(seconds: try noticeSeconds().negated())
    }

    /// What cancelling costs, to be shown before and charged after.
    package func cost(
        quote: RatedVisit, starts: Instant, cancelledBy side: Side, at instant: Instant,
        rounding: Rounding = .halfUp
    ) throws -> CancellationCost {
        let freeUntil = try freeUntil(starts: starts)
        if side == .seller {
            let step = RatingStep(
                .sellerCancelled, [:], "The seller cancelled: this costs the buyer nothing.")
            return CancellationCost(
                line: nil, freeUntil: freeUntil, trace: RatingTrace(steps: [step]))
        }
        let isLate = instant > freeUntil
        let notice = try noticeStep(starts: starts, at: instant, isLate: isLate)
        if !isLate || fee.basisPoints == 0 {
            return CancellationCost(
                line: nil, freeUntil: freeUntil, trace: RatingTrace(steps: [notice]))
        }
        let line = try ChargeLine(basis: .share(fee, ofQuote: quote.total), rounding: rounding)
        let share = RatingStep(
            .fee,
            [
                "fee_percent": fee.decimal, "quote": quote.total.decimal,
                "exact": line.exact.decimal,
            ],
            "\(fee.decimal) % of the quote of \(quote.total.decimal) euros = "
                + "\(line.exact.decimal) euros.")
        let steps = [notice] + quote.trace.steps + [share, Rating.rounded(line)]
        let isFree = line.amount.minorUnits == 0
        return CancellationCost(
            line: isFree ? nil : line, freeUntil: freeUntil, trace: RatingTrace(steps: steps))
    }

    private func noticeSeconds() throws(ArithmeticFailure) -> Int64 {
        try noticeHours.multiplied(by: 3600)
    }

    private func noticeStep(
        starts: Instant, at instant: Instant, isLate: Bool
    ) throws(ArithmeticFailure) -> RatingStep {
        // Rounded down, as `seconds(since:)` is: a part of a second too late is too late.
        let notice = try starts.seconds(since: instant)
        let asked = try noticeSeconds()
        let given =
            notice >= 0
            ? "\(notice) seconds before the start"
            : "\(notice.magnitude) seconds after the start"
        let verdict =
            isLate
            ? fee.basisPoints == 0 ? "later than that, for which no fee is agreed" : "too late"
            : "in time, and free"
        return RatingStep(
            .notice,
            [
                "notice_hours": "\(noticeHours)", "asked_seconds": "\(asked)",
                "given_seconds": "\(notice)",
            ],
            "The buyer cancelled \(given). The contract asks for \(noticeHours) hours = "
                + "\(asked) seconds: \(verdict).")
    }
}

/// What a cancellation costs, explained.
package struct CancellationCost: Hashable, Sendable {
    /// Nil if it costs nothing.
    package let line: ChargeLine?
    /// The last instant at which the buyer cancels free of charge.
    package let freeUntil: Instant
    package let trace: RatingTrace

    /// Net of VAT.
    package var fee: Money { line?.amount ?? .zero }
}
