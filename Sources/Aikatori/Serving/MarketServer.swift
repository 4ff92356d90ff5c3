import API
import Glibc
import Hummingbird
import Logging
import Marketplace
import NIOCore
import ServiceLifecycle
import Web

/// The HTTP server of a market and its worker, as one service. A graceful stop takes no more
/// connections, lets the answers that are under way be finished, and then ends the worker.
package struct MarketServer: Service {
    package let market: Market
    package let configuration: ServerConfiguration
    /// How long a stop waits for answers.
    package let drain: Duration
    /// Gets the port once connections are taken.
    package let listening: @Sendable (Int) async -> Void

    package init(
        market: Market, configuration: ServerConfiguration, drain: Duration,
        listening: @escaping @Sendable (Int) async -> Void
    ) {
        self.market = market
        self.configuration = configuration
        self.drain = drain
        self.listening = listening
    }

    package func run() async throws {
        let pages = try Pages(market: market)
        let server = Server(
            market: market, configuration: configuration,
            elsewhere: Elsewhere(
                bodyLimit: pages.bodyLimit, credential: pages.credential, answer: pages.answer,
                apology: pages.apology))
        let worker = Worker(
            duties: try market.duties(AlertWords(), CalendarMailWords()), logger: market.logger)
        let application = server.application(listening: listening)
        // Ended from the last to the first.
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: worker, serviceName: "worker"),
                .init(service: application, serviceName: "server"),
            ], logger: market.logger)
        group.maximumGracefulShutdownDuration = drain
        do {
            try await ServiceGroup(configuration: group).run()
        } catch let error where Task.isShuttingDownGracefully {
            market.logger.notice(
                "stopped before every answer was finished", metadata: ["error": "\(error)"])
        } catch let error as IOError {
            throw CannotListen(configuration, error)
        }
    }
}

/// The address cannot be had.
struct CannotListen: Error, CustomStringConvertible {
    let description: String

    init(_ configuration: ServerConfiguration, _ error: IOError) {
        let reason = String(cString: strerror(error.errnoCode))
        description =
            "cannot listen on \(configuration.host), port \(configuration.port): \(reason) "
            + "(\(Setting.host.name), \(Setting.port.name))"
    }
}
