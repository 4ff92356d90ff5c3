import Synchronization

/// A connection on loan.
package final class Session: Sendable {
    private struct State {
        var hasBegun = false
        var hasEnded = false
        var isIdle = true
    }

    private let lane: Lane
    private let lease = Lease()
    private let deadline: Deadline
    private let effect: Request.Effect
    private let state = Mutex(State())

    /// How long a connection may take to come clean before it is given up.
    private static let cleaning = Duration.seconds(5)
    /// How long a cancelled COMMIT may take to be answered.
    private static let patience = Duration.seconds(1)

    init(lane: Lane, deadline: Deadline, effect: Request.Effect) {
        (self.lane, self.deadline, self.effect) = (lane, deadline, effect)
    }

    /// The rows of a statement, which outside of a transaction commits by itself.
    @discardableResult
    package func query(_ query: Query, within: Duration? = nil) async throws -> Rows {
        try await each([query], within: within).lastRows()
    }

    /// Several statements in one round trip, one implicit transaction: the rows of each.
    @discardableResult
    package func each(_ queries: [Query], within: Duration? = nil) async throws -> [Rows] {
        try await send(queries, opening: nil, within: within)
    }

    /// How many rows the statement changed.
    @discardableResult
    package func execute(_ query: Query, within: Duration? = nil) async throws -> Int {
        try await self.query(query, within: within).affected
    }

    /// Many statements in one text, without parameters; columns come in text form.
    @discardableResult
    package func script(_ sql: String, within: Duration? = nil) async throws -> [Rows] {
        guard !sql.utf8.contains(0) else {
            throw PostgresError.parameter(position: 0, reason: "the text contains U+0000")
        }
        return try await run(.script(sql), within: within)
    }

    /// Sends statements, in front of the first ones of all the `opening`, whose rows are left out.
    func send(
        _ queries: [Query], opening: Query?, within: Duration?
    ) async throws -> [Rows] {
        try Segment(queries).validate()
        return try await run(.segment(queries), opening: opening, within: within)
    }

    private func run(
        _ work: Request.Work, opening: Query? = nil, within: Duration?
    ) async throws -> [Rows] {
        try Task.checkCancellation()
        let end = within.map { min(deadline, .now + $0) } ?? deadline
        // One step: a second task of the same transaction must not overtake BEGIN.
        let (request, isOpening) = try state.withLock { state in
            guard !state.hasEnded else { throw PostgresError.ended }
            let isOpening = !state.hasBegun && opening != nil
            var work = work
            if isOpening, let opening, case .segment(let queries) = work {
                work = .segment([opening] + queries)
            }
            let request = Request(
                work, effect: effect, deadline: end, lease: lease,
                beginsLease: !state.hasBegun)
            state.hasBegun = true
            state.isIdle = false
            lane.queue.submit(request)
            return (request, isOpening)
        }
        let rows = try await record(request.answer(cancelling: lane.waker)).rows
        return isOpening ? Array(rows.dropFirst()) : rows
    }

    private func record(_ reply: Reply) -> Reply {
        state.withLock { $0.isIdle = reply.isIdle }
        return reply
    }

    /// Whether a transaction is open, as the last answer said.
    var isInTransaction: Bool { state.withLock { !$0.isIdle } }

    var hasBegun: Bool { state.withLock { $0.hasBegun } }

    /// Nothing more is sent by the borrower. True when the connection was used and not ended yet.
    func end() -> Bool {
        state.withLock { state in
            defer { state.hasEnded = true }
            return state.hasBegun && !state.hasEnded
        }
    }

    /// COMMIT: even a cancelled task waits a moment for its answer, and no longer: a server that
    /// hangs must not hold up whoever has given up.
    func commit() async throws {
        let request = Request(
            .segment([Query(stringLiteral: "commit").unprepared()]), effect: .commits,
            deadline: deadline, lease: lease, isCommit: true)
        lane.queue.submit(request)
        let waker = lane.waker
        let reply = try await withTaskCancellationHandler {
            try await request.uncancelledAnswer()
        } onCancel: {
            Task {
                try? await Task.sleep(for: Self.patience)
                if request.fail(.outcomeUnknown(.deadline)) { waker.signal() }
            }
        }
        guard reply.rows.last?.result.command == "COMMIT" else { throw PostgresError.rolledBack }
    }

    /// Ends whatever transaction is open. A connection that cannot is given up by its lane.
    func rollBack() async {
        await clean(.segment([Query(stringLiteral: "rollback").unprepared()]))
    }

    /// Ends a transaction that was left open, and undoes all settings of the session.
    func reset() async {
        guard end() else { return }
        if !state.withLock({ $0.isIdle }) { await rollBack() }
        await clean(.reset)
    }

    private func clean(_ work: Request.Work) async {
        let request = Request(
            work, effect: .none, deadline: .now + Self.cleaning, lease: lease)
        lane.queue.submit(request)
        _ = try? await request.uncancelledAnswer()
    }
}
