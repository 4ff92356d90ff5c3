/// What the check digit rules of several identifiers share.
enum CheckDigits {
    /// The values of ASCII digits, or nil when another character is among them.
    static func digits(_ bytes: some Sequence<UInt8>) -> [Int]? {
        var digits: [Int] = []
        for byte in bytes {
            guard let value = value(of: byte), value < 10 else { return nil }
            digits.append(value)
        }
        return digits
    }

    /// The remainder by 97 of a text of digits and capital letters, A = 10 … Z = 35
    /// (ISO 7064, MOD 97-10), or nil when another character is among them.
    static func remainder97(_ text: String) -> Int? {
        var remainder = 0
        for byte in text.utf8 {
            guard let value = value(of: byte) else { return nil }
            remainder = (remainder * (value < 10 ? 10 : 100) + value) % 97
        }
        return remainder
    }

    /// The same with the first four characters moved to the end, as IBAN and RF are checked.
    static func remainder97(rotating text: String) -> Int? {
        remainder97(String(text.dropFirst(4)) + String(text.prefix(4)))
    }

    private static func value(of byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}
