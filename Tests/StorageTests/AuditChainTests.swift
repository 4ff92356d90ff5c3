import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Invariant 28.
@Suite struct AuditChainTests {
    private static func audit(
        _ organisation: OrganisationID, _ counterparty: OrganisationID? = nil
    ) -> Query {
        "select audit('unit', uuid_v7(), \(organisation), \(counterparty), '{\"why\": \"test\"}')"
    }

    private func seal(_ test: TestMarket, most: Int32 = 1_000) async throws -> Int64 {
        try await test.horizonToPass()
        return try await test.app.write([AuditSeal.sealNext(most)]).only()["sealed", Int64.self]
    }

    @Test func aFactSharesTheFateOfItsChange() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            let count: Query = "select count(*) from audit_fact where operation = 'createUnit'"
            let unit: Query = """
                insert into unit (id, organisation, name, time_zone)
                values (uuid_v7(), \(one.id), 'Unit 2', 'Europe/Helsinki')
                """
            _ = try await test.app.pool.undone { transaction in
                try await transaction.query(one.admin.entering("createUnit"))
                return try await transaction.each([unit, Self.audit(one.id)])
            }
            #expect(try await test.owner.read([count]).only().decode(0, as: Int.self) == 0)
            try await test.app.write([
                one.admin.entering("createUnit"), unit, Self.audit(one.id),
            ])
            let fact = try await test.owner.read([
                """
                select organisation, credential, member, operation, facts->>'why' as why
                from audit_fact where operation = 'createUnit'
                """
            ]).only()
            #expect(try fact["organisation", OrganisationID.self] == one.id)
            #expect(try fact["credential", CredentialID.self] == one.admin.credential)
            #expect(try fact["member", MemberID.self] == one.admin.member)
            #expect(try fact["why", String.self] == "test")
            // and nobody writes of others
            let other = try await test.addOrganisation("Other")
            let foreign = await refused {
                try await test.asked(by: one.admin, Self.audit(other.id))
            }
            #expect(foreign == "42501")
        }
    }

    /// Writers and sealers at once; a transaction that stays open holds back what is younger.
    @Test func isSealedInOrderWhileOthersWrite() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            let other = try await test.addOrganisation("Other")
            try await test.withConnections(10) { app in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<6 {
                        group.addTask {
                            for step in 0..<15 {
                                let both = (writer + step) % 3 == 0
                                try await app.pool.transaction { transaction in
                                    try await transaction.query(one.admin.entering())
                                    try await transaction.query(
                                        Self.audit(one.id, both ? other.id : nil))
                                    if writer == 0 { try await Task.sleep(for: .milliseconds(5)) }
                                    try await transaction.query(Self.audit(one.id))
                                }
                            }
                        }
                    }
                    for _ in 0..<3 {
                        group.addTask {
                            for _ in 0..<25 {
                                try await app.pool.transaction { transaction in
                                    _ = try await transaction.query(AuditSeal.sealNext(7))
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            while try await seal(test) > 0 {}
            let written: Query =
                "select count(*) from audit_fact where operation = 'getOrganisation'"
            #expect(try await test.owner.read([written]).only().decode(0, as: Int.self) == 180)
            for organisation in [one, other] {
                let check = try await AuditChainCheck.run(of: organisation.id, on: test.reader)
                #expect(check.breach == nil)
                #expect(check.waiting == 0)
                #expect(check.sealed > 30)
                let order = try await test.owner.read([
                    """
                    select s.number = row_number() over (order by f.xid, f.id) as right_place
                    from audit_seal s join audit_fact f on f.id = s.fact
                    where s.organisation = \(organisation.id)
                    """
                ])
                #expect(try order.allSatisfy { try $0["right_place", Bool.self] })
                #expect(Int64(order.count) == check.sealed)
            }
        }
    }

    /// What stands above the horizon waits, however long ago it was committed.
    @Test func waitsForThoseWhoBeganBefore() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            while try await seal(test) > 0 {}
            let early = try await test.app.pool.transaction { transaction in
                try await transaction.each([one.admin.entering(), Self.audit(one.id)])
                try await test.asked(by: one.admin, Self.audit(one.id))
                return try await test.app.write([AuditSeal.sealNext(10)])
                    .only()["sealed", Int64.self]
            }
            #expect(early == 0)
            #expect(try await seal(test) == 2)
            let check = try await AuditChainCheck.run(of: one.id, on: test.reader)
            #expect(check.breach == nil)
        }
    }

    struct Tampering: Sendable, CustomTestStringConvertible {
        let name: String
        let breach: AuditBreach
        let statement: @Sendable (_ chain: OrganisationID, _ other: OrganisationID) -> Query

        var testDescription: String { name }

        static func fact(_ number: Int, of chain: OrganisationID) -> Query {
            "(select fact from audit_seal where organisation = \(chain) and number = \(number))"
        }
    }

    @Test(arguments: [
        Tampering(name: "a fact is changed", breach: .hash(number: 3)) { chain, _ in
            """
            update audit_fact set facts = '{"why": "other"}'
            where id = \(Tampering.fact(3, of: chain))
            """
        },
        Tampering(name: "a fact is given to another member", breach: .hash(number: 2)) { chain, _ in
            "update audit_fact set member = uuid_v7() where id = \(Tampering.fact(2, of: chain))"
        },
        Tampering(name: "a time is changed", breach: .hash(number: 1)) { chain, _ in
            """
            update audit_fact set recorded_at = recorded_at - interval '1 microsecond'
            where id = \(Tampering.fact(1, of: chain))
            """
        },
        Tampering(name: "a hash is changed", breach: .hash(number: 4)) { chain, _ in
            """
            update audit_seal set hash = sha256(hash)
            where organisation = \(chain) and number = 4
            """
        },
        Tampering(
            name: "two facts change places", breach: .hash(number: 2)
        ) { chain, _ in
            """
            update audit_seal set hash = (
                select o.hash from audit_seal o
                where o.organisation = \(chain) and o.number = 5 - audit_seal.number)
            where organisation = \(chain) and number in (2, 3)
            """
        },
        Tampering(
            name: "a link is taken out", breach: .number(expected: 3, found: 4)
        ) { chain, _ in
            "delete from audit_seal where organisation = \(chain) and number = 3"
        },
        Tampering(name: "a foreign fact is put in", breach: .foreignFact(number: 7)) {
            chain, other in
            """
            insert into audit_seal (organisation, number, fact, hash)
            select \(chain), 7, \(Tampering.fact(1, of: other)), sha256('any')
            """
        },
        Tampering(name: "a fact is put in later", breach: .unsealed(fact: 1_000_000)) { chain, _ in
            """
            insert into audit_fact (id, xid, organisation, operation, subject_kind, subject)
            overriding system value
            select 1000000, xid, organisation, operation, subject_kind, subject
            from audit_fact where id = \(Tampering.fact(2, of: chain))
            """
        },
    ])
    func findsWhatWasTamperedWith(_ tampering: Tampering) async throws {
        try await TestMarket.withMarket { test in
            let (chain, other): (OrganisationID, OrganisationID) = (newID(), newID())
            for _ in 0..<6 {
                try await test.owner.write([Self.audit(chain)])
                try await test.owner.write([Self.audit(other)])
            }
            while try await seal(test) > 0 {}
            let before = try await AuditChainCheck.run(of: chain, on: test.reader)
            #expect(before.breach == nil)
            #expect(before.sealed == 6)
            try await test.withoutTriggers(tampering.statement(chain, other))
            let after = try await AuditChainCheck.run(of: chain, on: test.reader, linksAtOnce: 2)
            #expect(after.breach == tampering.breach)
            let untouched = try await AuditChainCheck.run(of: other, on: test.reader)
            #expect(untouched.breach == nil)
        }
    }
}
