import MoneyAndTime

/// A net amount before rounding: a fraction of minor units. 187 minutes × 2.4533 is
/// 4,587,671 ⁄ 100 cents.
package struct ExactNet: Hashable, Sendable {
    package let numerator: Int128
    /// Above zero.
    package let denominator: Int128

    /// Throws `divisionByZero` unless the denominator is above zero.
    package init(numerator: Int128, denominator: Int128) throws(ArithmeticFailure) {
        guard denominator > 0 else { throw .divisionByZero }
        self.numerator = numerator
        self.denominator = denominator
    }

    /// `quantity` × `price` ÷ `baseQuantity`, exact.
    package init(
        _ quantity: BilledQuantity, at price: UnitPrice, baseQuantity: Int64 = 1
    ) throws(ArithmeticFailure) {
        // Two 64-bit factors fit in 128 bits. Hundredths × ten-thousandths ÷ 10,000 are cents.
        try self.init(
            numerator: Int128(quantity.hundredths) * Int128(price.tenThousandths),
            denominator: Int128(baseQuantity) * 10_000)
    }

    package static let zero = ExactNet(uncheckedNumerator: 0, denominator: 1)

    private init(uncheckedNumerator numerator: Int128, denominator: Int128) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// Exact, over the least common denominator.
    package func adding(_ other: ExactNet) throws(ArithmeticFailure) -> ExactNet {
        let divisor = ExactNet.commonDivisor(denominator, other.denominator)
        let factor = other.denominator / divisor
        let otherFactor = denominator / divisor
        let sum = try numerator.multiplied(by: factor)
            .adding(try other.numerator.multiplied(by: otherFactor))
        return ExactNet(
            uncheckedNumerator: sum, denominator: try denominator.multiplied(by: factor))
    }

    package func equals(_ other: ExactNet) throws(ArithmeticFailure) -> Bool {
        try numerator.multiplied(by: other.denominator)
            == other.numerator.multiplied(by: denominator)
    }

    /// The one place where a price becomes money.
    package func rounded(
        _ rounding: Rounding = .halfUp, currency: Currency = .eur
    ) throws(ArithmeticFailure) -> Money {
        Money(minorUnits: try rounding.divide(numerator, by: denominator), currency: currency)
    }

    /// A sum that was rounded once, parted again in whole cents among what it is the sum of: each
    /// has its own whole cents, and those with most beyond them one more, the first before others
    /// (largest remainder, invariant 17).
    package static func shares(
        of sum: Money, for parts: [ExactNet]
    ) throws(ArithmeticFailure) -> [Money] {
        var cents: [Int64] = []
        for part in parts {
            let (whole, rest) = part.numerator.quotientAndRemainder(dividingBy: part.denominator)
            guard let floor = Int64(exactly: rest < 0 ? whole - 1 : whole) else { throw .overflow }
            cents.append(floor)
        }
        var left = sum.minorUnits
        for floor in cents { left = try left.subtracting(floor) }
        let rests = zip(parts, cents).map { part, floor in
            ExactNet(
                uncheckedNumerator: part.numerator - Int128(floor) * part.denominator,
                denominator: part.denominator)
        }
        var order: [Int] = Array(parts.indices)
        order.sort { one, other in
            // both are below one cent, so that their products fit where their sum did
            let (a, b) = (rests[one], rests[other])
            let (left, right) = (a.numerator * b.denominator, b.numerator * a.denominator)
            return (right, one) < (left, other)
        }
        for place in order where left > 0 {
            cents[place] = try cents[place].adding(1)
            left -= 1
        }
        return cents.map { Money(minorUnits: $0, currency: sum.currency) }
    }

    private static func commonDivisor(_ left: Int128, _ right: Int128) -> Int128 {
        var (left, right) = (left, right)
        while right != 0 { (left, right) = (right, left % right) }
        return left
    }
}
