import Marketplace
import MoneyAndTime
import Organisations
import StrictJSON

/// Organisations, their units, members, credentials, specialists and licences.
enum OrganisationHandlers {
    static func getOrganisation(_ call: Call) async throws -> Reply {
        try await .json(call.market.organisation(call.request))
    }

    static func updateOrganisation(_ call: Call) async throws -> Reply {
        let details = try call.object { fields in
            try OrganisationDetails(
                name: fields.string("name", min: 1, max: 200),
                vatID: fields.optionalParsed("vat_id") { try VATID($0) },
                ovt: fields.optionalParsed("ovt") { try OVT($0) },
                address: fields.nested("address", address),
                iban: fields.optionalParsed("iban") { try IBAN($0) },
                email: fields.parsed("email", max: 254) { try EmailAddress($0) })
        }
        return try await .json(
            call.market.updateOrganisation(call.request, revision: call.ifMatch, details))
    }

    static func listOrganisations(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listOrganisations(
                call.request,
                businessID: call.query.optionalParsed("business_id") { try BusinessID($0) },
                page: call.page(OrganisationID.init(typeID:))))
    }

    static func listOrganisationKeys(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.organisationKeys(call.request, of: call.id("organisation")))
    }

    /// A refusal of the room is thrown as it is found, with the pointer into this object.
    private static func address(_ fields: inout JSONFields) throws -> PostalAddress {
        let street = try fields.string("street", min: 1, max: 100)
        let postalCode = try fields.string("postal_code", min: 1, max: 16)
        let city = try fields.string("city", min: 1, max: 60)
        let country = try fields.optionalString("country", min: 2, max: 2) ?? "FI"
        return try asInput {
            try PostalAddress(
                street: street, postalCode: postalCode, city: city, country: country)
        }
    }
}
