/// Everything that a call of this client can fail with, besides `CancellationError`.
package enum PostgresError: Error, Sendable, Equatable {
    /// The server refused a statement; its transaction is rolled back.
    case server(ServerError)
    /// The time that the caller gave has passed. Nothing was committed, or it was a read.
    case deadlineExceeded
    /// No connection could be opened before the deadline; the last reason.
    case connectionFailed(String)
    /// The connection ended under the call. Nothing was committed, or it was a read.
    case connectionLost(String)
    /// The server may or may not have committed: only stored data can tell.
    case outcomeUnknown(UnknownOutcome)
    /// COMMIT was answered with ROLLBACK, because a statement before it had failed.
    case rolledBack
    /// A value of a row could not be read as what was asked for.
    case column(ColumnError)
    /// A result had another number of rows than the caller relies on.
    case rowCount(expected: String, got: Int)
    /// A bound value has no form in PostgreSQL; positions count from 1, as in `$1`.
    case parameter(position: Int, reason: String)
    /// The transaction, session or database was used after its end.
    case ended

    /// The server's SQLSTATE, where the server answered.
    package var state: SQLState? {
        if case .server(let error) = self { error.state } else { nil }
    }

    /// Whether the same transaction may be run again from its beginning.
    var mayBeRunAgain: Bool {
        switch self {
        case .server(let error): error.state.mayBeRunAgain || error.isStalePlan
        case .connectionLost: true
        default: false
        }
    }
}

/// Why nobody can say whether a transaction was committed.
package enum UnknownOutcome: Error, Sendable, Hashable {
    /// The deadline passed after the end of the transaction had been sent.
    case deadline
    /// The connection ended after the end of the transaction had been sent.
    case connectionLost(String)
    /// Committed here, not confirmed by the synchronous standby: the server's warning.
    case notReplicated(String)
}

/// The fields of the server's error message. `detail` may quote stored values: not for logs.
package struct ServerError: Error, Sendable, Hashable {
    package var state: SQLState
    package var message: String
    package var detail: String?
    package var hint: String?
    package var schema: String?
    package var table: String?
    package var column: String?
    package var constraint: String?
    var severity = "ERROR"
    var routine: String?
    /// Where in the database's own functions it was raised, the innermost first.
    var functions: [String] = []

    /// FATAL and PANIC end the connection.
    var endsConnection: Bool { severity == "FATAL" || severity == "PANIC" }

    /// A prepared statement whose result changed with the schema, or that the server forgot.
    var isStalePlan: Bool {
        state == .invalidStatementName
            || (state == .featureNotSupported && routine == "RevalidateCachedQuery")
    }
}

/// A value that could not be read, with the column that it stands in.
package struct ColumnError: Error, Sendable, Hashable {
    package var column: String
    /// Counted from 0; nil when no such column exists.
    package var position: Int?
    package var type: PostgresType?
    package var reason: String
}

extension PostgresError: CustomStringConvertible {
    /// For logs: without the server's detail, which may quote stored values.
    package var description: String {
        switch self {
        case .server(let error):
            (["\(error.state): \(error.message)"] + error.functions).joined(separator: ", in ")
        case .deadlineExceeded: "the deadline has passed"
        case .connectionFailed(let reason): "no connection: \(reason)"
        case .connectionLost(let reason): "the connection was lost: \(reason)"
        case .outcomeUnknown(let why): "it is unknown whether the transaction took effect: \(why)"
        case .rolledBack: "the transaction was rolled back at its end"
        case .column(let error): "column \(error.column): \(error.reason)"
        case .rowCount(let expected, let got): "expected \(expected) row, got \(got)"
        case .parameter(let position, let reason): "parameter $\(position): \(reason)"
        case .ended: "used after its end"
        }
    }
}
