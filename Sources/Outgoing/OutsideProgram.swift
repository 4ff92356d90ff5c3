import Glibc

/// A program of the machine that is given bytes and answers bytes, in bounded time. No shell reads
/// its arguments, and nothing of this program's own environment or files reaches it.
package struct OutsideProgram: Sendable {
    /// It could not be started, did not end in time, answered too much, or ended with this status.
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case notStarted(Int32)
        case tooSlow
        case tooMuch
        case status(Int32)

        package var description: String {
            switch self {
            case .notStarted(let number): "could not be started: error \(number)"
            case .tooSlow: "did not end in time"
            case .tooMuch: "answered too much"
            case .status(let status): "ended with status \(status)"
            }
        }
    }

    /// The path of the program.
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// What it writes on its standard output, at most so many bytes. What it writes about errors
    /// is nobody's to read.
    @discardableResult
    package func run(
        _ arguments: [String], input: [UInt8] = [], most: Int = 0, within limit: Duration
    ) async throws(Failure) -> [UInt8] {
        let answer = try Self.nameless([])
        defer { close(answer) }
        let child = try start(arguments, input, answer)
        let end = ContinuousClock.now + limit
        while true {
            var status: Int32 = 0
            let ended = waitpid(child, &status, WNOHANG)
            let size = Self.size(of: answer)
            if ended == child {
                let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
                guard code == 0 else { throw .status(code) }
                guard size <= most || most == 0 else { throw .tooMuch }
                return most == 0 ? [] : Self.content(of: answer, size)
            }
            let isTooMuch = size > max(most, 1 << 20)
            guard ended == 0 || errno == EINTR, ContinuousClock.now < end, !isTooMuch,
                !Task.isCancelled
            else {
                // with everything that it started itself
                kill(-child, SIGKILL)
                waitpid(child, &status, 0)
                throw isTooMuch ? .tooMuch : .tooSlow
            }
            // A cancelled sleep ends at once, and the loop sees it.
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    private static func size(of file: Int32) -> Int {
        var entry = stat()
        return fstat(file, &entry) == 0 ? Int(entry.st_size) : 0
    }

    private static func content(of file: Int32, _ size: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = pread(
                    file, buffer.baseAddress?.advanced(by: count), size - count, count)
                guard got > 0 else { return }
                count += got
            }
        }
    }

    /// A file without a name that holds these bytes, so that a program that does not read all of
    /// it harms nobody, and nothing stays behind.
    private static func nameless(_ bytes: [UInt8]) throws(Failure) -> Int32 {
        let path = "/tmp/aikatori-out-\(UInt64.random(in: .min ... .max))"
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .notStarted(errno) }
        unlink(path)
        guard write(file, bytes, bytes.count) == bytes.count, lseek(file, 0, SEEK_SET) == 0 else {
            let number = errno
            close(file)
            throw .notStarted(number)
        }
        return file
    }

    private func start(
        _ arguments: [String], _ bytes: [UInt8], _ answer: Int32
    ) throws(Failure) -> pid_t {
        let input = try Self.nameless(bytes)
        defer { close(input) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, answer, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
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
        let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC"]
        var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        var envp: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) }
        defer { for pointer in argv + envp { free(pointer) } }
        argv.append(nil)
        envp.append(nil)
        var child: pid_t = 0
        let failure = posix_spawn(&child, path, &actions, &attributes, argv, envp)
        guard failure == 0 else { throw .notStarted(failure) }
        return child
    }
}
