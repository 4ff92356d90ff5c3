import Crypto
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import Synchronization

/// An organisation of a test, with its first unit and a caller for each role.
package struct TestOrganisation: Sendable {
    package let id: OrganisationID
    package let unit: UnitID
    /// With the role `admin` and no other.
    package let admin: TestCaller
    private let callers: [Role: TestCaller]

    init(id: OrganisationID, unit: UnitID, callers: [Role: TestCaller], admin: TestCaller) {
        self.id = id
        self.unit = unit
        self.callers = callers
        self.admin = admin
    }

    package var scheduler: TestCaller { self[.scheduler] }
    package var specialist: TestCaller { self[.specialist] }
    package var finance: TestCaller { self[.finance] }
    package var auditor: TestCaller { self[.auditor] }

    /// A member's caller with this role and no other.
    package subscript(_ role: Role) -> TestCaller { callers[role] ?? admin }
}

/// Someone who asks, by a token.
package struct TestCaller: Sendable {
    package let member: MemberID
    package let credential: CredentialID
    package let token: CredentialToken

    package init(member: MemberID, credential: CredentialID, token: CredentialToken) {
        self.member = member
        self.credential = credential
        self.token = token
    }

    /// A request as the API would read it. Without a `key` it carries none; with one, `body` stands
    /// for the bytes that came with it.
    package func request(
        _ operation: String, key: String? = nil, body: String = ""
    ) -> Request {
        Request(
            credential: CredentialDigest(of: token), operation: operation,
            idempotency: key.map {
                IdempotencyKey(
                    key: $0, bodyDigest: Array(SHA256.hash(data: Array(body.utf8))))
            })
    }
}

/// Business ids with right check digits, one after the other.
final class BusinessIDs: Sendable {
    private let last = Atomic<Int>(1_000_000)

    func next() -> BusinessID {
        while true {
            let base = last.add(1, ordering: .relaxed).newValue
            for digit in 0...9 {
                if let id = try? BusinessID("\(base)-\(digit)") { return id }
            }
        }
    }
}

extension TestMarket {
    /// A new organisation: named, in Helsinki's time, with one member and token for each role.
    package func addOrganisation(
        _ name: String = "Example Hospital", iban: String? = "FI2112345600000785",
        businessID: BusinessID? = nil
    ) async throws -> TestOrganisation {
        let businessID = businessID ?? businessIDs.next()
        let added = try await Market.addOrganisation(
            NewOrganisation(
                OrganisationDetails(
                    name: name, vatID: VATID(businessID), ovt: OVT(businessID),
                    address: PostalAddress(
                        street: "Main Street 1", postalCode: "90100", city: "Oulu"),
                    iban: iban.map { try IBAN($0) }, email: EmailAddress("office@example.org")),
                businessID: businessID, unit: "Main unit",
                zone: WallClock(zone: "Europe/Helsinki"),
                adminName: "Administrator 1", adminEmail: EmailAddress("admin@example.org"),
                isExample: true),
            owner: owner)
        let admin = TestCaller(
            member: added.admin, credential: added.credential, token: added.token)
        var callers = [Role.admin: admin]
        for role in Role.allCases where role != .admin {
            callers[role] = try await caller([role], email: "\(role.rawValue)@example.org", admin)
        }
        return TestOrganisation(id: added.id, unit: added.unit, callers: callers, admin: admin)
    }

    /// A new member with these roles and a token with all of them, made by the `admin` and taken
    /// for its member's own.
    package func caller(
        _ roles: Set<Role>, email: String, _ admin: TestCaller
    ) async throws -> TestCaller {
        let member = try await market.createMember(
            admin.request("createMember"), name: "Test member", email: EmailAddress(email),
            roles: roles)
        let memberID = try MemberID(typeID: member.body["id"]?.text ?? "")
        let caller = try await token(in: memberID, roles, by: admin)
        try await owner.write([
            """
            update credential set self_issued = true
            where id in (\(caller.credential), \(admin.credential))
            """
        ])
        return caller
    }

    /// A token in a member's name, made by `issuer`.
    package func token(
        in member: MemberID, _ roles: Set<Role>, by issuer: TestCaller
    ) async throws -> TestCaller {
        let issued = try await market.issueCredential(
            issuer.request("issueCredential"), to: member, label: "Test token", roles: roles,
            expiresAt: nil)
        return try TestCaller(
            member: member, credential: CredentialID(typeID: issued.body["id"]?.text ?? ""),
            token: CredentialToken(presented: issued.body["token"]?.text ?? ""))
    }

    /// A specialist of the organisation's first unit, with a licence for a long time.
    package func addSpecialist(
        to organisation: TestOrganisation, label: String = "Psychiatrist 1",
        specialty: String = "psychiatry", languages: Set<String> = ["fi", "sv"]
    ) async throws -> SpecialistID {
        let made = try await market.createSpecialist(
            organisation.admin.request("createSpecialist"), unit: organisation.unit,
            SpecialistDetails(
                label: label, profession: "physician", specialty: specialty,
                languages: languages))
        let id = try SpecialistID(typeID: made.body["id"]?.text ?? "")
        _ = try await market.addLicence(
            organisation.admin.request("addLicence"), to: id,
            LicenceDetails(
                authority: "Example authority", number: "L-\(label)",
                validFrom: CalendarDate(iso: "2020-01-01"),
                validThrough: CalendarDate(iso: "2039-12-31")))
        return id
    }
}
