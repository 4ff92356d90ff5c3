/// A Finnish business identity code (Y-tunnus): seven digits, a hyphen, a check digit.
package struct BusinessID: Hashable, Sendable {
    /// `2077474-0`.
    package let text: String

    /// Reads `2077474-0`. Weights 7, 9, 10, 5, 8, 4, 2; a remainder of 1
    /// would need the check digit 10, so it has none.
    package init(_ text: String) throws(InvalidIdentifier) {
        let bytes = Array(text.utf8)
        guard bytes.count == 9 else { throw .length }
        guard bytes[7] == UInt8(ascii: "-"),
            let digits = CheckDigits.digits(bytes[..<7] + bytes[8...])
        else { throw .form }
        let sum = zip(digits, [7, 9, 10, 5, 8, 4, 2]).map { $0 * $1 }.reduce(0, +)
        let remainder = sum % 11
        let check = remainder == 0 ? 0 : 11 - remainder
        guard digits[7] == check else { throw .checkDigit }
        self.text = text
    }

    /// From the eight digits without the hyphen, as VAT ids and OVT codes hold them.
    package init(digits: String) throws(InvalidIdentifier) {
        guard digits.utf8.count == 8 else { throw .length }
        try self.init("\(digits.prefix(7))-\(digits.suffix(1))")
    }

    /// The eight digits without the hyphen.
    package var digits: String { text.filter { $0 != "-" } }
}

extension BusinessID: CustomStringConvertible {
    package var description: String { text }
}
