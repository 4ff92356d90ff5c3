import MoneyAndTime

/// Puts the lines of one visit together, in the order of `docs/contracts.md`, and writes down
/// each step.
struct VisitMeter {
    private let service: SoldService
    private let terms: Terms
    private let starts: Instant
    private let secondsBefore: Int64
    private var lines: [ChargeLine] = []
    private var steps: [RatingStep] = []
    private var billedSeconds: Int64 = 0

    private var price: ServicePrice { service.price }

    init(_ service: SoldService, _ terms: Terms, starts: Instant, secondsBefore: Int64) {
        self.service = service
        self.terms = terms
        self.starts = starts
        self.secondsBefore = secondsBefore
    }

    func rated() throws -> RatedVisit {
        try RatedVisit(
            lines: lines, billedSeconds: billedSeconds, trace: RatingTrace(steps: steps))
    }

    mutating func say(
        _ code: RatingStep.Code, _ figures: KeyValuePairs<String, String>, _ words: String
    ) {
        steps.append(RatingStep(code, figures, words))
    }

    /// The seconds of the visit before any step: of a duty shift at least its planned length, and
    /// the seller's waiting beyond the tolerance where it is billed.
    mutating func present(_ visit: HeldVisit, planned: Int64) throws -> Int64 {
        var seconds = visit.billableSeconds
        if service.kind == .dutyShift {
            say(
                .onDuty, ["seconds": "\(seconds)"],
                "Somebody was on duty, or both sides were present together, for \(seconds) seconds."
            )
        } else {
            say(
                .present, ["seconds": "\(seconds)"],
                "Both sides were present together for \(seconds) seconds.")
        }
        if visit.cutSeconds > 0 {
            say(
                .nextBooking, ["seconds": "\(visit.cutSeconds)"],
                "Then the specialist's next booking began: \(visit.cutSeconds) more seconds "
                    + "together are not counted.")
        }
        if service.kind == .dutyShift, seconds < planned {
            seconds = planned
            say(
                .shift, ["seconds": "\(planned)"],
                "A shift that was begun is billed whole: \(planned) seconds.")
        }
        guard let waiting = visit.waiting, waiting.side == .seller,
            let late = terms.lateStart, late.waitingIsBilled
        else { return seconds }
        let tolerance = try late.toleranceMinutes.multiplied(by: 60)
        guard waiting.seconds > tolerance else { return seconds }
        let beyond = waiting.seconds - tolerance
        let sum = try seconds.adding(beyond)
        say(
            .waiting,
            [
                "waited": "\(waiting.seconds)", "tolerance": "\(tolerance)",
                "beyond": "\(beyond)", "seconds": "\(sum)",
            ],
            "The seller waited for \(waiting.seconds) seconds, \(tolerance) of them free: "
                + "\(seconds) + \(beyond) = \(sum) seconds.")
        return sum
    }

    /// Start fee, time, supplements, cap and discounts. What has no minimum has no start fee.
    mutating func time(_ seconds: Int64, hasMinimum: Bool) throws {
        try base(seconds, hasMinimum: hasMinimum)
        try supplements(billedSeconds)
        try reduceToCap()
        let day = terms.clock.date(of: starts)
        for discount in price.discounts where discount.holds(on: day) {
            try takeOff(.discount, discount.percent, code: discount.code)
        }
    }

    /// Time of a block in which there was no visit: to the second, without steps, minimum, start
    /// fee and cap, which are of visits.
    mutating func unused(_ seconds: Int64) throws {
        say(
            .unused, ["seconds": "\(seconds)"],
            "\(seconds) seconds of the block were not used.")
        try visit(seconds)
        try supplements(seconds)
        let day = terms.clock.date(of: starts)
        for discount in price.discounts where discount.holds(on: day) {
            try takeOff(.discount, discount.percent, code: discount.code)
        }
    }

    /// What does not depend on the day and the hour: start fee and time.
    mutating func base(_ seconds: Int64, hasMinimum: Bool) throws {
        let (billed, metering) = try BilledTime.of(
            seconds, price.increment, minimumSeconds: hasMinimum ? price.minimumSeconds : 0)
        steps += metering
        billedSeconds = billed
        if hasMinimum, let fee = price.startFee { try add(.startFee, .sum(fee)) }
        try visit(billed)
    }

    private mutating func visit(_ billed: Int64) throws {
        let parts = try TierPrices.parts(of: billed, after: secondsBefore, price)
        if let tiers = price.tiers {
            let before = ChargeLine.minutes(ofSeconds: secondsBefore)
            say(
                tiers.kind == .graduated ? .graduated : .volume, ["before": before],
                "\(before) minutes of the service were billed in the period before this visit.")
        }
        for part in parts {
            // A visit that costs nothing says so on a line of its own.
            try add(
                .visit, .time(seconds: part.seconds, pricePerMinute: part.perMinute),
                evenIfNothing: true)
        }
    }

