/// A value added tax identification number with its country prefix (EN 16931 BT-31, BT-48).
package struct VATID: Hashable, Sendable {
    /// `FI20774740`.
    package let text: String

    /// Reads two capital letters and 2 to 12 digits or capital letters. A Finnish number is
    /// `FI` and the eight digits of a valid business id; the form of others is not known here.
    package init(_ text: String) throws(InvalidIdentifier) {
        let country = text.prefix(2)
        let number = text.dropFirst(2)
        guard country.utf8.count == 2, country.utf8.allSatisfy(Self.isCapital) else {
            throw .country
        }
        guard number.utf8.allSatisfy({ Self.isCapital($0) || Self.isDigit($0) }) else {
            throw .form
        }
        if country == "FI" {
            _ = try BusinessID(digits: String(number))
        } else if !(2...12).contains(number.utf8.count) {
            throw .length
        }
        self.text = text
    }

    package init(_ businessID: BusinessID) { text = "FI" + businessID.digits }

    /// ISO 3166-1 alpha-2, but `EL` for Greece and `XI` for Northern Ireland.
    package var country: String { String(text.prefix(2)) }

    /// The business id inside a Finnish number.
    package var businessID: BusinessID? {
        country == "FI" ? try? BusinessID(digits: String(text.dropFirst(2))) : nil
    }

    private static func isCapital(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

extension VATID: CustomStringConvertible {
    package var description: String { text }
}
