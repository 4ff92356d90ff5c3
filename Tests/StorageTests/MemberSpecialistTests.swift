import MoneyAndTime
import Postgres
import TestMarket
import Testing

/// Which specialist a member is, for those with direct access to the tables.
@Suite struct MemberSpecialistTests {
    @Test func isOneOfTheSameOrganisation() async throws {
        try await TestMarket.withMarket { test in
            let own = try await test.addOrganisation("Own")
            let other = try await test.addOrganisation("Other")
            let specialist = try await test.addSpecialist(to: own)
            let others = try await test.addSpecialist(to: other, label: "Psychiatrist 2")
            let member = own.specialist.member
            let tie = { (specialist: SpecialistID) -> Query in
                "update member set specialist = \(specialist) where id = \(member) returning id"
            }
            #expect(try await test.asked(by: own.admin, tie(specialist)).count == 1)
            // the foreign key looks past row-level security, and is of both columns
            let foreign = await refused { try await test.asked(by: own.admin, tie(others)) }
            #expect(foreign == "23503")
            let byOwner = await refused { try await test.owner.write([tie(others)]) }
            #expect(byOwner == "23503")
            // nor does the other organisation reach the member
            #expect(try await test.asked(by: other.admin, tie(others)).isEmpty)
            #expect(try await test.asked(by: other.admin, tie(specialist)).isEmpty)
            let inserted = await refused {
                try await test.asked(
                    by: own.admin,
                    """
                    insert into member (id, organisation, name, email, roles, specialist)
                    values (uuid_v7(), \(own.id), 'A', 'a@example.org', '{specialist}', \(others))
                    """)
            }
            #expect(inserted == "23503")
        }
    }
}
