/// A number by its exact text. Two numbers are equal when their texts are: `1.0` is not `1`.
package struct JSONNumber: Hashable, Sendable {
    /// As it was written, by RFC 8259 §6.
    package let text: String

    package init(_ value: some FixedWidthInteger) { text = String(value) }

    /// Nil when the text is no JSON number, such as `01`, `+1`, `.5`, `1.` or `NaN`.
    package init?(text: String) {
        var bytes = Array(text.utf8)[...]
        guard Self.take(&bytes), bytes.isEmpty else { return nil }
        self.text = text
    }

    /// For a text that the parser has already checked.
    init(checked text: String) { self.text = text }

    /// The value when it is an integer of 64 bits, however it is written: `7`, `7.0`, `70e-1`.
    package var int64: Int64? {
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        let parts = text.utf8.dropFirst(isNegative ? 1 : 0)
            .split(omittingEmptySubsequences: false) { $0 == 0x65 || $0 == 0x45 }
        let mantissa = parts[0].split(separator: UInt8(ascii: "."))
        let decimals = mantissa.count > 1 ? mantissa[1].count : 0
        var digits = mantissa.joined().drop { $0 == UInt8(ascii: "0") }
        if digits.isEmpty { return 0 }
        // An exponent that does not fit in 64 bits makes the value too large or a fraction.
        guard let exponent = parts.count > 1 ? Int(Substring(parts[1])) : 0 else { return nil }
        var (power, overflow) = exponent.subtractingReportingOverflow(decimals)
        if overflow { return nil }
        while power < 0, digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            power += 1
        }
        guard power >= 0, power < 19, digits.count < 20 else { return nil }
        let whole = String(decoding: digits, as: UTF8.self) + String(repeating: "0", count: power)
        return Int64((isNegative ? "-" : "") + whole)
    }

    /// Whether it is written without a fraction and an exponent.
    var isWrittenAsInteger: Bool { !text.utf8.contains { [0x2E, 0x45, 0x65].contains($0) } }

    /// Takes one number from the front; false when there is none.
    static func take(_ bytes: inout ArraySlice<UInt8>) -> Bool {
        if bytes.first == UInt8(ascii: "-") { bytes.removeFirst() }
        if bytes.first == UInt8(ascii: "0") {
            bytes.removeFirst()
        } else if !takeDigits(&bytes) {
            return false
        }
        if bytes.first == UInt8(ascii: ".") {
            bytes.removeFirst()
            if !takeDigits(&bytes) { return false }
        }
        if bytes.first == UInt8(ascii: "e") || bytes.first == UInt8(ascii: "E") {
            bytes.removeFirst()
            if bytes.first == UInt8(ascii: "+") || bytes.first == UInt8(ascii: "-") {
                bytes.removeFirst()
            }
            if !takeDigits(&bytes) { return false }
        }
        return true
    }

    private static func takeDigits(_ bytes: inout ArraySlice<UInt8>) -> Bool {
        let rest = bytes.drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        defer { bytes = rest }
        return rest.startIndex > bytes.startIndex
    }
}
