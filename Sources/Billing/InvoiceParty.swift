import MoneyAndTime

/// A seller or a buyer as an invoice names it, copied from the contract at issue: a later change
/// of address does not change an issued invoice.
package struct InvoiceParty: Hashable, Sendable {
    package let organisation: OrganisationID
    /// The registered name (BT-27, BT-44).
    package let name: String
    package let businessID: BusinessID
    package let vatID: VATID?
    /// The e-invoice address (BT-34, BT-49), Peppol scheme 0216.
    package let ovt: OVT
    package let street: String
    package let postalCode: String
    package let city: String
    /// ISO 3166-1 alpha-2.
    package let country: String

    package init(
        organisation: OrganisationID, name: String, businessID: BusinessID, vatID: VATID?,
        ovt: OVT, street: String, postalCode: String, city: String, country: String = "FI"
    ) throws(BillingRefusal) {
        let texts = [
            ("name", name), ("street", street), ("postal_code", postalCode), ("city", city),
            ("country", country),
        ]
        for (field, text) in texts where !text.contains(where: { !$0.isWhitespace }) {
            throw .fieldMissing(field)
        }
        self.organisation = organisation
        self.name = name
        self.businessID = businessID
        self.vatID = vatID
        self.ovt = ovt
        self.street = street
        self.postalCode = postalCode
        self.city = city
        self.country = country
    }
}
