import Postgres

extension Market {
    /// Whether the database answers a question that needs nothing but a connection. Of no
    /// organisation, so nobody enters.
    package func isReady(within limit: Duration) async -> Bool {
        do {
            _ = try await database.read(["select 1"], within: limit)
            return true
        } catch {
            return false
        }
    }
}
