import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// Runs a service until it ends, or until SIGTERM or SIGINT asks for an orderly end. A second
/// Ctrl-C does not wait for it: what is left running then, the next start takes over.
enum StopSignals {
    static func run(_ service: some Service, named name: String, logger: Logger) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    // Named here, because a service's own description would hold its settings.
                    .init(
                        service: service, successTerminationBehavior: .gracefullyShutdownGroup,
                        serviceName: name)
                ], logger: logger))
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let watch = Task {
            var interrupts = 0
            for await signal in signals {
                if signal == .sigint { interrupts += 1 }
                if interrupts > 1 { _exit(130) }
                await group.triggerGracefulShutdown()
            }
        }
        defer { watch.cancel() }
        try await group.run()
    }
}