    private mutating func supplements(_ billed: Int64) throws {
        guard !price.supplements.isEmpty else { return }
        let time = try SupplementTime(starts: starts, seconds: billed, clock: terms.clock)
        for supplement in price.supplements {
            let seconds = time.seconds(of: supplement)
            guard seconds > 0 else { continue }
            try add(
                .supplement, code: supplement.code,
                .time(seconds: seconds, pricePerMinute: supplement.perMinute))
        }
    }

    private mutating func reduceToCap() throws {
        guard let cap = price.cap else { return }
        let sum = try Money.sum(of: lines.map(\.amount))
        guard sum > cap else { return }
        let excess = try sum.subtracting(cap)
        say(
            .cap, ["sum": sum.decimal, "cap": cap.decimal, "excess": excess.decimal],
            "\(sum.decimal) euros are \(excess.decimal) above the cap of \(cap.decimal).")
        try add(.capReduction, .sum(excess))
    }

    /// The buyer's waiting beyond the tolerance lowers the price of the time.
    mutating func lateStart(_ waiting: HeldVisit.Waiting?) throws {
        guard let waiting, waiting.side == .buyer, let late = terms.lateStart else { return }
        let tolerance = try late.toleranceMinutes.multiplied(by: 60)
        guard waiting.seconds > tolerance else { return }
        say(
            .sellerLate, ["waited": "\(waiting.seconds)", "tolerance": "\(tolerance)"],
            "The buyer waited for \(waiting.seconds) seconds, longer than \(tolerance).")
        try takeOff(.lateStartReduction, late.reduction)
    }

    /// What goes beyond both the planned length and the time that is billed already.
    mutating func overrun(beyond planned: Int64, of whole: Int64, agreed: Bool) throws {
        guard let overrun = price.overrun, whole > planned else { return }
        let beyond = whole - max(planned, billedSeconds)
        guard agreed else {
            say(
                .overrunNotAgreed, ["seconds": "\(whole - planned)"],
                "\(whole - planned) seconds beyond the planned length were not agreed: "
                    + "they are not billed.")
            return
        }
        guard beyond > 0 else { return }
        let ceiling = try overrun.maximumMinutes.multiplied(by: 60)
        let seconds = min(try BilledTime.further(beyond, price.increment), ceiling)
        say(
            .overrun,
            ["beyond": "\(beyond)", "ceiling": "\(ceiling)", "seconds": "\(seconds)"],
            "\(beyond) seconds of agreed overrun, in whole steps of "
                + "\(price.increment.nextSeconds) and at most \(ceiling): \(seconds) seconds.")
        try add(.overrun, .time(seconds: seconds, pricePerMinute: overrun.perMinute))
    }

    /// Preparation and record-writing.
    mutating func extra(_ kind: ChargeLine.Kind, _ minutes: Int64, _ extra: ExtraMinutes?) throws {
        guard let extra, minutes > 0 else { return }
        let counted = min(minutes, extra.maximumMinutes)
        say(
            kind == .preparation ? .preparation : .recordWriting,
            [
                "minutes": "\(minutes)", "ceiling": "\(extra.maximumMinutes)",
                "counted": "\(counted)",
            ],
            "\(minutes) minutes of \(kind == .preparation ? "preparation" : "record-writing"), "
                + "at most \(extra.maximumMinutes) are billed: \(counted).")
        try add(
            kind, .time(seconds: counted.multiplied(by: 60), pricePerMinute: extra.perMinute))
    }

    /// Some places of a group session instead of the whole.
    mutating func share(_ share: GroupShare?) throws {
        guard let share else { return }
        let whole = try Money.sum(of: lines.map(\.amount))
        let own = try share.of(whole)
        let end = try share.placesBefore.adding(share.places)
        say(
            .groupShare,
            [
                "total": whole.decimal, "places": "\(share.places)",
                "before": "\(share.placesBefore)", "all": "\(share.placesInAll)",
                "amount": own.decimal,
            ],
            "The session costs \(whole.decimal) euros. \(share.places) of "
                + "\(share.placesInAll) places, \(share.placesBefore) before them: "
                + "\(whole.decimal) × \(end) ÷ \(share.placesInAll) less "
                + "\(whole.decimal) × \(share.placesBefore) ÷ \(share.placesInAll), each in "
                + "whole cents, is \(own.decimal) euros.")
        lines = []
        if own.minorUnits != 0 {
            lines = [try ChargeLine(.groupShare, .sum(own), rounding: terms.rounding.mode)]
        }
    }

    /// Takes a share off all lines so far.
    private mutating func takeOff(
        _ kind: ChargeLine.Kind, _ percent: Percentage, code: String? = nil
    ) throws {
        let sum = try Money.sum(of: lines.map(\.amount))
        try add(kind, code: code, .share(percent, of: sum))
    }

    private mutating func add(
        _ kind: ChargeLine.Kind, code: String? = nil, _ basis: ChargeLine.Basis,
        evenIfNothing: Bool = false
    ) throws {
        let line = try ChargeLine(kind, code: code, basis, rounding: terms.rounding.mode)
        guard evenIfNothing || line.amount.minorUnits != 0 else { return }
        lines.append(line)
        steps += RatingStep.product(of: line)
    }
}
