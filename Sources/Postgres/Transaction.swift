/// How a transaction sees others (PostgreSQL manual, 13.2), and whether it may write.
package struct TransactionOptions: Sendable, Hashable {
    package enum Isolation: String, Sendable {
        case readCommitted = "read committed"
        case repeatableRead = "repeatable read"
        case serializable
    }

    package var isolation: Isolation
    package var readOnly: Bool

    package init(isolation: Isolation = .readCommitted, readOnly: Bool = false) {
        self.isolation = isolation
        self.readOnly = readOnly
    }

    var begin: Query {
        let access = readOnly ? "read only" : "read write"
        return Query(stringLiteral: "begin isolation level \(isolation.rawValue) \(access)")
            .unprepared()
    }
}

/// A transaction on a connection of its own. BEGIN travels with the first statement.
package final class Transaction: Sendable {
    private let session: Session
    private let options: TransactionOptions

    init(session: Session, _ options: TransactionOptions) {
        self.session = session
        self.options = options
    }

    /// The rows of a statement.
    @discardableResult
    package func query(_ query: Query, within: Duration? = nil) async throws -> Rows {
        try await each([query], within: within).lastRows()
    }

    /// Several statements in one round trip: the rows of each. The first failure ends all.
    @discardableResult
    package func each(_ queries: [Query], within: Duration? = nil) async throws -> [Rows] {
        try await session.send(queries, opening: options.begin, within: within)
    }

    /// How many rows the statement changed.
    @discardableResult
    package func execute(_ query: Query, within: Duration? = nil) async throws -> Int {
        try await self.query(query, within: within).affected
    }

    /// Many statements in one text, without parameters; columns come in text form.
    @discardableResult
    package func script(_ sql: String, within: Duration? = nil) async throws -> [Rows] {
        if !session.hasBegun { try await query("select 1", within: within) }
        return try await session.script(sql, within: within)
    }

    func commit() async throws {
        guard session.end() else { return }
        try await session.commit()
    }

    /// Ends what has begun and was not committed.
    func rollBack() async {
        guard session.end() else { return }
        await session.rollBack()
    }
}
