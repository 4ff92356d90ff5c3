import FoundationEssentials
import Glibc

/// The steps from a folder to a server that answers.
struct ClusterStart: Sendable {
    let place: ClusterFolder
    let programs: String
    let configuration: ClusterConfiguration

    /// The folder of the server's socket, and whether the server ran already.
    func run() async throws -> (socket: String, wasAdopted: Bool) {
        if let running = Postmaster(data: place.data), running.isAlive(data: place.data) {
            configuration.message("PostgreSQL is still running (process \(running.pid))")
            if try await waitUntilReady() {
                let socket = Postmaster(data: place.data)?.socket ?? running.socket
                return (socket, true)
            }
        }
        if !FileManager.default.fileExists(atPath: place.data + "/PG_VERSION") {
            try await initialise()
        }
        try writeSettings()
        // After a kill of the server its children may hold on for a moment: it is tried again.
        let end = Deadline.now + configuration.readinessTimeout
        repeat {
            try removeStalePid()
            configuration.message("starting PostgreSQL")
            try await command(
                "pg_ctl", ["start", "-D", place.data, "-l", place.log, "-W", "-s"])
            if try await waitUntilReady() { return (place.socket, false) }
            try await Task.sleep(for: .milliseconds(200))
        } while Deadline.now < end
        throw ClusterError.notReady(log: endOfLog())
    }

    /// Makes the data folder under another name first, so that half of one is never started.
    private func initialise() async throws {
        configuration.message("making a PostgreSQL cluster in \(place.base.path)")
        let fresh = place.data + ".new"
        // An initdb whose program was killed may still be writing there.
        let end = Deadline.now + configuration.readinessTimeout
        while FileManager.default.fileExists(atPath: fresh), Deadline.now < end {
            try? FileManager.default.removeItem(atPath: fresh)
            try await Task.sleep(for: .milliseconds(100))
        }
        guard mkdir(fresh, 0o700) == 0 else { throw ClusterError.folder(fresh, "cannot be made") }
        if let user = place.user, chown(fresh, user.uid, user.gid) != 0 {
            throw ClusterError.folder(fresh, "cannot be given to PostgreSQL's user")
        }
        var arguments = [
            "-D", fresh, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums",
            "--auth=trust", "--no-instructions",
        ]
        if configuration.endsWithParent { arguments.append("--no-sync") }
        try await command("initdb", arguments)
        guard rename(fresh, place.data) == 0 else {
            throw ClusterError.folder(place.data, "cannot be made")
        }
    }

    @discardableResult
    private func command(_ program: String, _ arguments: [String]) async throws -> String {
        let outcome = await Command(
            program: "\(programs)/\(program)", arguments: arguments, user: place.user
        ).run()
        guard let outcome, outcome.status == 0 else {
            throw ClusterError.failed(program, output: outcome?.output ?? "could not be started")
        }
        return outcome.output
    }

    /// Our settings, and who may come in: only through the socket, whose folder is the guard.
    private func writeSettings() throws {
        var settings = [
            "listen_addresses": "",
            "port": "5432",
            "unix_socket_directories": "\"\(place.socket)\"",
            "unix_socket_permissions": "0700",
            "hba_file": place.data + "/aikatori_hba.conf",
            "max_connections": "100",
            "shared_buffers": "256MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            // Statements are short: compiling them takes longer than running them.
            "jit": "off",
            // Projections are rewritten all day long.
            "autovacuum_naptime": "15s",
            "autovacuum_vacuum_scale_factor": "0.05",
            "autovacuum_vacuum_cost_delay": "1ms",
            "max_wal_size": "2GB",
            // Values bound to parameters stay out of the log.
            "log_parameter_max_length_on_error": "0",
        ]
        settings.merge(configuration.extraSettings) { $1 }
        let lines = settings.sorted { $0.key < $1.key }.map { name, value in
            let escaped = value.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "''")
            return "\(name) = '\(escaped)'\n"
        }
        try write(lines.joined(), to: "aikatori.conf")
        try write("local all all trust\nlocal replication all trust\n", to: "aikatori_hba.conf")
        let main = place.data + "/postgresql.conf"
        let text = (try? String(contentsOfFile: main, encoding: .utf8)) ?? ""
        let line = "include 'aikatori.conf'"
        if !text.contains(line) { try write(text + "\n\(line)\n", to: "postgresql.conf") }
    }

    private func write(_ text: String, to name: String) throws {
        let path = "\(place.data)/\(name)"
        let bytes = Array(text.utf8)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        defer { close(descriptor) }
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
            place.user.map({ fchown(descriptor, $0.uid, $0.gid) == 0 }) ?? true
        else { throw ClusterError.folder(path, "cannot be written") }
    }

    /// The server believes a pid file whose number another process has got meanwhile.
    private func removeStalePid() throws {
        guard let left = Postmaster(data: place.data), !left.isAlive(data: place.data) else {
            return
        }
        configuration.message("removing the pid file of a server that is gone")
        unlink(place.data + "/postmaster.pid")
    }

    /// False when the server ended instead.
    private func waitUntilReady() async throws -> Bool {
        let begin = Deadline.now
        var told = 0
        while Deadline.now - begin < configuration.readinessTimeout {
            let server = Postmaster(data: place.data)
            if let server, server.isReady { return true }
            let waited = Int((Deadline.now - begin).components.seconds)
            // A server that has just been started needs a moment to write its file.
            if waited > 1, server?.isAlive(data: place.data) != true { return false }
            if waited > told {
                told = waited
                configuration.message("waiting for PostgreSQL, \(waited) s")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ClusterError.notReady(log: endOfLog())
    }

    private func endOfLog() -> String {
        let text = (try? String(contentsOfFile: place.log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(5).joined(separator: "\n")
    }
}
