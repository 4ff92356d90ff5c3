/// A Finnish e-invoice address (OVT, ISO 6523 scheme 0216 in Peppol): `0037`, the eight digits
/// of the business id, and up to five letters or digits of the organisation's own.
package struct OVT: Hashable, Sendable {
    /// `003720774740`.
    package let text: String
    package let businessID: BusinessID

    package init(_ text: String) throws(InvalidIdentifier) {
        guard (12...17).contains(text.utf8.count) else { throw .length }
        let suffix = text.utf8.dropFirst(12)
        guard text.hasPrefix("0037"), CheckDigits.remainder97(String(Substring(suffix))) != nil
        else { throw .form }
        businessID = try BusinessID(digits: String(text.dropFirst(4).prefix(8)))
        self.text = text
    }

    package init(_ businessID: BusinessID) {
        text = "0037" + businessID.digits
        self.businessID = businessID
    }
}

extension OVT: CustomStringConvertible {
    package var description: String { text }
}
