import Logging

/// How to reach the database, and how long to wait for it.
package struct DatabaseConfiguration: Sendable {
    /// A connection string of libpq: a URI, or keywords and values.
    package var connection: String
    package var applicationName: String
    package var pipelineConnections = 2
    package var poolConnections = 8
    /// After this the server ends a statement of the pipeline (SQLSTATE 57014).
    package var statementTimeout: Duration = .seconds(5)
    /// The same for statements of the pool.
    package var poolStatementTimeout: Duration = .seconds(60)
    /// How long a caller of the pipeline waits, unless it says otherwise.
    package var callDeadline: Duration = .seconds(10)
    /// How long a whole transaction may take, the wait for its connection included.
    package var transactionDeadline: Duration = .seconds(60)
    package var connectTimeout: Duration = .seconds(5)
    /// How many prepared statements each connection keeps.
    package var preparedStatements = 256
    package var logger = Logger(label: "postgres")

    package init(_ connection: String, applicationName: String = "aikatori") {
        self.connection = connection
        self.applicationName = applicationName
    }

    func linkSettings(statementTimeout: Duration) -> LinkSettings {
        LinkSettings(
            connection: connection, applicationName: applicationName,
            statementTimeout: statementTimeout, connectTimeout: connectTimeout)
    }
}

/// Both ways into one database: the pipeline for what is one round trip, the pool for transactions.
/// Nothing is connected before the first call.
package final class Database: Sendable {
    package let pipeline: Pipeline
    package let pool: ConnectionPool

    package init(_ configuration: DatabaseConfiguration) {
        pipeline = Pipeline(configuration)
        pool = ConnectionPool(configuration)
    }

    /// The rows of the segment's last query. Sent again if the connection is lost.
    package func read(_ segment: Segment, within: Duration? = nil) async throws -> Rows {
        try await pipeline.read(segment, within: within).lastRows()
    }

    /// The rows of each query of the segment.
    package func readEach(_ segment: Segment, within: Duration? = nil) async throws -> [Rows] {
        try await pipeline.read(segment, within: within)
    }

    /// The rows of the segment's last query; see `Pipeline.write`.
    @discardableResult
    package func write(
        _ segment: Segment, within: Duration? = nil, retries: Int = 1
    ) async throws -> Rows {
        try await pipeline.write(segment, within: within, retries: retries).lastRows()
    }

    /// The rows of each query of the segment; see `Pipeline.write`.
    @discardableResult
    package func writeEach(
        _ segment: Segment, within: Duration? = nil, retries: Int = 1
    ) async throws -> [Rows] {
        try await pipeline.write(segment, within: within, retries: retries)
    }

    /// A transaction on a connection of the pool; see `ConnectionPool.transaction`.
    @discardableResult
    package func transaction<T>(
        _ options: TransactionOptions = .init(), retries: Int = 3, within: Duration? = nil,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (Transaction) async throws -> T
    ) async throws -> T {
        try await pool.transaction(options, retries: retries, within: within, body)
    }

    /// Refuses what waits, and returns when every connection is closed.
    package func close() async {
        await pipeline.close()
        await pool.close()
    }
}

extension [Rows] {
    /// The answer to the last query of a round trip.
    func lastRows() throws(PostgresError) -> Rows {
        guard let last else { throw .rowCount(expected: "an answer", got: 0) }
        return last
    }
}
