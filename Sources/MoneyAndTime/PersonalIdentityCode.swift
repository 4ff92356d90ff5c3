/// The Finnish personal identity code, which is never stored here: it is known only so that
/// it can be refused where an opaque reference belongs.
package enum PersonalIdentityCode {
    /// Whether the text holds something of the code's form: a day, month and year, one of the
    /// signs for the century (`+`, `-`, and since 2023 `Y X W V U` and `A B C D E F`), three
    /// digits and a check character, right or wrong, standing apart from other letters and
    /// digits. Spaces, lower case and typographic hyphens hide nothing.
    package static func looksLike(_ text: String) -> Bool {
        let characters = text.unicodeScalars.map(normalised)
        return characters.indices.contains { start in
            if start > 0, isAlphanumeric(characters[start - 1]) { return false }
            return hasForm(characters[start...])
        }
    }

    private static let length = 11
    private static let centurySigns = Set("+-ABCDEFUVWXY".unicodeScalars)
    private static let checkCharacters = Set("0123456789ABCDEFHJKLMNPRSTUVWXY".unicodeScalars)
    private static let hyphens: Set<Unicode.Scalar> = [
        "\u{AD}", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2212}", "\u{FE63}",
        "\u{FF0D}",
    ]
    private static let zeroWidth: Set<Unicode.Scalar> = ["\u{200B}", "\u{200C}", "\u{200D}"]

    /// Whether a code begins here and ends before anything but a letter or digit.
    private static func hasForm(_ characters: ArraySlice<Unicode.Scalar>) -> Bool {
        var code: [Unicode.Scalar] = []
        var rest = characters
        while code.count < length, let next = rest.popFirst() {
            if !isIgnored(next) { code.append(next) }
        }
        guard code.count == length, rest.first.map({ !isAlphanumeric($0) }) ?? true else {
            return false
        }
        let digits = (code[..<6] + code[7..<10]).map { $0.isASCIIDigit ? Int($0.value) - 48 : -1 }
        return digits.allSatisfy { $0 >= 0 }
            && (1...31).contains(digits[0] * 10 + digits[1])
            && (1...12).contains(digits[2] * 10 + digits[3])
            && centurySigns.contains(code[6]) && checkCharacters.contains(code[10])
    }

    private static func isIgnored(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || zeroWidth.contains(scalar)
    }

    private static func normalised(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if hyphens.contains(scalar) { return "-" }
        if ("a"..."z").contains(scalar) { return Unicode.Scalar(UInt8(scalar.value) - 32) }
        return scalar
    }

    private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCIIDigit || ("A"..."Z").contains(scalar)
    }
}

extension Unicode.Scalar {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
