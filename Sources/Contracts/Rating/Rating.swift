import MoneyAndTime

/// What the rating of a visit refuses.
package enum RatingRefusal: Error, Hashable {
    /// The contract does not sell this service.
    case unknownService(String)
    /// A length of zero or less where time is needed.
    case noTime
}

extension RatingRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownService(let code): "the contract sells no service \(code)"
        case .noTime: "the time must be longer than nothing"
        }
    }
}

/// The price of a visit: a pure function of the terms and the facts, exact up to one rounding
/// of each line.
package enum Rating {
    /// Throws `RatingRefusal`, or `ArithmeticFailure` when the amount does not fit.
    package static func rate(
        _ terms: Terms, service code: String, _ facts: VisitFacts
    ) throws -> RatedVisit {
        guard let service = terms.rateCard.service(code) else {
            throw RatingRefusal.unknownService(code)
        }
        return try rate(
            service, facts, cancellation: terms.cancellation, rounding: terms.rounding.mode)
    }

    /// The price of a planned length: what a booking reserves of the budget, and what the fee
    /// of a late cancellation is a share of.
    package static func quote(
        _ service: SoldService, plannedSeconds: Int64, rounding: Rounding = .halfUp
    ) throws -> RatedVisit {
        let planned = RatingStep(
            .planned, ["seconds": "\(plannedSeconds)"],
            "The visit is planned for \(plannedSeconds) seconds.")
        return try meter(service, plannedSeconds, rounding: rounding, after: [planned])
    }

    static func rate(
        _ service: SoldService, _ facts: VisitFacts, cancellation: CancellationTerms,
        rounding: Rounding
    ) throws -> RatedVisit {
        switch facts.outcome {
        case .held(let seconds):
            guard seconds != 0 else { return try unattended() }
            let present = RatingStep(
                .present, ["seconds": "\(seconds)"],
                "Both sides were present together for \(seconds) seconds.")
            return try meter(service, seconds, rounding: rounding, after: [present])
        case .cancelled(let side, let instant):
            let planned = try facts.plannedMinutes.multiplied(by: 60)
            let quote = try quote(service, plannedSeconds: planned, rounding: rounding)
            let cost = try cancellation.cost(
                quote: quote, starts: facts.starts, cancelledBy: side, at: instant,
                rounding: rounding)
            return try RatedVisit(lines: cost.line.map { [$0] } ?? [], trace: cost.trace)
        }
    }

    private static func unattended() throws -> RatedVisit {
        let step = RatingStep(
            .nobodyPresent, ["seconds": "0"],
            "Both sides were never present together: there is nothing to bill.")
        return try RatedVisit(lines: [], trace: RatingTrace(steps: [step]))
    }

    private static func meter(
        _ service: SoldService, _ seconds: Int64, rounding: Rounding, after first: [RatingStep]
    ) throws -> RatedVisit {
        let (billed, metering) = try BilledTime.of(seconds, service)
        let price = service.pricePerMinute
        let line = try ChargeLine(
            basis: .time(seconds: billed, pricePerMinute: price), rounding: rounding)
        let minutes = ChargeLine.minutes(ofSeconds: billed)
        let multiplying = RatingStep(
            .price,
            ["minutes": minutes, "price_per_minute": price.decimal, "exact": line.exact.decimal],
            "\(minutes) minutes × \(price.decimal) euros = \(line.exact.decimal) euros.")
        let steps = first + metering + [multiplying, rounded(line)]
        return try RatedVisit(lines: [line], trace: RatingTrace(steps: steps))
    }

    static func rounded(_ line: ChargeLine) -> RatingStep {
        RatingStep(
            .rounding, ["exact": line.exact.decimal, "amount": line.amount.decimal],
            "\(line.exact.decimal) euros, rounded to whole cents, half a cent up: "
                + "\(line.amount.decimal) euros.")
    }
}
