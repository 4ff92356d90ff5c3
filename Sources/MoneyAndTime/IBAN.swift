/// An international bank account number (ISO 13616) in its electronic form.
package struct IBAN: Hashable, Sendable {
    /// `FI2112345600000785`.
    package let text: String

    /// Reads the electronic form, or the printed one in groups divided by spaces. The country,
    /// its length where known, and the check digits (mod 97 = 1) must be right.
    package init(_ text: String) throws(InvalidIdentifier) {
        let text = text.filter { $0 != " " }
        let country = String(text.prefix(2))
        let check = text.dropFirst(2).prefix(2)
        guard CheckDigits.digits(check.utf8)?.count == 2 else { throw .form }
        guard country.utf8.allSatisfy((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains) else {
            throw .country
        }
        let length = text.utf8.count
        guard Self.lengths[country].map({ $0 == length }) ?? (15...34).contains(length) else {
            throw .length
        }
        guard let remainder = CheckDigits.remainder97(rotating: text) else {
            throw .form
        }
        // ISO 13616: check digits are 02 to 98; 00, 01 and 99 can also leave the remainder 1.
        guard remainder == 1, !["00", "01", "99"].contains(check) else { throw .checkDigit }
        self.text = text
    }

    /// In groups of four, as printed.
    package var grouped: String {
        var rest = text[...]
        var groups: [Substring] = []
        while !rest.isEmpty {
            groups.append(rest.prefix(4))
            rest = rest.dropFirst(4)
        }
        return groups.joined(separator: " ")
    }

    /// SWIFT's IBAN registry: the countries of the European Economic Area and their neighbours.
    private static let lengths = [
        "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
        "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21,
        "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
        "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24,
        "SI": 19, "SK": 24, "SM": 27, "VA": 22,
    ]
}

extension IBAN: CustomStringConvertible {
    package var description: String { text }
}
