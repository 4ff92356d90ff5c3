import API
import AsyncHTTPClient
import Foundation
import Logging
import Marketplace
import MoneyAndTime
import Postgres
import ServiceLifecycle
import Storage

/// What the demo is played on: the real server over a fresh database, whose clock can be moved.
struct Stage: Sendable {
    /// Where the server listens, such as `http://127.0.0.1:40123`.
    let base: String
    let client: HTTPClient
    let clock: DemoClock
    /// As the market's own command line has it, for what no operation of the API does.
    let owner: Database
    let reader: Database

    /// Makes a cluster in `folder`, a database and a server, runs `body`, and takes all of it
    /// away again. The cluster goes with its folder even when the program is killed.
    static func play(
        in folder: URL, from start: Instant, _ settings: Settings, _ teller: Teller,
        _ body: @escaping @Sendable (Stage) async throws -> Void
    ) async throws {
        let cluster = try await teller.during("Starting a PostgreSQL server of its own") {
            var configuration = ClusterConfiguration(folder: folder)
            configuration.endsWithParent = true
            do {
                return try await PrivateCluster.start(configuration)
            } catch ClusterError.inUse(let process) {
                throw AlreadyPlayed(process: process)
            }
        }
        try await finally({
            try await cluster.stop()
            // Left empty where the cluster had to lie elsewhere.
            rmdir(folder.path)
        }) {
            let setup = try await teller.during("Making a fresh database") {
                try await DatabaseSetup.prepare(cluster: cluster, database: "demo")
            }
            let keys = try MasterKey.kept(in: cluster.folder)
            try await play(on: setup, keys, from: start, settings, body)
        }
    }

    private static func play(
        on setup: DatabaseSetup, _ keys: ServerKeys, from start: Instant, _ settings: Settings,
        _ body: @escaping @Sendable (Stage) async throws -> Void
    ) async throws {
        let logger = ConfigurationOption.quietLogger
        func with(
            _ connection: String, _ body: (Database) async throws -> Void
        ) async throws {
            try await withDatabase(settings.database(connection, logger: logger), body)
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton)
        try await finally({ try await client.shutdown() }) {
            try await with(setup.app) { app in
                try await with(setup.owner) { owner in
                    try await with(setup.reader) { reader in
                        let clock = try await DemoClock.install(owner.pool)
                        try await clock.set(to: start)
                        try await serve(Market(database: app, keys: keys, logger: logger)) {
                            try await body(
                                Stage(
                                    base: "http://127.0.0.1:\($0)", client: client, clock: clock,
                                    owner: owner, reader: reader))
                        }
                    }
                }
            }
        }
    }

    /// Serves on a port that the system chooses while `body` runs, then drains.
    private static func serve(
        _ market: Market, _ body: (Int) async throws -> Void
    ) async throws {
        var configuration = ServerConfiguration()
        configuration.port = 0
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let server = MarketServer(
            market: market, configuration: configuration, drain: .seconds(5)
        ) { port in
            listening.yield(port)
        }
        let services = ServiceGroup(services: [server], logger: market.logger)
        async let serving: Void = {
            defer { listening.finish() }
            try await services.run()
        }()
        guard let port = await ports.first(where: { _ in true }) else {
            try await serving
            throw NotAsExpected(what: "the server", expected: "a port", came: "none")
        }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(port))
        } catch {
            result = .failure(error)
        }
        await services.triggerGracefulShutdown()
        try await serving
        try result.get()
    }
}

/// Another demo has its database in the same folder.
struct AlreadyPlayed: Error, CustomStringConvertible {
    let process: Int32?

    var description: String {
        "a demo is being played in this folder already" + (process.map { ", process \($0)" } ?? "")
    }
}

/// Runs `end` whichever way `body` ends; an error of `body` is the one that is told.
private func finally(
    _ end: () async throws -> Void, _ body: () async throws -> Void
) async throws {
    do {
        try await body()
    } catch {
        try? await end()
        throw error
    }
    try await end()
}
