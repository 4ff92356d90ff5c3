import Foundation
import Testing

@testable import Postgres

@Suite struct PipelineTests {
    @Test func eachOfAHundredCallersGetsItsOwnAnswer() async throws {
        try await withDatabase(configure: { $0.pipelineConnections = 4 }) { db in
            let sums = try await withThrowingTaskGroup(of: (Int, Int, Int).self) { group in
                for caller in 0..<100 {
                    group.addTask {
                        var sum = 0
                        for call in 0..<20 {
                            let row = try await db.read(["select \(caller * 1000 + call)"]).only()
                            sum += try row.decode(0, as: Int.self)
                        }
                        let backend = try await db.read(["select pg_backend_pid()"]).only()
                        return (caller, sum, try backend.decode(0))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(sums.count == 100)
            for (caller, sum, _) in sums { #expect(sum == caller * 20_000 + 190) }
            #expect(Set(sums.map { $0.2 }).count <= 4)
        }
    }

    @Test func anErrorFailsItsOwnSegmentOnly() async throws {
        try await withDatabase(configure: { $0.pipelineConnections = 1 }) { db in
            try await db.write(["create table t (n int8 primary key)"])
            let outcomes = await withTaskGroup(of: (Int, SQLState?).self) { group in
                for n in 0..<60 {
                    group.addTask {
                        let error = await failure {
                            try await db.write([
                                "insert into t values (\(n))",
                                "select 1 / (case when \(n % 3) = 0 then 0 else 1 end)",
                            ])
                        }
                        return (n, error?.state)
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for (n, state) in outcomes { #expect(state == (n % 3 == 0 ? "22012" : nil)) }
            let stored = try await db.read(["select count(*), min(n) from t"]).only()
            #expect(try stored.decode((Int, Int).self) == (40, 1))
        }
    }

    /// A deferred constraint refuses at the end of a segment, when all its statements have been
    /// answered: nothing was written, and everybody else still gets what is theirs.
    @Test func anErrorAtTheEndFailsItsOwnSegmentOnly() async throws {
        try await withDatabase(configure: { $0.pipelineConnections = 1 }) { db in
            try await db.write([
                "create table t (n int8 unique deferrable initially deferred)"
            ])
            try await db.write(["insert into t values (0)"])
            let outcomes = await withTaskGroup(of: (Int, SQLState?, Int?).self) { group in
                for n in 1...60 {
                    group.addTask {
                        let isTwice = n % 3 == 0
                        do {
                            let rows = try await db.write([
                                "insert into t values (case when \(isTwice) then 0 else \(n) end)",
                                "select \(n)::int8",
                            ])
                            return (n, nil, try rows.only().decode(0))
                        } catch {
                            return (n, (error as? PostgresError)?.state, nil)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for (n, state, answer) in outcomes {
                #expect(state == (n % 3 == 0 ? .uniqueViolation : nil))
                #expect(answer == (n % 3 == 0 ? nil : n))
            }
            let stored = try await db.read(["select count(*) from t"]).only()
            #expect(try stored.decode(0, as: Int.self) == 41)
        }
    }

    @Test func settingsDoNotReachTheNextSegment() async throws {
        try await withDatabase(configure: { $0.pipelineConnections = 1 }) { db in
            let seen = try await withThrowingTaskGroup(of: (Int, String, String?).self) { group in
                for n in 0..<40 {
                    group.addTask {
                        if n % 2 == 0 {
                            let row = try await db.read([
                                "select set_config('app.organisation', \("org\(n)"), true)",
                                "select current_setting('app.organisation', true)",
                            ]).only()
                            return (n, "org\(n)", try row.decode(0))
                        }
                        let row = try await db.read([
                            "select current_setting('app.organisation', true)"
                        ]).only()
                        return (n, "", try row.decode(0))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for (_, expected, found) in seen { #expect((found ?? "") == expected) }
        }
    }

    @Test func aRefusedStatementInFrontDoesNotSpoilAPreparedOne() async throws {
        try await withDatabase(configure: { $0.pipelineConnections = 1 }) { db in
            let shared: Query = "select 'answer of ' || \(7)::text"
            let answers = await withTaskGroup(of: (Bool, String?).self) { group in
                for n in 0..<20 {
                    group.addTask {
                        let segment: Segment = n < 10 ? ["select 1 / 0", shared] : [shared]
                        let text = try? await db.read(segment).only().decode(0, as: String.self)
                        return (n < 10, text)
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for (isRefused, text) in answers { #expect(text == (isRefused ? nil : "answer of 7")) }
            let error = await failure { try await db.read(["select from nowhere"]) }
            #expect(error?.state == .undefinedTable)
        }
    }

    @Test func statementsArePreparedOnceAndWithinABound() async throws {
        try await withDatabase(configure: {
            $0.pipelineConnections = 1
            $0.preparedStatements = 8
        }) { db in
            for n in 0..<5 { _ = try await db.read(["select \(n) + 1"]) }
            let names: Query = "select name, statement from pg_prepared_statements"
            let rows = try await db.read([names])
            let texts = try rows.map { try $0.decode("statement", as: String.self) }
            #expect(texts.filter { $0 == "select $1 + 1" }.count == 1)
            for n in 0..<40 { _ = try await db.read(["select \(n) as \(trusted: "c\(n)")"]) }
            #expect(try await db.read([names]).count <= 10)
            #expect(try await db.read([names.unprepared()]).count <= 10)
        }
    }

    @Test func aChangedTableDoesNotBreakWhatWasPrepared() async throws {
        try await withDatabase { db in
            try await db.write(["create table t as select 1 as a"])
            for _ in 0..<4 { #expect(try await db.read(["select * from t"]).columns == ["a"]) }
            try await db.write(["alter table t add b text"])
            for _ in 0..<4 {
                #expect(try await db.read(["select * from t"]).columns == ["a", "b"])
            }
            try await db.transaction { tx in
                let rows = try await tx.query("select * from t")
                #expect(rows.columns == ["a", "b"])
            }
        }
    }

    @Test func aCallerWhoseTimeHasPassedGoesAndTheOthersStay() async throws {
        try await withDatabase(configure: {
            $0.pipelineConnections = 1
            $0.statementTimeout = .milliseconds(400)
        }) { db in
            _ = try await db.read(["select 1"])
            let begin = ContinuousClock.now
            async let slow = failure {
                try await db.read(["select pg_sleep(5)"], within: .milliseconds(100))
            }
            async let write = failure {
                try await db.write(["select pg_sleep(6)"], within: .milliseconds(100))
            }
            try await Task.sleep(for: .milliseconds(20))
            let answer = try await db.read(["select 'still here'"]).only()
            #expect(try answer.decode(0, as: String.self) == "still here")
            #expect(await slow == .deadlineExceeded)
            let written = await write
            #expect(written == .outcomeUnknown(.deadline) || written == .deadlineExceeded)
            #expect(ContinuousClock.now - begin < .seconds(3))
            let ended = await failure { try await db.read(["select pg_sleep(5)"]) }
            #expect(ended?.state == .queryCanceled)
        }
    }

    @Test func aCancelledCallerGoesAtOnce() async throws {
        try await withDatabase { db in
            _ = try await db.read(["select 1"])
            let task = Task { try await db.read(["select pg_sleep(3)"]) }
            try await Task.sleep(for: .milliseconds(50))
            let begin = ContinuousClock.now
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(ContinuousClock.now - begin < .seconds(1))
            #expect(try await db.read(["select 1"]).count == 1)
        }
    }

    @Test func readersOutliveTheirBackends() async throws {
        try await withDatabase(configure: { $0.pipelineConnections = 4 }) { db in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<100 {
                    group.addTask {
                        for call in 0..<30 {
                            let sent = caller * 100 + call
                            let row = try await db.read([
                                "select \(sent), pg_sleep(0.0002)"
                            ]).only()
                            #expect(try row.decode(0, as: Int.self) == sent)
                        }
                    }
                }
                group.addTask {
                    // one fewer than the times that a read is sent: none can lose them all
                    for _ in 0..<4 {
                        try await Task.sleep(for: .milliseconds(80))
                        try await db.transaction { tx in _ = try await tx.query(killOthers) }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func aWriteUnderAKilledBackendIsNeverReportedAsRefused() async throws {
        try await withDatabase(configure: { $0.pipelineConnections = 2 }) { db in
            try await db.write(["create table t (n int8 primary key)"])
            typealias Outcome = (n: Int, error: PostgresError?)
            let outcomes = try await withThrowingTaskGroup(of: Outcome?.self) { group in
                for n in 0..<400 {
                    group.addTask {
                        try await Task.sleep(for: .microseconds(n * 1500))
                        return (
                            n, await failure { try await db.write(["insert into t values (\(n))"]) }
                        )
                    }
                }
                group.addTask {
                    for _ in 0..<10 {
                        try await Task.sleep(for: .milliseconds(50))
                        try await db.transaction { tx in _ = try await tx.query(killOthers) }
                    }
                    return nil
                }
                return try await group.reduce(into: [Outcome]()) { all, one in
                    if let one { all.append(one) }
                }
            }
            let rows = try await db.read(["select n from t"])
            let stored = Set(try rows.map { try $0.decode(0, as: Int.self) })
            for (n, error) in outcomes {
                switch error {
                case nil: #expect(stored.contains(n))
                case .connectionLost: #expect(!stored.contains(n))
                case .outcomeUnknown: break
                default: Issue.record("\(n): \(String(describing: error))")
                }
            }
        }
    }

    @Test func withoutAServerTheCallerLearnsWhy() async throws {
        var configuration = DatabaseConfiguration("host=/nowhere dbname=x user=x")
        configuration.callDeadline = .milliseconds(300)
        let db = Database(configuration)
        guard
            case .connectionFailed(let reason) = await failure({ try await db.read(["select 1"]) })
        else {
            Issue.record("another error")
            return
        }
        #expect(reason.contains("/nowhere"))
        await db.close()
        #expect(await failure { try await db.read(["select 1"]) } == .ended)
    }

    @Test func emptySegmentsAreRefused() async throws {
        try await withDatabase { db in
            #expect(await failure { try await db.read([]) } != nil)
        }
    }
}

/// Ends every other connection to the same database.
let killOthers: Query = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
    """
