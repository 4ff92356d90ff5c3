import MoneyAndTime

/// An organisation as a contract names it, with what an invoice needs to know about it.
package struct Party: Hashable, Sendable {
    package let organisation: OrganisationID
    /// The registered name.
    package let name: String
    package let businessID: BusinessID
    /// Always there for a seller: EN 16931 asks for it in every VAT category that is offered.
    package let vatID: VATID?
    /// The address for e-invoices; Peppol's endpoint scheme 0216.
    package let ovt: OVT
    package let address: PostalAddress
    /// Always there for a seller.
    package let iban: IBAN?
    /// A shared address, not a person's.
    package let email: String
    package let particulars: Particulars

    /// What a party says of itself where it matters.
    package struct Particulars: Hashable, Sendable {
        /// Of the organisation or unit, in the register of social and health care organisations.
        package var organisationOID: String?
        package var unit: String?
        /// A public body pays within 30 days.
        package var isPublicBody: Bool?
        package var eInvoiceOperator: String?
        /// Who answers at the e-mail address: a role, not a person.
        package var contactRole: String?
        /// The roles whose holders may sign.
        package var signatoryRoles: [String] = []

        package init() {}
    }

    package init(
        organisation: OrganisationID, name: String, businessID: BusinessID, vatID: VATID?,
        ovt: OVT, address: PostalAddress, iban: IBAN?, email: String,
        particulars: Particulars = Particulars()
    ) {
        self.organisation = organisation
        self.name = name
        self.businessID = businessID
        self.vatID = vatID
        self.ovt = ovt
        self.address = address
        self.iban = iban
        self.email = email
        self.particulars = particulars
    }
}

/// A postal address.
package struct PostalAddress: Hashable, Sendable {
    package let street: String
    package let city: String
    package let postalCode: String
    /// ISO 3166-1 alpha-2.
    package let country: String

    package init(street: String, city: String, postalCode: String, country: String) {
        self.street = street
        self.city = city
        self.postalCode = postalCode
        self.country = country
    }
}
