/// Reads fixed forms such as `2026-03-29T09:00` from the front of a text.
struct ASCIIScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    /// Takes one of the given characters.
    mutating func take(_ allowed: Unicode.Scalar...) -> Unicode.Scalar? {
        guard let byte = rest.first else { return nil }
        let found = Unicode.Scalar(byte)
        guard allowed.contains(found) else { return nil }
        rest.removeFirst()
        return found
    }

    /// Takes exactly `count` decimal digits (at most 18, so that they fit).
    mutating func digits(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    mutating func digit() -> Int? {
        guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        else { return nil }
        rest.removeFirst()
        return Int(byte - UInt8(ascii: "0"))
    }
}
