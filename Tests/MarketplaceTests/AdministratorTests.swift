import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// An organisation keeps someone who may administer it.
@Suite struct AdministratorTests {
    private func code(_ body: () async throws -> Void) async -> String? {
        await refusal(body)?.rawValue
    }

    private func edit(
        _ test: TestMarket, _ organisation: TestOrganisation, roles: Set<Role> = [.admin],
        isActive: Bool = true
    ) async -> String? {
        await code {
            let row = try await test.owner.read([
                "select revision from member where id = \(organisation.admin.member)"
            ]).only()
            _ = try await test.market.updateMember(
                organisation.admin.request("updateMember"), organisation.admin.member,
                revision: row["revision", Int64.self], name: "Administrator",
                email: EmailAddress("admin@example.test"), roles: roles, isActive: isActive)
        }
    }

    private func revoke(
        _ test: TestMarket, _ organisation: TestOrganisation, _ credential: CredentialID
    ) async -> String? {
        await code {
            _ = try await test.market.revokeCredential(
                organisation.admin.request("revokeCredential"), credential)
        }
    }

    /// Whatever has the role of an administrator, without those who are asked about.
    private func leaveOne(_ test: TestMarket, _ organisation: TestOrganisation) async throws {
        try await test.owner.write([
            """
            update credential set revoked_at = clock_timestamp()
            where organisation = \(organisation.id) and 'admin' = any (roles)
              and id <> \(organisation.admin.credential)
            """
        ])
    }

    @Test func theLastOneStays() async throws {
        try await TestMarket.withMarket { test in
            let own = try await test.addOrganisation("Own")
            _ = try await test.addOrganisation("Other")
            try await leaveOne(test, own)
            let last = "last_administrator"
            #expect(await edit(test, own, roles: [.finance]) == last)
            #expect(await edit(test, own, isActive: false) == last)
            #expect(await revoke(test, own, own.admin.credential) == last)
            // other changes of the last one are none of this
            #expect(await edit(test, own, roles: [.admin, .finance]) == nil)
            #expect(await revoke(test, own, own.finance.credential) == nil)
        }
    }

    @Test func anotherMemberOrMachineIsEnough() async throws {
        try await TestMarket.withMarket { test in
            let own = try await test.addOrganisation("Own")
            try await leaveOne(test, own)
            let machine = try await test.market.issueCredential(
                own.admin.request("issueCredential"), to: nil, label: "Machine",
                roles: [.admin], expiresAt: nil)
            let id = try CredentialID(typeID: machine.body["id"]?.text ?? "")
            // one that is over does not count
            try await test.owner.write([
                "update credential set expires_at = clock_timestamp() where id = \(id)"
            ])
            #expect(await revoke(test, own, own.admin.credential) == "last_administrator")
            try await test.owner.write([
                """
                update credential set expires_at = clock_timestamp() + interval '1 day'
                where id = \(id)
                """
            ])
            #expect(await revoke(test, own, own.admin.credential) == nil)
        }
    }

    /// Two take each other away at once: one of them stays.
    @Test func twoAtOnceLeaveOne() async throws {
        try await TestMarket.withMarket { test in
            for _ in 0..<5 {
                let own = try await test.addOrganisation("Own")
                try await leaveOne(test, own)
                let machine = try await test.market.issueCredential(
                    own.admin.request("issueCredential"), to: nil, label: "Machine",
                    roles: [.admin], expiresAt: nil)
                let id = try CredentialID(typeID: machine.body["id"]?.text ?? "")
                async let first = revoke(test, own, own.admin.credential)
                async let second = revoke(test, own, id)
                let codes = await [first, second]
                #expect(codes.count { $0 == nil } == 1, "\(codes)")
            }
        }
    }
}
