import Postgres

/// The roles as which the program comes to its database (`Migrations/roles.sql`).
package enum DatabaseRole: String, Hashable, Sendable, CaseIterable {
    /// Serves: sees the rows of the organisation that has entered.
    case app = "aikatori_app"
    /// Migrates and owns; never serves.
    case owner = "aikatori_owner"
    /// Reads everything for `verify` and `export`.
    case reader = "aikatori_reader"

    /// Throws `WrongRole` when the connections are of another one: row-level security would then
    /// hide rows that are needed, or hide none.
    package func require(of database: Database) async throws {
        let found = try await database.read(["select current_user::text as name"])
            .only()["name", String.self]
        guard found == rawValue else { throw WrongRole(found: found, wanted: self) }
    }
}

package struct WrongRole: Error, Hashable, CustomStringConvertible {
    package let found: String
    package let wanted: DatabaseRole

    package var description: String {
        "the database is reached as \(found), and must be as \(wanted.rawValue)"
    }
}
