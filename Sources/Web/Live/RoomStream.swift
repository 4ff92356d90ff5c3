import Hummingbird
import Marketplace
import NIOCore
import ServiceLifecycle
import Storage
import StrictJSON

/// What one open page of a built-in room hears from the others, as server-sent events (WHATWG HTML
/// §9.2): each is a signal, whose number the browser sends back when its line was down.
struct RoomStream: PageStream {
    let market: Market
    let streams: RoomStreams
    let token: JoinTokenDigest
    /// The page's own: what it has said itself, and what is said to others, it does not hear.
    let session: String
    let after: Int64
    /// Whether whoever listens may go on: a member's stream ends with the login.
    let isAllowed: @Sendable () async throws -> Bool

    func write(to writer: inout any ResponseBodyWriter) async throws {
        try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
        var quiet = 0
        for await each in ticking(await streams.listen(token, after: after, in: market)) {
            if Task.isShuttingDownGracefully { break }
            quiet = each == nil ? quiet + 1 : 0
            if let each {
                try await tell(each, &writer)
            } else if quiet % Self.ticksPerSign == 0 {
                guard try await isAllowed() else { break }
                // a line that is silent for long is taken for dead by what stands between
                try await writer.write(ByteBuffer(string: ":\n\n"))
            }
        }
        try await writer.finish(nil)
    }

    private static let tick = Duration.milliseconds(500)
    private static let ticksPerSign = 30

    /// What is heard, and a tick in between: nil.
    private func ticking(
        _ heard: AsyncStream<RoomSignal.Heard>
    ) -> AsyncStream<RoomSignal.Heard?> {
        AsyncStream(bufferingPolicy: .bufferingOldest(RoomStreams.mostWaiting)) { continuation in
            let hearing = Task {
                for await each in heard {
                    // who does not read comes again with the number that was heard last
                    guard case .enqueued = continuation.yield(each) else { break }
                }
                continuation.finish()
            }
            let ticks = Task {
                while (try? await Task.sleep(for: Self.tick)) != nil { continuation.yield(nil) }
            }
            continuation.onTermination = { _ in
                hearing.cancel()
                ticks.cancel()
            }
        }
    }

    private func tell(
        _ heard: RoomSignal.Heard, _ writer: inout any ResponseBodyWriter
    ) async throws {
        switch heard {
        case .ended(let ending):
            try await writer.write(
                ByteBuffer(string: "event: over\ndata: \(ending.rawValue)\n\n"))
        case .signal(let signal):
            guard signal.session != session, signal.recipient.map({ $0 == session }) ?? true
            else { return }
            let text = signal.json.compactText
            try await writer.write(ByteBuffer(string: "id: \(signal.id)\ndata: \(text)\n\n"))
        }
    }
}

extension RoomSignal {
    fileprivate var json: JSON {
        [
            "session": JSON(session), "side": JSON(side), "participant": JSON(participant),
            "label": JSON(label), "body": JSON(body),
        ]
    }
}
