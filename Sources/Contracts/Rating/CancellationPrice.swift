import MoneyAndTime

/// What a cancellation costs, explained.
package struct CancellationCost: Hashable, Sendable {
    /// Nil if it costs nothing.
    package let line: ChargeLine?
    /// The last instant at which this side cancels free of charge; nil where it never does.
    package let freeUntil: Instant?
    package let trace: RatingTrace

    /// Net of VAT. What the side that cancels pays: the buyer on its invoice, the seller by a
    /// reduction.
    package func fee() throws(ArithmeticFailure) -> Money {
        guard let amount = line?.amount else { return .zero }
        return amount < .zero ? try amount.negated() : amount
    }
}

extension RatedVisit {
    /// A cancelled visit: its fee, if there is one, and how the fee was reached.
    package init(cancellation: CancellationCost) throws {
        try self.init(lines: cancellation.line.map { [$0] } ?? [], trace: cancellation.trace)
    }
}

extension Terms {
    /// Whether a cancellation for this cause costs anything at all.
    private func rule(of cause: CancellationCause) -> FeeRule {
        switch cause {
        case .ordinary: .asCancellation
        case .suddenAbsence: suddenAbsence
        case .declined: handshake.declined
        case .expired: handshake.expired
        }
    }

    func cancellationCost(
        quote: RatedVisit, starts: Instant, by side: Side, at instant: Instant,
        cause: CancellationCause
    ) throws -> CancellationCost {
        guard rule(of: cause) == .asCancellation else {
            let step = RatingStep(
                .cancelledFree, ["cause": cause.rawValue],
                "By the contract this costs nothing (\(cause.rawValue)).")
            return CancellationCost(
                line: nil, freeUntil: nil, trace: RatingTrace(steps: [step]))
        }
        let freeUntil = try cancellation.freeUntil(starts: starts, by: side)
        guard let (band, given) = try cancellation.band(starts: starts, by: side, at: instant)
        else { return CancellationCost(line: nil, freeUntil: freeUntil, trace: .init(steps: [])) }
        let notice = try Self.notice(band, given: given, by: side)
        let line = try ChargeLine(
            side == .buyer ? .lateCancellation : .sellerCancellation,
            .share(band.fee, of: quote.total), rounding: rounding.mode)
        guard line.amount.minorUnits != 0 else {
            return CancellationCost(
                line: nil, freeUntil: freeUntil, trace: RatingTrace(steps: [notice]))
        }
        let steps = [notice] + quote.trace.steps + RatingStep.product(of: line)
        return CancellationCost(
            line: line, freeUntil: freeUntil, trace: RatingTrace(steps: steps))
    }

    private static func notice(
        _ band: CancellationTerms.Band, given: Int64, by side: Side
    ) throws(ArithmeticFailure) -> RatingStep {
        let when =
            given >= 0
            ? "\(given) seconds before the start" : "\(given.magnitude) seconds after the start"
        let asked = try band.noticeHours.multiplied(by: 3600)
        return RatingStep(
            .notice,
            [
                "side": side.rawValue, "given_seconds": "\(given)",
                "notice_hours": "\(band.noticeHours)", "asked_seconds": "\(asked)",
                "fee_percent": band.fee.decimal,
            ],
            "The \(side.rawValue) cancelled \(when). With \(band.noticeHours) hours = \(asked) "
                + "seconds or more, the contract makes it \(band.fee.decimal) %.")
    }
}

/// One side never came.
enum NoShowPrice {
    static func rated(
        by side: Side, waited: Int64, _ facts: VisitFacts, of service: SoldService, _ terms: Terms
    ) throws -> RatedVisit {
        guard let noShow = terms.noShow else {
            let step = RatingStep(
                .noShowFree, ["side": side.rawValue],
                "The \(side.rawValue) did not come. The contract says nothing of it: no charge.")
            return try RatedVisit(lines: [], trace: RatingTrace(steps: [step]))
        }
        let wait = try noShow.waitMinutes.multiplied(by: 60)
        let step = RatingStep(
            .noShow,
            ["side": side.rawValue, "waited_seconds": "\(waited)", "asked_seconds": "\(wait)"],
            "The \(side.rawValue) did not come; the other side waited for \(waited) seconds of "
                + "the \(wait) that the contract asks for.")
        let fee = side == .buyer ? noShow.buyerFee : noShow.sellerFee
        guard waited >= wait, fee.basisPoints > 0 else {
            return try RatedVisit(lines: [], trace: RatingTrace(steps: [step]))
        }
        let quote = try Rating.quote(
            terms, of: service, starts: facts.starts, plannedMinutes: facts.plannedMinutes,
            share: facts.share)
        let line = try ChargeLine(
            side == .buyer ? .noShow : .sellerNoShow, .share(fee, of: quote.total),
            rounding: terms.rounding.mode)
        let steps = [step] + quote.trace.steps + RatingStep.product(of: line)
        return try RatedVisit(
            lines: line.amount.minorUnits == 0 ? [] : [line], trace: RatingTrace(steps: steps))
    }
}
