import MoneyAndTime
import Organisations
import Postgres

/// A row of `organisation`.
package struct StoredOrganisation: Sendable {
    package let organisation: Organisation
    /// Made up, for a demo or a test.
    package let isExample: Bool
    package let revision: Int64

    package init(organisation: Organisation, isExample: Bool, revision: Int64 = 1) {
        self.organisation = organisation
        self.isExample = isExample
        self.revision = revision
    }

    package init(row: Row) throws {
        organisation = try Organisation(
            id: row.decode("id"), legalName: row.decode("name"),
            businessID: BusinessID(row.decode("business_id")),
            vatID: row["vat_id", String?.self].map { try VATID($0) },
            ovt: row["ovt", String?.self].map { try OVT($0) },
            address: PostalAddress(
                street: row.decode("street"), postalCode: row.decode("postal_code"),
                city: row.decode("city"), country: row.decode("country")),
            iban: row["iban", String?.self].map { try IBAN($0) },
            contactEmail: EmailAddress(row.decode("email")))
        isExample = try row.decode("is_example")
        revision = try row.decode("revision")
    }

    private static let columns: Query = """
        id, name, business_id, vat_id, ovt, street, postal_code, city, country, iban, email,
            is_example, revision
        """

    /// The caller's own.
    package static let own: Query =
        "select \(columns) from organisation where id = current_organisation()"

    package func insert() -> Query {
        let address = organisation.address
        return """
            insert into organisation (id, name, business_id, vat_id, ovt, street, postal_code,
                city, country, iban, email, is_example)
            values (\(organisation.id), \(organisation.legalName),
                \(organisation.businessID.text), \(organisation.vatID?.text),
                \(organisation.ovt?.text), \(address.street), \(address.postalCode),
                \(address.city), \(address.country), \(organisation.iban?.text),
                \(organisation.contactEmail.text), \(isExample))
            """
    }

    /// Writes what can be edited, where `revision` is still the newest; returns the row.
    package func update() -> Query {
        let address = organisation.address
        return """
            update organisation set name = \(organisation.legalName),
                vat_id = \(organisation.vatID?.text), ovt = \(organisation.ovt?.text),
                street = \(address.street), postal_code = \(address.postalCode),
                city = \(address.city), country = \(address.country),
                iban = \(organisation.iban?.text), email = \(organisation.contactEmail.text),
                revision = revision + 1
            where id = \(organisation.id) and revision = \(revision)
            returning \(Self.columns)
            """
    }
}

/// What everyone in the market may know of an organisation.
package struct ListedOrganisation: Sendable {
    package let id: OrganisationID
    package let name: String
    package let businessID: String

    package init(row: Row) throws {
        id = try row.decode("id")
        name = try row.decode("name")
        businessID = try row.decode("business_id")
    }

    package static func page(
        businessID: BusinessID?, after: OrganisationID?, limit: Int
    ) -> Query {
        """
        select * from organisation_directory(null, \(businessID?.text)::text, \(after)::uuid,
            \(Int32(clamping: limit)))
        """
    }

    package static func find(_ id: OrganisationID) -> Query {
        "select * from organisation_directory(\(id), null, null, 1)"
    }
}
