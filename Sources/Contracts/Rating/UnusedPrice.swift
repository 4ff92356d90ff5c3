import MoneyAndTime

extension Rating {
    /// What time of a block costs in which no visit was placed: for each stretch the share that
    /// the contract says of the price of its time, as the first of its period. A line for each
    /// stretch that costs something. Throws `RatingRefusal`, or `ArithmeticFailure`.
    package static func unused(
        _ terms: Terms, service code: String, fee: Percentage, _ stretches: [TimeSlot]
    ) throws -> RatedVisit {
        let service = try terms.sold(code)
        var lines: [ChargeLine] = []
        var steps: [RatingStep] = []
        for stretch in stretches {
            let (line, reached) = try unused(terms, service, fee: fee, stretch, as: .unusedBlock)
            steps += reached
            if line.amount != .zero { lines.append(line) }
        }
        return try RatedVisit(lines: lines, trace: RatingTrace(steps: steps))
    }

    /// What it costs the buyer to cancel a visit that was placed in a block: nothing before placing
    /// ends, since its place is the buyer's again; afterwards what the bands say, and not less than
    /// the place costs unused.
    package static func cancellation(
        _ terms: Terms, service code: String, _ facts: VisitFacts, at instant: Instant,
        inBlock fee: Percentage, placeUntil: Instant, takesVisits: Bool
    ) throws -> CancellationCost {
        if takesVisits {
            let step = RatingStep(
                .cancelledFree, ["cause": "in_block"],
                "Placing has not ended: the place in the block is the buyer's again.")
            return CancellationCost(
                line: nil, freeUntil: placeUntil, trace: RatingTrace(steps: [step]))
        }
        let byBand = try cancellation(terms, service: code, facts, by: .buyer, at: instant)
        let (line, steps) = try unused(
            terms, terms.sold(code), fee: fee, facts.planned(), as: .lateCancellation)
        guard try line.amount > byBand.fee() else { return byBand }
        return CancellationCost(
            line: line, freeUntil: instant < placeUntil ? nil : placeUntil,
            trace: RatingTrace(steps: steps))
    }

    private static func unused(
        _ terms: Terms, _ service: SoldService, fee: Percentage, _ stretch: TimeSlot,
        as kind: ChargeLine.Kind
    ) throws -> (line: ChargeLine, steps: [RatingStep]) {
        var meter = VisitMeter(service, terms, starts: stretch.start, secondsBefore: 0)
        try meter.unused(stretch.seconds)
        let whole = try meter.rated()
        let line = try ChargeLine(
            kind, .share(fee, of: whole.total), rounding: terms.rounding.mode)
        return (line, whole.trace.steps + RatingStep.product(of: line))
    }

    /// The same of one stretch, as a worked example says it: of the contract's block of the service
    /// in which it lies.
    static func unused(
        _ terms: Terms, service code: String, _ facts: VisitFacts
    ) throws -> RatedVisit {
        let stretch = try facts.planned()
        let block = terms.blocks.first {
            $0.service == code && $0.holds(stretch, on: terms.clock)
        }
        guard let block else { throw RatingRefusal.noBlock }
        return try unused(terms, service: code, fee: block.unusedFee, [stretch])
    }
}

extension VisitFacts {
    func planned() throws -> TimeSlot {
        try TimeSlot(
            start: starts, end: starts.adding(seconds: plannedMinutes.multiplied(by: 60)))
    }
}

extension WeeklyBlock {
    /// The block of a day on the wall clock of the contract; nil on other weekdays, and where a
    /// change of the clocks leaves nothing of it.
    package func slot(on day: CalendarDate, _ clock: WallClock) -> TimeSlot? {
        guard day.weekday.rawValue == weekday.iso else { return nil }
        return clock.slot(on: day, minutes: from.minuteOfDay..<until.minuteOfDay)
    }

    func holds(_ stretch: TimeSlot, on clock: WallClock) -> Bool {
        slot(on: clock.date(of: stretch.start), clock)?.contains(stretch) ?? false
    }
}
