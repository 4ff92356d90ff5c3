import Contracts
import MoneyAndTime
import StrictJSON

/// The reference rate of a half-year, as the Bank of Finland announces it (Interest Act 633/1982,
/// § 12).
package struct ReferenceRate: Hashable, Sendable {
    /// 1 January or 1 July.
    package let startsOn: CalendarDate
    package let rate: Percentage

    package init(startsOn: CalendarDate, rate: Percentage) {
        (self.startsOn, self.rate) = (startsOn, rate)
    }

    /// The first day of the half-year in which a day lies.
    package static func halfYear(of day: CalendarDate) throws -> CalendarDate {
        try CalendarDate(year: day.year, month: day.month < 7 ? 1 : 7, day: 1)
    }
}

/// What a debtor owes for paying late: each day after the due date, that of the payment too, bears
/// a 365th of the yearly rate on what was open that day. Exact until its one rounding, half up.
package struct LateInterest: Hashable, Sendable {
    package enum Refusal: Error, Hashable, Sendable {
        /// The rate of the half-year that begins on this day is not known.
        case rateMissing(CalendarDate)
    }

    /// What was open of the invoice from a day on is less by `amount`; more, where it is negative.
    package struct Change: Hashable, Sendable {
        package let day: CalendarDate
        package let amount: Money

        package init(day: CalendarDate, amount: Money) {
            (self.day, self.amount) = (day, amount)
        }
    }

    /// Days on which the same was open at the same rate.
    package struct Stretch: Hashable, Sendable {
        package let first: CalendarDate
        /// It bears interest, too.
        package let last: CalendarDate
        package let principal: Money
        /// By the year.
        package let rate: Percentage

        package var days: Int { last.days(since: first) + 1 }
    }

    /// Commercial debts: the reference rate and so many percentage points (Interest Act, § 4 a).
    package static let margin: Int64 = 800
    /// A leap day bears interest as any other day does.
    package static let daysOfYear: Int128 = 365

    package let stretches: [Stretch]
    package let exact: ExactNet
    package let amount: Money

    /// From `first` to `last`, both included, `first` being after the due date. Nothing is owed
    /// where `last` lies before `first`, or nothing was open.
    package init(
        on total: Money, less changes: [Change], from first: CalendarDate,
        through last: CalendarDate, terms: BillingTerms.LateInterest, rates: [ReferenceRate]
    ) throws {
        let known = Dictionary(rates.map { ($0.startsOn, $0.rate) }) { $1 }
        var stretches: [Stretch] = []
        var begins = first
        while begins <= last {
            let next = try Self.change(after: begins, changes, last: last)
            let paid = try Money.sum(of: changes.filter { $0.day < begins }.map(\.amount))
            let principal = try total.subtracting(paid)
            if principal > .zero {
                stretches.append(
                    Stretch(
                        first: begins, last: try next.adding(days: -1), principal: principal,
                        rate: try Self.rate(on: begins, terms, known)))
            }
            begins = next
        }
        self.stretches = stretches
        let numerator = try stretches.reduce(Int128(0)) { sum, stretch in
            try sum.adding(
                Int128(stretch.principal.minorUnits).multiplied(
                    by: Int128(stretch.rate.basisPoints) * Int128(stretch.days)))
        }
        exact = try ExactNet(numerator: numerator, denominator: 10_000 * Self.daysOfYear)
        amount = try exact.rounded()
    }

    private static func rate(
        on day: CalendarDate, _ terms: BillingTerms.LateInterest,
        _ known: [CalendarDate: Percentage]
    ) throws -> Percentage {
        switch terms {
        case .yearly(let rate): return rate
        case .statutory:
            let half = try ReferenceRate.halfYear(of: day)
            guard let rate = known[half] else { throw Refusal.rateMissing(half) }
            return try Percentage(basisPoints: rate.basisPoints + margin)
        }
    }

    /// The next day on which something is different: after a payment, in a new half-year, or after
    /// the last day.
    private static func change(
        after day: CalendarDate, _ changes: [Change], last: CalendarDate
    ) throws -> CalendarDate {
        let half = try ReferenceRate.halfYear(of: day).adding(months: 6)
        let paid = try changes.map { try $0.day.adding(days: 1) }.filter { $0 > day }
        return min(try last.adding(days: 1), min(half, paid.min() ?? half))
    }
}

extension LateInterest {
    /// How it was computed, as it is shown and kept (RFC 8785).
    package var trace: JSON {
        [
            "days_of_year": JSON(Int64(Self.daysOfYear)),
            "stretches": .array(
                stretches.map { stretch in
                    [
                        "first_day": JSON(stretch.first.iso),
                        "last_day": JSON(stretch.last.iso),
                        "days": JSON(stretch.days),
                        "principal": JSON(stretch.principal.decimal),
                        "rate": JSON(stretch.rate.decimal),
                    ]
                }),
            "numerator": JSON("\(exact.numerator)"),
            "denominator": JSON("\(exact.denominator)"),
            "rounding": JSON(Rounding.halfUp.rawValue),
        ]
    }
}
