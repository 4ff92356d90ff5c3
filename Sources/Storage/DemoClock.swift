import Foundation
import MoneyAndTime
import Postgres

/// The shifted clock of a demo's or a test's database. Everything that the market decides follows
/// it; credentials and identifiers keep real time.
package struct DemoClock: Sendable {
    private let owner: ConnectionPool

    /// A clock that was installed earlier; the pool is of `aikatori_owner`.
    package init(_ owner: ConnectionPool) {
        self.owner = owner
    }

    /// Gives the database a clock that can be shifted. Refused (`AK409`, `not_a_demo`) where there
    /// is an organisation that is no example.
    package static func install(_ owner: ConnectionPool) async throws -> DemoClock {
        let file = try DatabaseSetup.migrations.appending(path: "demo_clock.sql")
        let sql = try String(contentsOf: file, encoding: .utf8)
        try await owner.transaction { transaction in _ = try await transaction.script(sql) }
        return DemoClock(owner)
    }

    /// The clock of this database, if it is one of a demo or a test.
    package static func find(_ owner: ConnectionPool) async throws -> DemoClock? {
        let isThere: Bool = try await owner.transaction { transaction in
            try await transaction.query("select to_regclass('public.demo_clock') is not null")
                .only().decode(0)
        }
        return isThere ? DemoClock(owner) : nil
    }

    /// From now on the clock shows `instant`, and runs.
    package func set(to instant: Instant) async throws {
        try await write(
            """
            update demo_clock set shift_microseconds =
                \(instant.microseconds) - (extract(epoch from clock_timestamp()) * 1000000)::bigint
            """)
    }

    package func advance(seconds: Int64) async throws {
        let shift = try seconds.multiplied(by: Instant.microsecondsPerSecond)
        try await write(
            "update demo_clock set shift_microseconds = shift_microseconds + \(shift)")
    }

    /// What the market's clock shows.
    package func now() async throws -> Instant {
        try await owner.transaction { transaction in
            try await transaction.query("select market_now() as now").only().decode("now")
        }
    }

    private func write(_ query: Query) async throws {
        try await owner.transaction { transaction in _ = try await transaction.query(query) }
    }
}
