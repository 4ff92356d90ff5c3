import ArgumentParser
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage

struct OrganisationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "organisation", abstract: "Organisations in the market.",
        subcommands: [Add.self, Token.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Takes an organisation in, with its first unit and administrator.",
            discussion: """
                Prints the administrator's token, which is nowhere else; everything further is \
                done over the API. In the demo's database it is an example.
                """)

        @Option(help: "The registered name.") var name: String
        @Option(
            help: "The Finnish business id, such as 2077474-0.",
            transform: { try BusinessID($0) }) var businessID: BusinessID
        @Option(
            help: "The VAT number, such as FI20774740; a seller needs one.",
            transform: { try VATID($0) }) var vatID: VATID?
        @Option(
            help: "The e-invoice address, such as 003720774740.",
            transform: { try OVT($0) }) var ovt: OVT?
        @Option(help: "The street address.") var street: String
        @Option(help: "The postal code.") var postalCode: String
        @Option(help: "The city.") var city: String
        @Option(help: "The country, by two letters (ISO 3166-1).") var country = "FI"
        @Option(
            help: "The account that buyers pay to; a seller needs one.",
            transform: { try IBAN($0) }) var iban: IBAN?
        @Option(
            help: "A shared address of the organisation.",
            transform: { try EmailAddress($0) }) var email: EmailAddress
        @Option(help: "The name of its first unit.") var unit = "Main unit"
        @Option(
            help: "The unit's IANA time zone (default: Europe/Helsinki).",
            transform: { try WallClock(zone: $0) }) var timeZone: WallClock?
        @Option(help: "What colleagues see of the administrator.") var adminName = "Administrator"
        @Option(
            help: "The administrator's address.",
            transform: { try EmailAddress($0) }) var adminEmail: EmailAddress
        @Flag(help: "Mark it as made up, for a trial.") var example = false
        @OptionGroup var source: ConfigurationOption

        func validate() throws {
            do {
                try checkTexts()
            } catch let refusal as OrganisationRefusal {
                throw ValidationError("--\(refusal.option) \(refusal)")
            }
        }

        func run() async throws {
            let logger = ConfigurationOption.quietLogger
            try await DatabaseDoor.open(
                as: .owner, source.settings(), logger: logger
            ) { owner in
                let isDemo = try await DemoClock.find(owner.pool) != nil
                let added = try await Market.addOrganisation(
                    entry(isExample: example || isDemo), owner: owner)
                tell(added, isExample: example || isDemo)
            }
        }
    }
}

extension OrganisationCommand.Add {
    /// The rules of the room, with identifiers that nobody keeps.
    private func checkTexts() throws {
        let id = OrganisationID(bits: 0)
        _ = try Organisation(
            id: id, legalName: name, businessID: businessID, address: address(),
            contactEmail: email)
        _ = try Unit(id: UnitID(bits: 0), organisation: id, name: unit, zone: zone())
        _ = try Member(
            id: MemberID(bits: 0), organisation: id, name: adminName, email: adminEmail,
            roles: [.admin])
    }

    private func entry(isExample: Bool) throws -> NewOrganisation {
        try NewOrganisation(
            OrganisationDetails(
                name: name, vatID: vatID, ovt: ovt, address: address(), iban: iban, email: email),
            businessID: businessID, unit: unit, zone: zone(), adminName: adminName,
            adminEmail: adminEmail, isExample: isExample)
    }

    private func address() throws -> PostalAddress {
        try PostalAddress(street: street, postalCode: postalCode, city: city, country: country)
    }

    private func zone() throws -> WallClock {
        try timeZone ?? WallClock.finnish
    }

    private func tell(_ added: AddedOrganisation, isExample: Bool) {
        say("Added \(name)\(isExample ? ", as an example" : "").")
        say("  organisation   \(added.id)")
        say("  unit           \(added.unit)")
        say("  administrator  \(added.admin)")
        say("  credential     \(added.credential)")
        say("  token          \(added.token.text)")
        say("The token is the administrator's, lives \(Credential.longestLifeDays) days, and is")
        say("not shown again.")
    }
}

extension OrganisationRefusal {
    /// The option whose value was refused.
    fileprivate var option: String {
        switch field {
        case .legalName: "name"
        case .street: "street"
        case .postalCode: "postal-code"
        case .city: "city"
        case .unitName: "unit"
        case .memberName: "admin-name"
        default: self == .countryMalformed ? "country" : code
        }
    }
}
