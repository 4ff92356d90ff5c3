/// A telephone number as people read it: of a country (`+358 9 123 4567`, at most 15 digits after
/// the plus sign, ITU-T E.164) or of one's own (`09 123 4567`, `116117`), digits in groups.
package struct TelephoneNumber: Hashable, Sendable {
    /// Digits with single blanks between their groups, after a plus sign where there is one.
    package let text: String

    package struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String {
            "must be a telephone number: 3 to 15 digits, after a + with its country's code"
        }
    }

    /// Hyphens and blanks between digits are one blank each.
    package init(_ typed: String) throws(Malformed) {
        let groups = typed.split(whereSeparator: { " \u{a0}-".contains($0) })
        let text = groups.joined(separator: " ")
        let isInternational = text.first == "+"
        let digits = text.utf8.filter { $0 != UInt8(ascii: " ") }.dropFirst(isInternational ? 1 : 0)
        guard !text.isEmpty, text.utf8.count <= 30, !text.hasPrefix("+ "),
            digits.allSatisfy({ (0x30...0x39).contains($0) }),
            isInternational
                ? (7...15).contains(digits.count) && digits.first != UInt8(ascii: "0")
                : (3...15).contains(digits.count)
        else { throw Malformed() }
        self.text = text
    }

    /// As a telephone takes it (RFC 3966): `tel:+358912345`.
    package var address: String { "tel:\(text.replacing(" ", with: ""))" }
}
