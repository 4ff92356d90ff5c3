import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

/// What an organisation may change of its own entry; its business id stays.
package struct OrganisationDetails: Sendable {
    package let name: String
    package let vatID: VATID?
    package let ovt: OVT?
    package let address: PostalAddress
    package let iban: IBAN?
    package let email: EmailAddress

    package init(
        name: String, vatID: VATID?, ovt: OVT?, address: PostalAddress, iban: IBAN?,
        email: EmailAddress
    ) {
        self.name = name
        self.vatID = vatID
        self.ovt = ovt
        self.address = address
        self.iban = iban
        self.email = email
    }
}

extension Market {
    /// The caller's own organisation.
    package func organisation(_ request: Request) async throws -> Answer {
        try await StoredOrganisation(row: read(request, StoredOrganisation.own).only()).answer
    }

    /// Contracts keep the data with which they were signed.
    package func updateOrganisation(
        _ request: Request, revision: Int64, _ details: OrganisationDetails
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let current = try await StoredOrganisation(
                row: transaction.query(StoredOrganisation.own).only())
            let edited = try asInput {
                try Organisation(
                    id: caller.organisation, legalName: details.name,
                    businessID: current.organisation.businessID, vatID: details.vatID,
                    ovt: details.ovt, address: details.address, iban: details.iban,
                    contactEmail: details.email)
            }
            let stored = StoredOrganisation(
                organisation: edited, isExample: current.isExample, revision: revision)
            guard let row = try await transaction.query(stored.update()).atMostOne() else {
                throw Refusal(.revisionDiffers)
            }
            let updated = try StoredOrganisation(row: row)
            try await transaction.record(
                .init(
                    .organisation, caller.organisation, "organisation.updated",
                    revision: updated.revision),
                by: caller)
            return updated.answer
        }
    }
}

extension StoredOrganisation {
    var answer: Answer {
        let address = organisation.address
        return Answer(
            [
                "id": JSON(organisation.id.description),
                "name": JSON(organisation.legalName),
                "business_id": JSON(organisation.businessID.text),
                "vat_id": JSON(organisation.vatID?.text),
                "ovt": JSON(organisation.ovt?.text),
                "address": [
                    "street": JSON(address.street),
                    "postal_code": JSON(address.postalCode),
                    "city": JSON(address.city),
                    "country": JSON(address.country),
                ],
                "iban": JSON(organisation.iban?.text),
                "email": JSON(organisation.contactEmail.text),
                "is_example": JSON(isExample),
                "revision": JSON(revision),
            ], revision: revision, location: "/v1/organisation")
    }
}
