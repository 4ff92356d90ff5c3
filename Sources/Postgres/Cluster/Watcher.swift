import CPostgres
import FoundationEssentials
import Glibc
import Synchronization

/// A small process that outlives ours by a moment, and ends the server and removes its folder: it
/// reads from a pipe of which we hold the other end, and which the kernel closes with us.
final class Watcher: Sendable {
    private let writer: Mutex<Int32?>
    private let child: pid_t

    init?(place: ClusterFolder, programs: String) {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { return nil }
        let script = """
            read -r nothing
            [ -z "$4" ] && run= || run="setpriv --reuid $4 --regid $5 --init-groups --"
            $run "$1/pg_ctl" stop -D "$2/data" -m immediate -w -t 30
            rm -rf -- "$2" "$3"
            """
        let command = Command(
            program: "/bin/sh",
            arguments: [
                "-c", script, "watcher", programs, place.base.path, place.socket,
                place.user.map { "\($0.uid)" } ?? "", place.user.map { "\($0.gid)" } ?? "",
            ])
        let started = command.start(input: ends[0], output: nil, inOwnSession: true)
        close(ends[0])
        guard let started else {
            close(ends[1])
            return nil
        }
        writer = Mutex(ends[1])
        child = started
    }

    /// Lets it do its work now, and waits for it.
    func end() async {
        let held = writer.withLock { held in
            defer { held = nil }
            return held
        }
        guard let held else { return }
        close(held)
        let child = child
        _ = await OwnThread.run { Command.wait(for: child) }
    }
}
