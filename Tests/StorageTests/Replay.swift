import MoneyAndTime
import Postgres
import TestMarket

/// Takes the rows of some tables away and writes them again, changed, with all rules in force: what
/// someone could try who writes to the tables directly. Nothing of it stays.
struct Replay: Sendable {
    let test: TestMarket
    /// In the order in which they are written.
    let tables: [String]

    /// The word with which the changed rows are refused; nil when they are taken. The old rows are
    /// in tables of the same names with `old_` before them.
    func refusal(_ changes: [String], by organisation: OrganisationID) async -> String? {
        await test.superuser.pool.refusal { transaction in
            try await transaction.query("set local session_replication_role = replica")
            for table in tables {
                try await transaction.script(
                    """
                    create temporary table old_\(table) on commit drop as select * from \(table);
                    delete from \(table);
                    """)
                let dated: Query = """
                    select from pg_attribute
                    where attrelid = \("old_\(table)")::text::regclass and attname = 'xid'
                    """
                if try await !transaction.query(dated).isEmpty {
                    try await transaction.script(
                        "update old_\(table) set xid = pg_current_xact_id()")
                }
            }
            for change in changes { try await transaction.script(change) }
            try await transaction.query("set local session_replication_role = origin")
            try await transaction.query(
                "select set_config('app.organisation', \(organisation.uuidString), true)")
            for table in tables {
                try await transaction.script("insert into \(table) select * from old_\(table)")
            }
            try await transaction.query("set constraints all immediate")
        }
    }
}
