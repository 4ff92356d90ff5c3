import MoneyAndTime

/// On how many days of a period a contract rules: all of them but in the first and the last one.
package struct RuledDays: Hashable, Sendable {
    package let ruled: Int64
    package let all: Int64

    package init(ruled: Int64, all: Int64) {
        self.ruled = ruled
        self.all = all
    }

    /// The part of the minutes of a whole period that these days have, in whole minutes: what does
    /// not make one is not owed. 22 of 31 days have 851 of 1200. Throws `ArithmeticFailure`.
    package func minutes(of whole: Int64) throws(ArithmeticFailure) -> Int64 {
        try whole.multiplied(by: ruled) / all
    }
}

extension Rating {
    /// What is missing of a commitment, after the billed seconds of all visits of a period. The
    /// planned seconds `ofSeller`, of visits that it cancelled or did not come to, are not owed.
    package static func shortfall(
        _ terms: Terms, billedSeconds: Int64, ofSeller: Int64 = 0, in days: RuledDays? = nil
    ) throws -> RatedVisit {
        guard let commitment = terms.commitment else { throw RatingRefusal.noCommitment }
        var steps: [RatingStep] = []
        var minutes = commitment.minutesPerPeriod
        if let days, days.ruled != days.all {
            minutes = try days.minutes(of: minutes)
            steps.append(ruledStep(days, of: commitment, minutes))
        }
        var committed = try minutes.multiplied(by: 60)
        if ofSeller > 0 {
            let left = max(0, try committed.subtracting(ofSeller))
            steps.append(sellerStep(ofSeller, of: committed, left))
            committed = left
        }
        let missing = max(0, try committed.subtracting(billedSeconds))
        steps.append(missingStep(committed, billedSeconds, missing))
        guard missing > 0 else {
            return try RatedVisit(lines: [], trace: RatingTrace(steps: steps))
        }
        let line = try ChargeLine(
            .shortfall, .time(seconds: missing, pricePerMinute: commitment.perMinute),
            rounding: terms.rounding.mode)
        return try RatedVisit(
            lines: line.amount == .zero ? [] : [line],
            trace: RatingTrace(steps: steps + RatingStep.product(of: line)))
    }

    private static func ruledStep(
        _ days: RuledDays, of commitment: Commitment, _ minutes: Int64
    ) -> RatingStep {
        RatingStep(
            .commitmentDays,
            [
                "agreed": "\(commitment.minutesPerPeriod)", "days": "\(days.ruled)",
                "of_days": "\(days.all)", "minutes": "\(minutes)",
            ],
            "The contract rules \(days.ruled) of \(days.all) days: "
                + "\(commitment.minutesPerPeriod) × \(days.ruled) ÷ \(days.all) are "
                + "\(minutes) whole minutes.")
    }

    private static func sellerStep(
        _ seconds: Int64, of committed: Int64, _ left: Int64
    ) -> RatingStep {
        let figures = [committed, seconds, left].map(ChargeLine.minutes(ofSeconds:))
        return RatingStep(
            .commitmentSeller,
            ["committed": figures[0], "seller": figures[1], "minutes": figures[2]],
            "Visits of \(figures[1]) minutes were cancelled or missed by the seller: "
                + "of \(figures[0]) minutes \(figures[2]) are left to be taken.")
    }

    private static func missingStep(
        _ committed: Int64, _ billed: Int64, _ missing: Int64
    ) -> RatingStep {
        let figures = [committed, billed, missing].map(ChargeLine.minutes(ofSeconds:))
        return RatingStep(
            .commitment,
            ["committed": figures[0], "billed": figures[1], "minutes": figures[2]],
            "\(figures[0]) minutes were agreed and \(figures[1]) billed: "
                + "\(figures[2]) are missing.")
    }
}
