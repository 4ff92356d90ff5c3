/// Where an organisation is; what an invoice prints (EN 16931, BT-35 to BT-40).
package struct PostalAddress: Hashable, Sendable {
    package let street: String
    package let postalCode: String
    package let city: String
    /// ISO 3166-1 alpha-2, upper case.
    package let country: String

    package init(
        street: String, postalCode: String, city: String, country: String = "FI"
    ) throws(OrganisationRefusal) {
        self.street = try PlainLine.checked(street, .street, limit: 100)
        self.postalCode = try PlainLine.checked(postalCode, .postalCode, limit: 16)
        self.city = try PlainLine.checked(city, .city, limit: 60)
        guard country.utf8.count == 2, country.utf8.allSatisfy({ (0x41...0x5A).contains($0) })
        else { throw .countryMalformed }
        self.country = country
    }
}
