import Postgres
import TestMarket
import Testing

/// Invariants 15 and 26 as the database's own catalogue shows them.
@Suite struct CatalogueTests {
    @Test func isInOrder() async throws {
        try await TestMarket.withMarket { test in
            let findings = try await test.superuser.pool.transaction { transaction in
                try await Catalogue.findings(in: transaction)
            }
            #expect(findings == [])
        }
    }

    /// What a careless migration could do, and what must then be said of it.
    private static let spoilt = [
        ("create table newcomer (organisation uuid)", "newcomer has no row-level security"),
        ("alter table booking disable row level security", "booking has no row-level security"),
        (
            "alter table charge no force row level security",
            "charge does not force row-level security"
        ),
        ("drop policy tenant on unit", "unit has no policy tenant"),
        ("alter policy tenant on unit using (true)", "unit has no policy tenant"),
        ("alter policy tenant on unit with check (true)", "unit has no policy tenant"),
        ("alter policy reader on unit to public", "unit has no policy reader"),
        ("create policy more on unit to aikatori_app using (true)", "unit has a policy more"),
        ("drop table demo_clock", "demo_clock is exempt and not there"),
        ("grant update on demo_clock to aikatori_app", "demo_clock can be written by aikatori_app"),
        ("grant delete on posting to aikatori_app", "posting can be changed by aikatori_app"),
        (
            "grant update (amount) on posting to aikatori_market",
            "posting can be changed by aikatori_market"
        ),
        ("drop trigger stays on entry", "entry has no trigger stays"),
        ("drop trigger stays_whole on invoice", "invoice has no trigger stays_whole"),
        (
            "alter table reservation disable trigger in_window",
            "reservation has the trigger in_window out of force"
        ),
        ("alter role aikatori_app bypassrls", "aikatori_app has powers of its own"),
        ("alter role aikatori_market login", "aikatori_market has powers of its own"),
        (
            "grant aikatori_market to aikatori_app",
            "aikatori_app is a member of aikatori_market"
        ),
        ("alter view account_balance owner to aikatori_app", "aikatori_app owns"),
        ("grant create on schema public to aikatori_market", "may create in the schema"),
        ("grant insert on unit to aikatori_reader", "aikatori_reader may write unit"),
        (
            "alter view account_balance reset (security_invoker)",
            "account_balance is a view with its owner's rights"
        ),
        (
            "grant execute on function book(jsonb) to public",
            "book(jsonb) is executable by everybody"
        ),
        (
            "alter function book(jsonb) owner to aikatori_owner",
            "book(jsonb) acts for aikatori_owner"
        ),
        ("alter function enter(bytea, text) reset search_path", "has no fixed search path"),
        (
            "alter function book(jsonb) security invoker",
            "book(jsonb) is owned by aikatori_market"
        ),
    ]

    @Test func everyFaultIsFound() async throws {
        try await TestMarket.withMarket { test in
            for (statement, expected) in Self.spoilt {
                let findings = try await test.superuser.pool.undone { transaction in
                    try await transaction.script(statement)
                    return try await Catalogue.findings(in: transaction)
                }
                #expect(findings.contains { $0.contains(expected) }, "\(statement): \(findings)")
            }
        }
    }
}
