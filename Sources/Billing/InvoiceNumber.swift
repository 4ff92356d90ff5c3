import MoneyAndTime

/// An invoice's number: the issuer's prefix, the year, and a counter without gaps, such as
/// `PS-2026-000042`. The counter is a row that the issuing transaction locks, never a sequence.
/// Under self-billing the buyer issues it in a series of its own for the seller, and the number
/// says which of the seller's it is: `SB-2026-0003-000042`.
package struct InvoiceNumber: Hashable, Sendable {
    /// One to four capital letters A–Z, chosen by the issuer.
    package let prefix: String
    package let year: Int
    /// Which of the seller's series under self-billing it is in, from one; nil in the seller's own.
    package let series: Int?
    /// From one.
    package let counter: Int64

    package var isSelfBilled: Bool { series != nil }

    package init(
        prefix: String, year: Int, series: Int? = nil, counter: Int64
    ) throws(BillingRefusal) {
        let isPrefix =
            (1...4).contains(prefix.utf8.count)
            && prefix.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        // Nine digits, or six and a series, keep the number within Finvoice's 20 characters.
        let most: Int64 = series == nil ? 999_999_999 : 999_999
        guard isPrefix, series == nil || prefix.utf8.count <= 3, (1000...9999).contains(year),
            series.map((1...9999).contains) ?? true, (1...most).contains(counter)
        else {
            throw .numberMalformed("\(prefix)-\(year)-\(counter)")
        }
        self.prefix = prefix
        self.year = year
        self.series = series
        self.counter = counter
    }

    /// Reads `PS-2026-000042`, and only that spelling of it.
    package init(_ text: String) throws(BillingRefusal) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard (3...4).contains(parts.count), let year = Int(parts[1]),
            let counter = Int64(parts[parts.count - 1])
        else { throw .numberMalformed(text) }
        let series = parts.count == 4 ? Int(parts[2]) : nil
        try self.init(prefix: String(parts[0]), year: year, series: series, counter: counter)
        guard self.text == text else { throw .numberMalformed(text) }
    }

    package var text: String {
        let named = series.map { "\(Self.padded(Int64($0), to: 4))-" } ?? ""
        return "\(prefix)-\(year)-\(named)\(digits)"
    }

    /// The reference that the payer writes: year, series where there is one, and counter, and
    /// their check digit. Year and series have always four digits, and what has a series is longer
    /// than what has none, so that no two numbers of a seller share a reference.
    package var reference: ReferenceNumber {
        get throws(InvalidIdentifier) {
            let named = series.map { Self.padded(Int64($0), to: 4) } ?? ""
            guard let base = Int64("\(year)\(named)\(digits)") else { throw .form }
            return try ReferenceNumber(base: base)
        }
    }

    /// At least six digits.
    private var digits: String { Self.padded(counter, to: 6) }

    private static func padded(_ number: Int64, to length: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, length - digits.count)) + digits
    }
}

extension InvoiceNumber: CustomStringConvertible {
    package var description: String { text }
}
