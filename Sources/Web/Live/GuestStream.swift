import Hummingbird
import Marketplace
import NIOCore
import ServiceLifecycle
import Storage
import Visits

/// What the page of a guest who waits hears, as server-sent events (WHATWG HTML §9.2): where the
/// guest stands, each time that it changes. It ends when there is nothing more to wait for.
struct GuestStream: PageStream {
    let market: Market
    let streams: GuestStreams
    let secret: [UInt8]

    func write(to writer: inout any ResponseBodyWriter) async throws {
        guard await streams.begin(secret) else { return try await writer.finish(nil) }
        do {
            try await tell(&writer)
            await streams.end(secret)
        } catch {
            await streams.end(secret)
            throw error
        }
        try await writer.finish(nil)
    }

    private func tell(_ writer: inout any ResponseBodyWriter) async throws {
        try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
        var told: GuestState?
        var spoken = ContinuousClock.now
        while !Task.isShuttingDownGracefully {
            let state = await streams.state(of: secret, in: market)?.state
            if let state, state != told {
                try await writer.write(ByteBuffer(string: "data: \(state.rawValue)\n\n"))
                (told, spoken) = (state, .now)
                if state != .waiting { return }
            } else if ContinuousClock.now - spoken >= Self.longestSilence {
                // a line that is silent for long is taken for dead by what stands between
                try await writer.write(ByteBuffer(string: ":\n\n"))
                spoken = .now
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: streams.pause) }
            try Task.checkCancellation()
        }
    }

    private static let longestSilence = Duration.seconds(15)
}
