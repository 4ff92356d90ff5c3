import Crypto
import Foundation
import Logging
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import Synchronization

/// A market in a database of its own, on the shared cluster unless it is started on another.
package struct TestMarket: Sendable {
    /// As the server has it: `aikatori_app`.
    package let market: Market
    /// `aikatori_owner`: sees and may change every row.
    package let owner: Database
    /// `aikatori_reader`.
    package let reader: Database
    /// A superuser, for tests that break what the schema holds.
    package let superuser: Database
    package let clock: DemoClock
    package let setup: DatabaseSetup
    let businessIDs = BusinessIDs()

    /// As the server uses it.
    package var app: Database { market.database }

    private static let turnstile = Turnstile(places: 6)
    private static let made = Atomic<Int>(0)

    /// Runs `body` with a fresh market whose clock shows the real time, and drops it afterwards.
    package static func withMarket<Result>(
        _ body: (TestMarket) async throws -> Result
    ) async throws -> Result {
        try await withMarket(on: TestCluster.shared(), body)
    }

    /// The same on a cluster of its own, which ends afterwards.
    package static func withOwnCluster<Result>(
        _ body: (TestMarket) async throws -> Result
    ) async throws -> Result {
        let own = try await TestCluster.start()
        do {
            let result = try await withMarket(on: own, body)
            try await own.cluster.stop()
            return result
        } catch {
            try await own.cluster.stop()
            throw error
        }
    }

    private static func withMarket<Result>(
        on home: TestCluster, _ body: (TestMarket) async throws -> Result
    ) async throws -> Result {
        await turnstile.enter()
        do {
            let result = try await withDatabase(on: home, body)
            await turnstile.leave()
            return result
        } catch {
            await turnstile.leave()
            throw error
        }
    }

    private static func withDatabase<Result>(
        on home: TestCluster, _ body: (TestMarket) async throws -> Result
    ) async throws -> Result {
        let name = "market_\(made.add(1, ordering: .relaxed).newValue)"
        try await home.cluster.createDatabase(
            name, template: TestCluster.template, owner: "aikatori_owner")
        let test = TestMarket(
            DatabaseSetup(cluster: home.cluster, database: name),
            superuser: home.cluster.connectionString(database: name))
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(test))
        } catch {
            result = .failure(error)
        }
        await test.close()
        try await home.cluster.dropDatabase(name)
        return try result.get()
    }

    private init(_ setup: DatabaseSetup, superuser: String) {
        func database(_ connection: String) -> Database {
            var configuration = DatabaseConfiguration(connection, applicationName: "test")
            configuration.pipelineConnections = 1
            configuration.poolConnections = 6
            return Database(configuration)
        }
        self.setup = setup
        market = Market(
            database: database(setup.app),
            keys: ServerKeys(master: SymmetricKey(data: [UInt8](0..<32))),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        owner = database(setup.owner)
        reader = database(setup.reader)
        self.superuser = database(superuser)
        clock = DemoClock(owner.pool)
    }

    private func close() async {
        for database in [app, owner, reader, superuser] { await database.close() }
    }

    /// Waits until what is committed by now lies below the transaction horizon, which transactions
    /// of other tests may hold back for a moment: events and seals of it can then be read.
    package func horizonToPass() async throws {
        let now = try await superuser.pool.transaction { transaction in
            try await transaction.query("select pg_current_xact_id()::text as xid")
                .only()["xid", String.self]
        }
        let question: Query =
            "select \(now)::xid8 < pg_snapshot_xmin(pg_current_snapshot()) as passed"
        while try await !superuser.read([question]).only()["passed", Bool.self] {
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

extension TestMarket {
    /// From now on the database is taken for one of real organisations: what waits goes out. Its
    /// clock still travels.
    package func isNoDemo() async throws {
        try await superuser.pool.transaction { transaction in
            _ = try await transaction.script(
                "create or replace function is_demo() returns boolean language sql stable "
                    + "as 'select false'")
        }
    }
}
