import Marketplace
import Storage

/// The guests who wait with an open page at this server: the database is asked for all of them
/// together, and each time that it is asked they live.
package actor GuestStreams {
    /// How often the database is asked at most.
    nonisolated let pause: Duration
    /// So many open pages of one guest wait at a server.
    private static let mostPerGuest = 3

    private var open: [[UInt8]: Int] = [:]
    private var known: [[UInt8]: GuestAtDoor] = [:]
    private var asked: ContinuousClock.Instant?
    private var isAsking = false

    package init(pause: Duration = .seconds(1)) { self.pause = pause }

    /// False where this guest has too many.
    func begin(_ secret: [UInt8]) -> Bool {
        guard open[secret, default: 0] < Self.mostPerGuest else { return false }
        open[secret, default: 0] += 1
        return true
    }

    func end(_ secret: [UInt8]) {
        let left = open[secret, default: 0] - 1
        open[secret] = left > 0 ? left : nil
        if left <= 0 { known[secret] = nil }
    }

    /// Where a guest stands, as it was known at most a pause ago; nil where it is not known yet.
    func state(of secret: [UInt8], in market: Market) async -> GuestAtDoor? {
        let isFresh = asked.map { ContinuousClock.now - $0 < pause } ?? false
        guard !isAsking, !isFresh || known[secret] == nil else { return known[secret] }
        isAsking = true
        let secrets = Array(open.keys)
        // while the database is away nobody hears anything, and nothing is lost
        if let answers = try? await market.guestsAtDoor(secrets) {
            for answer in answers where secrets.indices.contains(answer.place) {
                let secret = secrets[answer.place]
                if open[secret] != nil { known[secret] = answer }
            }
        }
        asked = .now
        isAsking = false
        return known[secret]
    }
}
