import Marketplace
import Storage

/// The open pages of built-in rooms that listen at this server: the database is asked for all of
/// them together.
package actor RoomStreams {
    /// How often the database is asked.
    private let pause: Duration
    /// So many open pages of one person in one visit listen at a server; the oldest are over.
    private static let mostPerToken = 4
    /// What a page that does not read has waiting for it at most.
    static let mostWaiting = 100

    private var nextNumber: UInt64 = 0
    private var listeners: [UInt64: Listener] = [:]
    private var isAsking = false

    private struct Listener {
        let token: JoinTokenDigest
        var after: Int64
        let hears: AsyncStream<RoomSignal.Heard>.Continuation
    }

    package init(pause: Duration = .milliseconds(250)) { self.pause = pause }

    /// What the holder of a token hears from a place on, until it may not listen any more or stops.
    func listen(
        _ token: JoinTokenDigest, after: Int64, in market: Market
    ) -> AsyncStream<RoomSignal.Heard> {
        nextNumber += 1
        let number = nextNumber
        let (stream, continuation) = AsyncStream.makeStream(
            of: RoomSignal.Heard.self, bufferingPolicy: .bufferingOldest(Self.mostWaiting))
        continuation.onTermination = { _ in Task { await self.end(number) } }
        let own = listeners.filter { $0.value.token == token }.keys.sorted()
        for oldest in own.dropLast(Self.mostPerToken - 1) { tell(oldest, .ended(.replaced)) }
        listeners[number] = Listener(token: token, after: after, hears: continuation)
        if !isAsking {
            isAsking = true
            Task { await ask(market) }
        }
        return stream
    }

    private func end(_ number: UInt64) { listeners[number] = nil }

    /// As long as somebody listens. While the database is away nothing is heard, and nothing lost.
    private func ask(_ market: Market) async {
        while !listeners.isEmpty {
            let asked = listeners.sorted { $0.key < $1.key }
            let heard = try? await market.roomSignals(
                after: asked.map { ($0.value.token, $0.value.after) })
            for (place, heard) in heard ?? [] where asked.indices.contains(place) {
                tell(asked[place].key, heard)
            }
            try? await Task.sleep(for: pause)
        }
        isAsking = false
    }

    private func tell(_ number: UInt64, _ heard: RoomSignal.Heard) {
        guard let listener = listeners[number] else { return }
        if case .signal(let signal) = heard, case .enqueued = listener.hears.yield(heard) {
            listeners[number]?.after = signal.id
            return
        }
        // it is over; or the page does not read, and comes again with the number it has heard last
        if case .ended = heard { listener.hears.yield(heard) }
        listener.hears.finish()
        listeners[number] = nil
    }
}
