/// A payment reference: the Finnish national viitenumero, or an ISO 11649 creditor reference
/// (`RF…`). Leading zeros mean nothing, and the RF form of a national number is the same
/// reference, so that a payment matches whichever form the payer used.
package struct ReferenceNumber: Hashable, Sendable {
    /// Without `RF` and its check digits, and without leading zeros.
    package let reference: String
    /// Whether the reference is a national one, check digit included.
    package let isNational: Bool

    /// A new national reference: the number and its check digit. Below 100 there is none,
    /// because a reference has at least four digits.
    package init(base: Int64) throws(InvalidIdentifier) {
        guard base >= 0 else { throw .form }
        let digits = Array(String(base).utf8)
        guard digits.count >= 3, let check = Self.nationalCheckDigit(digits) else { throw .length }
        reference = "\(base)\(check)"
        isNational = true
    }

    /// Reads either form; spaces between groups are left out.
    package init(_ text: String) throws(InvalidIdentifier) {
        let text = text.filter { $0 != " " }
        if text.hasPrefix("RF") {
            try self.init(rf: text)
        } else {
            try self.init(national: text)
        }
    }

    /// Reads a national reference: 4 to 20 digits when leading zeros are left out.
    package init(national text: String) throws(InvalidIdentifier) {
        let significant = String(text.drop { $0 == "0" })
        guard !text.isEmpty, CheckDigits.digits(text.utf8) != nil else { throw .form }
        guard (4...20).contains(significant.utf8.count) else { throw .length }
        guard Self.isNational(significant) else { throw .checkDigit }
        reference = significant
        isNational = true
    }

    /// Reads `RF`, two check digits and 1 to 21 digits or capital letters.
    package init(rf text: String) throws(InvalidIdentifier) {
        guard text.hasPrefix("RF"), CheckDigits.digits(text.dropFirst(2).prefix(2).utf8) != nil,
            let remainder = CheckDigits.remainder97(rotating: text)
        else { throw .form }
        guard (5...25).contains(text.utf8.count) else { throw .length }
        guard remainder == 1 else { throw .checkDigit }
        let significant = String(text.dropFirst(4).drop { $0 == "0" })
        guard !significant.isEmpty else { throw .length }
        reference = significant
        isNational = Self.isNational(significant)
    }

    /// The national form, when there is one.
    package var national: String? { isNational ? reference : nil }

    /// The ISO 11649 form: check digits 98 − (reference + `RF00` mod 97).
    package var rf: String {
        let remainder = CheckDigits.remainder97(reference + "RF00") ?? 0
        return "RF" + CivilDay.padded(98 - remainder, to: 2) + reference
    }

    private static func isNational(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (4...20).contains(bytes.count), let digits = CheckDigits.digits(bytes) else {
            return false
        }
        return nationalCheckDigit(bytes.dropLast()) == digits.last
    }

    /// Weights 7, 3, 1 from the right; what is missing to the next ten.
    private static func nationalCheckDigit(_ bytes: some BidirectionalCollection<UInt8>) -> Int? {
        guard let digits = CheckDigits.digits(bytes.reversed()) else { return nil }
        let weights = [7, 3, 1]
        let sum = digits.enumerated().map { $1 * weights[$0 % 3] }.reduce(0, +)
        return (10 - sum % 10) % 10
    }
}

extension ReferenceNumber: CustomStringConvertible {
    /// The national form when there is one, else the RF form.
    package var description: String { national ?? rf }

    /// As printed: the national form in groups of five from the right, the RF form in groups of
    /// four.
    package var grouped: String {
        let (size, digits) = isNational ? (5, reference) : (4, rf)
        var groups: [Substring] = []
        var rest = digits[...]
        let first = isNational ? digits.count % size : 0
        if first > 0 {
            groups.append(rest.prefix(first))
            rest = rest.dropFirst(first)
        }
        while !rest.isEmpty {
            groups.append(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        return groups.joined(separator: " ")
    }
}
