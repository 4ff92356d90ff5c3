import CPostgres
import FoundationEssentials
import Glibc

/// A program of the system that is run to its end, without a shell.
struct Command: Sendable {
    var program: String
    var arguments: [String]
    /// Runs as this user, which takes root; nil stays who we are.
    var user: OrdinaryUser?

    struct Outcome: Sendable {
        var status: Int32
        /// What it wrote, both streams together.
        var output: String
    }

    /// Nil when it could not be started.
    func run() async -> Outcome? {
        await OwnThread.run { runBlocking() } ?? nil
    }

    private func runBlocking() -> Outcome? {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { return nil }
        let child = start(input: nil, output: ends[1], inOwnSession: false)
        close(ends[1])
        defer { close(ends[0]) }
        guard let child else { return nil }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(ends[0], &buffer, buffer.count)
            if count > 0 {
                output += buffer.prefix(count)
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        return Outcome(
            status: Self.wait(for: child), output: String(decoding: output, as: UTF8.self))
    }

    /// The exit status of a child; -1 when a signal ended it.
    static func wait(for child: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
    }

    /// Starts the program in `/`, which every user may enter, with a clean environment.
    func start(input: Int32?, output: Int32?, inOwnSession: Bool) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        for stream in [Int32(1), 2] {
            if let output {
                posix_spawn_file_actions_adddup2(&actions, output, stream)
            } else {
                posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0)
            }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Signals that this program blocks or ignores are no concern of the child's.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, Int16(flags))
        return spawn(&actions, &attributes, inOwnSession)
    }

    private func spawn(
        _ actions: inout posix_spawn_file_actions_t, _ attributes: inout posix_spawnattr_t,
        _ inOwnSession: Bool
    ) -> pid_t? {
        var words = ["env", "-C", "/"] + (user?.prefix ?? []) + [program] + arguments
        if inOwnSession { words.insert("setsid", at: 0) }
        let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC"]
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) }
        defer { for pointer in argv + envp { free(pointer) } }
        argv.append(nil)
        envp.append(nil)
        var child: pid_t = 0
        return posix_spawnp(&child, words[0], &actions, &attributes, argv, envp) == 0 ? child : nil
    }
}

/// The user as whom PostgreSQL runs when we are root, which it refuses to run as.
struct OrdinaryUser: Sendable, Hashable {
    let name: String
    let uid: uid_t
    let gid: gid_t

    /// The user that Debian's package makes; nil without that package.
    static func find(_ name: String = "postgres") -> OrdinaryUser? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16384)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            return nil
        }
        return OrdinaryUser(name: name, uid: entry.pw_uid, gid: entry.pw_gid)
    }

    /// The words that make a command run as this user.
    var prefix: [String] {
        ["setpriv", "--reuid", "\(uid)", "--regid", "\(gid)", "--init-groups", "--"]
    }
}
