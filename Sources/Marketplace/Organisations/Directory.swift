import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// What everyone in the market may see of everyone: names, business ids and public keys.

extension Market {
    package func listOrganisations(
        _ request: Request, businessID: BusinessID?, page: Page<OrganisationID>
    ) async throws -> Answer {
        let rows = try await read(
            request,
            ListedOrganisation.page(
                businessID: businessID, after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(ListedOrganisation.init(row:)), limit: page.limit,
            cursor: { $0.id.description }, item: \.json)
    }

    /// An organisation's public signing keys as a JWK set (RFC 7517 §5), the retired ones too, so
    /// that old signatures can be checked.
    package func organisationKeys(
        _ request: Request, of organisation: OrganisationID
    ) async throws -> Answer {
        try await view(request) { transaction, _ in
            let isThere = try await !transaction.query(ListedOrganisation.find(organisation))
                .isEmpty
            guard isThere else { throw Refusal(.notFound) }
            return Answer(keySet: try await signingKeys(of: organisation, in: transaction))
        }
    }
}

extension ListedOrganisation {
    var json: JSON {
        [
            "id": JSON(id.description),
            "name": JSON(name),
            "business_id": JSON(businessID),
        ]
    }
}
