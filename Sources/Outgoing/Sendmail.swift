import Glibc

/// The machine's own command for mail, as every mail server brings one.
package struct Sendmail: Sendable {
    /// How long it may take.
    package static let limit: Duration = .seconds(30)

    /// It could not be started, did not end in time, or ended with this status.
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case notStarted(Int32)
        case tooSlow
        case status(Int32)

        package var description: String {
            switch self {
            case .notStarted(let number): "could not be started: error \(number)"
            case .tooSlow: "did not end in time"
            case .status(let status): "ended with status \(status)"
            }
        }
    }

    /// The path of the program.
    package let program: String
    /// Where answers and failures go.
    package let sender: String

    package init(program: String, sender: String) {
        self.program = program
        self.sender = sender
    }

    /// Hands a message over. Nothing of it is on the command line but the two addresses, and no
    /// shell reads them.
    package func send(
        _ message: [UInt8], to recipient: String, within limit: Duration = Self.limit
    ) async throws(Failure) {
        let child = try start(message, recipient)
        let end = ContinuousClock.now + limit
        while true {
            var status: Int32 = 0
            let ended = waitpid(child, &status, WNOHANG)
            if ended == child {
                let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
                guard code == 0 else { throw .status(code) }
                return
            }
            guard ended == 0 || errno == EINTR, ContinuousClock.now < end, !Task.isCancelled else {
                // with everything that it started itself
                kill(-child, SIGKILL)
                waitpid(child, &status, 0)
                throw .tooSlow
            }
            // A cancelled sleep ends at once, and the loop sees it.
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The message is a file without a name, so that a program that does not read all of it harms
    /// nobody.
    private func start(_ message: [UInt8], _ recipient: String) throws(Failure) -> pid_t {
        let path = "/tmp/aikatori-mail-\(UInt64.random(in: .min ... .max))"
        let input = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard input >= 0 else { throw .notStarted(errno) }
        unlink(path)
        defer { close(input) }
        guard write(input, message, message.count) == message.count,
            lseek(input, 0, SEEK_SET) == 0
        else { throw .notStarted(errno) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        for stream in [Int32(1), 2] {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0)
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
        let flags =
            Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
            | Int32(POSIX_SPAWN_SETPGROUP)
        posix_spawnattr_setflags(&attributes, Int16(flags))
        // -i: a dot alone on a line does not end the message.
        let words = [program, "-i", "-f", sender, "--", recipient]
        let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC"]
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) }
        defer { for pointer in argv + envp { free(pointer) } }
        argv.append(nil)
        envp.append(nil)
        var child: pid_t = 0
        let failure = posix_spawn(&child, program, &actions, &attributes, argv, envp)
        guard failure == 0 else { throw .notStarted(failure) }
        return child
    }
}
