/// ISO 4217 codes. One market, one currency: a second case makes the compiler name each
/// place where two currencies could meet.
package enum Currency: String, Hashable, Sendable, CaseIterable {
    case eur = "EUR"
}

/// An amount of money in minor units (cents), exact, positive or negative.
package struct Money: Hashable, Sendable {
    package let minorUnits: Int64
    package let currency: Currency

    package init(minorUnits: Int64, currency: Currency = .eur) {
        self.minorUnits = minorUnits
        self.currency = currency
    }

    /// Reads `12.34`, `-0.05` or `7`: a point, at most two decimals, no grouping.
    package init(decimal: String, currency: Currency = .eur) throws(InvalidDecimal) {
        self.init(minorUnits: try DecimalText.parse(decimal, scale: 2), currency: currency)
    }

    package static let zero = Money(minorUnits: 0)

    /// Always two decimals: `12.30`.
    package var decimal: String { DecimalText.write(minorUnits, scale: 2, minimum: 2) }

    package func adding(_ other: Money) throws(ArithmeticFailure) -> Money {
        let currency = sharedCurrency(with: other)
        return Money(minorUnits: try minorUnits.adding(other.minorUnits), currency: currency)
    }

    package func subtracting(_ other: Money) throws(ArithmeticFailure) -> Money {
        let currency = sharedCurrency(with: other)
        return Money(minorUnits: try minorUnits.subtracting(other.minorUnits), currency: currency)
    }

    package func negated() throws(ArithmeticFailure) -> Money {
        Money(minorUnits: try minorUnits.negated(), currency: currency)
    }

    /// The sum, which does not depend on the order of the amounts: only a result that does
    /// not fit is an overflow.
    package static func sum(
        of amounts: some Sequence<Money>
    ) throws(ArithmeticFailure) -> Money {
        var total: Int128 = 0
        var currency = Money.zero.currency
        for amount in amounts {
            currency = amount.sharedCurrency(with: Money(minorUnits: 0, currency: currency))
            total = try total.adding(Int128(amount.minorUnits))
        }
        guard let minorUnits = Int64(exactly: total) else { throw .overflow }
        return Money(minorUnits: minorUnits, currency: currency)
    }

    private func sharedCurrency(with other: Money) -> Currency {
        switch (currency, other.currency) {
        case (.eur, .eur): .eur
        }
    }
}

extension Money: Comparable {
    package static func < (left: Money, right: Money) -> Bool {
        switch (left.currency, right.currency) {
        case (.eur, .eur): left.minorUnits < right.minorUnits
        }
    }
}

extension Money: CustomStringConvertible {
    package var description: String { "\(decimal) \(currency.rawValue)" }
}
