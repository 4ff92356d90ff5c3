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
        self.init(address: cluster.address, database: name)
    }

    /// The same from beside the program that runs the cluster.
    package init(address: ClusterAddress, database name: String) {
        func connection(_ role: DatabaseRole) -> String {
            address.connectionString(database: name, user: role.rawValue)
        }
        self.name = name
        app = connection(.app)
        owner = connection(.owner)
        reader = connection(.reader)
    }

    /// The roles, the database and its newest schema, each made where it is missing.
    package static func prepare(
        cluster: PrivateCluster, database name: String,
        message: @Sendable (String) -> Void = { _ in }
    ) async throws -> DatabaseSetup {
        let setup = DatabaseSetup(cluster: cluster, database: name)
        try await withPool(cluster.connectionString()) { superuser in
            try await superuser.withConnection { session in
                _ = try await session.script(rolesScript())
            }
        }
        if try await !isThere(name, in: cluster) {
            message("making the database \(name)")
            try await cluster.createDatabase(name, owner: "aikatori_owner")
        }
        try await migrate(setup.owner, message: message)
        return setup
    }

    /// Whether the cluster has a database of this name.
    package static func isThere(_ name: String, in cluster: PrivateCluster) async throws -> Bool {
        try await withPool(cluster.connectionString()) { superuser in
            try await superuser.withConnection { session in
                let found: Query = "select from pg_database where datname = \(name)::text"
                return try await !session.query(found).isEmpty
            }
        }
    }

    /// Brings a database to the newest schema; the connection is of `aikatori_owner`.
    package static func migrate(
        _ owner: String, message: @Sendable (String) -> Void = { _ in }
    ) async throws {
        let migrator = try Migrator(folder: migrations)
        try await withPool(owner) { pool in
            _ = try await migrator.migrate(pool, message: message)
            // So that those who serve and verify can see whether they know this schema.
            try await pool.withConnection { session in
                _ = try await session.script(
                    "grant select on public.schema_migration to aikatori_app, aikatori_reader")
            }
        }
    }

    /// The names of the migrations that a database still lacks, as `aikatori_app` or
    /// `aikatori_reader` sees them. Throws `MigrationError` where the schema is newer or another.
    package static func missingMigrations(in database: Database) async throws -> [String] {
        try await Migrator(folder: migrations).pending(database.pool).map(\.name)
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
