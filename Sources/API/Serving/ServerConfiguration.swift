/// Where the server listens, and how long it waits.
package struct ServerConfiguration: Sendable {
    package var host = "127.0.0.1"
    /// 0 asks the system for a free one.
    package var port = 8080
    /// From the request's head to the answer, the body's arrival included.
    package var requestDeadline: Duration = .seconds(15)
    /// How long a connection may be silent, and how long a head may take to arrive.
    package var idleTimeout: Duration = .seconds(60)

    package init() {}
}
