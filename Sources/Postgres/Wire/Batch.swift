import CPostgres

/// What the thread of a connection does next with what it has sent.
enum Progress {
    case done
    case waiting
    case lost(String)
}

/// Something that was sent, and whose answers come in.
protocol Exchange: AnyObject {
    /// Puts everything into libpq's buffer; false when the connection is gone.
    func send() -> Bool
    /// Reads what has come, without waiting.
    func receive() -> Progress
    /// Tells the callers without an answer that none will come.
    func abandon(_ reason: String)
    var requests: [Request] { get }
}

/// Segments that travel together as one libpq pipeline, each ended by a Sync of its own, so that an
/// error rolls back its own segment only. New statements are prepared in front, each under its own
/// Sync as well: whether a text is prepared must not depend on a segment that is refused.
final class Batch: Exchange {
    private enum Step {
        case prepare(StatementCache.Key)
        case deallocate
        case query(Int)
        case sync(Int?)
    }

    private struct Answer {
        var rows: [Rows] = []
        var error: ServerError?
        var keys: [StatementCache.Key] = []
        var queryCount = 0
        /// Each statement has been answered; only the commit itself is open.
        var isAnswered: Bool { rows.count == queryCount }
    }

    let requests: [Request]
    private let link: Link
    private var steps: [Step] = []
    private var position = 0
    private var answers: [Answer]
    private var prepareErrors: [StatementCache.Key: ServerError] = [:]
    private var fatal: ServerError?
    /// The implicit transaction failed at its end, as by a deferred constraint: its error comes
    /// where the Sync is due, and the Sync's own answer after it.
    private var isEndRefused = false

    init(_ requests: [Request], link: Link) {
        self.requests = requests
        self.link = link
        answers = requests.map { _ in Answer() }
    }

    func send() -> Bool {
        guard deallocate() else { return false }
        var plan: [(index: Int, query: Query, sql: String, name: String?)] = []
        for (index, request) in requests.enumerated() {
            guard case .segment(let queries) = request.work else { continue }
            answers[index].queryCount = queries.count
            for query in queries {
                let sql = query.sql
                var name: String?
                if query.isPrepared {
                    let key = StatementCache.Key(sql: sql, types: query.parameters.types)
                    answers[index].keys.append(key)
                    name = link.statements.name(of: key)
                    if name == nil {
                        name = link.statements.insert(key)
                        guard prepare(key, name ?? "") else { return false }
                    }
                }
                plan.append((index, query, sql, name))
            }
        }
        for (offset, item) in plan.enumerated() {
            guard send(item.query, sql: item.sql, name: item.name) else { return false }
            steps.append(.query(item.index))
            if offset + 1 == plan.count || plan[offset + 1].index != item.index {
                guard sync(item.index) else { return false }
            }
        }
        return true
    }

    private func prepare(_ key: StatementCache.Key, _ name: String) -> Bool {
        let sent = PQsendPrepare(link.connection, name, key.sql, Int32(key.types.count), key.types)
        steps.append(.prepare(key))
        return sent == 1 && sync(nil)
    }

    /// A transaction that failed would refuse it, and the names be forgotten: not inside of one.
    private func deallocate() -> Bool {
        guard link.isIdle else { return true }
        for name in link.statements.evict() {
            let text = "deallocate \(name)"
            steps.append(.deallocate)
            guard PQsendQueryParams(link.connection, text, 0, nil, nil, nil, nil, 1) == 1,
                sync(nil)
            else { return false }
        }
        return true
    }

    private func sync(_ index: Int?) -> Bool {
        steps.append(.sync(index))
        return PQpipelineSync(link.connection) == 1
    }

    private func send(_ query: Query, sql: String, name: String?) -> Bool {
        let parameters = query.parameters
        let count = Int32(parameters.count)
        return parameters.withLibpq { values, lengths, formats in
            guard let name else {
                return PQsendQueryParams(
                    link.connection, sql, count, parameters.types, values, lengths, formats, 1)
            }
            return PQsendQueryPrepared(
                link.connection, name, count, values, lengths, formats, 1)
        } == 1
    }

    func receive() -> Progress {
        while position < steps.count {
            guard PQisBusy(link.connection) == 0 else { return .waiting }
            let result = PQgetResult(link.connection)
            let status = result.map { PQresultStatus($0) }
            if let result { take(result) }
            if let fatal { return .lost(fatal.message) }
            if link.isBroken { return .lost(link.lastMessage) }
            switch (steps[position], status) {
            case (.sync(let index), PGRES_PIPELINE_SYNC?):
                if let index { finish(index) }
                isEndRefused = false
                position += 1
            case (.sync, PGRES_FATAL_ERROR?): isEndRefused = true
            case (.sync, nil) where isEndRefused: break
            case (.sync, _): return .lost("the answers are out of step")
            case (_, nil): position += 1
            default: break
            }
        }
        return .done
    }

    private func take(_ result: OpaquePointer) {
        switch PQresultStatus(result) {
        case PGRES_PIPELINE_SYNC, PGRES_PIPELINE_ABORTED: PQclear(result)
        case PGRES_FATAL_ERROR:
            let error = ServerError(result: result)
            PQclear(result)
            if error.endsConnection { fatal = error }
            switch steps[position] {
            case .prepare(let key):
                prepareErrors[key] = error
                link.statements.remove(key)
            case .query(let index), .sync(let index?):
                answers[index].error = answers[index].error ?? error
            case .deallocate, .sync(nil): break
            }
        default:
            let rows = Rows(result: ResultBytes(result))
            if case .query(let index) = steps[position] { answers[index].rows.append(rows) }
        }
    }

    private func finish(_ index: Int) {
        let (request, answer) = (requests[index], answers[index])
        let warning = link.takeNotices().first { $0.saysNotReplicated(atCommit: request.isCommit) }
        if var error = answer.error {
            if error.state == .invalidStatementName || error.state == .failedTransaction {
                error = answer.keys.lazy.compactMap { self.prepareErrors[$0] }.first ?? error
            }
            if error.isStalePlan {
                for key in answer.keys { link.statements.remove(key) }
            }
            request.fail(.server(error))
        } else if let warning {
            request.fail(.outcomeUnknown(.notReplicated(warning.message)))
        } else {
            request.finish(.success(Reply(rows: answer.rows, isIdle: link.isIdle)))
        }
    }

    func abandon(_ reason: String) {
        for (request, answer) in zip(requests, answers) {
            // A server that says it ends, in answer to a statement, has not committed it.
            let isKnown = fatal != nil && !answer.isAnswered
            request.fail(
                request.effect == .commits && !isKnown
                    ? .outcomeUnknown(.connectionLost(reason)) : .connectionLost(reason))
        }
    }
}

extension ServerError {
    /// The server committed, and gave up waiting for its synchronous standby (`syncrep.c`). In
    /// answer to COMMIT each warning of this state counts, since the routine's name is no promise.
    func saysNotReplicated(atCommit: Bool) -> Bool {
        if routine == "SyncRepWaitForLSN" { return true }
        return atCommit && state == .warning
    }
}
