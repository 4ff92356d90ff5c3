import Foundation
import Postgres
import Storage

/// The PostgreSQL cluster of one test process, and in it the database from which each test's own
/// is copied. It ends with the process, whatever way that goes.
package struct TestCluster: Sendable {
    package let cluster: PrivateCluster

    static let template = "market_template"

    /// A cluster of its own, for a test that leaves transactions open: they would hold back events
    /// and seals in every other database of the cluster.
    package static func start() async throws -> TestCluster {
        let name =
            "aikatori-test-\(ProcessInfo.processInfo.processIdentifier)"
            + "-\(UInt32.random(in: .min ... .max))"
        var configuration = ClusterConfiguration(
            folder: FileManager.default.temporaryDirectory.appending(path: name))
        configuration.endsWithParent = true
        configuration.extraSettings = [
            "fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB",
            "max_connections": "200",
        ]
        let cluster = try await PrivateCluster.start(configuration)
        let setup = try await DatabaseSetup.prepare(cluster: cluster, database: template)
        let owner = Database(DatabaseConfiguration(setup.owner))
        _ = try await DemoClock.install(owner.pool)
        await owner.close()
        return TestCluster(cluster: cluster)
    }

    /// The one that tests share, started by the first of them.
    static func shared() async throws -> TestCluster {
        try await starting.value
    }

    private static let starting = Task { try await TestCluster.start() }
}

/// Lets so many tests have a database at a time that their connections do not run out.
actor Turnstile {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(places: Int) {
        free = places
    }

    func enter() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
