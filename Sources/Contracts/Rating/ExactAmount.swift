import MoneyAndTime

/// An amount before rounding, as a whole number of parts of a cent.
///
/// One denominator serves every line, so that exact amounts can be added: 60 seconds of a minute,
/// 100 hundredths of a cent in a price of four decimals, 10 000 hundredths of a percent in a share.
package struct ExactAmount: Hashable, Sendable {
    /// Parts of one cent.
    package static let denominator: Int128 = 60 * 100 * 10_000

    // Wider than money, so that no sum of money times the denominator is too large.
    package let numerator: Int128

    /// Billed time × the price of a minute.
    package init(seconds: Int64, at price: UnitPrice) throws(ArithmeticFailure) {
        numerator = try Int128(seconds).multiplied(by: Int128(price.tenThousandths))
            .multiplied(by: 10_000)
    }

    /// A sum of whole cents.
    package init(_ sum: Money) throws(ArithmeticFailure) {
        numerator = try Int128(sum.minorUnits).multiplied(by: Self.denominator)
    }

    /// A share of an amount.
    package init(_ share: Percentage, of whole: Money) throws(ArithmeticFailure) {
        numerator = try Int128(whole.minorUnits).multiplied(by: Int128(share.basisPoints))
            .multiplied(by: 60 * 100)
    }

    /// The one rounding of a line.
    package func rounded(_ mode: Rounding) throws(ArithmeticFailure) -> Money {
        Money(minorUnits: try mode.divide(numerator, by: Self.denominator), currency: .eur)
    }

    /// In euros with up to six decimals, which is exact for whole multiples of three seconds.
    var decimal: String {
        DecimalText.write(numerator / (60 * 100), places: 6)
    }
}
