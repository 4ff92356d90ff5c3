/// The forms of texts in a contract. Only ASCII is compared, byte by byte.
enum Form {
    /// `psychiatrist-visit`: starts with a letter; no hyphen at an end or beside another.
    static func slug(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return text.utf8.first.map(isLower) == true
            && parts.allSatisfy { part in
                !part.isEmpty && part.allSatisfy { isLower($0) || isDigit($0) }
            }
    }

    /// `61.20`: no needless zeros in front, exactly two decimals, up to twelve digits before.
    static func amount(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 2 && whole(parts[0], upTo: 12)
            && parts[1].count == 2 && parts[1].allSatisfy(isDigit)
    }

    /// `2.4533`: up to five digits before the point, and one to four after it if there is one.
    static func price(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, whole(parts[0], upTo: 5) else { return false }
        return parts.count == 1 || (1...4).contains(parts[1].count) && parts[1].allSatisfy(isDigit)
    }

    /// `12.6`: up to two decimals, the last of them not zero.
    static func minutes(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count <= 2, whole(parts[0], upTo: 6) else { return false }
        return parts.count == 1
            || (1...2).contains(parts[1].count) && parts[1].allSatisfy(isDigit)
                && parts[1].last != UInt8(ascii: "0")
    }

    /// `:07`, the seconds of a local time, as a number.
    static func seconds(_ text: Substring) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 3, bytes[0] == UInt8(ascii: ":"), bytes[1...].allSatisfy(isDigit),
            let seconds = Int64(text.dropFirst()), seconds < 60
        else { return nil }
        return seconds
    }

    /// `1.2.246.537.6.24`.
    static func objectIdentifier(_ text: String) -> Bool {
        let arcs = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return arcs.count > 1 && ["0", "1", "2"].contains(String(Substring(arcs[0])))
            && arcs.allSatisfy { whole($0, upTo: 64) }
    }

    /// Letters, digits, points and hyphens.
    static func code(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                isLower($0) || isUpper($0) || isDigit($0) || $0 == UInt8(ascii: ".")
                    || $0 == UInt8(ascii: "-")
            }
    }

    /// Capital letters and digits.
    static func operatorIdentifier(_ text: String) -> Bool {
        (8...17).contains(text.utf8.count) && text.utf8.allSatisfy { isUpper($0) || isDigit($0) }
    }

    /// ISO 639: two or three lower-case letters.
    static func language(_ text: String) -> Bool {
        (2...3).contains(text.utf8.count) && text.utf8.allSatisfy(isLower)
    }

    /// ISO 3166-1 alpha-2.
    static func country(_ text: String) -> Bool {
        text.utf8.count == 2 && text.utf8.allSatisfy(isUpper)
    }

    /// Capital letters, digits, and spaces or hyphens between them.
    static func postalCode(_ text: String) -> Bool {
        guard (2...16).contains(text.utf8.count), let first = text.utf8.first,
            let last = text.utf8.last
        else { return false }
        let isEnd: (UInt8) -> Bool = { isUpper($0) || isDigit($0) }
        return isEnd(first) && isEnd(last)
            && text.utf8.allSatisfy {
                isEnd($0) || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "-")
            }
    }

    /// One @ with something on both sides, and no space.
    static func email(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
            && text.unicodeScalars.allSatisfy {
                $0.value > 0x1F && $0.value != 0x7F && !$0.properties.isWhitespace
            }
    }

    /// Zero, or digits that do not begin with one.
    private static func whole(_ digits: Substring.UTF8View, upTo count: Int) -> Bool {
        (1...count).contains(digits.count) && digits.allSatisfy(isDigit)
            && (digits.count == 1 || digits.first != UInt8(ascii: "0"))
    }

    private static func isLower(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isUpper(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
