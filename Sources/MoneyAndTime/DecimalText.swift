/// Why a text is not the decimal number that was asked for.
package enum InvalidDecimal: Error, Hashable {
    case notADecimal
    case tooManyDecimals(allowed: Int)
    case negative
    case outOfRange
}

extension InvalidDecimal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notADecimal: "not a decimal number such as 12.34"
        case .tooManyDecimals(let allowed): "more than \(allowed) decimals"
        case .negative: "negative"
        case .outOfRange: "out of range"
        }
    }
}

/// Decimal numbers as text, held as integers of a fixed scale: no floating point anywhere.
enum DecimalText {
    /// Reads `-?(0|[1-9][0-9]*)(\.[0-9]{1,scale})?` as an integer of 10^-scale.
    static func parse(_ text: String, scale: Int) throws(InvalidDecimal) -> Int64 {
        var rest = Array(text.utf8)[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        let whole = rest.prefix(while: isDigit)
        var decimals = rest.dropFirst(whole.count)
        if decimals.first == UInt8(ascii: ".") {
            decimals.removeFirst()
            if decimals.isEmpty { throw .notADecimal }
        } else if !decimals.isEmpty {
            throw .notADecimal
        }
        guard !whole.isEmpty, decimals.allSatisfy(isDigit) else { throw .notADecimal }
        if whole.count > 1, whole.first == UInt8(ascii: "0") { throw .notADecimal }
        if decimals.count > scale { throw .tooManyDecimals(allowed: scale) }
        let padding = repeatElement(UInt8(ascii: "0"), count: scale - decimals.count)
        do {
            var value: Int64 = 0
            for digit in Array(whole) + Array(decimals) + padding {
                let step = Int64(digit - UInt8(ascii: "0"))
                // Built on the negative side too, so that the smallest value can be read.
                value = try value.multiplied(by: 10).adding(isNegative ? -step : step)
            }
            return value
        } catch {
            throw .outOfRange
        }
    }

    /// Writes `value` × 10^-scale with as few decimals as are exact, but at least `minimum`.
    static func write(_ value: Int64, scale: Int, minimum: Int) -> String {
        var digits = String(value.magnitude)
        if digits.count <= scale {
            digits = String(repeating: "0", count: scale + 1 - digits.count) + digits
        }
        let whole = digits.dropLast(scale)
        var decimals = digits.suffix(scale)
        while decimals.count > minimum, decimals.last == "0" { decimals.removeLast() }
        let sign = value < 0 ? "-" : ""
        return sign + whole + (decimals.isEmpty ? "" : "." + decimals)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
