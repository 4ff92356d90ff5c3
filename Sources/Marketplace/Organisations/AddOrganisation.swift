import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

/// An organisation to be, with its first unit and administrator.
package struct NewOrganisation: Sendable {
    package let details: OrganisationDetails
    package let businessID: BusinessID
    package let unit: String
    package let zone: WallClock
    /// Of the unit.
    package let telephone: TelephoneNumber?
    package let adminName: String
    package let adminEmail: EmailAddress
    /// Made up, for a demo or a test.
    package let isExample: Bool

    package init(
        _ details: OrganisationDetails, businessID: BusinessID, unit: String, zone: WallClock,
        telephone: TelephoneNumber? = nil, adminName: String, adminEmail: EmailAddress,
        isExample: Bool
    ) {
        self.details = details
        self.businessID = businessID
        self.unit = unit
        self.zone = zone
        self.telephone = telephone
        self.adminName = adminName
        self.adminEmail = adminEmail
        self.isExample = isExample
    }
}

/// What was made, with the administrator's first token, which is nowhere else.
package struct AddedOrganisation: Sendable {
    package let id: OrganisationID
    package let unit: UnitID
    package let admin: MemberID
    package let credential: CredentialID
    package let token: CredentialToken
}

/// There is an organisation with this business id and this name already; its administrators make
/// further tokens. Units of one legal person are told apart by their names.
package struct OrganisationTaken: Error, Hashable, CustomStringConvertible {
    package let name: String
    package let businessID: BusinessID

    package var description: String {
        "\(name) with the business id \(businessID.text) is in the market already"
    }
}

extension Market {
    /// Takes an organisation into the market, with a first administrator. No operation of the API
    /// does this: `owner` is a connection of `aikatori_owner`, which only the server's own command
    /// line has. Throws `InvalidInput` and `OrganisationTaken`.
    package static func addOrganisation(
        _ new: NewOrganisation, owner: Database
    ) async throws -> AddedOrganisation {
        try await owner.transaction { transaction in
            let now = try await transaction.query(StoredCredential.now).only()["now", Instant.self]
            let rows = try NewRows(new, now: now)
            try await transaction.query(
                "select set_config('app.operation', 'addOrganisation', true)")
            do {
                try await transaction.query(rows.organisation.insert())
            } catch let error as PostgresError where error.state == .uniqueViolation {
                throw OrganisationTaken(
                    name: new.details.name, businessID: new.businessID)
            }
            try await rows.insertRest(in: transaction)
            return AddedOrganisation(
                id: rows.id, unit: rows.unit.id, admin: rows.admin.member.id,
                credential: rows.credential.credential.id, token: rows.token)
        }
    }
}

/// The rows of a new organisation, each checked by its rule.
private struct NewRows {
    let id: OrganisationID
    let organisation: StoredOrganisation
    let unit: StoredUnit
    let admin: StoredMember
    let credential: StoredCredential
    let token: CredentialToken

    init(_ new: NewOrganisation, now: Instant) throws {
        var random = SystemRandomNumberGenerator()
        func newID<Tag: IDTag>(_: Tag.Type = Tag.self) -> ID<Tag> {
            ID(at: Market.realTime(), using: &random)
        }
        let details = new.details
        let id: OrganisationID = newID()
        self.id = id
        organisation = StoredOrganisation(
            organisation: try asInput {
                try Organisation(
                    id: id, legalName: details.name, businessID: new.businessID,
                    vatID: details.vatID, ovt: details.ovt, address: details.address,
                    iban: details.iban, contactEmail: details.email)
            }, isExample: new.isExample)
        let unit = try asInput {
            try Unit(id: newID(), organisation: id, name: new.unit, zone: new.zone)
        }
        self.unit = StoredUnit(
            id: unit.id, name: unit.name, timeZone: unit.zone.zone,
            telephone: new.telephone?.text)
        let admin = try asInput {
            try Member(
                id: newID(), organisation: id, name: new.adminName, email: new.adminEmail,
                roles: [.admin])
        }
        self.admin = StoredMember(member: admin)
        let end = try now.adding(seconds: Credential.longestLifeDays * 86_400)
        credential = StoredCredential(
            credential: try Credential.issue(
                newID(), to: admin, label: "First administrator", roles: [.admin],
                expiresAt: end, now: now),
            createdAt: now)
        token = try Market.newToken()
    }

    func insertRest(in transaction: Transaction) async throws {
        try await transaction.query(unit.insert(for: id))
        try await transaction.query(admin.insert())
        try await transaction.query(credential.insert(CredentialDigest(of: token)))
        for happening in [
            Happening(.organisation, id, "organisation.added", revision: 1),
            Happening(.unit, unit.id, "unit.created", revision: 1),
            admin.happening("member.created"),
            credential.happening("credential.issued"),
        ] {
            try await transaction.record(happening, for: id)
        }
    }
}
