import MoneyAndTime
import Organisations
import Postgres
import Storage
import TestMarket
import Testing

/// Whose a credential is: its member's own where that one signed in, or issued it after it had.
@Suite struct OwnCredentialTests {
    private func isOwn(_ caller: TestCaller, in test: TestMarket) async throws -> Bool {
        try await test.asked(by: caller, StoredCredential.isOwn).only()["own", Bool.self]
    }

    private func signedIn(_ member: MemberID, in test: TestMarket) async throws -> TestCaller {
        let login = TestCaller(
            member: member, credential: newID(),
            token: try CredentialToken(secret: [UInt8](repeating: 7, count: 32)))
        try await test.app.write([
            Login.beginInDemo(
                as: member, login.credential, CredentialDigest(of: login.token))
        ])
        return login
    }

    @Test func aTokenInAnothersNameIsNotItsOwn() async throws {
        try await TestMarket.withMarket { test in
            let own = try await test.addOrganisation("Own")
            let roles: Set<Role> = [.admin, .finance]
            let second = try await test.caller(roles, email: "second@example.org", own.admin)
            let forged = try await test.token(in: second.member, roles, by: own.admin)
            #expect(try await !isOwn(forged, in: test))
            // nor is what it issues then, in the name of the one that it pretends to be
            let next = try await test.token(in: second.member, roles, by: forged)
            #expect(try await !isOwn(next, in: test))
            let login = try await signedIn(second.member, in: test)
            #expect(try await isOwn(login, in: test))
            let issued = try await test.token(in: second.member, roles, by: login)
            #expect(try await isOwn(issued, in: test))
            let further = try await test.token(in: second.member, roles, by: issued)
            #expect(try await isOwn(further, in: test))
            let row = try await test.owner.read([
                """
                select array_agg(issued_by order by created_at) = \
                array[\(own.admin.member), \(second.member), \(second.member), \(second.member),
                    \(second.member)]::uuid[] as kept
                from credential where member = \(second.member) and id <> \(second.credential)
                """
            ]).only()
            #expect(try row["kept", Bool.self])
        }
    }

    @Test func theApplicationSaysNothingOfWhoseItIs() async throws {
        try await TestMarket.withMarket { test in
            let own = try await test.addOrganisation("Own")
            let forged = try await test.token(
                in: own.finance.member, [.finance], by: own.admin)
            let changes: [Query] = [
                "self_issued = true", "idle_until = now()", "issued_by = member",
                "member = member",
            ]
            for (number, change) in changes.enumerated() {
                let changed = await refused {
                    try await test.asked(
                        by: forged,
                        "update credential set \(change) where id = \(forged.credential)")
                }
                #expect(changed == "42501", "\(number)")
            }
            let copied = await refused {
                try await test.asked(
                    by: forged,
                    """
                    insert into credential (id, organisation, member, label, digest, roles,
                        expires_at, idle_until)
                    select uuid_v7(), organisation, member, label, sha256('other'), roles,
                        expires_at, expires_at
                    from credential where id = \(forged.credential)
                    """)
            }
            #expect(copied == "42501")
        }
    }
}
