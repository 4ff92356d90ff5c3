import Foundation
import Testing

@testable import Postgres

@Suite struct PoolTests {
    @Test func aHundredCallersShareFourConnections() async throws {
        try await withDatabase { db in
            let backends = try await withThrowingTaskGroup(of: Int.self) { group in
                for caller in 0..<100 {
                    group.addTask {
                        try await db.transaction { tx in
                            let rows = try await tx.query("select \(caller), pg_backend_pid()")
                            let (answer, backend) = try rows.only().decode((Int, Int).self)
                            #expect(answer == caller)
                            let again = try await tx.query("select pg_backend_pid()").only()
                            #expect(try again.decode(0) == backend)
                            return backend
                        }
                    }
                }
                return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(backends.count <= 4)
        }
    }

    @Test func pastTheDeadlineTheConnectionIsDroppedAndThePoolWorks() async throws {
        try await withDatabase(configure: { $0.poolConnections = 1 }) { db in
            try await db.write(["create table t (n int8)"])
            let begin = ContinuousClock.now
            let error = await failure {
                try await db.transaction(within: .milliseconds(200)) { tx in
                    try await tx.execute("insert into t values (1)")
                    try await tx.query("select pg_sleep(30)")
                }
            }
            #expect(error == .deadlineExceeded)
            #expect(ContinuousClock.now - begin < .seconds(2))
            try await db.transaction { tx in
                let row = try await tx.query("select count(*) from t").only()
                #expect(try row.decode(0, as: Int.self) == 0)
            }
            // The server itself notices within a second or so that nobody listens any more.
            var running = 1
            for _ in 0..<60 where running > 0 {
                try await Task.sleep(for: .milliseconds(100))
                running = try await db.read([
                    """
                    select count(*) from pg_stat_activity where datname = current_database()
                    and state = 'active' and query like '%pg_sleep(30)%'
                    and pid <> pg_backend_pid()
                    """
                ]).only().decode(0)
            }
            #expect(running == 0)
        }
    }

    @Test func whoWaitsTooLongForAConnectionGoes() async throws {
        try await withDatabase(configure: { $0.poolConnections = 1 }) { db in
            let held = Task {
                try await db.transaction { tx in
                    try await tx.query("select pg_sleep(3)")
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            let late = await failure {
                try await db.transaction(within: .milliseconds(100)) { tx in
                    try await tx.query("select 1")
                }
            }
            #expect(late == .deadlineExceeded)
            let cancelled = Task {
                try await db.transaction { tx in try await tx.query("select 1") }
            }
            try await Task.sleep(for: .milliseconds(50))
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            _ = try await held.value
            try await db.transaction { tx in try await tx.query("select 1") }
        }
    }

    @Test func theQueueIsFair() async throws {
        try await withDatabase(configure: { $0.poolConnections = 1 }) { db in
            let order = Log()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for n in 0..<8 {
                    group.addTask {
                        try await db.transaction { tx in
                            order.append(n)
                            try await tx.query("select pg_sleep(0.05)")
                        }
                    }
                    try await Task.sleep(for: .milliseconds(10))
                }
                try await group.waitForAll()
            }
            #expect(order.entries == Array(0..<8))
        }
    }

    @Test func aCancelledTransactionIsRolledBackAndItsConnectionClean() async throws {
        try await withDatabase(configure: { $0.poolConnections = 1 }) { db in
            try await db.write(["create table t (n int8)"])
            for statement in ["select pg_sleep(10)", "select 1"] {
                let task = Task {
                    try await db.transaction { tx in
                        try await tx.execute("insert into t values (1)")
                        try await tx.query(Query(stringLiteral: statement))
                        try await Task.sleep(for: .seconds(10))
                    }
                }
                try await Task.sleep(for: .milliseconds(100))
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                try await db.transaction { tx in
                    let rows = try await tx.each([
                        "select count(*) from t", "select txid_current()",
                    ])
                    #expect(try rows[0].only().decode(0, as: Int.self) == 0)
                }
            }
        }
    }

    @Test func aBorrowedConnectionComesBackAsItWas() async throws {
        try await withDatabase(configure: { $0.poolConnections = 1 }) { db in
            try await db.pool.withConnection { session in
                try await session.script("set app.organisation = 'left over'; begin")
                try await session.query("select pg_advisory_lock(1)")
                try await session.query("create temporary table leftover (n int8)")
            }
            try await db.pool.withConnection { session in
                let row = try await session.query(
                    """
                    select coalesce(current_setting('app.organisation', true), ''),
                    to_regclass('leftover') is null, (select count(*) from pg_locks
                    where locktype = 'advisory' and pid = pg_backend_pid()),
                    current_setting('statement_timeout')
                    """
                ).only()
                let found = try row.decode((String, Bool, Int, String).self)
                #expect(found == ("", true, 0, "1min"))
            }
        }
    }

    @Test func aFailedTransactionLeavesItsConnectionClean() async throws {
        try await withDatabase(configure: { $0.poolConnections = 1 }) { db in
            for _ in 0..<3 {
                let error = await failure {
                    try await db.transaction { tx in
                        try await tx.query("select set_config('app.organisation', 'a', true)")
                        try await tx.query("select 1 / 0")
                    }
                }
                #expect(error?.state == "22012")
                try await db.transaction { tx in
                    let row = try await tx.query(
                        "select coalesce(current_setting('app.organisation', true), '')"
                    ).only()
                    #expect(try row.decode(0, as: String.self) == "")
                }
            }
        }
    }

    @Test func closingEndsThoseWhoWait() async throws {
        try await withDatabase(configure: { $0.poolConnections = 1 }) { db in
            try await db.transaction { tx in try await tx.query("select 1") }
            await db.close()
            let error = await failure {
                try await db.transaction { tx in try await tx.query("select 1") }
            }
            #expect(error == .ended)
        }
    }

    /// The first statement, and BEGIN with it, was given up before it was sent.
    @Test func nothingRunsWithoutItsBegin() async throws {
        try await withDatabase(configure: { $0.poolConnections = 1 }) { db in
            try await db.write(["create table t (n int8)"])
            try await db.transaction { tx in try await tx.query("select 1") }
            let error = await failure {
                try await db.transaction(retries: 0) { tx in
                    _ = try? await tx.query("select 1", within: .zero)
                    try await tx.execute("insert into t values (1)")
                }
            }
            guard case .connectionLost = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try await db.read(["select n from t"]).isEmpty)
        }
    }
}
