import API
import Foundation
import Logging
import Marketplace
import MoneyAndTime
import Postgres
import ServiceLifecycle
import Storage

/// What `aikatori serve` runs: a database made ready, and the server on it until a stop.
struct ServeProgram: Service {
    let settings: Settings
    let logger: Logger

    func run() async throws {
        do {
            if let connection = settings.databaseURL {
                try await serve(ownDatabase: connection)
            } else {
                try await serveDemo()
            }
        } catch is Interrupted {
            // There is nothing to finish.
        }
        say("Stopped.")
    }

    /// Asked to stop before it served.
    private struct Interrupted: Error {}

    /// Makes something ready; a stop breaks it off, so that only the next start finishes it.
    private func makeReady<Result: Sendable>(
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        do {
            return try await cancelWhenGracefulShutdown(body)
        } catch _ where Task.isShuttingDownGracefully {
            throw Interrupted()
        }
    }

    // MARK: A database of one's own

    private func serve(ownDatabase connection: String) async throws {
        guard let keys = try MasterKey.given(in: settings) else {
            throw SettingProblem(
                "\(Setting.masterKey.name) or \(Setting.masterKeyFile.name) is required with "
                    + "\(Setting.databaseURL.name): it must be \(Setting.masterKey.form)")
        }
        try await withDatabase(settings.database(connection, logger: logger)) { database in
            try await makeReady { try await requireNewestSchema(of: database) }
            try await serve(
                Market(
                    database: database, keys: keys, logger: logger,
                    surroundings: settings.surroundings(isDemo: false)),
                guide: { _ in [] })
        }
    }

    /// Migrates where that is possible; else refuses to serve on a schema that is not its own.
    private func requireNewestSchema(of database: Database) async throws {
        if let owner = settings.migrationDatabaseURL {
            try await withDatabase(settings.database(owner, logger: logger)) { database in
                try await DatabaseRole.owner.require(of: database)
            }
            try await DatabaseSetup.migrate(owner, message: say)
        }
        try await DatabaseRole.app.require(of: database)
        let missing = try await DatabaseSetup.missingMigrations(in: database)
        guard missing.isEmpty else { throw SchemaTooOld(missing: missing) }
    }

    // MARK: The private cluster and its demo

    private func serveDemo() async throws {
        try await PrivateDatabase.withCluster(in: settings) { cluster in
            let demo = try await makeReady {
                try await DemoMarket.makeReady(in: cluster, settings, logger: logger)
            }
            if let file = settings.tokensFile { try demo.tokens.write(to: file) }
            let database = settings.database(demo.setup.app, logger: logger)
            try await withDatabase(database) { database in
                let market = Market(
                    database: database, keys: demo.keys, logger: logger,
                    surroundings: settings.surroundings(isDemo: true))
                let guide = DemoGuide(
                    market: market, tokens: demo.tokens, now: demo.now,
                    tokensFile: DemoTokens.file(in: cluster.folder))
                try await serve(market, guide: { try await guide.lines(at: $0) })
            }
        }
    }

    // MARK: Both

    private func serve(
        _ market: Market, guide: @escaping @Sendable (String) async throws -> [String]
    ) async throws {
        let host = settings.server.host
        let server = MarketServer(
            market: market, configuration: settings.server, drain: settings.drain
        ) { port in
            let address = "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
            do {
                for line in try await guide(address) { say(line) }
            } catch {
                logger.error("the guide cannot be shown", metadata: ["error": "\(error)"])
            }
            say("Listening on \(address); Ctrl-C stops.")
        }
        try await withGracefulShutdownHandler {
            try await server.run()
        } onGracefulShutdown: {
            say("Stopping: answers under way are finished; Ctrl-C again does not wait for them.")
        }
    }
}

/// The database lacks migrations that this program needs.
struct SchemaTooOld: Error, CustomStringConvertible {
    let missing: [String]

    var description: String {
        "the database lacks \(missing.count) migrations, from \(missing.first ?? "") on: run "
            + "`aikatori migrate`, or give serve \(Setting.migrationDatabaseURL.name) too"
    }
}
