import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// Invariant 26, over every table that the catalogue has: a new one is attacked at once.
@Suite struct TenancyTests {
    @Test func strangersSeeAndChangeNothing() async throws {
        try await TestMarket.withMarket { test in
            let full = try await FullMarket(test)
            let tables = try await test.owner.read([TenantTable.all]).map(TenantTable.init(row:))
            #expect(tables.count > 30)
            // only row-level security is to answer
            for table in tables {
                try await test.superuser.write([
                    "alter table \(trusted: table.name) disable trigger user"
                ])
            }
            for table in tables {
                #expect(try await attack(table, in: full) == [], "\(table.name)")
            }
            // and it is row-level security that does
            try await test.superuser.write([
                "alter policy tenant on booking using (true) with check (true)"
            ])
            let booking = try #require(tables.first { $0.name == "booking" })
            let unit = try #require(tables.first { $0.name == "unit" })
            #expect(try await attack(booking, in: full) == ["reads", "changes"])
            try await test.superuser.write(["alter policy tenant on unit using (true)"])
            #expect(try await attack(unit, in: full) == ["reads"])
            try await test.superuser.write(["alter policy tenant on unit with check (true)"])
            #expect(try await attack(unit, in: full) == ["reads", "inserts", "changes"])
        }
    }

    /// What the stranger gets to do with rows of the two who trade.
    private func attack(_ table: TenantTable, in full: FullMarket) async throws -> [String] {
        let test = full.test
        let stranger = full.stranger.admin
        var found: [String] = []
        let before = try await state(of: table, in: full)
        #expect(before[0] != "0", "\(table.name): no row, extend FullMarket")
        let theirs = table.belongs(to: full.parties)
        let rows = await rowCount {
            try await test.asked(
                by: stranger, "select from \(trusted: table.name) where \(theirs)")
        }
        if rows != (table.isReadable ? 0 : nil) { found.append("reads") }

        let row = try await test.owner.read([
            "select to_jsonb(t)::text from \(trusted: table.name) t where \(theirs) limit 1"
        ]).only().decode(0, as: String.self)
        let inserted = await refused { try await test.asked(by: stranger, table.copied(row)) }
        if inserted != "42501" { found.append("inserts") }

        var changes: [Query] = ["delete from \(trusted: table.name)"]
        changes += table.changeable.map { column in
            "update \(trusted: table.name) set \(trusted: column) = \(trusted: column)"
        }
        for change in changes {
            let refusal = await refused { try await test.asked(by: stranger, change) }
            #expect(refusal == nil || refusal == "42501", "\(table.name): \(change.sql)")
        }
        if try await state(of: table, in: full) != before { found.append("changes") }
        return found
    }

    private func state(of table: TenantTable, in full: FullMarket) async throws -> [String] {
        let row = try await full.test.owner.read([table.state(of: full.parties)]).only()
        return [String(try row["rows", Int64.self]), try row["digest", String.self]]
    }

    /// Nil when it is refused.
    private func rowCount(_ body: () async throws -> Rows) async -> Int? {
        try? await body().count
    }

    /// The same tables, with nobody having entered; and what both who trade do see.
    @Test func nobodySeesNothing() async throws {
        try await TestMarket.withMarket { test in
            let full = try await FullMarket(test)
            let tables = try await test.owner.read([TenantTable.all]).map(TenantTable.init(row:))
            for table in tables where table.isReadable {
                let all: Query = "select from \(trusted: table.name)"
                #expect(try await test.app.read([all]).isEmpty, "\(table.name)")
                var seen = 0
                for side in [full.contract.seller, full.contract.buyer] {
                    let own = try await test.owner.read([
                        "\(all) where \(table.belongs(to: [side.id]))"
                    ]).count
                    #expect(try await test.asked(by: side.admin, all).count == own, "\(table.name)")
                    seen += own
                }
                #expect(seen > 0, "\(table.name)")
            }
        }
    }

