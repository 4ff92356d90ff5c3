import MoneyAndTime
import Organisations
import Testing

@Suite struct CredentialTests {
    static func member(_ roles: Set<Role>, seed: UInt64 = 1) throws -> Member {
        try Member(
            id: id(seed), organisation: id(9), name: "Scheduling desk 1",
            email: EmailAddress("desk@hospital.example"), roles: roles)
    }

    static func issue(
        _ roles: Set<Role>, to member: Member, days: Int64 = 30, label: String = "Roster import"
    ) throws -> Credential {
        try Credential.issue(
            id(), to: member, label: label, roles: roles,
            expiresAt: monday.adding(seconds: days * 86_400), now: monday)
    }

    @Test func aMembersCredentialNeverHasMoreThanTheMember() throws {
        let member = try Self.member([.scheduler, .finance])
        let credential = try Self.issue([.scheduler], to: member)
        #expect(credential.holder == .member(member.id) && credential.roles == [.scheduler])
        #expect(throws: OrganisationRefusal.rolesExceedMember([.admin])) {
            try Self.issue([.scheduler, .admin], to: member)
        }
        // A role that the member loses is lost at once.
        let finance = try Self.member([.finance])
        #expect(credential.effectiveRoles(of: member) == [.scheduler])
        #expect(credential.effectiveRoles(of: finance).isEmpty)
        #expect(credential.effectiveRoles(of: nil).isEmpty)
        let stranger = try Self.member([.scheduler], seed: 2)
        #expect(credential.effectiveRoles(of: stranger).isEmpty)
    }

    @Test func aMachineGetsWhatItsMakerMayGive() throws {
        func issue(_ roles: Set<Role>, by maker: Set<Role>) throws -> Credential {
            try Credential.issue(
                id(), toMachineOf: id(9), makerRoles: maker, label: "Roster import", roles: roles,
                expiresAt: monday.adding(seconds: 86_400), now: monday)
        }
        let machine = try issue([.scheduler, .auditor], by: [.admin])
        #expect(machine.holder == .machine)
        #expect(machine.effectiveRoles(of: nil) == [.scheduler, .auditor])
        #expect(throws: OrganisationRefusal.rolesExceedMember([.auditor])) {
            try issue([.scheduler, .auditor], by: [.scheduler])
        }
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let refusal: OrganisationRefusal
        let make: @Sendable (Member) throws -> Credential
        var testDescription: String { refusal.code }
    }

    static let rows: [Row] = [
        Row(refusal: .rolesMissing) { try issue([], to: $0) },
        Row(refusal: .expiryNotInFuture) { try issue([.admin], to: $0, days: 0) },
        Row(refusal: .expiryTooFar(limitDays: 400)) { try issue([.admin], to: $0, days: 401) },
        Row(refusal: .textMissing(.credentialLabel)) { try issue([.admin], to: $0, label: "") },
    ]

    @Test(arguments: rows) func refuses(_ row: Row) throws {
        let member = try Self.member([.admin])
        #expect(throws: row.refusal) { try row.make(member) }
    }

    @Test func revocationAndExpiryStopTheNextRequest() throws {
        let issued = try Self.issue([.admin], to: Self.member([.admin]), days: 400)
        let end = try monday.adding(seconds: 400 * 86_400)
        #expect(issued.isLive(at: monday) && !issued.isLive(at: end))
        let revoked = Credential(
            stored: issued.id, organisation: issued.organisation, holder: issued.holder,
            label: issued.label, roles: issued.roles, expiresAt: issued.expiresAt,
            revokedAt: try monday.adding(seconds: 10))
        #expect(try revoked.isLive(at: monday.adding(seconds: 9)))
        #expect(try !revoked.isLive(at: monday.adding(seconds: 10)))
    }
}

@Suite struct CredentialTokenTests {
    /// RFC 4648 §5 by hand: all zero bits, all one bits, and a known counting pattern.
    @Test func writesBase64URL() throws {
        let zeros = try CredentialToken(secret: [UInt8](repeating: 0, count: 32))
        #expect(zeros.text == "aik_" + String(repeating: "A", count: 43))
        let ones = try CredentialToken(secret: [UInt8](repeating: 255, count: 32))
        #expect(ones.text == "aik_" + String(repeating: "_", count: 42) + "8")
        let counting = try CredentialToken(secret: [UInt8](0..<32))
        #expect(counting.text == "aik_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")
    }

    @Test func whatIsWrittenIsTakenAndDistinct() throws {
        var random = Seeded(5)
        var seen: Set<String> = []
        for _ in 0..<2_000 {
            let secret = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let token = try CredentialToken(secret: secret)
            #expect(try CredentialToken(presented: token.text) == token)
            #expect(seen.insert(token.text).inserted)
        }
    }

    private static let most = String(repeating: "A", count: 42)

    private static let misshapen: [String] = [
        "", "aik_", "\(most)A", "AIK_\(most)A", "aik-\(most)A", "aik_\(most)", "aik_\(most)AA",
        "aik_\(most)=", "aik_\(most)+", " aik_\(most)", "aik_\(most)A\n", "aik_\(most)Ä",
        // The same secret in a second spelling.
        "aik_\(most)B",
    ]

    @Test(arguments: misshapen) func refusesShape(_ text: String) {
        #expect(throws: OrganisationRefusal.tokenMalformed) {
            try CredentialToken(presented: text)
        }
    }

    @Test(arguments: [0, 31, 33]) func refusesSecret(_ count: Int) {
        #expect(throws: OrganisationRefusal.tokenMalformed) {
            try CredentialToken(secret: [UInt8](repeating: 1, count: count))
        }
    }
}
