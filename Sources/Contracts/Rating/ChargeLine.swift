import MoneyAndTime

/// One line of what a visit costs, net of VAT.
package struct ChargeLine: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Time in which both sides were present.
        case visit
        /// The fee of a cancellation that came too late.
        case lateCancellation = "late_cancellation"
    }

    /// What is multiplied.
    package enum Basis: Hashable, Sendable {
        /// Billed seconds, a multiple of three, and the price of a minute.
        case time(seconds: Int64, pricePerMinute: UnitPrice)
        /// A share of the quote.
        case share(Percentage, ofQuote: Money)
    }

    package let basis: Basis
    /// Before rounding.
    package let exact: ExactAmount
    /// Rounded once.
    package let amount: Money

    package init(basis: Basis, rounding: Rounding) throws(ArithmeticFailure) {
        self.basis = basis
        exact =
            switch basis {
            case .time(let seconds, let price): try ExactAmount(seconds: seconds, at: price)
            case .share(let share, let quote): try ExactAmount(share, of: quote)
            }
        amount = try exact.rounded(rounding)
    }

    package var kind: Kind {
        switch basis {
        case .time: .visit
        case .share: .lateCancellation
        }
    }

    /// Billed minutes with up to two decimals, such as "12.6"; nil for a fee.
    package var minutes: String? {
        guard case .time(let seconds, _) = basis else { return nil }
        return Self.minutes(ofSeconds: seconds)
    }

    /// Exact for multiples of three seconds: 0.05 minutes each.
    static func minutes(ofSeconds seconds: Int64) -> String {
        DecimalText.write(seconds / 3 * 5, places: 2)
    }
}

/// What a visit costs, and how that was reached.
package struct RatedVisit: Hashable, Sendable {
    /// Empty if the visit costs nothing.
    package let lines: [ChargeLine]
    /// Sum of the lines, net of VAT.
    package let total: Money
    package let trace: RatingTrace

    /// A cancelled visit: its fee, if there is one, and how the fee was reached.
    package init(cancellation: CancellationCost) throws {
        try self.init(lines: cancellation.line.map { [$0] } ?? [], trace: cancellation.trace)
    }

    init(lines: [ChargeLine], trace: RatingTrace) throws {
        self.lines = lines
        self.trace = trace
        total = try Money.sum(of: lines.map(\.amount))
    }
}
