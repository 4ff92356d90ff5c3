import Logging
import Synchronization

/// Connections that are lent to one caller at a time, in the order in which the callers came.
package final class ConnectionPool: Sendable {
    private struct State {
        var idle: [Lane] = []
        var all: [Lane] = []
        /// Who waits for a connection. One that is offered to somebody who has gone is still the
        /// pool's.
        var waiting: [Pending<Lane>] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let configuration: DatabaseConfiguration

    init(_ configuration: DatabaseConfiguration) {
        self.configuration = configuration
    }

    deinit {
        state.withLock { state in
            for lane in state.all { lane.queue.close() }
        }
    }

    /// Runs `body` in a transaction, and commits it when the body returns. The body runs again,
    /// from its beginning, when the server asks for it (40001, 40P01) or the connection was lost
    /// before COMMIT; it must not have effects elsewhere.
    @discardableResult
    package func transaction<T>(
        _ options: TransactionOptions = .init(), retries: Int = 3, within: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (Transaction) async throws -> T
    ) async throws -> T {
        let deadline = Deadline.now + (within ?? configuration.transactionDeadline)
        return try await Retry.run(attempts: max(0, retries) + 1, until: deadline) {
            let lane = try await lease(until: deadline)
            let transaction = Transaction(
                session: Session(lane: lane, deadline: deadline, effect: .none), options)
            do {
                let value = try await body(transaction)
                try Task.checkCancellation()
                try await transaction.commit()
                giveBack(lane)
                return value
            } catch {
                await transaction.rollBack()
                giveBack(lane)
                throw error
            }
        }
    }

    /// Lends a connection without a transaction. Afterwards its session is as it was
    /// (`DISCARD ALL`).
    @discardableResult
    package func withConnection<T>(
        within: Duration? = nil, isolation: isolated (any Actor)? = #isolation,
        _ body: (Session) async throws -> T
    ) async throws -> T {
        let deadline = Deadline.now + (within ?? configuration.transactionDeadline)
        let lane = try await lease(until: deadline)
        let session = Session(lane: lane, deadline: deadline, effect: .commits)
        do {
            let value = try await body(session)
            await session.reset()
            giveBack(lane)
            return value
        } catch {
            await session.reset()
            giveBack(lane)
            throw error
        }
    }

    /// Refuses what waits, and returns when the connections are closed.
    func close() async {
        let (lanes, waiting) = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return (state.all, state.waiting)
        }
        for waiter in waiting { waiter.finish(.failure(PostgresError.ended)) }
        for lane in lanes { lane.queue.close() }
        for lane in lanes { await lane.ended.wait() }
    }

    private func lease(until deadline: Deadline) async throws -> Lane {
        try Task.checkCancellation()
        let waiter = Pending<Lane>()
        let offered = try state.withLock { state -> Lane? in
            guard !state.isClosed else { throw PostgresError.ended }
            if let lane = state.idle.popLast() { return lane }
            if state.all.count < max(1, configuration.poolConnections) {
                let lane = try makeLane()
                state.all.append(lane)
                return lane
            }
            state.waiting.append(waiter)
            return nil
        }
        if let offered { return offered }
        let alarm = Task {
            try await Task.sleep(until: deadline, clock: .continuous)
            waiter.finish(.failure(PostgresError.deadlineExceeded))
        }
        defer {
            alarm.cancel()
            state.withLock { state in state.waiting.removeAll { $0 === waiter } }
        }
        return try await waiter.value()
    }

    private func makeLane() throws -> Lane {
        let lane = Lane(
            queue: RequestQueue(), use: .leased,
            settings: configuration.linkSettings(
                statementTimeout: configuration.poolStatementTimeout),
            statementLimit: configuration.preparedStatements, logger: configuration.logger)
        guard let lane else { throw PostgresError.connectionFailed("no threads left") }
        return lane
    }

    /// Hands the connection to the one who has waited longest and still waits.
    private func giveBack(_ lane: Lane) {
        state.withLock { state in
            while !state.waiting.isEmpty {
                if state.waiting.removeFirst().finish(.success(lane)) { return }
            }
            state.idle.append(lane)
        }
    }
}
