import MoneyAndTime
import Postgres
import Synchronization

/// Bookings on their way to the database. Alone, one goes at once; those that come while a call is
/// under way wait together for the next one, so that many share one round trip and one commit. Two
/// writers, chosen by the contract: two calls at once never wait for each other's budget.
package final class BookingWriters: Sendable {
    private let writers: [Writer]

    /// `patience` is how long a booking waits for its answer.
    package init(_ database: Database, patience: Duration = .seconds(10)) {
        writers = (0..<2).map { _ in Writer(database, patience: patience) }
    }

    /// What `book` says to the call; an error as `Pipeline.write` throws it.
    package func book(_ call: BookingCall) async throws -> BookingCall.Outcome {
        let hash = UInt(bitPattern: call.contract.hashValue)
        return try await writers[Int(hash % UInt(writers.count))].book(call)
    }
}

private final class Writer: Sendable {
    private struct Waiting: Sendable {
        let call: BookingCall
        let outcome = Pending<BookingCall.Outcome>()
    }

    private struct State {
        var waiting: [Waiting] = []
        var isBusy = false
    }

    /// How many bookings go in one call.
    private static let most = 32
    private static let unknown = PostgresError.outcomeUnknown(.deadline)

    private let database: Database
    private let patience: Duration
    private let state = Mutex(State())

    init(_ database: Database, patience: Duration) {
        self.database = database
        self.patience = patience
    }

    func book(_ call: BookingCall) async throws -> BookingCall.Outcome {
        try Task.checkCancellation()
        let own = Waiting(call: call)
        let begins = state.withLock { state in
            state.waiting.append(own)
            defer { state.isBusy = true }
            return !state.isBusy
        }
        // not this caller's own task: others' bookings do not end with it
        if begins { Task { await work() } }
        let alarm = Task {
            try await Task.sleep(for: patience)
            let error = isUnsent(own) ? PostgresError.deadlineExceeded : Self.unknown
            own.outcome.finish(.failure(error))
        }
        defer { alarm.cancel() }
        return try await own.outcome.value()
    }

    private func isUnsent(_ waiting: Waiting) -> Bool {
        state.withLock { $0.waiting.contains { $0.outcome === waiting.outcome } }
    }

    /// Calls `book` for as long as somebody waits.
    private func work() async {
        while let next = take() {
            let outcomes = await outcomes(of: next.map(\.call))
            for (waiting, outcome) in zip(next, outcomes) { waiting.outcome.finish(outcome) }
        }
    }

    /// Those who go next, without those who have gone. One key goes once: a repetition gets its
    /// answer from the next call.
    private func take() -> [Waiting]? {
        state.withLock { state in
            var keys: Set<BookingCall.Key> = []
            var next: [Waiting] = []
            var rest: [Waiting] = []
            for waiting in state.waiting where !waiting.outcome.isFinished {
                if next.count < Self.most, keys.insert(waiting.call.ownKey).inserted {
                    next.append(waiting)
                } else {
                    rest.append(waiting)
                }
            }
            state.waiting = rest
            state.isBusy = !next.isEmpty
            return next.isEmpty ? nil : next
        }
    }

    private typealias Outcome = Result<BookingCall.Outcome, any Error>

    private func outcomes(of calls: [BookingCall]) async -> [Outcome] {
        do {
            return try await asked(calls).map(Outcome.success)
        } catch PostgresError.server where calls.count > 1 {
            // one of them is at fault, and nothing was done
            return await outcomesOfEach(calls)
        } catch PostgresError.outcomeUnknown(.connectionLost) {
            return await foundOut(calls)
        } catch {
            return calls.map { _ in .failure(error) }
        }
    }

    private func asked(_ calls: [BookingCall]) async throws -> [BookingCall.Outcome] {
        let rows = try await database.write([BookingCall.book(calls)], within: patience)
        guard rows.count == calls.count else {
            throw PostgresError.rowCount(expected: "\(calls.count)", got: rows.count)
        }
        return try rows.map(BookingCall.Outcome.init(row:))
    }

    private func outcomesOfEach(_ calls: [BookingCall]) async -> [Outcome] {
        await withTaskGroup(of: (Int, [Outcome]).self) { group in
            for (place, call) in calls.enumerated() {
                group.addTask { (place, await self.outcomes(of: [call])) }
            }
            return await group.reduce(into: [(Int, [Outcome])]()) { $0.append($1) }
                .sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    /// After a lost answer: the same keys once more, which are answered as they were, or are
    /// decided now. A key that is still being decided stays unknown.
    private func foundOut(_ calls: [BookingCall]) async -> [Outcome] {
        do {
            return try await asked(calls).map { outcome in
                if case .refused("idempotency_key_in_progress", _) = outcome {
                    return .failure(Self.unknown)
                }
                return .success(outcome)
            }
        } catch {
            return calls.map { _ in .failure(Self.unknown) }
        }
    }
}

extension BookingCall {
    /// What tells a repetition from another booking, as far as a server can see.
    fileprivate struct Key: Hashable {
        let credential: CredentialDigest
        let operation: String
        let key: String
    }

    fileprivate var ownKey: Key { Key(credential: credential, operation: operation, key: key) }
}
