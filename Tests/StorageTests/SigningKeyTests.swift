import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// A key is made, and retired once; nothing else about it changes, and what was retired signs
/// nothing.
@Suite struct SigningKeyTests {
    private func key(_ name: String, of organisation: TestOrganisation, _ byte: UInt8) -> Query {
        """
        insert into organisation_key (organisation, key_id, public_key)
        values (\(organisation.id), \(name), \([UInt8](repeating: byte, count: 32)))
        """
    }

    @Test func aKeyStays() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            let other = try await test.addOrganisation("Other")
            try await test.asked(by: one.admin, key("first", of: one, 1))
            let second = await refused {
                try await test.asked(by: one.admin, key("second", of: one, 2))
            }
            #expect(second == "23505")
            let theirs = await refused {
                try await test.asked(by: other.admin, key("theirs", of: one, 3))
            }
            #expect(theirs == "42501")
            let changes = [
                "key_id = 'other'", "public_key = sha256('other')",
                "sealed_private_key = 'sealed'", "created_at = '2020-01-01'",
                "organisation = '\(other.id.uuidString)'",
            ]
            for change in changes {
                let statement = Query(stringLiteral: "update organisation_key set \(change)")
                let byOwner = await refused { try await test.owner.write([statement]) }
                #expect(byOwner == "organisation_key_stays", "\(change)")
                let byApp = await refused { try await test.asked(by: one.admin, statement) }
                #expect(byApp == "42501", "\(change)")
            }
            let retire: Query = "update organisation_key set retired_at = market_now()"
            #expect(try await test.asked(by: other.admin, "\(retire) returning key_id").isEmpty)
            try await test.asked(by: one.admin, retire)
            for again: Query in [
                retire, "update organisation_key set retired_at = null",
                "delete from organisation_key", "truncate organisation_key cascade",
            ] {
                let code = await refused { try await test.owner.write([again]) }
                #expect(code == "organisation_key_stays" || code == "append_only")
            }
            try await test.asked(by: one.admin, key("second", of: one, 2))
        }
    }
}
