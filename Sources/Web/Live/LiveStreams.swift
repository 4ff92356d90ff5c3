import MoneyAndTime
import Storage

/// The streams by which open pages hear that something changed: which there are, and what is the
/// newest event of each organisation, asked of the database for all its streams together.
package actor LiveStreams {
    /// How often the database is asked for an organisation at most.
    nonisolated let pause: Duration
    /// How long a stream may be silent, for what stands between here and the browser; as often each
    /// makes sure that its own login still lives.
    nonisolated let heartbeat: Duration
    /// A browser holds six connections to a server without HTTP/2: some must be left for pages.
    static let mostPerLogin = 4

    private var nextNumber: UInt64 = 0
    /// By login, the oldest first.
    private var open: [CredentialDigest: [UInt64]] = [:]
    private var newest: [OrganisationID: Asked] = [:]

    private struct Asked {
        let place: RecordPosition?
        let at: ContinuousClock.Instant
    }

    package init(pause: Duration = .milliseconds(500), heartbeat: Duration = .seconds(15)) {
        self.pause = pause
        self.heartbeat = heartbeat
    }

    /// The number of a new stream. Where a login has too many, its oldest are over.
    func begin(_ login: CredentialDigest) -> UInt64 {
        nextNumber += 1
        let streams = open[login, default: []] + [nextNumber]
        open[login] = Array(streams.suffix(Self.mostPerLogin))
        return nextNumber
    }

    func isOpen(_ login: CredentialDigest, _ number: UInt64) -> Bool {
        open[login]?.contains(number) == true
    }

    func end(_ login: CredentialDigest, _ number: UInt64) {
        let left = (open[login] ?? []).filter { $0 != number }
        open[login] = left.isEmpty ? nil : left
    }

    /// The place of an organisation's newest event, `ask`ed anew when the last answer is older than
    /// the pause.
    func newestEvent(
        of organisation: OrganisationID, ask: @Sendable () async throws -> RecordPosition?
    ) async throws -> RecordPosition? {
        let now = ContinuousClock.now
        if let known = newest[organisation], now - known.at < pause { return known.place }
        let place = try await ask()
        newest[organisation] = Asked(place: place, at: now)
        return place
    }
}
