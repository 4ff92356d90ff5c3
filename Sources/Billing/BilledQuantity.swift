import MoneyAndTime

/// How much was sold, in hundredths of a unit of UN/ECE Recommendation 20; negative for what is
/// taken off. Billed seconds are multiples of three, so that they are exact hundredths of a minute.
package struct BilledQuantity: Hashable, Sendable {
    package enum Unit: String, Hashable, Sendable {
        case minute = "MIN"
        /// One piece: a fee that has no length, such as that of a late cancellation.
        case one = "C62"
    }

    package let hundredths: Int64
    package let unit: Unit

    package init(hundredths: Int64, unit: Unit) {
        self.hundredths = hundredths
        self.unit = unit
    }

    /// Minutes, of billed seconds that are a multiple of three; others throw `notExactMinutes`.
    package init(seconds: Int64) throws {
        guard seconds >= 0 else { throw BillingRefusal.negativeLine }
        guard seconds % 3 == 0 else { throw BillingRefusal.notExactMinutes }
        self.init(hundredths: try (seconds / 3).multiplied(by: 5), unit: .minute)
    }

    package static let one = BilledQuantity(hundredths: 100, unit: .one)
    package static let oneLess = BilledQuantity(hundredths: -100, unit: .one)

    /// As few decimals as are exact: `17`, `12.6`.
    package var decimal: String {
        let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
        if rest == 0 { return "\(whole)" }
        return rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}