    /// A view shows what its reader could read of its tables.
    @Test func viewsShowNoMoreThanTheirTables() async throws {
        try await TestMarket.withMarket { test in
            let full = try await FullMarket(test)
            let views = try await test.owner.read([
                """
                select relname::text from pg_class
                where relnamespace = 'public'::regnamespace and relkind = 'v'
                  and has_table_privilege('aikatori_app', oid, 'select')
                """
            ]).map { try $0.decode(0, as: String.self) }
            #expect(views.count >= 3)
            for view in views {
                let all: Query = "select from \(trusted: view)"
                #expect(try await test.app.read([all]).isEmpty, "\(view)")
                let strangers = try await test.asked(by: full.stranger.admin, all)
                #expect(strangers.isEmpty, "\(view)")
                let own = try await test.asked(by: full.contract.seller.admin, all)
                #expect(!own.isEmpty, "\(view)")
            }
        }
    }

    /// The functions that act for two or many do nothing for a third.
    @Test func definersServeThoseConcerned() async throws {
        try await TestMarket.withMarket { test in
            let full = try await FullMarket(test)
            let (contract, stranger) = (full.contract, full.stranger.admin)
            let booking: BookingID = try await test.owner.read([
                "select id from booking where state = 'cancelled'"
            ]).only().decode(0)
            let need: NeedID = try await test.owner.read(["select id from need"]).only().decode(0)
            let answer: NeedAnswerID = newID()
            let starts = try Instant(rfc3339: "2027-04-05T08:00:00Z")
            for (attempt, expected) in [
                ("select free_reservation(\(booking))", "not_found"),
                ("select move_booking(\(booking), \(starts))", "not_found"),
                ("select open_handshake(\(booking))", "P0002"),
                ("select answer_need(\(need), \(answer), 'x', '1')", "not_found"),
            ] as [(Query, String)] {
                let code = await refused { try await test.asked(by: stranger, attempt) }
                #expect(code == expected, "\(attempt.sql)")
                let byNobody = await refused { try await test.app.write([attempt]) }
                #expect(byNobody == expected, "\(attempt.sql)")
            }
            let wish = FoundTime.Wish(
                from: starts, until: try starts.adding(seconds: 864_000), minutes: 30)
            // public keys are anyone's: whoever checks a signature has no credential
            for (question, isPublic, isForAll) in [
                (FoundTime.find(wish, after: nil, limit: 10), false, false),
                (
                    "select from specialist_label(\(booking)) as label where label is not null",
                    false, false
                ),
                ("select * from compare_books(\(contract.seller.id))", false, false),
                ("select * from public_keys(\(contract.seller.id))", true, true),
                ("select * from organisation_directory(null, null, null, 10)", false, true),
                ("select * from needs_of_others(null, null, 10)", false, false),
                (
                    """
                    select * from published_profiles(null, null, null, null, null, null, null, 10)
                    """, false, true
                ),
                ("select * from organisation_to_ask(\(contract.seller.id))", false, true),
            ] as [(Query, Bool, Bool)] {
                let nobodys = try await test.app.read([question])
                #expect(nobodys.isEmpty != isPublic, "\(question.sql)")
                let strangers = try await test.asked(by: stranger, question)
                #expect(strangers.isEmpty != isForAll, "\(question.sql)")
                let own = try await test.asked(by: contract.buyer.admin, question)
                #expect(!own.isEmpty, "\(question.sql)")
            }
        }
    }

    /// Invariants 3, 5, 15 and 22: facts stay, for the application by its grants, for the owner by
    /// the triggers.
    @Test func factsStay() async throws {
        try await TestMarket.withMarket { test in
            let full = try await FullMarket(test)
            for name in Catalogue.ofFacts {
                let column: String = try await test.owner.read([
                    """
                    select attname::text from pg_attribute
                    where attrelid = \(name)::text::regclass and attnum > 0 and attidentity = ''
                    order by attnum limit 1
                    """
                ]).only().decode(0)
                let attacks: [Query] = [
                    "update \(trusted: name) set \(trusted: column) = \(trusted: column)",
                    "delete from \(trusted: name)", "truncate \(trusted: name) cascade",
                ]
                for attack in attacks {
                    let byApp = await refused {
                        try await test.asked(by: full.contract.seller.admin, attack)
                    }
                    #expect(byApp == "42501", "\(attack.sql)")
                    let byOwner = await refused { try await test.owner.write([attack]) }
                    #expect(byOwner == "append_only", "\(attack.sql)")
                }
            }
        }
    }
}
