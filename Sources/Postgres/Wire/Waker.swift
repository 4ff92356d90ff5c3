import CPostgres
import Glibc

/// Ends another thread's `poll`: a pipe that is read by the thread and written by everyone.
final class Waker: Sendable {
    let descriptor: Int32
    private let writer: Int32

    /// Nil when the process has no descriptor left.
    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_NONBLOCK | O_CLOEXEC) == 0 else { return nil }
        (descriptor, writer) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(writer)
    }

    /// A full pipe is as good a signal as one byte.
    func signal() {
        var byte: UInt8 = 1
        _ = write(writer, &byte, 1)
    }

    func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) > 0 {}
    }
}

/// What ended a wait.
struct Readiness {
    var socketIsReadable = false
    var socketIsWritable = false
}

typealias Deadline = ContinuousClock.Instant

/// Waits for a socket, for the waker, or for an instant, whichever comes first.
func poll(
    socket: Int32?, reading: Bool, writing: Bool, waker: Waker, until deadline: Deadline?
) -> Readiness {
    var events: Int32 = 0
    if reading { events |= POLLIN }
    if writing { events |= POLLOUT }
    var watched = [
        pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: socket ?? -1, events: Int16(events), revents: 0),
    ]
    guard Glibc.poll(&watched, 2, milliseconds(until: deadline)) > 0 else { return Readiness() }
    if watched[0].revents != 0 { waker.drain() }
    let broken = Int32(watched[1].revents) & (POLLERR | POLLHUP | POLLNVAL) != 0
    return Readiness(
        socketIsReadable: broken || Int32(watched[1].revents) & POLLIN != 0,
        socketIsWritable: broken || Int32(watched[1].revents) & POLLOUT != 0)
}

/// Rounded up, so that the instant has passed when the wait ends; -1 waits for ever.
private func milliseconds(until deadline: Deadline?) -> Int32 {
    guard let deadline else { return -1 }
    let left = deadline - .now
    guard left > .zero else { return 0 }
    let (seconds, attoseconds) = left.components
    guard seconds < 1_000_000 else { return 1_000_000_000 }
    return Int32(seconds) * 1000 + Int32(attoseconds / 1_000_000_000_000_000) + 1
}
