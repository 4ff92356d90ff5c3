import Contracts
import Foundation
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Scheduling
import Storage
import StrictJSON

/// Fills a fresh market with the demo organisations, by the same use cases that they would call.
struct DemoLoading: Sendable {
    let market: Market
    /// A connection of `aikatori_owner`, with which organisations are taken in.
    let owner: Database
    /// The first day of the contracts and of the published time.
    let today: CalendarDate

    func run() async throws -> DemoTokens {
        var callers: [DemoCaller] = []
        for organisation in DemoOrganisation.all { callers.append(try await add(organisation)) }
        let (hospital, north, south) = (callers[0], callers[1], callers[2])
        for specialist in DemoSpecialist.all { try await add(specialist, to: hospital) }
        try await sign("psychiatrist-remote-visit", seller: hospital, buyer: north)
        try await sign("psychiatrist-remote-visit", seller: hospital, buyer: south)
        try await sign("physician-remote-reception", seller: hospital, buyer: south)
        return DemoTokens(entries: callers.map(\.entry))
    }

    // MARK: An organisation and its members

    private func add(_ organisation: DemoOrganisation) async throws -> DemoCaller {
        let added = try await Market.addOrganisation(organisation.entry(), owner: owner)
        var tokens = [Role.admin: added.token]
        let admin = DemoCaller(organisation, added, tokens)
        for role in Role.allCases where role != .admin {
            let member = try await market.createMember(
                admin.request("createMember", as: .admin), name: role.rawValue.capitalized,
                email: organisation.email(role.rawValue), roles: [role])
            let issued = try await market.issueCredential(
                admin.request("issueCredential", as: .admin),
                to: MemberID(typeID: member.text("id")), label: "Demo", roles: [role],
                expiresAt: nil)
            tokens[role] = try CredentialToken(presented: issued.text("token"))
        }
        return DemoCaller(organisation, added, tokens)
    }

    // MARK: Specialists and their time

    private func add(_ specialist: DemoSpecialist, to seller: DemoCaller) async throws {
        let made = try await market.createSpecialist(
            seller.request("createSpecialist", as: .admin), unit: seller.unit,
            SpecialistDetails(
                label: specialist.label, profession: "physician", specialty: specialist.specialty,
                languages: specialist.languages))
        let id = try SpecialistID(typeID: made.text("id"))
        _ = try await market.addLicence(
            seller.request("addLicence", as: .admin), to: id,
            LicenceDetails(
                authority: "Example authority", number: specialist.licence,
                validFrom: today.adding(months: -60), validThrough: today.adding(months: 120)))
        _ = try await market.publishAvailability(
            seller.request("publishAvailability", as: .scheduler),
            Market.OfferedTime(
                specialist: id,
                pattern: .weekly(
                    days: specialist.days, startsOn: today, until: nil, except: []),
                from: TimeOfDay(specialist.from), to: TimeOfDay(specialist.to),
                terms: specialist.terms()))
    }

    // MARK: Contracts

    private struct MissingTemplate: Error {
        let name: String
    }

    /// A contract from a template, signed by both; from today to the end of the year after next.
    private func sign(_ name: String, seller: DemoCaller, buyer: DemoCaller) async throws {
        guard let template = try ContractFiles.template(name) else {
            throw MissingTemplate(name: name)
        }
        let lastDay = try CalendarDate(year: today.year + 2, month: 12, day: 31)
        let document = try template.filled(
            seller: seller.organisation.party(seller.id), buyer: buyer.organisation.party(buyer.id),
            validity: Validity(firstDay: today, lastDay: lastDay),
            buyerReference: "DEMO-\(today.year)")
        let drafted = try await market.draftContract(
            seller.request("draftContract", as: .admin), document.json)
        let contract = try ContractID(typeID: drafted.text("id"))
        for party in [seller, buyer] {
            _ = try await market.signContractVersion(
                party.request("signContractVersion", as: .admin), contract, number: 1,
                digest: document.digest)
        }
    }
}

/// A demo organisation that asks something of the market.
private struct DemoCaller: Sendable {
    let organisation: DemoOrganisation
    let id: OrganisationID
    let unit: UnitID
    private let tokens: [Role: CredentialToken]

    init(
        _ organisation: DemoOrganisation, _ added: AddedOrganisation,
        _ tokens: [Role: CredentialToken]
    ) {
        self.organisation = organisation
        self.tokens = tokens
        (id, unit) = (added.id, added.unit)
    }

    func request(_ operation: String, as role: Role) throws -> Request {
        guard let token = tokens[role] else { throw DemoTokens.Unreadable() }
        return Request(credential: CredentialDigest(of: token), operation: operation)
    }

    var entry: DemoTokens.Entry {
        DemoTokens.Entry(name: organisation.name, id: id, tokens: tokens)
    }
}

extension Answer {
    /// A text of the body; throws where the answer has another shape.
    func text(_ key: String) throws -> String {
        guard let text = body[key]?.text else { throw Missing(key: key) }
        return text
    }

    struct Missing: Error {
        let key: String
    }
}
