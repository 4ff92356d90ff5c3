import MoneyAndTime

/// A legal person that sells or buys specialists' time.
package struct Organisation: Hashable, Sendable {
    package let id: OrganisationID
    package let legalName: String
    package let businessID: BusinessID
    /// The VAT number, where the organisation is registered; a VAT group's number differs from
    /// its members' business ids, so the two are not compared.
    package let vatID: VATID?
    /// The e-invoicing address (EDI code), where the organisation receives e-invoices.
    package let ovt: OVT?
    package let address: PostalAddress
    /// Where buyers pay; needed of a seller before its first invoice.
    package let iban: IBAN?
    package let contactEmail: EmailAddress

    package init(
        id: OrganisationID, legalName: String, businessID: BusinessID, vatID: VATID? = nil,
        ovt: OVT? = nil, address: PostalAddress, iban: IBAN? = nil, contactEmail: EmailAddress
    ) throws(OrganisationRefusal) {
        self.id = id
        self.legalName = try PlainLine.checked(legalName, .legalName, limit: 200)
        self.businessID = businessID
        self.vatID = vatID
        self.ovt = ovt
        self.address = address
        self.iban = iban
        self.contactEmail = contactEmail
    }
}
