import MoneyAndTime

/// What the rating of a visit refuses.
package enum RatingRefusal: Error, Hashable {
    /// The contract does not sell this service.
    case unknownService(String)
    /// A length of zero or less where time is needed.
    case noTime
    /// A period without a commitment has no price.
    case noCommitment
    /// Unused time outside of the contract's blocks.
    case noBlock
}

extension RatingRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownService(let code): "the contract sells no service \(code)"
        case .noTime: "the time must be longer than nothing"
        case .noCommitment: "the contract has no commitment"
        case .noBlock: "no block of the contract has this time"
        }
    }
}

/// The price of a visit: a pure function of the terms and the facts, exact up to one rounding
/// of each line. `docs/contracts.md` has the rules, step by step.
package enum Rating {
    /// Throws `RatingRefusal`, or `ArithmeticFailure` when the amount does not fit.
    package static func rate(
        _ terms: Terms, service code: String, _ facts: VisitFacts
    ) throws -> RatedVisit {
        let service = try terms.sold(code)
        switch facts.outcome {
        case .held(let visit):
            return try held(visit, facts, of: service, under: terms)
        case .failed(let seconds):
            return try failed(after: seconds, facts, of: service, under: terms)
        case .noShow(let side, let waited):
            return try NoShowPrice.rated(by: side, waited: waited, facts, of: service, terms)
        case .cancelled(let side, let instant, let cause):
            let cost = try cancellation(
                terms, service: code, facts, by: side, at: instant, cause: cause)
            return try RatedVisit(cancellation: cost)
        case .unused:
            return try unused(terms, service: code, facts)
        }
    }

    /// The price of a planned length at a planned start, as the first visit of its period: what
    /// search shows, what a booking reserves of the budget, and what fees are a share of.
    package static func quote(
        _ terms: Terms, service code: String, starts: Instant, plannedMinutes: Int64
    ) throws -> RatedVisit {
        try quote(terms, of: try terms.sold(code), starts: starts, plannedMinutes: plannedMinutes)
    }

    /// Of a group session with `share`, the part of its quote that some places have.
    static func quote(
        _ terms: Terms, of service: SoldService, starts: Instant, plannedMinutes: Int64,
        share: GroupShare? = nil
    ) throws -> RatedVisit {
        let seconds = try plannedMinutes.multiplied(by: 60)
        var meter = VisitMeter(service, terms, starts: starts, secondsBefore: 0)
        meter.say(
            .planned, ["seconds": "\(seconds)"], "The visit is planned for \(seconds) seconds.")
        try meter.time(seconds, hasMinimum: true)
        try meter.share(share)
        return try meter.rated()
    }

    /// What the cancellation of a visit costs, to be shown before and charged after.
    package static func cancellation(
        _ terms: Terms, service code: String, _ facts: VisitFacts, by side: Side,
        at instant: Instant, cause: CancellationCause = .ordinary
    ) throws -> CancellationCost {
        let quote = try quote(
            terms, of: try terms.sold(code), starts: facts.starts,
            plannedMinutes: facts.plannedMinutes, share: facts.share)
        return try terms.cancellationCost(
            quote: quote, starts: facts.starts, by: side, at: instant, cause: cause)
    }

    private static func held(
        _ visit: HeldVisit, _ facts: VisitFacts, of service: SoldService, under terms: Terms
    ) throws -> RatedVisit {
        guard visit.billableSeconds != 0 else { return try unattended() }
        var meter = VisitMeter(
            service, terms, starts: facts.starts, secondsBefore: facts.secondsBefore)
        let planned = try facts.plannedMinutes.multiplied(by: 60)
        let whole = try meter.present(visit, planned: planned)
        let own = service.price.overrun == nil ? whole : min(whole, planned)
        try meter.time(own, hasMinimum: true)
        try meter.lateStart(visit.waiting)
        try meter.overrun(beyond: planned, of: whole, agreed: visit.overrunAgreed)
        try meter.extra(.preparation, visit.preparationMinutes, service.price.preparation)
        try meter.extra(.recordWriting, visit.recordWritingMinutes, service.price.recordWriting)
        try meter.share(facts.share)
        return try meter.rated()
    }

    private static func failed(
        after seconds: Int64, _ facts: VisitFacts, of service: SoldService, under terms: Terms
    ) throws -> RatedVisit {
        guard seconds != 0 else { return try unattended() }
        var meter = VisitMeter(
            service, terms, starts: facts.starts, secondsBefore: facts.secondsBefore)
        guard terms.technicalFailure?.charge == .timeHeld else {
            meter.say(
                .failureFree, ["seconds": "\(seconds)"],
                "The line failed after \(seconds) seconds together: nothing is billed.")
            return try meter.rated()
        }
        meter.say(
            .failure, ["seconds": "\(seconds)"],
            "The line failed after \(seconds) seconds together, which are billed.")
        let planned = try facts.plannedMinutes.multiplied(by: 60)
        let own = service.price.overrun == nil ? seconds : min(seconds, planned)
        try meter.time(own, hasMinimum: false)
        try meter.share(facts.share)
        return try meter.rated()
    }

    private static func unattended() throws -> RatedVisit {
        let step = RatingStep(
            .nobodyPresent, ["seconds": "0"],
            "Both sides were never present together: there is nothing to bill.")
        return try RatedVisit(lines: [], trace: RatingTrace(steps: [step]))
    }
}

extension Terms {
    /// Throws `RatingRefusal.unknownService`.
    func sold(_ code: String) throws(RatingRefusal) -> SoldService {
        guard let service = rateCard.service(code) else { throw .unknownService(code) }
        return service
    }
}
