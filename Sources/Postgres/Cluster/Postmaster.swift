import FoundationEssentials
import Glibc

/// What `postmaster.pid` in the data folder says of a server that runs or ran (`miscinit.h`).
struct Postmaster: Sendable, Hashable {
    let pid: pid_t
    let socket: String
    let isReady: Bool

    /// Nil without the file, or with one that a server has not finished writing.
    init?(data: String) {
        guard let text = try? String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8)
        else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, let pid = pid_t(first), pid > 0 else { return nil }
        self.pid = pid
        socket = lines.count > 4 ? String(lines[4]) : ""
        isReady = lines.count > 7 && lines[7].hasPrefix("ready")
    }

    /// Whether that process is still this cluster's server, and not one that got its number later:
    /// a server's working folder is its data folder.
    func isAlive(data: String) -> Bool {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/\(pid)/cwd", &buffer, buffer.count - 1)
        guard count > 0 else { return false }
        let folder = String(
            decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let real = realpath(data, nil) else { return false }
        defer { free(real) }
        return folder == String(cString: real)
    }
}

/// The folder with `initdb`, `pg_ctl` and `postgres`.
enum ServerPrograms {
    static func find() async throws(ClusterError) -> String {
        let asked = await Command(program: "pg_config", arguments: ["--bindir"]).run()
        var folders: [String] = []
        if let asked, asked.status == 0 {
            folders.append(
                asked.output.split(whereSeparator: \.isNewline).first.map(String.init) ?? "")
        }
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql"))
        let newest = (versions ?? []).sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
        folders += newest.map { "/usr/lib/postgresql/\($0)/bin" }
        // pg_config comes with the client's headers too: only a folder with a server counts.
        let found = folders.first { access($0 + "/initdb", X_OK) == 0 }
        guard let found else { throw .notInstalled }
        return found
    }
}
