import Synchronization

/// What one caller wants from a connection, and the place where it waits for the answer.
final class Request: Sendable {
    enum Work: Sendable {
        /// Statements with parameters; outside of a transaction, together one.
        case segment([Query])
        /// Any number of statements in one text, without parameters.
        case script(String)
        /// Brings the connection's session back to how it began.
        case reset
    }

    /// What a lost answer means.
    enum Effect: Sendable {
        /// Nothing can have been committed, or it does not matter.
        case none
        /// The request commits by itself: without its answer, nobody knows.
        case commits
    }

    let work: Work
    let effect: Effect
    let deadline: Deadline
    /// The loan that the request belongs to; nil where connections are shared.
    let lease: Lease?
    /// The first request of a loan: only this one may be sent on a connection that is not the
    /// loan's own yet. A later one must never run without the BEGIN that an earlier one carried.
    let beginsLease: Bool
    /// COMMIT itself: each warning of the class 01000 makes its outcome unknown.
    let isCommit: Bool

    private struct State {
        var continuation: CheckedContinuation<Reply, any Error>?
        var result: Result<Reply, any Error>?
    }

    private let state = Mutex(State())

    init(
        _ work: Work, effect: Effect, deadline: Deadline, lease: Lease? = nil,
        beginsLease: Bool = false, isCommit: Bool = false
    ) {
        self.work = work
        self.effect = effect
        self.deadline = deadline
        self.lease = lease
        self.beginsLease = beginsLease
        self.isCommit = isCommit
    }

    /// Gives the answer; the first one counts, and true is returned for it only.
    @discardableResult
    func finish(_ result: Result<Reply, any Error>) -> Bool {
        let (isFirst, continuation) = state.withLock { state in
            guard state.result == nil else {
                return (false, nil as CheckedContinuation<Reply, any Error>?)
            }
            state.result = result
            defer { state.continuation = nil }
            return (true, state.continuation)
        }
        continuation?.resume(with: result)
        return isFirst
    }

    @discardableResult
    func fail(_ error: PostgresError) -> Bool {
        finish(.failure(error))
    }

    var isFinished: Bool { state.withLock { $0.result != nil } }

    /// Waits for the answer. A cancelled task waits no longer, and `waker` learns of it.
    func answer(cancelling waker: Waker?) async throws -> Reply {
        try await withTaskCancellationHandler {
            try await uncancelledAnswer()
        } onCancel: {
            if finish(.failure(CancellationError())) { waker?.signal() }
        }
    }

    /// Waits for the answer, which comes at the deadline at the latest.
    func uncancelledAnswer() async throws -> Reply {
        try await withCheckedThrowingContinuation { continuation in
            let known = state.withLock { state in
                if state.result == nil { state.continuation = continuation }
                return state.result
            }
            if let known { continuation.resume(with: known) }
        }
    }
}

/// One loan of a connection, told from all others by its identity.
final class Lease: Sendable {}

/// The answer to a request.
struct Reply: Sendable {
    var rows: [Rows] = []
    /// False while a transaction is open on the connection.
    var isIdle = true
}
