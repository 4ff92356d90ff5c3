import NIOCore
import NIOPosix

/// One TCP connection to a server, for what no client library would send. Its exchanges are not
/// written down: many are no HTTP.
package enum RawConnection {
    /// The server neither answered nor closed in time.
    package struct Silent: Error {}

    /// Runs `body` with a connection, which is closed afterwards.
    package static func withConnection<Result: Sendable>(
        to server: TestServer, _ body: @Sendable (Ends) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: server.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(Ends(inbound: inbound, outbound: outbound))
        }
    }

    /// The two ends of a connection.
    package struct Ends: Sendable {
        fileprivate let inbound: NIOAsyncChannelInboundStream<ByteBuffer>
        fileprivate let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

        package func write(_ text: String) async throws {
            try await outbound.write(ByteBuffer(string: text))
        }

        /// Everything that comes until the server closes its end.
        package func readToEnd(within limit: Duration = .seconds(30)) async throws -> String {
            try await withThrowingTaskGroup(of: String.self) { group in
                defer { group.cancelAll() }
                group.addTask {
                    var text = ""
                    for try await part in inbound { text += String(buffer: part) }
                    return text
                }
                group.addTask {
                    try await Task.sleep(for: limit)
                    throw Silent()
                }
                return try await group.next() ?? ""
            }
        }
    }
}
