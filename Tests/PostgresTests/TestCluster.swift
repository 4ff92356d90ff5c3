import Foundation
import Synchronization
import Testing

@testable import Postgres

/// The cluster that all tests of this process share; it ends with the process, however that ends.
enum TestCluster {
    static let shared = Task { try await start("shared") }

    static func start(
        _ name: String, settings: [String: String] = [:]
    ) async throws -> PrivateCluster {
        var configuration = ClusterConfiguration(folder: folder(name))
        configuration.endsWithParent = true
        configuration.extraSettings = [
            "fsync": "off", "shared_buffers": "64MB", "deadlock_timeout": "50ms",
            "max_connections": "200",
        ].merging(settings) { $1 }
        return try await PrivateCluster.start(configuration)
    }

    static func folder(_ name: String) -> URL {
        FileManager.default.temporaryDirectory
            .appending(path: "aikatori-test-\(name)-\(UUID().uuidString.prefix(8))")
    }
}

/// Runs a test in a database of its own, over a client that is closed afterwards.
func withDatabase<T>(
    on cluster: PrivateCluster? = nil,
    isolation: isolated (any Actor)? = #isolation,
    configure: (inout DatabaseConfiguration) -> Void = { _ in },
    _ body: (Database) async throws -> T
) async throws -> T {
    let cluster = if let cluster { cluster } else { try await TestCluster.shared.value }
    let name = "t" + UUID().uuidString.filter { $0 != "-" }.lowercased()
    try await cluster.createDatabase(name)
    var configuration = DatabaseConfiguration(cluster.connectionString(database: name))
    configuration.poolConnections = 4
    configure(&configuration)
    let database = Database(configuration)
    do {
        let value = try await body(database)
        await database.close()
        try await cluster.dropDatabase(name)
        return value
    } catch {
        await database.close()
        throw error
    }
}

/// The client's error that a call throws; nil when it returns or throws another.
func failure<T>(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> T
) async -> PostgresError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

/// Counts what concurrent tasks do.
final class Tally: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func add() { value.withLock { $0 += 1 } }
}

/// Keeps what concurrent tasks did, in order.
final class Log: Sendable {
    private let kept = Mutex<[Int]>([])
    var entries: [Int] { kept.withLock { $0 } }
    func append(_ entry: Int) { kept.withLock { $0.append(entry) } }
}
