import Foundation
import Testing

@testable import Postgres

@Suite struct MigratorTests {
    /// Folders of SQL in a place of their own, removed afterwards.
    private final class Folders {
        let url = TestCluster.folder("migrations")

        deinit { try? FileManager.default.removeItem(at: url) }

        func write(_ name: String, up: String, after: String? = nil) throws {
            let place = url.appending(path: name)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try Data(up.utf8).write(to: place.appending(path: "up.sql"))
            if let after { try Data(after.utf8).write(to: place.appending(path: "after.sql")) }
        }
    }

    private func migrate(_ folders: Folders, _ db: Database) async throws -> [String] {
        try await Migrator(folder: folders.url).migrate(db.pool).map(\.name)
    }

    /// The case and the folder of the error, without what the server said.
    private func refusal(_ folders: Folders, _ db: Database) async -> String {
        do {
            return "applied \(try await migrate(folders, db))"
        } catch let error as MigrationError {
            return switch error {
            case .changed(let name): "changed \(name)"
            case .missing(let name): "missing \(name)"
            case .outOfOrder(let name): "out of order \(name)"
            case .badName(let name): "bad name \(name)"
            case .duplicate(let name): "duplicate \(name)"
            case .unreadable: "unreadable"
            case .failed(let name, let error): "failed \(name) \(error.state?.rawValue ?? "")"
            case .checkFailed(let name, let rows): "check failed \(name) \(rows)"
            case .endedTransaction(let name): "ended \(name)"
            }
        } catch {
            return "\(error)"
        }
    }

    @Test func foldersAreAppliedOnceAndInOrder() async throws {
        try await withDatabase { db in
            let folders = Folders()
            try folders.write(
                "0002_b", up: "insert into a values (1); insert into a values (2)",
                after: "select n from a where n > 2")
            try folders.write("0001_a", up: "create table a (n int8)")
            #expect(try await migrate(folders, db) == ["0001_a", "0002_b"])
            #expect(try await migrate(folders, db) == [])
            try folders.write(
                "0003_c", up: "create function f() returns int language sql as 'select 1;'")
            #expect(try await migrate(folders, db) == ["0003_c"])
            let rows = try await db.read(["select number, name from schema_migration order by 1"])
            #expect(try rows.map { try $0.decode(0, as: Int.self) } == [1, 2, 3])
        }
    }

    @Test func whatCannotBeIsRefusedByName() async throws {
        try await withDatabase { db in
            let folders = Folders()
            try folders.write("0002_a", up: "create table a (n int8)")
            #expect(await refusal(folders, db) == #"applied ["0002_a"]"#)

            try folders.write("0002_a", up: "create table a (n int4)")
            #expect(await refusal(folders, db) == "changed 0002_a")
            try folders.write("0002_a", up: "create table a (n int8)", after: "select 1 limit 0")
            #expect(await refusal(folders, db) == "changed 0002_a")

            let older = Folders()
            try older.write("0003_b", up: "select 1")
            #expect(await refusal(older, db) == "missing 0002_a")

            let late = Folders()
            try late.write("0002_a", up: "create table a (n int8)")
            try late.write("0001_z", up: "select 1")
            #expect(await refusal(late, db) == "out of order 0001_z")

            let bad = Folders()
            try bad.write("2_a", up: "")
            #expect(await refusal(bad, db) == "bad name 2_a")
            let twice = Folders()
            try twice.write("0002_a", up: "")
            try twice.write("0002_b", up: "")
            #expect(await refusal(twice, db) == "duplicate 0002_b")
            #expect(await refusal(Folders(), db) == "unreadable")
        }
    }

    @Test func aFailureLeavesNothingBehind() async throws {
        try await withDatabase { db in
            let cases: [(up: String, after: String, refusal: String)] = [
                ("create table t (n int8); select 1 / 0", "", "failed 0001_t 22012"),
                ("create table t (n int8)", "select 1 union select 2", "check failed 0001_t 2"),
                (
                    "create table t (n int8)",
                    "do $$ begin raise exception 'no' using errcode = 'AK900'; end $$",
                    "failed 0001_t AK900"
                ),
                ("rollback; create table if not exists u (n int8)", "", "ended 0001_t"),
            ]
            for (up, after, expected) in cases {
                let folders = Folders()
                try folders.write("0001_t", up: up, after: after)
                #expect(await refusal(folders, db) == expected)
                let left = try await db.read([
                    "select to_regclass('t') is null, (select count(*) from schema_migration)"
                ]).only()
                #expect(try left.decode((Bool, Int).self) == (true, 0))
            }
        }
    }

    @Test func twoProgramsMigrateOnce() async throws {
        try await withDatabase { db in
            let folders = Folders()
            try folders.write("0001_a", up: "create table a (n int8); select pg_sleep(0.1)")
            let migrator = try Migrator(folder: folders.url)
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 { group.addTask { try await migrator.migrate(db.pool).count } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.sorted() == [0, 0, 1])
        }
    }
}
