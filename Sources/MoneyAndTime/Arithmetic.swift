/// What checked arithmetic refuses. A number from outside must never end the process.
package enum ArithmeticFailure: Error, Hashable {
    case overflow
    case divisionByZero
}

extension ArithmeticFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .overflow: "the result is too large"
        case .divisionByZero: "division by zero"
        }
    }
}

extension FixedWidthInteger {
    /// The sum, or `overflow`.
    package func adding(_ other: Self) throws(ArithmeticFailure) -> Self {
        let (result, overflow) = addingReportingOverflow(other)
        if overflow { throw .overflow }
        return result
    }

    /// The difference, or `overflow`.
    package func subtracting(_ other: Self) throws(ArithmeticFailure) -> Self {
        let (result, overflow) = subtractingReportingOverflow(other)
        if overflow { throw .overflow }
        return result
    }

    /// The product, or `overflow`.
    package func multiplied(by other: Self) throws(ArithmeticFailure) -> Self {
        let (result, overflow) = multipliedReportingOverflow(by: other)
        if overflow { throw .overflow }
        return result
    }
}

extension SignedInteger where Self: FixedWidthInteger {
    /// The value with the other sign, or `overflow` for the smallest one.
    package func negated() throws(ArithmeticFailure) -> Self {
        try Self.zero.subtracting(self)
    }

    /// Quotient and remainder of the division that rounds towards minus infinity,
    /// for a positive divisor known in the source.
    func flooredDivision(by divisor: Self) -> (quotient: Self, remainder: Self) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
