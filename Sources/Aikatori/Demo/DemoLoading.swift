import Contracts
import Foundation
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Scheduling
import Storage
import StrictJSON

/// Fills a fresh market with a demo, by the same use cases that its organisations would call.
struct DemoLoading: Sendable {
    let market: Market
    /// A connection of `aikatori_owner`, with which organisations are taken in.
    let owner: Database
    let clock: DemoClock
    let plan: DemoPlan

    /// What the clock of a demo shows at first: a Tuesday morning. It is the same for everybody, so
    /// that the same demo comes of it, and its pictures and figures can be compared.
    static let now = "2027-03-09T07:30:00+02:00"
    /// The first day of a life behind it, and the last on which its specialists offer time.
    static let firstDay = "2026-12-28"
    static let lastDay = "2027-08-31"

    func run() async throws -> DemoTokens {
        let wall = try WallClock.finnish
        let now = try Instant(rfc3339: Self.now)
        let start = plan.isLivedIn ? try CalendarDate(iso: Self.firstDay) : wall.date(of: now)
        try await clock.set(
            to: plan.isLivedIn ? wall.instant(start, TimeOfDay("07:00")) : now)
        say("loading \(plan.organisations.count) demo organisations")
        var callers: [DemoCaller] = []
        for organisation in plan.organisations { callers.append(try await add(organisation)) }
        try await addRooms(to: callers.caller(.northernCentre))
        for team in plan.teams {
            for number in 1...team.count {
                try await add(number, of: team, to: callers.caller(team.seller), from: start)
            }
        }
        var agreements: [DemoAgreement] = []
        for contract in plan.contracts {
            let agreement = try await sign(contract, callers, from: start)
            if !contract.isWaiting { agreements.append(agreement) }
        }
        if plan.isLivedIn {
            var life = DemoLife(market: market, clock: clock, agreements: agreements, wall: wall)
            try await life.live(from: start, until: now)
            for agreement in agreements where agreement.contract.isNegotiated {
                try await DemoNegotiation(market: market, agreement: agreement).offer()
            }
            try await DemoBeforeContract(market: market).make(callers.caller)
            if let netted = agreements.first(where: { $0.contract.isNetted }) {
                // the buyer waits for the seller's consent
                _ = try await market.proposeNetting(
                    netted.buyer.request("proposeNetting", as: .finance), with: netted.seller.id)
            }
        }
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
        _ = try await owner.write([StoredCredential.becomeOwn(of: added.id)])
        return DemoCaller(organisation, added, tokens)
    }

    // MARK: Specialists and their time

    private func add(
        _ number: Int, of team: DemoTeam, to seller: DemoCaller, from start: CalendarDate
    ) async throws {
        let made = try await market.createSpecialist(
            seller.request("createSpecialist", as: .admin), unit: seller.unit,
            SpecialistDetails(
                label: "\(team.work) \(number)", profession: "physician",
                specialty: team.specialty, languages: team.languages(of: number)))
        let id = try SpecialistID(typeID: made.text("id"))
        if number == 1 { try await tie(id, to: seller) }
        _ = try await market.addLicence(
            seller.request("addLicence", as: .admin), to: id,
            LicenceDetails(
                authority: "Example authority",
                number: "\(team.licence)\(number < 10 ? "0" : "")\(number)",
                validFrom: start.adding(months: -60), validThrough: start.adding(months: 120)))
        let pattern = team.pattern(of: number)
        _ = try await market.publishAvailability(
            seller.request("publishAvailability", as: .scheduler),
            Market.OfferedTime(
                specialist: id,
                pattern: .weekly(
                    WeeklyPattern(
                        days: pattern.days, startsOn: start,
                        end: .until(CalendarDate(iso: Self.lastDay)))),
                from: TimeOfDay(pattern.from), to: TimeOfDay(pattern.to), terms: team.terms()))
    }

    /// The member with the role of a specialist is the first one of the organisation.
    private func tie(_ specialist: SpecialistID, to seller: DemoCaller) async throws {
        let members = try await market.listMembers(
            seller.request("listMembers", as: .admin), page: Page(after: nil, limit: 50))
        let member = members.body["items"]?.elements?.first {
            $0["roles"]?[0]?.text == Role.specialist.rawValue && $0["specialist"]?.text == nil
        }
        guard let member else { return }
        _ = try await market.updateMember(
            seller.request("updateMember", as: .admin),
            MemberID(typeID: member["id"]?.text ?? ""),
            revision: member["revision"]?.integer ?? 0, name: member["name"]?.text ?? "",
            email: EmailAddress(member["email"]?.text ?? ""), roles: [.specialist], isActive: true,
            specialist: specialist)
    }

    // MARK: Contracts

    private struct MissingTemplate: Error {
        let name: String
    }

    /// A contract from a template, signed by both unless one is to wait; from the month of the
    /// start to the end of the year after next.
    private func sign(
        _ contract: DemoContract, _ callers: [DemoCaller], from start: CalendarDate
    ) async throws -> DemoAgreement {
        guard let template = try ContractFiles.template(contract.template) else {
            throw MissingTemplate(name: contract.template)
        }
        let seller = try callers.caller(contract.seller)
        let buyer = try callers.caller(contract.buyer)
        let lastDay = try CalendarDate(year: start.year + 2, month: 12, day: 31)
        let filled = try template.filled(
            seller: seller.organisation.party(seller.id), buyer: buyer.organisation.party(buyer.id),
            validity: Validity(firstDay: start, lastDay: lastDay),
            buyerReference: "DEMO-\(start.year)")
        let document = try Self.changed(filled, for: contract)
        let drafted = try await market.draftContract(
            seller.request("draftContract", as: .admin), document.json)
        let id = try ContractID(typeID: drafted.text("id"))
        for party in contract.isWaiting ? [seller] : [seller, buyer] {
            _ = try await market.signContractVersion(
                party.request("signContractVersion", as: .signatory), id, number: 1,
                digest: document.digest)
        }
        return DemoAgreement(
            id: id, contract: contract, seller: seller, buyer: buyer, terms: document.terms)
    }

    /// The same, with how the two settle what they owe each other.
    private static func changed(
        _ document: ContractDocument, for contract: DemoContract
    ) throws -> ContractDocument {
        var members = document.json.members ?? [:]
        var billing = members["billing"]?.members ?? [:]
        if contract.isNetted { billing["netting"] = "pair" }
        if contract.isInvoicedBySeller { billing["document"] = "invoice_basis" }
        members["billing"] = .object(billing)
        return try ContractDocument(.object(members))
    }
}

/// A demo's contract that both have signed.
struct DemoAgreement: Sendable {
    let id: ContractID
    let contract: DemoContract
    let seller: DemoCaller
    let buyer: DemoCaller
    let terms: Terms
}

extension [DemoCaller] {
    func caller(_ organisation: DemoOrganisation) throws -> DemoCaller {
        guard let caller = first(where: { $0.organisation == organisation }) else {
            throw DemoTokens.Unreadable()
        }
        return caller
    }
}
