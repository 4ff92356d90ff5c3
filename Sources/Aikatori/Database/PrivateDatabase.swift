import Foundation
import Logging
import Marketplace
import Postgres
import Storage

/// The demo's database, in a PostgreSQL cluster of the program's own.
enum PrivateDatabase {
    static let name = "aikatori"

    /// Where the cluster is made; the program says so when it has to lie elsewhere.
    static func folder(in settings: Settings) -> URL {
        settings.folder.appending(path: "postgres")
    }

    /// Runs `body` with the cluster, which is started or adopted before, and ended afterwards.
    static func withCluster<Result>(
        in settings: Settings, message: @escaping @Sendable (String) -> Void = say,
        _ body: (PrivateCluster) async throws -> Result
    ) async throws -> Result {
        var configuration = ClusterConfiguration(folder: folder(in: settings))
        configuration.message = message
        let cluster = try await PrivateCluster.start(configuration)
        do {
            let result = try await body(cluster)
            try await cluster.stop()
            return result
        } catch {
            try await cluster.stop()
            throw error
        }
    }

    /// Runs `body` with the database where it is, be the cluster run by this program or by a
    /// server beside it.
    static func withSetup<Result>(
        in settings: Settings, _ body: (DatabaseSetup) async throws -> Result
    ) async throws -> Result {
        let folder = folder(in: settings)
        guard try await PrivateCluster.isMade(for: folder) else { throw NoDemo(folder: folder) }
        do {
            return try await withCluster(in: settings, message: { _ in }) { cluster in
                guard try await DatabaseSetup.isThere(name, in: cluster) else {
                    throw NoDemo(folder: folder)
                }
                return try await body(
                    DatabaseSetup.prepare(cluster: cluster, database: name, message: say))
            }
        } catch ClusterError.inUse(let pid) {
            guard let address = try await ClusterAddress.find(for: folder) else {
                throw ClusterError.inUse(pid: pid)
            }
            return try await body(DatabaseSetup(address: address, database: name))
        }
    }
}

/// There is no database of the demo in this folder.
struct NoDemo: Error, CustomStringConvertible {
    let folder: URL

    var description: String {
        "there is no database in \(folder.path) yet: run `aikatori serve` once, or give the "
            + "settings of a database of your own (\(Setting.databaseURL.name) and its like)"
    }
}

extension Settings {
    /// Both ways into a database, as many connections as are set.
    func database(_ connection: String, logger: Logger) -> Database {
        var configuration = DatabaseConfiguration(connection)
        configuration.poolConnections = poolConnections
        configuration.pipelineConnections = pipelineConnections
        configuration.logger = logger
        return Database(configuration)
    }
}

/// Runs `body` with a database that is closed afterwards, in whatever way that ends.
func withDatabase<Result>(
    _ database: Database, _ body: (Database) async throws -> Result
) async throws -> Result {
    do {
        let result = try await body(database)
        await database.close()
        return result
    } catch {
        await database.close()
        throw DatabaseUnreachable(error) ?? error
    }
}
