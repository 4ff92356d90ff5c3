import FoundationEssentials

package struct ClusterConfiguration: Sendable {
    /// Where the cluster is to lie; made if it is not there.
    package var folder: URL
    /// Settings of `postgresql.conf` beside and above our own.
    package var extraSettings: [String: String] = [:]
    /// The server ends, and the folder goes, when this process ends in whatever way: for tests.
    package var endsWithParent = false
    package var readinessTimeout: Duration = .seconds(60)
    /// Gets what is being done, in words for a person who waits.
    package var message: @Sendable (String) -> Void = { _ in }

    package init(folder: URL) {
        self.folder = folder
    }
}

/// A PostgreSQL server of the program's own, reached by a Unix socket only. The socket's folder has
/// mode 0700: who can open it is trusted.
package final class PrivateCluster: Sendable {
    /// Where the data really lies.
    package let folder: URL
    /// True when the server was found running, left behind by a program that was killed.
    package let wasAdopted: Bool
    private let place: ClusterFolder
    private let programs: String
    let lock: ClusterLock
    private let watcher: Watcher?
    package let address: ClusterAddress

    private init(
        _ place: ClusterFolder, programs: String, lock: ClusterLock, watcher: Watcher?,
        socket: String, wasAdopted: Bool
    ) {
        (self.place, self.programs, self.lock) = (place, programs, lock)
        (self.watcher, self.wasAdopted) = (watcher, wasAdopted)
        address = ClusterAddress(socket: socket)
        folder = place.base
    }

    /// Makes the cluster if there is none, starts it or adopts it as it runs, and waits until it
    /// answers. Throws `ClusterError`.
    package static func start(
        _ configuration: ClusterConfiguration
    ) async throws -> PrivateCluster {
        let programs = try await ServerPrograms.find()
        let message = configuration.message
        let place = try await ClusterFolder.choose(configuration.folder, message: message)
        let lock = try ClusterLock(path: place.lock)
        let starting = ClusterStart(
            place: place, programs: programs, configuration: configuration)
        let watcher =
            configuration.endsWithParent ? Watcher(place: place, programs: programs) : nil
        let (socket, wasAdopted) = try await starting.run()
        return PrivateCluster(
            place, programs: programs, lock: lock, watcher: watcher, socket: socket,
            wasAdopted: wasAdopted)
    }

    /// Whether a cluster was made for this folder, be it running or not. Makes nothing.
    package static func isMade(for folder: URL) async throws -> Bool {
        guard FileManager.default.fileExists(atPath: folder.path) else { return false }
        let place = try await ClusterFolder.choose(folder) { _ in }
        return FileManager.default.fileExists(atPath: place.data + "/PG_VERSION")
    }

    /// Ends the server as `pg_ctl stop -m fast` does: open transactions are rolled back.
    package func stop() async throws {
        let outcome = await Command(
            program: programs + "/pg_ctl",
            arguments: ["stop", "-D", place.data, "-m", "fast", "-w", "-t", "60"], user: place.user
        ).run()
        let isStopped = Postmaster(data: place.data).map { !$0.isAlive(data: place.data) } ?? true
        guard outcome?.status == 0 || isStopped else {
            throw ClusterError.failed("pg_ctl stop", output: outcome?.output ?? "")
        }
        await watcher?.end()
        lock.release()
    }

    /// A connection string of libpq for one of the cluster's databases.
    package func connectionString(
        database: String = "postgres", user: String = "postgres"
    ) -> String {
        address.connectionString(database: database, user: user)
    }

    /// A new database, as a copy of `template`, to which nobody may be connected.
    package func createDatabase(
        _ name: String, template: String? = nil, owner: String? = nil
    ) async throws {
        var sql = "create database \(Query.quoted(name))"
        if let template { sql += " template \(Query.quoted(template))" }
        if let owner { sql += " owner \(Query.quoted(owner))" }
        try await administrate(sql)
    }

    /// Gives a database, to which nobody may be connected, another name.
    package func renameDatabase(_ name: String, to new: String) async throws {
        try await administrate(
            "alter database \(Query.quoted(name)) rename to \(Query.quoted(new))")
    }

    /// Drops a database, and throws out who is connected to it.
    package func dropDatabase(_ name: String) async throws {
        try await administrate("drop database if exists \(Query.quoted(name)) with (force)")
    }

    /// Neither statement may run in a transaction or a pipeline.
    private func administrate(_ sql: String) async throws {
        var configuration = DatabaseConfiguration(connectionString())
        configuration.poolConnections = 1
        let pool = ConnectionPool(configuration)
        do {
            try await pool.withConnection { session in _ = try await session.script(sql) }
        } catch {
            await pool.close()
            throw error
        }
        await pool.close()
    }
}
