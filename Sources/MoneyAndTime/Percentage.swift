/// A share in basis points (hundredths of a per cent), from 0 to 1000 %.
package struct Percentage: Hashable, Sendable {
    package static let maximumBasisPoints: Int64 = 100_000

    package let basisPoints: Int64

    package init(basisPoints: Int64) throws(InvalidDecimal) {
        if basisPoints < 0 { throw .negative }
        if basisPoints > Self.maximumBasisPoints { throw .outOfRange }
        self.basisPoints = basisPoints
    }

    /// Reads per cents: `25.5` is 2550 basis points. At most two decimals.
    package init(decimal: String) throws(InvalidDecimal) {
        try self.init(basisPoints: try DecimalText.parse(decimal, scale: 2))
    }

    /// Per cents with as few decimals as are exact: `25.5`, `14`.
    package var decimal: String { DecimalText.write(basisPoints, scale: 2, minimum: 0) }

    /// This share of an amount, rounded once to minor units.
    package func of(
        _ amount: Money, rounding: Rounding = .halfUp
    ) throws(ArithmeticFailure) -> Money {
        let exact = Int128(amount.minorUnits) * Int128(basisPoints)
        return Money(minorUnits: try rounding.divide(exact, by: 10_000), currency: amount.currency)
    }
}

extension Percentage: Comparable {
    package static func < (left: Percentage, right: Percentage) -> Bool {
        left.basisPoints < right.basisPoints
    }
}

extension Percentage: CustomStringConvertible {
    package var description: String { "\(decimal) %" }
}
