import Foundation
import Logging
import Synchronization

/// The log of one server, kept in memory.
package final class CapturedLog: Sendable {
    package struct Line: Sendable {
        package let level: Logger.Level
        package let message: String
        package let metadata: [String: String]
    }

    private let kept = Mutex<[Line]>([])

    package var lines: [Line] { kept.withLock { $0 } }

    /// Writes here, whatever the level.
    package var logger: Logger {
        var logger = Logger(label: "test server") { _ in Handler(log: self) }
        logger.logLevel = .trace
        return logger
    }

    var silent: Logger { Logger(label: "test server") { _ in SwiftLogNoOpLogHandler() } }

    private func keep(_ line: Line) {
        kept.withLock { $0.append(line) }
        // what went wrong in the server is told beside the test that it fails
        guard line.level >= .error else { return }
        try? FileHandle.standardError.write(
            contentsOf: Data("server: \(line.message) \(line.metadata)\n".utf8))
    }

    private struct Handler: LogHandler {
        let log: CapturedLog
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            log.keep(
                Line(
                    level: event.level, message: "\(event.message)",
                    metadata: all.mapValues { "\($0)" }))
        }
    }
}
