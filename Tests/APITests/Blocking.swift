import Postgres
import TestMarket
import TestServer

extension TestMarket {
    /// Starts a request that waits for the table of units, runs `body` while it waits, and returns
    /// its answer once the table is free.
    func blockingUnits(
        _ request: @escaping @Sendable () async throws -> Exchange,
        while body: () async throws -> Void
    ) async throws -> Exchange {
        let waiting = try await superuser.pool.transaction { transaction in
            try await transaction.query("lock table unit in access exclusive mode")
            let waiting = Task { try await request() }
            try await someoneWaits()
            try await body()
            return waiting
        }
        return try await waiting.value
    }

    private func someoneWaits() async throws {
        let question: Query = """
            select exists (select from pg_locks where not granted
                and database = (select oid from pg_database where datname = current_database()))
                as waits
            """
        while try await !superuser.read([question]).only()["waits", Bool.self] {
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
