import Logging

/// A few connections that many callers share: each connection's thread takes all requests that
/// wait, and sends them as one pipeline. For what is short; a slow statement holds up the others.
package final class Pipeline: Sendable {
    private let queue = RequestQueue()
    private let lanes: [Lane]
    private let callDeadline: Duration

    init(_ configuration: DatabaseConfiguration) {
        let settings = configuration.linkSettings(
            statementTimeout: configuration.statementTimeout)
        callDeadline = configuration.callDeadline
        let queue = queue
        let patience = configuration.statementTimeout + configuration.connectTimeout
        lanes = (0..<max(1, configuration.pipelineConnections)).compactMap { _ in
            Lane(
                queue: queue, use: .shared(patience: patience), settings: settings,
                statementLimit: configuration.preparedStatements, logger: configuration.logger)
        }
    }

    deinit {
        queue.close()
    }

    /// Runs a segment as one implicit transaction that does not matter if it is repeated: after the
    /// loss of the connection it is sent again, five times in all. The rows of each query.
    package func read(_ segment: Segment, within: Duration? = nil) async throws -> [Rows] {
        try await run(segment, .none, within, attempts: 5)
    }

    /// Runs a segment as one implicit transaction. After the loss of the connection or the end of
    /// the time it throws `outcomeUnknown`. `retries` counts repetitions after a deadlock or a
    /// failed serialization, and where the server surely had not begun.
    package func write(
        _ segment: Segment, within: Duration? = nil, retries: Int = 1
    ) async throws -> [Rows] {
        try await run(segment, .commits, within, attempts: max(0, retries) + 1)
    }

    private func run(
        _ segment: Segment, _ effect: Request.Effect, _ within: Duration?, attempts: Int
    ) async throws -> [Rows] {
        try segment.validate()
        let deadline = Deadline.now + (within ?? callDeadline)
        return try await Retry.run(attempts: attempts, until: deadline) {
            try Task.checkCancellation()
            guard !lanes.isEmpty else { throw PostgresError.connectionFailed("no threads left") }
            let request = Request(.segment(segment.queries), effect: effect, deadline: deadline)
            queue.submit(request)
            return try await request.answer(cancelling: nil).rows
        }
    }

    /// Refuses what waits, and returns when the connections are closed.
    func close() async {
        queue.close()
        for lane in lanes { await lane.ended.wait() }
    }
}

extension Segment {
    /// Throws for values that have no form in PostgreSQL, and for a segment of nothing.
    func validate() throws(PostgresError) {
        guard !queries.isEmpty else {
            throw .parameter(position: 0, reason: "the segment has no query")
        }
        for query in queries { try query.validate() }
    }
}

/// Runs something again that was rolled back whole.
enum Retry {
    /// At most `attempts` times, with a pause that doubles and is never the same for two callers.
    static func run<T>(
        attempts: Int, until deadline: Deadline,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> T
    ) async throws -> T {
        var attempt = 1
        while true {
            do {
                return try await body()
            } catch let error as PostgresError
                where error.mayBeRunAgain && attempt < attempts && Deadline.now < deadline
            {
                let longest = min(200_000, 2_000 << min(attempt, 10))
                try await Task.sleep(for: .microseconds(Int.random(in: 0...longest)))
                attempt += 1
            }
        }
    }
}
