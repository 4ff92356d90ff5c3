import CPostgres

/// Statements in one text, sent by the simple protocol, which has no pipelines and no parameters.
/// All columns come in text form.
final class Script: Exchange {
    let requests: [Request]
    private let link: Link
    private let sql: String
    private let forgetsStatements: Bool
    private var rows: [Rows] = []
    private var error: ServerError?

    init(_ request: Request, sql: String, forgetsStatements: Bool, link: Link) {
        requests = [request]
        self.sql = sql
        self.forgetsStatements = forgetsStatements
        self.link = link
    }

    func send() -> Bool {
        PQexitPipelineMode(link.connection) == 1 && PQsendQuery(link.connection, sql) == 1
    }

    func receive() -> Progress {
        while PQisBusy(link.connection) == 0 {
            guard let result = PQgetResult(link.connection) else { return finish() }
            if PQresultStatus(result) == PGRES_FATAL_ERROR {
                let failure = ServerError(result: result)
                PQclear(result)
                if failure.endsConnection || link.isBroken { return .lost(failure.message) }
                error = error ?? failure
            } else if [PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH]
                .contains(PQresultStatus(result))
            {
                PQclear(result)
                return .lost("COPY has no place in a script")
            } else {
                rows.append(Rows(result: ResultBytes(result)))
            }
        }
        return .waiting
    }

    private func finish() -> Progress {
        guard PQenterPipelineMode(link.connection) == 1 else { return .lost(link.lastMessage) }
        if forgetsStatements { link.statements.removeAll() }
        let warning = link.takeNotices().first { $0.saysNotReplicated(atCommit: false) }
        if let error {
            requests[0].fail(.server(error))
        } else if let warning {
            requests[0].fail(.outcomeUnknown(.notReplicated(warning.message)))
        } else {
            requests[0].finish(.success(Reply(rows: rows, isIdle: link.isIdle)))
        }
        return .done
    }

    func abandon(_ reason: String) {
        requests[0].fail(
            requests[0].effect == .commits
                ? .outcomeUnknown(.connectionLost(reason)) : .connectionLost(reason))
    }
}
