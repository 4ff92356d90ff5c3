import FoundationEssentials
import Glibc
import Synchronization

/// Where a private cluster lies, and what belongs to whom.
struct ClusterFolder: Sendable {
    let base: URL
    let user: OrdinaryUser?
    let socket: String

    var data: String { base.appending(path: "data").path }
    var log: String { base.appending(path: "log/postgresql.log").path }
    var lock: String { base.appending(path: "lock").path }

    /// The folder that the user can use: the one asked for, or one under `/var/lib/aikatori` when
    /// PostgreSQL's user cannot enter it, as with everything below `/root`.
    static func choose(_ wanted: URL, message: (String) -> Void) async throws -> ClusterFolder {
        var user: OrdinaryUser?
        if geteuid() == 0 {
            user = OrdinaryUser.find()
            guard user != nil else { throw ClusterError.noOrdinaryUser }
        }
        var base = wanted.standardizedFileURL
        try make(base.path, mode: 0o755, owner: nil)
        if let user, !(await canEnter(base.path, user)) {
            base = URL(filePath: "/var/lib/aikatori/\(key(of: base.path))")
            message("\(user.name) cannot enter \(wanted.path): the data is in \(base.path)")
            try make("/var/lib/aikatori", mode: 0o755, owner: nil)
            try make(base.path, mode: 0o755, owner: nil)
        }
        let folder = ClusterFolder(base: base, user: user, socket: try socket(for: base))
        try make(folder.base.appending(path: "log").path, mode: 0o700, owner: user)
        try make(folder.socket, mode: 0o700, owner: user)
        return folder
    }

    /// A folder beside the data if its path is short and plain enough for `sun_path` (107 bytes)
    /// and for PostgreSQL's lists of folders; else one under `/tmp`, keyed by the data's path.
    private static func socket(for base: URL) throws -> String {
        let near = base.appending(path: "socket").path
        let isPlain = near.utf8.allSatisfy { byte in
            "/._-".utf8.contains(byte) || (48...57).contains(byte) || (65...90).contains(byte)
                || (97...122).contains(byte)
        }
        let longest = 107 - "/.s.PGSQL.5432".utf8.count
        if isPlain && near.utf8.count <= longest { return near }
        return "/tmp/aikatori-\(geteuid())-\(key(of: base.path))"
    }

    /// FNV-1a of 64 bits: the same for the same path, for ever.
    static func key(of path: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func canEnter(_ path: String, _ user: OrdinaryUser) async -> Bool {
        let attempt = Command(program: "test", arguments: ["-x", path], user: user)
        return await attempt.run()?.status == 0
    }

    /// Makes a folder that is ours alone to give: one that someone else made is refused.
    private static func make(_ path: String, mode: mode_t, owner: OrdinaryUser?) throws {
        if mode == 0o755 {
            try? FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } else {
            _ = mkdir(path, mode)
        }
        var entry = stat()
        guard lstat(path, &entry) == 0, entry.st_mode & S_IFMT == S_IFDIR else {
            throw ClusterError.folder(path, "cannot be made")
        }
        guard mode == 0o700 else { return }
        let (uid, gid) = (owner?.uid ?? geteuid(), owner?.gid ?? getegid())
        guard entry.st_uid == uid || entry.st_uid == geteuid() else {
            throw ClusterError.folder(path, "belongs to another user")
        }
        guard chmod(path, mode) == 0, chown(path, uid, gid) == 0 else {
            throw ClusterError.folder(path, "cannot be given to PostgreSQL's user")
        }
    }
}

/// Why a private cluster could not be started or used.
package enum ClusterError: Error, Sendable, Hashable {
    /// Neither `pg_config --bindir` nor `/usr/lib/postgresql` has the server's programs.
    case notInstalled
    /// We are root, and there is no user `postgres` as whom the server could run.
    case noOrdinaryUser
    case folder(String, String)
    /// Another program, by its process id if it is known, has started this cluster.
    case inUse(pid: Int32?)
    /// A program of PostgreSQL failed: its name and what it said.
    case failed(String, output: String)
    /// The server was started and does not answer; the end of its log.
    case notReady(log: String)
}

extension ClusterError: CustomStringConvertible {
    /// What happened, and what helps.
    package var description: String {
        switch self {
        case .notInstalled:
            "PostgreSQL's server programs are not installed (on Debian: apt-get install postgresql)"
        case .noOrdinaryUser:
            "PostgreSQL does not run as root, and there is no user postgres to run it as "
                + "(Debian's package postgresql makes one)"
        case .folder(let path, let reason): "\(path) \(reason)"
        case .inUse(let pid):
            "this cluster is in use by another program" + (pid.map { ", process \($0)" } ?? "")
        case .failed(let program, let output): "\(program) failed: \(output)"
        case .notReady(let log): "PostgreSQL does not answer; its log ends with:\n\(log)"
        }
    }
}

/// A file that one program holds as long as it lives; a kill lets go of it, too.
final class ClusterLock: Sendable {
    private let descriptor: Mutex<Int32?>

    init(path: String) throws(ClusterError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw .folder(path, "cannot be opened") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            var bytes = [UInt8](repeating: 0, count: 32)
            let count = max(0, read(descriptor, &bytes, bytes.count))
            close(descriptor)
            let text = String(decoding: bytes.prefix(count), as: UTF8.self)
            throw .inUse(pid: Int32(text.prefix { $0.isNumber }))
        }
        let text = Array("\(getpid())\n".utf8)
        ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
        self.descriptor = Mutex(descriptor)
    }

    deinit { release() }

    func release() {
        let held = descriptor.withLock { held in
            defer { held = nil }
            return held
        }
        if let held { close(held) }
    }
}
