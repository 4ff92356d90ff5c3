import MoneyAndTime

/// The buyer's own opaque key for its patient: it says nothing to anyone else.
///
/// 1 to 64 characters of `A-Z a-z 0-9 . _ : -`. It has no readable description, so that it does
/// not reach a log or an error (invariant 29).
package struct PatientReference: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) throws(OrganisationRefusal) {
        // A personal identity code with a + in it would be malformed anyway; it is named as what
        // it is, because its sender must learn never to send one.
        guard !PersonalIdentityCode.looksLike(text) else {
            throw .patientReferenceIsPersonalIdentityCode
        }
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else {
            throw .patientReferenceMalformed
        }
        self.text = text
    }

    package var description: String { "patient reference" }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
