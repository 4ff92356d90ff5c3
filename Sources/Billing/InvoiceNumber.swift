import MoneyAndTime

/// An invoice's number: the issuer's prefix, the year, and a counter without gaps, such as
/// `PS-2026-000042`. The counter is a row that the issuing transaction locks, never a sequence.
package struct InvoiceNumber: Hashable, Sendable {
    /// One to four capital letters A–Z, chosen by the issuer.
    package let prefix: String
    package let year: Int
    /// From one.
    package let counter: Int64

    package init(prefix: String, year: Int, counter: Int64) throws(BillingRefusal) {
        let isPrefix =
            (1...4).contains(prefix.utf8.count)
            && prefix.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        // Nine digits keep the number within Finvoice's 20 characters.
        guard isPrefix, (1000...9999).contains(year), (1...999_999_999).contains(counter) else {
            throw .numberMalformed("\(prefix)-\(year)-\(counter)")
        }
        self.prefix = prefix
        self.year = year
        self.counter = counter
    }

    /// Reads `PS-2026-000042`, and only that spelling of it.
    package init(_ text: String) throws(BillingRefusal) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = Int(parts[1]), let counter = Int64(parts[2]) else {
            throw .numberMalformed(text)
        }
        try self.init(prefix: String(parts[0]), year: year, counter: counter)
        guard self.text == text else { throw .numberMalformed(text) }
    }

    package var text: String { "\(prefix)-\(year)-\(digits)" }

    /// The reference that the payer writes: year and counter, and their check digit. The year
    /// has always four digits, so that no two numbers of an issuer share a reference.
    package var reference: ReferenceNumber {
        get throws(InvalidIdentifier) {
            guard let base = Int64("\(year)\(digits)") else { throw .form }
            return try ReferenceNumber(base: base)
        }
    }

    /// At least six digits.
    private var digits: String {
        let digits = String(counter)
        return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }
}

extension InvoiceNumber: CustomStringConvertible {
    package var description: String { text }
}
