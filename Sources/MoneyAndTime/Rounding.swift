/// How an exact amount becomes a whole number of minor units. Rounding happens once, on the line.
package enum Rounding: String, Hashable, Sendable, CaseIterable {
    /// Half away from zero: 2.5 becomes 3, and -2.5 becomes -3.
    case halfUp = "half_up"
    /// Half to the even neighbour: 2.5 becomes 2, and 3.5 becomes 4.
    case halfEven = "half_even"

    /// `numerator` divided by `denominator`, rounded to a whole number.
    package func divide(
        _ numerator: Int128, by denominator: Int128
    ) throws(ArithmeticFailure) -> Int64 {
        if denominator == 0 { throw .divisionByZero }
        let (quotient, overflow) = numerator.dividedReportingOverflow(by: denominator)
        if overflow { throw .overflow }
        let remainder = (numerator % denominator).magnitude
        let isNegative = (numerator < 0) != (denominator < 0)
        // remainder * 2 against the denominator, written so that it cannot overflow.
        let rest = denominator.magnitude - remainder
        let roundsAway =
            switch self {
            case .halfUp: remainder > 0 && remainder >= rest
            case .halfEven:
                remainder > rest || remainder == rest && !quotient.isMultiple(of: 2)
            }
        let step: Int128 = roundsAway ? (isNegative ? -1 : 1) : 0
        guard let result = Int64(exactly: try quotient.adding(step)) else { throw .overflow }
        return result
    }
}
