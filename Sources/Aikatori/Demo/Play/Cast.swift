import AsyncHTTPClient
import Marketplace
import MoneyAndTime
import Organisations
import StrictJSON

/// An organisation of the demo and the programs that act for it.
struct Player: Sendable {
    let id: String
    let name: String
    /// The administrator's token, with which the others were made.
    let admin: Program
    let signing: Program
    let scheduling: Program
    let accounting: Program
}

/// Everyone who takes part. All of it is made up.
struct Cast: Sendable {
    let hospital: Player
    let healthCentre: Player
    /// Another buyer, with a contract of its own.
    let clinic: Player
    /// Has no contract.
    let careHome: Player

    var all: [Player] { [hospital, healthCentre, clinic, careHome] }

    /// Takes four example organisations into the market, as its command line does; everything
    /// after that is asked of the API.
    static func join(_ stage: Stage) async throws -> Cast {
        try await Cast(
            hospital: .join(
                stage,
                ExampleOrganisation(
                    name: "Example Hospital", businessID: "9000001-1", unit: "Psychiatry",
                    street: "Example street 1", postalCode: "00100", city: "Example City",
                    iban: "FI2112345600000785", host: "hospital.example")),
            healthCentre: .join(
                stage,
                ExampleOrganisation(
                    name: "Example Health Centre", businessID: "9000003-8", unit: "Reception",
                    street: "Example road 2", postalCode: "99800", city: "Example Village",
                    iban: nil, host: "health-centre.example")),
            clinic: .join(
                stage,
                ExampleOrganisation(
                    name: "Example Island Clinic", businessID: "9000005-4", unit: "Clinic",
                    street: "Example lane 3", postalCode: "21660", city: "Example Island",
                    iban: nil, host: "island-clinic.example")),
            careHome: .join(
                stage,
                ExampleOrganisation(
                    name: "Example Care Home", businessID: "9000007-0", unit: "Home",
                    street: "Example path 4", postalCode: "99600", city: "Example Town",
                    iban: nil, host: "care-home.example")))
    }
}

/// What an organisation is registered with.
private struct ExampleOrganisation {
    let name: String
    let businessID: String
    let unit: String
    let street: String
    let postalCode: String
    let city: String
    let iban: String?
    let host: String

    var entry: NewOrganisation {
        get throws {
            let businessID = try BusinessID(businessID)
            return try NewOrganisation(
                OrganisationDetails(
                    name: name, vatID: VATID(businessID), ovt: OVT(businessID),
                    address: PostalAddress(street: street, postalCode: postalCode, city: city),
                    iban: iban.map { try IBAN($0) }, email: EmailAddress("contracts@\(host)")),
                businessID: businessID, unit: unit, zone: WallClock.finnish,
                adminName: "Administrator", adminEmail: EmailAddress("admin@\(host)"),
                isExample: true)
        }
    }
}

extension Player {
    fileprivate static func join(
        _ stage: Stage, _ example: ExampleOrganisation
    ) async throws -> Player {
        let added = try await Market.addOrganisation(example.entry, owner: stage.owner)
        func program(_ token: String) -> Program {
            Program(base: stage.base, token: token, client: stage.client)
        }
        let admin = program(added.token.text)
        func made(_ label: String, _ role: String) async throws -> Program {
            let credential = try await admin.post(
                "/v1/credentials", ["label": JSON(label), "roles": [JSON(role)]])
            return try program(credential.text(at: "/token"))
        }
        return try await Player(
            id: added.id.description, name: example.name, admin: admin,
            signing: made("Signing program", "signatory"),
            scheduling: made("Scheduling program", "scheduler"),
            accounting: made("Accounting program", "finance"))
    }
}
