import Hummingbird
import Marketplace
import MoneyAndTime
import NIOCore
import ServiceLifecycle
import Storage

/// One open page's stream of server-sent events (WHATWG HTML §9.2): each says how far the
/// organisation's events go now, and nothing of what they hold; the page asks for itself anew, as
/// whoever is signed in.
struct LiveStream: PageStream {
    let market: Market
    let streams: LiveStreams
    /// With the login, as whoever reads the list of events.
    let asking: Marketplace.Request
    let organisation: OrganisationID
    /// How far the page knows.
    let after: RecordPosition?

    private var login: CredentialDigest { asking.credential }

    /// Until the browser goes, the login ends, or the server stops; what is over for good is said,
    /// so that the browser does not come again.
    func write(to writer: inout any ResponseBodyWriter) async throws {
        let number = await streams.begin(login)
        do {
            try await tell(&writer, number)
            await streams.end(login, number)
        } catch {
            await streams.end(login, number)
            throw error
        }
        try await writer.finish(nil)
    }

    private func tell(_ writer: inout any ResponseBodyWriter, _ number: UInt64) async throws {
        try await writer.write(ByteBuffer(string: ":\n\n"))
        var told = after
        var spoken = ContinuousClock.now
        while !Task.isShuttingDownGracefully {
            guard await streams.isOpen(login, number) else { return try await sayOver(&writer) }
            let isQuiet = ContinuousClock.now - spoken >= streams.heartbeat
            do {
                if isQuiet { _ = try await newestEvent() }
                let newest = try await streams.newestEvent(of: organisation) {
                    try await newestEvent()
                }
                if let newest, told.map({ $0 < newest }) ?? true {
                    let place = newest.text
                    try await writer.write(ByteBuffer(string: "id: \(place)\ndata: \(place)\n\n"))
                    told = newest
                    spoken = .now
                } else if isQuiet {
                    try await writer.write(ByteBuffer(string: ":\n\n"))
                    spoken = .now
                }
            } catch is Refusal {
                return try await sayOver(&writer)
            } catch is Unavailable {
                // The database comes back; so does the news.
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: streams.pause) }
            try Task.checkCancellation()
        }
        // Not all at once, when the server is there again.
        let wait = Int.random(in: 1_000...5_000)
        try await writer.write(ByteBuffer(string: "retry: \(wait)\n\n"))
    }

    /// Refused as soon as the login is over.
    private func newestEvent() async throws -> RecordPosition? {
        try await market.newestEvent(asking)
    }

    private func sayOver(_ writer: inout any ResponseBodyWriter) async throws {
        try await writer.write(ByteBuffer(string: "event: over\ndata: over\n\n"))
    }
}
