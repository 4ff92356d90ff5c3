import MoneyAndTime

/// The references that a payment may carry, as banks and payers write them. `ReferenceNumber`
/// makes one form of all spellings: `RF34 1234561` and `0001234561` are equal.
package enum PaymentReference {
    /// The structured reference; `nil` when it is none with a right check digit.
    package static func structured(_ text: String) -> ReferenceNumber? {
        try? ReferenceNumber(String(text.filter { !$0.isWhitespace }).uppercased())
    }

    /// Every reference that a free text may hold: its words, and runs of up to eight of them
    /// (`VIITE 12345 61`). A number that only looks like one is harmless: it belongs to no open
    /// invoice.
    package static func candidates(inMessage text: String) -> Set<ReferenceNumber> {
        var found: Set<ReferenceNumber> = []
        let words = text.uppercased().prefix(1000)
            .split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        for start in words.indices {
            var joined = ""
            for word in words[start...].prefix(8) {
                joined += word
                // ISO 11649 allows 25 characters; a national reference has fewer.
                guard joined.utf8.count <= 25 else { break }
                if let reference = try? ReferenceNumber(joined) { found.insert(reference) }
            }
        }
        return found
    }
}
