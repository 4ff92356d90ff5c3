/// A telephone's number that texts can be sent to anywhere: E.164, `+358401234567`.
package struct TextNumber: Hashable, Sendable {
    package struct Malformed: Error, CustomStringConvertible {
        package var description: String {
            "must be a number with its country, such as +358 40 123 4567"
        }
    }

    package let text: String

    /// Blanks, hyphens and brackets between the digits are left out.
    package init(_ typed: String) throws(Malformed) {
        let kept = typed.unicodeScalars.filter { !" -()\u{a0}".unicodeScalars.contains($0) }
        let digits = kept.dropFirst()
        guard typed.utf8.count <= 40, kept.first == "+", (8...15).contains(digits.count),
            digits.allSatisfy({ ("0"..."9").contains($0) }), digits.first != "0"
        else { throw Malformed() }
        text = String(String.UnicodeScalarView(kept))
    }
}
