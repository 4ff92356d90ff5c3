/// An address that mail can be sent to: the part of RFC 5321 §4.1.2 that people have
/// (dot-atom before the @, a host name with a dot after it), ASCII, at most 254 bytes.
package struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) throws(OrganisationRefusal) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard text.utf8.count <= 254, parts.count == 2,
            Self.isLocalPart(parts[0]), Self.isHost(parts[1])
        else { throw .emailMalformed }
        self.text = text
    }

    package var description: String { text }

    private static func isLocalPart(_ part: Substring) -> Bool {
        guard (1...64).contains(part.utf8.count) else { return false }
        return part.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty
                && atom.utf8.allSatisfy { byte in
                    isLetterOrDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
                }
        }
    }

    private static func isHost(_ host: Substring) -> Bool {
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
            }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
