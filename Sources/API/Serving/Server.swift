import Hummingbird
import Logging
import Marketplace
import NIOCore

/// The API over HTTP/1.1. It ends TLS nowhere: a reverse proxy stands in front, and alone it
/// listens on loopback.
package struct Server: Sendable {
    private let market: Market
    private let configuration: ServerConfiguration
    private let elsewhere: Elsewhere?

    /// `elsewhere` answers on the paths that are not the API's; without it, nothing is there.
    package init(
        market: Market, configuration: ServerConfiguration = .init(), elsewhere: Elsewhere? = nil
    ) {
        self.market = market
        self.configuration = configuration
        self.elsewhere = elsewhere
    }

    /// A service for `swift-service-lifecycle`: on graceful shutdown it accepts no more
    /// connections and ends when the requests that are under way are answered. `listening` gets
    /// the port, which the system chose when the configured one is 0.
    package func application(
        listening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        // A request may take its deadline to arrive; a moment more, so that the answer that says
        // it was too slow is written first.
        let longestRequest = TimeAmount(configuration.requestDeadline + .seconds(2))
        return Application(
            responder: Responder(
                market: market, configuration: configuration, elsewhere: elsewhere),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [
                        ConnectionGuard(longestRequest: longestRequest)
                    ],
                    idleTimeout: TimeAmount(configuration.idleTimeout))),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port)),
            onServerRunning: { channel in
                await listening(channel.localAddress?.port ?? configuration.port)
            },
            logger: market.logger)
    }
}
