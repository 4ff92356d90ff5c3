import API
import AsyncHTTPClient
import Hummingbird
import Marketplace
import ServiceLifecycle
import TestMarket

/// The API over a test's market, listening on a free port of loopback, with a client of it.
package struct TestServer: Sendable {
    package let test: TestMarket
    package let port: Int
    package let client: TestClient
    /// What the server logged.
    package let log: CapturedLog
    private let services: ServiceGroup

    /// The server ended before it listened.
    package struct DidNotListen: Error {}

    /// Runs `body` with a fresh market and a server over it, and stops both afterwards.
    package static func withServer<Result: Sendable>(
        _ configuration: ServerConfiguration = .init(),
        surroundings: Surroundings = Surroundings(mail: .page),
        elsewhere: (Market) throws -> Elsewhere? = { _ in nil },
        _ body: (TestServer) async throws -> Result
    ) async throws -> Result {
        try await TestMarket.withMarket { test in
            try await serving(
                test, configuration, surroundings: surroundings, elsewhere: elsewhere, body)
        }
    }

    /// Runs `body` with a server over a market that is there already.
    package static func serving<Result: Sendable>(
        _ test: TestMarket, _ configuration: ServerConfiguration = .init(),
        surroundings: Surroundings = Surroundings(mail: .page),
        elsewhere: (Market) throws -> Elsewhere? = { _ in nil },
        _ body: (TestServer) async throws -> Result
    ) async throws -> Result {
        var configuration = configuration
        configuration.port = 0
        let log = CapturedLog()
        let market = Market(
            database: test.market.database, keys: test.market.keys, logger: log.logger,
            surroundings: surroundings)
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let application = Server(
            market: market, configuration: configuration, elsewhere: try elsewhere(market)
        ).application { port in
            found.yield(port)
            found.finish()
        }
        let services = ServiceGroup(
            configuration: .init(services: [application], logger: log.silent))
        async let running: Void = run(services, ending: found)
        guard let port = await ports.first(where: { _ in true }) else {
            try await running
            throw DidNotListen()
        }
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .forTests)
        let server = TestServer(
            test: test, port: port, client: TestClient(http, port: port), log: log,
            services: services)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(server))
        } catch {
            result = .failure(error)
        }
        try await http.shutdown()
        await services.triggerGracefulShutdown()
        try await running
        return try result.get()
    }

    private static func run(
        _ services: ServiceGroup, ending ports: AsyncStream<Int>.Continuation
    ) async throws {
        defer { ports.finish() }
        try await services.run()
    }

    /// Asks the server to end, as SIGTERM does; returns at once.
    package func drain() async {
        await services.triggerGracefulShutdown()
    }
}

extension HTTPClient.Configuration {
    fileprivate static var forTests: Self {
        var configuration = Self(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(5)
        return configuration
    }
}
