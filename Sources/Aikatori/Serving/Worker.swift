import Logging
import Marketplace
import ServiceLifecycle

/// Does what is due without anyone asking: again and again, as long as the server runs. Any number
/// of servers may do so; the database hands each deadline to one of them.
package struct Worker: Service {
    /// One thing that it does.
    package struct Duty: Sendable {
        package let name: String
        /// How long it rests after a round.
        package let pause: Duration
        /// True when there was work, so that there may be more.
        package let round: @Sendable () async throws -> Bool

        package init(
            _ name: String, every pause: Duration,
            _ round: @escaping @Sendable () async throws -> Bool
        ) {
            self.name = name
            self.pause = pause
            self.round = round
        }
    }

    private let duties: [Duty]
    private let logger: Logger

    package init(duties: [Duty], logger: Logger) {
        self.duties = duties
        self.logger = logger
    }

    /// Until the stop. A round that has begun is finished.
    package func run() async throws {
        await withDiscardingTaskGroup { group in
            for duty in duties {
                group.addTask { await carryOut(duty) }
            }
        }
    }

    private static let longestPause = Duration.seconds(10)

    /// An error is logged and never ends it: the next try comes later, and later each time, as it
    /// is right for a database that is away.
    private func carryOut(_ duty: Duty) async {
        var failures = 0
        while !Task.isCancelled && !Task.isShuttingDownGracefully {
            var pause = duty.pause
            do {
                if try await duty.round() { pause = .zero }
                if failures > 0 { logger.notice("works again", metadata: ["duty": "\(duty.name)"]) }
                failures = 0
            } catch {
                if Task.isCancelled { return }
                failures += 1
                pause = max(pause, min(Self.longestPause, .milliseconds(250 << min(failures, 6))))
                logger.error(
                    "a duty failed and is tried again",
                    metadata: ["duty": "\(duty.name)", "error": "\(error)"])
            }
            if pause > .zero { await rest(pause) }
        }
    }

    /// A stop ends the rest.
    private func rest(_ pause: Duration) async {
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
    }
}
