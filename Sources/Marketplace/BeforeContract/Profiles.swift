import Contracts
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

/// What a seller says of itself before there is a contract.
package struct ProfileDetails: Sendable {
    package let isPublished: Bool
    /// By language, each of them optional.
    package let description: [String: String]
    package let services: [ServiceOutline]
    package let regions: Set<Region>
    /// A shared address, not a person's.
    package let email: EmailAddress

    package init(
        isPublished: Bool, description: [String: String], services: [ServiceOutline],
        regions: Set<Region>, email: EmailAddress
    ) {
        self.isPublished = isPublished
        self.description = description
        self.services = services
        self.regions = regions
        self.email = email
    }
}

extension Market {
    /// The caller's own; of revision 0 before anything was said.
    package func profile(_ request: Request) async throws -> Answer {
        try await view(request) { transaction, caller in
            let row = try await transaction.query(StoredProfile.own).atMostOne()
            guard let row else {
                let own = try await ownOrganisation(in: transaction)
                return StoredProfile(
                    organisation: caller.organisation, isPublished: false, description: [:],
                    services: [], regions: [.wholeCountry], email: own.contactEmail.text,
                    revision: 0
                ).answer
            }
            return try StoredProfile(row: row).answer
        }
    }

    /// Replaces all of it. Who wants to be asked for contracts has what they need of a seller.
    package func updateProfile(
        _ request: Request, revision: Int64, _ details: ProfileDetails
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            if details.isPublished {
                try requireParty(try await ownOrganisation(in: transaction), as: .seller)
            }
            var description = JSONObject()
            for language in ["fi", "sv", "en"] {
                description[language] = details.description[language].map { JSON($0) }
            }
            let written = StoredProfile(
                organisation: caller.organisation, isPublished: details.isPublished,
                description: .object(description),
                services: .array(details.services.map(\.json)), regions: details.regions,
                email: details.email.text, revision: revision + 1)
            guard try await transaction.execute(written.write(over: revision)) == 1 else {
                throw Refusal(.revisionDiffers)
            }
            try await transaction.record(
                .init(
                    .profile, caller.organisation, "profile.updated", revision: written.revision,
                    facts: ["published": JSON(written.isPublished)]),
                by: caller)
            return written.answer
        }
    }

    package func findProfiles(
        _ request: Request, _ search: ProfileSearch, page: Page<OrganisationID>
    ) async throws -> Answer {
        let rows = try await read(request, search.page(after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map { $0 }, limit: page.limit,
            cursor: { (try? $0["organisation", OrganisationID.self])?.description ?? "" },
            item: Self.published)
    }

    /// One that is published.
    package func readProfile(
        _ request: Request, of organisation: OrganisationID
    ) async throws -> Answer {
        var search = ProfileSearch()
        search.organisation = organisation
        guard let row = try await read(request, search.page(after: nil, limit: 1)).atMostOne()
        else { throw Refusal(.notFound) }
        return Answer(try Self.published(row), revision: try row.decode("revision"))
    }

    private static func published(_ row: Row) throws -> JSON {
        var members = try StoredProfile(row: row).json.members ?? [:]
        members["name"] = JSON(try row["name", String.self])
        members["business_id"] = JSON(try row["business_id", String.self])
        members["published"] = nil
        return .object(members)
    }

    func ownOrganisation(in transaction: Transaction) async throws -> Organisation {
        try await StoredOrganisation(row: transaction.query(StoredOrganisation.own).only())
            .organisation
    }

    /// What a contract says of this organisation, as far as its entry knows; refused where the
    /// entry lacks what that side must say, or has what belongs to another business id.
    @discardableResult
    func requireParty(_ organisation: Organisation, as side: Side) throws -> Party {
        var missing: [String] = []
        if organisation.ovt?.businessID != organisation.businessID { missing.append("ovt") }
        if side == .seller || organisation.vatID != nil,
            organisation.vatID?.businessID != organisation.businessID
        {
            missing.append("vat_id")
        }
        if side == .seller, organisation.iban == nil { missing.append("iban") }
        guard missing.isEmpty, let ovt = organisation.ovt else {
            throw Refusal(
                .partyDataMissing,
                figures: [
                    "side": JSON(side.rawValue), "missing": .array(missing.map { JSON($0) }),
                ])
        }
        let address = organisation.address
        return Party(
            organisation: organisation.id, name: organisation.legalName,
            businessID: organisation.businessID, vatID: organisation.vatID, ovt: ovt,
            address: Contracts.PostalAddress(
                street: address.street, city: address.city, postalCode: address.postalCode,
                country: address.country),
            iban: side == .seller ? organisation.iban : nil,
            email: organisation.contactEmail.text)
    }
}

extension StoredProfile {
    var json: JSON {
        [
            "organisation": JSON(organisation.description),
            "published": JSON(isPublished),
            "description": description,
            "services": services,
            "regions": .array(regions.codes.map { JSON($0) }),
            "email": JSON(email),
            "revision": JSON(revision),
        ]
    }

    var answer: Answer { Answer(json, revision: revision) }
}

extension ServiceOutline {
    /// As a body of the API has it; what is wrong is told as of any other member.
    package static func reading(
        _ fields: inout JSONFields, hasPrice: Bool
    ) throws -> ServiceOutline {
        do {
            return try ServiceOutline(reading: &fields, hasPrice: hasPrice)
        } catch let problem as ContractProblem {
            throw problem.asInput
        }
    }

    /// The price alone, as the contract format has it; nil where none is said.
    package static func readingPrice(_ fields: inout JSONFields) throws -> UnitPrice? {
        do {
            return try price(in: &fields)
        } catch let problem as ContractProblem {
            throw problem.asInput
        }
    }
}
