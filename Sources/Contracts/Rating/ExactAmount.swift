import MoneyAndTime

/// An amount before rounding, as a whole number of parts of a cent.
///
/// One denominator serves every line, so that exact amounts can be added: 60 seconds of a minute,
/// 100 hundredths of a cent in a price of four decimals, 10 000 hundredths of a percent in a share.
package struct ExactAmount: Hashable, Sendable {
    /// Parts of one cent.
    package static let denominator: Int64 = 60 * 100 * 10_000

    package let numerator: Int64

    package init(numerator: Int64) {
        self.numerator = numerator
    }

    /// Billed time × the price of a minute.
    package init(seconds: Int64, at price: UnitPrice) throws(ArithmeticFailure) {
        numerator = try seconds.multiplied(by: price.tenThousandths).multiplied(by: 10_000)
    }

    /// A share of an amount.
    package init(_ share: Percentage, of whole: Money) throws(ArithmeticFailure) {
        numerator = try whole.minorUnits.multiplied(by: share.basisPoints).multiplied(by: 60 * 100)
    }

    package func adding(_ other: ExactAmount) throws(ArithmeticFailure) -> ExactAmount {
        ExactAmount(numerator: try numerator.adding(other.numerator))
    }

    /// The one rounding of a line.
    package func rounded(_ mode: Rounding) throws(ArithmeticFailure) -> Money {
        Money(
            minorUnits: try mode.divide(Int128(numerator), by: Int128(Self.denominator)),
            currency: .eur)
    }

    /// In euros with up to six decimals, which is exact for whole multiples of three seconds.
    var decimal: String {
        DecimalText.write(numerator / (60 * 100), places: 6)
    }
}
