import Billing
import MoneyAndTime

/// The Finnish bank bar code of an invoice (Finance Finland, "Bank bar code guide"): version 4 has
/// a national reference, version 5 an ISO 11649 one. A payer's program reads account, amount,
/// reference and due date from it.
package struct BankBarcode: Hashable, Sendable {
    /// 54 digits.
    package let digits: String

    /// Nil where there is none: for a credit note, an account outside Finland, and a reference
    /// with letters.
    package init?(_ facts: InvoiceFacts) {
        guard !facts.kind.isCredit, let text = facts.iban, let iban = try? IBAN(text),
            let reference = facts.reference.flatMap({ try? ReferenceNumber($0) })
        else { return nil }
        self.init(iban: iban, amount: facts.total, reference: reference, dueOn: facts.dueOn)
    }

    /// `amount` of a million or more, and below zero, is left for the payer to write, as the
    /// guide says; so is the day without `dueOn`.
    package init?(
        iban: IBAN, amount: Money, reference: ReferenceNumber, dueOn: CalendarDate?
    ) {
        guard iban.text.hasPrefix("FI") else { return nil }
        let account = iban.text.dropFirst(2)
        let cents = (0..<100_000_000).contains(amount.minorUnits) ? amount.minorUnits : 0
        let day = dueOn.map { String($0.iso.filter { $0 != "-" }.dropFirst(2)) } ?? "000000"
        let sum = Self.padded(String(cents), to: 8)
        if let national = reference.national {
            digits = "4\(account)\(sum)000\(Self.padded(national, to: 20))\(day)"
        } else {
            let check = reference.rf.dropFirst(2).prefix(2)
            guard reference.reference.allSatisfy(\.isWholeNumber) else { return nil }
            digits = "5\(account)\(sum)\(check)\(Self.padded(reference.reference, to: 21))\(day)"
        }
        guard digits.utf8.count == 54 else { return nil }
    }

    private static func padded(_ text: String, to length: Int) -> String {
        String(repeating: "0", count: max(0, length - text.count)) + text
    }

    /// Widths of bars and gaps in turn, beginning with a bar: Code 128, set C (ISO/IEC 15417).
    package var widths: [Int] {
        let bytes = Array(digits.utf8)
        let pairs = stride(from: 0, to: bytes.count, by: 2).map {
            Int(bytes[$0] - UInt8(ascii: "0")) * 10 + Int(bytes[$0 + 1] - UInt8(ascii: "0"))
        }
        // The weight of the start is one, as that of the first pair.
        let check = pairs.enumerated().reduce(105) { $0 + ($1.offset + 1) * $1.element } % 103
        return ([105] + pairs + [check, 106]).flatMap { symbol in
            Self.symbols[symbol].utf8.map { Int($0 - UInt8(ascii: "0")) }
        }
    }

    /// How many modules wide it is, with the ten before and after it that must stay white.
    package var width: Int { widths.reduce(20, +) }

    /// The bars as a path of SVG, `height` modules high.
    package func path(height: Int) -> String {
        var (path, left) = ("", 10)
        for (index, width) in widths.enumerated() {
            if index.isMultiple(of: 2) { path += "M\(left) 0h\(width)v\(height)h-\(width)z" }
            left += width
        }
        return path
    }

    /// The symbols 0 to 102, the starts A, B and C, and the stop.
    private static let symbols: [Substring] = """
        212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212
        112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131
        311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321
        112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121
        313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111
        314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114
        122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212
        124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113
        114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112
        """.split(whereSeparator: \.isWhitespace)
}
