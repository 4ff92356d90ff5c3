import Foundation
import Testing

@testable import Postgres

@Suite struct ClusterTests {
    /// A folder whose server ends, and which goes, with the test or with its process.
    private func withFolder(
        _ name: String, _ body: (ClusterConfiguration, ClusterFolder) async throws -> Void
    ) async throws {
        var configuration = ClusterConfiguration(folder: TestCluster.folder(name))
        configuration.extraSettings = ["fsync": "off", "shared_buffers": "16MB"]
        let place = try await ClusterFolder.choose(configuration.folder) { _ in }
        let watcher = try #require(
            Watcher(place: place, programs: try await ServerPrograms.find()))
        do {
            try await body(configuration, place)
            await watcher.end()
        } catch {
            await watcher.end()
            throw error
        }
        #expect(!FileManager.default.fileExists(atPath: place.base.path))
    }

    private func run(_ script: String, on cluster: PrivateCluster) async throws -> [String?] {
        let db = Database(DatabaseConfiguration(cluster.connectionString()))
        let rows = try await db.pool.withConnection { try await $0.script(script) }
        await db.close()
        return try rows.last?.map { try $0.decode(0) } ?? []
    }

    @Test(arguments: ["plain", "with a space", "it's", String(repeating: "long", count: 30)])
    func aRestartKeepsTheData(_ name: String) async throws {
        try await withFolder(name) { configuration, place in
            let first = try await PrivateCluster.start(configuration)
            #expect(!first.wasAdopted)
            _ = try await run("create table t as select 'kept' as v", on: first)
            try await first.stop()
            #expect(Postmaster(data: place.data) == nil)
            let second = try await PrivateCluster.start(configuration)
            #expect(try await run("select v from t", on: second) == ["kept"])
            let settings = try await run(
                "select name || '=' || setting from pg_settings where name in ('listen_addresses',"
                    + " 'data_checksums', 'shared_buffers', 'TimeZone') order by name",
                on: second)
            #expect(
                settings == [
                    "TimeZone=UTC", "data_checksums=on", "listen_addresses=", "shared_buffers=2048",
                ])
            var entry = stat()
            #expect(stat(place.socket, &entry) == 0)
            #expect(entry.st_mode & 0o777 == 0o700)
            #expect(place.socket.utf8.count + "/.s.PGSQL.5432".utf8.count <= 107)
            try await second.stop()
        }
    }

    @Test func twoProgramsNeverStartOneCluster() async throws {
        try await withFolder("two") { configuration, _ in
            let first = try await PrivateCluster.start(configuration)
            await #expect(throws: ClusterError.inUse(pid: getpid())) {
                try await PrivateCluster.start(configuration)
            }
            try await first.stop()
        }
    }

    /// The kernel lets go of a killed owner's lock, and the server runs on.
    @Test func aServerLeftBehindIsAdopted() async throws {
        try await withFolder("adopted") { configuration, place in
            let owner = try await PrivateCluster.start(configuration)
            _ = try await run("create table t as select 'kept' as v", on: owner)
            let pid = Postmaster(data: place.data)?.pid
            owner.lock.release()
            let heir = try await PrivateCluster.start(configuration)
            #expect(heir.wasAdopted)
            #expect(Postmaster(data: place.data)?.pid == pid)
            #expect(try await run("select v from t", on: heir) == ["kept"])
            try await heir.stop()
        }
    }

    @Test func aPidFileLeftBehindIsNoObstacle() async throws {
        try await withFolder("stale") { configuration, place in
            let first = try await PrivateCluster.start(configuration)
            _ = try await run("create table t as select 'kept' as v", on: first)
            let left = try String(contentsOfFile: place.data + "/postmaster.pid", encoding: .utf8)
            try await first.stop()

            // A number that another process, this one, has got meanwhile.
            let lines = left.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
            let stale = ["\(getpid())"] + lines.map(String.init)
            try stale.joined(separator: "\n")
                .write(toFile: place.data + "/postmaster.pid", atomically: false, encoding: .utf8)
            let second = try await PrivateCluster.start(configuration)
            #expect(!second.wasAdopted)

            // A server that was killed, and whose children are still there for a moment.
            kill(try #require(Postmaster(data: place.data)).pid, SIGKILL)
            second.lock.release()
            let third = try await PrivateCluster.start(configuration)
            #expect(!third.wasAdopted)
            #expect(try await run("select v from t", on: third) == ["kept"])
            try await third.stop()
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root runs PostgreSQL as another user"))
    func aFolderThatTheServerCannotEnterIsReplaced() async throws {
        let closed = TestCluster.folder("closed")
        try FileManager.default.createDirectory(
            at: closed, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: closed) }
        let told = Log()
        let wanted = closed.appending(path: "var")
        let place = try await ClusterFolder.choose(wanted) { _ in told.append(1) }
        defer { try? FileManager.default.removeItem(at: place.base) }
        #expect(place.base.path == "/var/lib/aikatori/\(ClusterFolder.key(of: wanted.path))")
        #expect(told.entries == [1])
    }

    @Test func databasesAreMadeFromTemplates() async throws {
        let cluster = try await TestCluster.shared.value
        try await cluster.createDatabase("first template")
        let config = DatabaseConfiguration(cluster.connectionString(database: "first template"))
        let db = Database(config)
        try await db.write(["create table t as select 1 as n"])
        await db.close()
        try await cluster.createDatabase("copy", template: "first template")
        let again = await failure { try await cluster.createDatabase("copy") }
        #expect(again?.state == .duplicateDatabase)
        let copy = Database(DatabaseConfiguration(cluster.connectionString(database: "copy")))
        #expect(try await copy.read(["select n from t"]).count == 1)
        // Dropped although someone is connected.
        try await cluster.dropDatabase("copy")
        await copy.close()
        try await cluster.dropDatabase("first template")
    }
}
