import Foundation
import Testing

@testable import Postgres

@Suite struct TransactionTests {
    @Test func itCommitsOrLeavesNothing() async throws {
        struct Refusal: Error {}
        try await withDatabase { db in
            try await db.write(["create table t (n int8)"])
            let n: Int = try await db.transaction { tx in
                try await tx.query("insert into t values (\(1)) returning n").only().decode(0)
            }
            #expect(n == 1)
            await #expect(throws: Refusal.self) {
                try await db.transaction { tx in
                    try await tx.execute("insert into t values (2)")
                    throw Refusal()
                }
            }
            let swallowed = await failure {
                try await db.transaction { tx in
                    try await tx.execute("insert into t values (3)")
                    _ = try? await tx.query("select 1 / 0")
                }
            }
            #expect(swallowed == .rolledBack)
            let rows = try await db.read(["select n from t"])
            #expect(try rows.map { try $0.decode(0, as: Int.self) } == [1])
        }
    }

    @Test func optionsReachTheServer() async throws {
        try await withDatabase { db in
            let options = TransactionOptions(isolation: .serializable, readOnly: true)
            try await db.transaction(options) { tx in
                let rows = try await tx.each([
                    "show transaction_isolation", "show transaction_read_only",
                ])
                #expect(try rows[0].only().decode(0, as: String.self) == "serializable")
                #expect(try rows[1].only().decode(0, as: String.self) == "on")
            }
            let error = await failure {
                try await db.transaction(options) { tx in
                    try await tx.execute("create table t (n int8)")
                }
            }
            #expect(error?.state == .readOnlyTransaction)
        }
    }

    @Test func aTransactionThatHasEndedIsOfNoUse() async throws {
        try await withDatabase { db in
            let kept = try await db.transaction { tx in
                try await tx.query("select 1")
                return tx
            }
            #expect(await failure { try await kept.query("select 1") } == .ended)
        }
    }

    @Test func theServersErrorComesWithItsParts() async throws {
        try await withDatabase { db in
            try await db.write(["create table t (n int8 constraint positive check (n > 0))"])
            let error = await failure { try await db.write(["insert into t values (\(-1))"]) }
            guard case .server(let server) = error else {
                Issue.record("not refused")
                return
            }
            #expect(server.state == .checkViolation)
            #expect(server.constraint == "positive")
            #expect(server.table == "t")
            let ours = await failure {
                try await db.write([
                    """
                    do $$ begin raise exception 'no such credential' using errcode = 'AK401',
                    detail = 'd', hint = 'h'; end $$
                    """
                ])
            }
            guard case .server(let raised) = ours else {
                Issue.record("not raised")
                return
            }
            #expect(raised.state.ourNumber == 401)
            #expect(
                (raised.message, raised.detail, raised.hint) == ("no such credential", "d", "h"))
        }
    }

    @Test func serializationFailuresRunAgain() async throws {
        try await withDatabase { db in
            try await db.write(["create table t (n int8)"])
            try await db.write(["insert into t values (0)"])
            let attempts = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await db.transaction(.init(isolation: .serializable), retries: 30) {
                            tx in
                            attempts.add()
                            let n: Int = try await tx.query("select n from t").only().decode(0)
                            try await Task.sleep(for: .milliseconds(10))
                            try await tx.execute("update t set n = \(n + 1)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await db.read(["select n from t"]).only().decode(0, as: Int.self) == 4)
            #expect(attempts.count > 4)
        }
    }

    @Test func withoutRetriesTheFailureIsTheCallers() async throws {
        try await withDatabase { db in
            try await db.write(["create table t as select 0::int8 as n"])
            let error = await failure {
                try await db.transaction(.init(isolation: .repeatableRead), retries: 0) { tx in
                    try await tx.query("select n from t")
                    try await db.write(["update t set n = n + 1"])
                    try await tx.execute("update t set n = n + 1")
                }
            }
            #expect(error?.state == .serializationFailure)
        }
    }

    @Test func deadlocksRunAgain() async throws {
        try await withDatabase { db in
            try await db.write(["create table t (id int8 primary key, n int8 default 0)"])
            try await db.write(["insert into t (id) values (1), (2)"])
            let attempts = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for order in [[1, 2], [2, 1]] {
                    group.addTask {
                        try await db.transaction(retries: 10) { tx in
                            attempts.add()
                            for id in order {
                                try await tx.execute("update t set n = n + 1 where id = \(id)")
                                try await Task.sleep(for: .milliseconds(60))
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await db.read(["select sum(n)::int8 from t"]).only().decode(0) == 4)
            #expect(attempts.count > 2)
        }
    }

    @Test func transactionsOutliveKilledBackends() async throws {
        try await withDatabase { db in
            try await db.write(["create table t as select 0::int8 as n"])
            let unknown = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        do {
                            try await db.transaction(retries: 50) { tx in
                                try await tx.execute("update t set n = n + 1")
                                try await Task.sleep(for: .milliseconds(5))
                            }
                        } catch PostgresError.outcomeUnknown {
                            unknown.add()
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<5 {
                        try await Task.sleep(for: .milliseconds(30))
                        _ = try? await db.pipeline.read([killOthers])
                    }
                }
                try await group.waitForAll()
            }
            let n: Int = try await db.read(["select n from t"]).only().decode(0)
            let lost = unknown.count
            #expect(n <= 20 && n >= 20 - lost)
        }
    }

    @Test func aWarningAtCommitMakesTheOutcomeUnknown() async throws {
        try await withDatabase { db in
            try await db.pool.withConnection { session in
                try await session.script(
                    """
                    create table t (n int8);
                    create function warn() returns trigger language plpgsql as
                        $$ begin raise warning 'canceling the wait'; return null; end $$;
                    create constraint trigger late after insert on t
                        deferrable initially deferred for each row execute function warn()
                    """)
            }
            let error = await failure {
                try await db.transaction { tx in try await tx.execute("insert into t values (1)") }
            }
            #expect(error == .outcomeUnknown(.notReplicated("canceling the wait")))
            try await db.transaction { tx in try await tx.query("select 1") }
        }
    }

    /// The real thing, for both ways in: a standby that does not exist, and a wait cancelled.
    @Test func aCommitThatNoStandbyConfirmsIsUnknown() async throws {
        let cluster = try await TestCluster.start("standby")
        try await withDatabase(
            on: cluster,
            configure: { $0.connection += " options='-c synchronous_commit=local'" }
        ) { db in
            try await db.write(["create table t (n int8)"])
            try await requireStandby("'nobody'", db)
            for isPipelined in [true, false] {
                async let outcome = failure { try await insertDurably(db, isPipelined) }
                for _ in 0..<100 {
                    try await Task.sleep(for: .milliseconds(50))
                    let cancelled: Query = """
                        select pg_cancel_backend(pid) from pg_stat_activity
                        where wait_event = 'SyncRep'
                        """
                    if try await !db.read([cancelled]).isEmpty { break }
                }
                guard case .outcomeUnknown(.notReplicated) = await outcome else {
                    Issue.record("acknowledged")
                    continue
                }
            }
            try await requireStandby("default", db)
        }
        try await cluster.stop()
    }

    private func requireStandby(_ name: String, _ db: Database) async throws {
        try await db.pool.withConnection { session in
            try await session.script("alter system set synchronous_standby_names = \(name)")
            try await session.script("select pg_reload_conf(), pg_sleep(0.5)")
        }
    }

    /// A commit that waits for the standby.
    private func insertDurably(_ db: Database, _ isPipelined: Bool) async throws {
        let wait: Query = "select set_config('synchronous_commit', 'on', true)"
        if isPipelined {
            try await db.write([wait, "insert into t values (1)"])
        } else {
            try await db.transaction { tx in
                try await tx.each([wait, "insert into t values (1)"])
            }
        }
    }
}
