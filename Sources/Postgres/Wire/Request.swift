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

    private let reply = Pending<Reply>()

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
    func finish(_ result: Result<Reply, any Error>) -> Bool { reply.finish(result) }

    @discardableResult
    func fail(_ error: PostgresError) -> Bool {
        finish(.failure(error))
    }

    var isFinished: Bool { reply.isFinished }

    /// Waits for the answer. A cancelled task waits no longer, and `waker` learns of it.
    func answer(cancelling waker: Waker?) async throws -> Reply {
        try await reply.value { waker?.signal() }
    }

    /// Waits for the answer, which comes at the deadline at the latest.
    func uncancelledAnswer() async throws -> Reply { try await reply.uncancelledValue() }
}

/// One loan of a connection, told from all others by its identity.
final class Lease: Sendable {}

/// The answer to a request.
struct Reply: Sendable {
    var rows: [Rows] = []
    /// False while a transaction is open on the connection.
    var isIdle = true
}
