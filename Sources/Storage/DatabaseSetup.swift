import Foundation
import Postgres

/// A market's database in a private cluster, ready to serve, and the ways into it.
package struct DatabaseSetup: Sendable {
    package let name: String
    /// Serves: `aikatori_app`.
    package let app: String
    /// Migrates, owns and dumps: `aikatori_owner`.
    package let owner: String
    /// Reads for `verify` and `export`: `aikatori_reader`.
    package let reader: String

    /// Where in a cluster a database of this name is reached; it need not be there yet.
    package init(cluster: PrivateCluster, database name: String) {
        self.name = name
        app = cluster.connectionString(database: name, user: "aikatori_app")
        owner = cluster.connectionString(database: name, user: "aikatori_owner")
        reader = cluster.connectionString(database: name, user: "aikatori_reader")
    }

    /// The roles, the database and its newest schema, each made where it is missing.
    package static func prepare(
        cluster: PrivateCluster, database name: String,
        message: @Sendable (String) -> Void = { _ in }
    ) async throws -> DatabaseSetup {
        let setup = DatabaseSetup(cluster: cluster, database: name)
        let isThere = try await withPool(cluster.connectionString()) { superuser in
            try await superuser.withConnection { session in
                _ = try await session.script(rolesScript())
                let found: Query = "select from pg_database where datname = \(name)::text"
                return try await !session.query(found).isEmpty
            }
        }
        if !isThere {
            message("making the database \(name)")
            try await cluster.createDatabase(name, owner: "aikatori_owner")
        }
        try await migrate(setup.owner, message: message)
        return setup
    }

    /// Brings a database to the newest schema; the connection is of `aikatori_owner`.
    package static func migrate(
        _ owner: String, message: @Sendable (String) -> Void = { _ in }
    ) async throws {
        let migrator = try Migrator(folder: migrations)
        try await withPool(owner) { pool in
            _ = try await migrator.migrate(pool, message: message)
        }
    }

    /// The SQL that makes a cluster's roles, for a superuser of a database of one's own.
    package static func rolesScript() throws -> String {
        try String(contentsOf: migrations.appending(path: "roles.sql"), encoding: .utf8)
    }

    static var migrations: URL {
        get throws {
            guard let folder = Bundle.module.url(forResource: "Migrations", withExtension: nil)
            else { throw MigrationError.unreadable("Migrations") }
            return folder
        }
    }

    private static func withPool<Result>(
        _ connection: String, _ body: (ConnectionPool) async throws -> Result
    ) async throws -> Result {
        var configuration = DatabaseConfiguration(connection)
        configuration.poolConnections = 1
        let database = Database(configuration)
        do {
            let result = try await body(database.pool)
            await database.close()
            return result
        } catch {
            await database.close()
            throw error
        }
    }
}
