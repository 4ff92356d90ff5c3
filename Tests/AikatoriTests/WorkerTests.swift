import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import Aikatori

@Suite("The worker: at once while there is work, patient when there is none, never ended by errors")
struct WorkerTests {
    /// What a duty of the test did, and what it is to do next.
    private final class Diary: Sendable {
        private let instants = Mutex<[ContinuousClock.Instant]>([])

        /// The number of this round, from 1.
        func round() -> Int {
            instants.withLock {
                $0.append(.now)
                return $0.count
            }
        }

        var pauses: [Duration] {
            instants.withLock { all in zip(all, all.dropFirst()).map { $1 - $0 } }
        }
    }

    private struct Trouble: Error {}

    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs a worker with one duty, and stops it gracefully when `enough` is fulfilled.
    private func run(
        every pause: Duration, _ round: @escaping @Sendable (Int) async throws -> Bool,
        rounds: Int
    ) async throws -> Diary {
        let diary = Diary()
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let duty = Worker.Duty("test", every: pause) {
            let number = diary.round()
            if number == rounds { end.yield() }
            return try await round(number)
        }
        let group = ServiceGroup(
            services: [Worker(duties: [duty], logger: logger)], logger: logger)
        async let running: Void = group.run()
        _ = await ends.first { _ in true }
        await group.triggerGracefulShutdown()
        try await running
        return diary
    }

    @Test func workFollowsAtOnce() async throws {
        let diary = try await run(every: .seconds(600), { $0 < 100 }, rounds: 100)
        #expect(diary.pauses.count == 99)
    }

    @Test func restsWithoutWork() async throws {
        let diary = try await run(every: .milliseconds(30), { _ in false }, rounds: 5)
        #expect(diary.pauses.allSatisfy { $0 >= .milliseconds(30) })
    }

    @Test("each failure is followed by a longer rest, a success by the usual one")
    func patience() async throws {
        let diary = try await run(
            every: .milliseconds(1),
            { number in
                if number <= 2 { throw Trouble() }
                return false
            }, rounds: 5)
        let pauses = diary.pauses
        #expect(pauses[0] >= .milliseconds(500))
        #expect(pauses[1] >= .milliseconds(1_000))
        #expect(pauses[2] < .milliseconds(500))
    }

    @Test("a stop ends the rest, however long it would be")
    func stops() async throws {
        let started = ContinuousClock.now
        _ = try await run(every: .seconds(600), { _ in false }, rounds: 1)
        #expect(.now - started < .seconds(500))
    }
}
