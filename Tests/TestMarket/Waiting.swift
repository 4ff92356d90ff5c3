import Postgres

extension TestMarket {
    /// Returns when so many sessions of this database wait for a lock.
    package func someoneToWait(_ count: Int = 1) async throws {
        let waiting: Query = """
            select count(*) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'
            """
        for _ in 0..<2_000 {
            if try await superuser.read([waiting]).only().decode(0, as: Int.self) >= count {
                return
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw NobodyWaits()
    }

    private struct NobodyWaits: Error {}
}
