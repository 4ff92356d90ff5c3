import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import TestMarket
import Testing

/// Who asks, and for how long that holds (invariants 26 and 33).
@Suite struct CallerTests {
    private static let whoAsks: Query = """
        select coalesce(current_organisation()::text, current_credential()::text,
            current_member()::text, nullif(current_setting('app.operation', true), ''), '-')
        """

    private func whoAsks(_ database: Database) async throws -> String {
        try await database.read([Self.whoAsks]).only().decode(0)
    }

    /// The pipeline has one connection here, and so has the pool.
    @Test func nothingOfACallerOutlivesItsTransaction() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            let other = try await test.addOrganisation("Other")
            try await test.withConnections(1) { app in
                let mine = try await app.read([one.admin.entering(), Self.whoAsks])
                #expect(try mine.only().decode(0, as: String.self) == one.id.uuidString)
                #expect(try await whoAsks(app) == "-")
                // a segment that fails takes its caller with it
                let failed = await refused {
                    _ = try await app.read([one.admin.entering(), "select 1 / 0"])
                }
                #expect(failed == "22012")
                #expect(try await whoAsks(app) == "-")
                // and so does one that shares its round trip with others
                let seen = try await withThrowingTaskGroup(of: String.self) { group in
                    for number in 0..<60 {
                        let caller: TestCaller? = [one.admin, other.admin, nil][number % 3]
                        let expected = [one.id.uuidString, other.id.uuidString, "-"][number % 3]
                        group.addTask {
                            let question: Query = "\(Self.whoAsks) || ' ' || \(expected)::text"
                            let segment = (caller.map { [$0.entering()] } ?? []) + [question]
                            return try await app.read(Segment(segment)).only().decode(0)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(seen.count == 60)
                for pair in seen {
                    let words = pair.split(separator: " ")
                    #expect(words.first == words.last)
                }
                for ends in ["commit", "rollback"] {
                    _ = try? await app.pool.transaction { transaction in
                        try await transaction.query(one.admin.entering())
                        if ends == "rollback" { throw Undone() }
                    }
                    let after = try await app.pool.transaction { transaction in
                        try await transaction.query(Self.whoAsks).only().decode(0, as: String.self)
                    }
                    #expect(after == "-", "\(ends)")
                }
            }
        }
    }

    @Test func theApplicationIsNobodyElse() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            for attempt: Query in [
                "set role aikatori_market", "set role aikatori_owner",
                "set session authorization aikatori_owner",
                "alter table unit disable row level security", "drop policy tenant on unit",
                "create table public.mine ()", "create function mine() returns int return 1",
                "update demo_clock set shift_microseconds = 0",
                "update operation_role set roles = '{auditor}'",
                "update organisation_key set sealed_private_key = 'other'",
                "select audit_seal.* from audit_seal for update",
                "select expire_hold(uuid_v7())", "select cut_start_times(uuid_v7(), 'empty')",
                "select book_one(null, now(), '{}')",
            ] {
                let refusal = await refused { try await test.asked(by: one.admin, attempt) }
                #expect(refusal == "42501", "\(attempt.sql)")
            }
            // without row-level security there is no answer at all
            let bare = await refused {
                try await test.asked(by: one.admin, "set row_security = off", "select from unit")
            }
            #expect(bare == "42501")
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let code: String
        let spoil: @Sendable (TestCaller) -> Query

        var testDescription: String { code }
    }

    @Test(arguments: [
        Case(code: "credential_revoked") {
            "update credential set revoked_at = clock_timestamp() where id = \($0.credential)"
        },
        Case(code: "credential_expired") {
            "update credential set expires_at = clock_timestamp() where id = \($0.credential)"
        },
        Case(code: "member_inactive") {
            "update member set active = false where id = \($0.member)"
        },
        // the same token as a login of a browser, in an organisation that asks for more
        Case(code: "second_factor_missing") {
            """
            with asked as (
                insert into sign_in_settings (organisation, requires_second_factor)
                select organisation, true from credential where id = \($0.credential)
                returning organisation)
            update credential c
            set idle_until = clock_timestamp() + interval '1 hour'
            from asked where c.id = \($0.credential)
            """
        },
        Case(code: "role_not_allowed") {
            "update member set roles = '{auditor}' where id = \($0.member)"
        },
        Case(code: "credential_unknown") {
            "update credential set digest = sha256('other') where id = \($0.credential)"
        },
    ])
    func stopsTheNextRequest(_ spoilt: Case) async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            let caller = one.scheduler
            let entering = caller.entering("bookTime")
            for _ in 0..<3 { _ = try await test.app.read([entering]) }
            let codes = try await test.app.pool.undone { transaction in
                try await transaction.query(entering)
                try await test.owner.write([spoilt.spoil(caller)])
                // what has begun goes on; what begins now does not
                try await transaction.query("select from unit")
                return await [
                    refused { _ = try await test.app.read([entering]) },
                    refused { try await transaction.query(entering) },
                ]
            }
            #expect(codes == [spoilt.code, spoilt.code])
            let booking = BookingCall(
                credential: caller.request("bookTime").credential, operation: "bookTime",
                key: "key", bodyDigest: [UInt8](repeating: 1, count: 32), booking: newID(),
                reservation: newID(), contract: newID(), service: "any", specialist: newID(),
                starts: Instant(microseconds: 0), minutes: 30, hold: false)
            #expect(try await test.app.book(booking).code == spoilt.code)
        }
    }

    /// A role counts only where both the member and the token have it, and an operation that nobody
    /// has named is nobody's.
    @Test func rolesAreThoseOfMemberAndToken() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            for role in Role.allCases {
                for operation in ["bookTime", "issueInvoice", "createMember", "listUnits", "none"] {
                    let allowed: Set<Role> =
                        switch operation {
                        case "bookTime": [.scheduler]
                        case "issueInvoice": [.finance]
                        case "createMember": [.admin]
                        case "listUnits": Set(Role.allCases)
                        default: []
                        }
                    let code = await refused {
                        _ = try await test.app.read([one[role].entering(operation)])
                    }
                    #expect(
                        code == (allowed.contains(role) ? nil : "role_not_allowed"),
                        "\(role) \(operation)")
                }
            }
            // a role of the member alone is not the token's
            try await test.owner.write([
                "update member set roles = '{finance,scheduler}' where id = \(one.finance.member)"
            ])
            let code = await refused {
                _ = try await test.app.read([one.finance.entering("bookTime")])
            }
            #expect(code == "role_not_allowed")
        }
    }
}
