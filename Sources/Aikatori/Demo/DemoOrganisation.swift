import Contracts
import Marketplace
import MoneyAndTime
import Organisations

/// An organisation of the demo. All of them are made up, and marked as examples.
struct DemoOrganisation: Equatable, Sendable {
    let name: String
    /// What it does in the demo, in a few words.
    let part: String
    let businessID: String
    let street: String
    let postalCode: String
    let city: String
    let iban: String?
    /// The domain of its addresses, reserved for examples (RFC 2606).
    let domain: String
    let unit: String

    static let hospital = DemoOrganisation(
        name: "Example Hospital", part: "sells psychiatrists' and physicians' time",
        businessID: "9000001-1", street: "Example street 1", postalCode: "90220",
        city: "Example City", iban: "FI2112345600000785", domain: "hospital.example",
        unit: "Outpatient clinic")
    static let northernCentre = DemoOrganisation(
        name: "Example Health Centre North", part: "buys specialists' time",
        businessID: "9000003-8", street: "Example road 2", postalCode: "99800",
        city: "Example Village", iban: "FI7312345600000819", domain: "north.example",
        unit: "Reception")
    static let southernCentre = DemoOrganisation(
        name: "Example Health Centre South", part: "buys specialists' time",
        businessID: "9000004-6", street: "Example lane 3", postalCode: "86800",
        city: "Example Town", iban: "FI5112345600000827", domain: "south.example",
        unit: "Reception")
    static let clinic = DemoOrganisation(
        name: "Example Clinic", part: "has no contract, and so finds nothing",
        businessID: "9000005-4", street: "Example square 4", postalCode: "20100",
        city: "Example Harbour", iban: nil, domain: "clinic.example", unit: "Reception")
    static let university = DemoOrganisation(
        name: "Example University Hospital",
        part: "sells neurologists' and dermatologists' time", businessID: "9000006-2",
        street: "Example avenue 5", postalCode: "33520", city: "Example Capital",
        iban: "FI9612345600000793", domain: "university.example", unit: "Remote clinic")
    static let physicians = DemoOrganisation(
        name: "Example Remote Physicians",
        part: "sells general practitioners' and geriatricians' time", businessID: "9000008-9",
        street: "Example quay 6", postalCode: "00180", city: "Example Capital",
        iban: "FI7412345600000801", domain: "physicians.example", unit: "Remote reception")
    static let careHome = DemoOrganisation(
        name: "Example Care Home", part: "buys geriatricians' time", businessID: "9000007-0",
        street: "Example path 7", postalCode: "99600", city: "Example Fell", iban: nil,
        domain: "care-home.example", unit: "Home")
    static let island = DemoOrganisation(
        name: "Example Island Clinic",
        part: "buys psychiatrists', dermatologists' and physicians' time",
        businessID: "9000009-7", street: "Example shore 8", postalCode: "21660",
        city: "Example Island", iban: nil, domain: "island.example", unit: "Clinic")

    static let all = [
        hospital, northernCentre, southernCentre, clinic, university, physicians, careHome, island,
    ]

    static func == (one: DemoOrganisation, other: DemoOrganisation) -> Bool {
        one.businessID == other.businessID
    }

    /// Of a series of numbers that the Finnish plan gives to nobody: those of fiction.
    private var telephone: String {
        let place = Self.all.firstIndex(of: self) ?? 0
        return "+358 99 555 010\(place)"
    }

    func email(_ name: String) throws -> EmailAddress { try EmailAddress("\(name)@\(domain)") }

    func entry() throws -> NewOrganisation {
        let businessID = try BusinessID(businessID)
        return try NewOrganisation(
            OrganisationDetails(
                name: name, vatID: VATID(businessID), ovt: OVT(businessID),
                address: Organisations.PostalAddress(
                    street: street, postalCode: postalCode, city: city),
                iban: iban.map { try IBAN($0) }, email: email("office")),
            businessID: businessID, unit: unit, zone: WallClock.finnish,
            telephone: TelephoneNumber(telephone), adminName: "Administrator",
            adminEmail: email("admin"), isExample: true)
    }

    /// As a contract names it.
    func party(_ id: OrganisationID) throws -> Party {
        let businessID = try BusinessID(businessID)
        return try Party(
            organisation: id, name: name, businessID: businessID, vatID: VATID(businessID),
            ovt: OVT(businessID),
            address: Contracts.PostalAddress(
                street: street, city: city, postalCode: postalCode, country: "FI"),
            iban: iban.map { try IBAN($0) }, email: email("contracts").text)
    }
}
