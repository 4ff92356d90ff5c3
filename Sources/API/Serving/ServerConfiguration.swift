/// Where the server listens, how long it waits, and how much it takes from whom.
package struct ServerConfiguration: Sendable {
    package var host = "127.0.0.1"
    /// 0 asks the system for a free one.
    package var port = 8080
    /// From the request's head to the answer, the body's arrival included.
    package var requestDeadline: Duration = .seconds(15)
    /// How long a connection may be silent, and how long a head may take to arrive.
    package var idleTimeout: Duration = .seconds(60)

    /// How many requests a minute one token may make.
    package var requestsPerToken = 6_000
    /// How many requests a minute may come from one address.
    package var requestsPerAddress = 12_000
    /// Whose word is believed on whom a request is from.
    package var trustedProxies = TrustedProxies.none

    package init() {}
}
