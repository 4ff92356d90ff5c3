import Foundation
import Glibc
import Logging
import MoneyAndTime
import StrictJSON
import Synchronization

/// Logs as one JSON object a line on the standard error: time, level, message, then what was given
/// with it, by name.
package struct JSONLines: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]

    package init(level: Logger.Level) {
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let now = Instant(
            microseconds: Int64((Date().timeIntervalSince1970 * 1_000_000).rounded(.down)))
        Self.write(line(event, at: now))
    }

    /// Keys of the line's own are never given away to what was logged.
    package func line(_ event: LogEvent, at instant: Instant) -> String {
        var object: JSONObject = [
            "time": JSON(instant.rfc3339),
            "level": JSON(event.level.rawValue),
            "message": JSON(event.message.description),
        ]
        var given = metadata.merging(event.metadata ?? [:]) { $1 }
        if let error = event.error { given["error"] = "\(error)" }
        for (key, value) in given.sorted(by: { $0.key < $1.key }) where object[key] == nil {
            object[key] = Self.json(value)
        }
        return JSON.object(object).compactText + "\n"
    }

    private static func json(_ value: Logger.MetadataValue) -> JSON {
        switch value {
        case .string(let text): return JSON(text)
        case .stringConvertible(let value):
            let text = value.description
            guard value is any Numeric, let number = JSONNumber(text: text) else {
                return JSON(text)
            }
            return .number(number)
        case .array(let values): return .array(values.map(json))
        case .dictionary(let values):
            return .object(
                JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) }))
        @unknown default: return JSON("\(value)")
        }
    }

    private static let standardError = Mutex(STDERR_FILENO)

    /// A line is written whole, and never in the middle of another.
    private static func write(_ line: String) {
        var bytes = Array(line.utf8)[...]
        standardError.withLock { descriptor in
            while !bytes.isEmpty {
                let written = bytes.withUnsafeBytes {
                    Glibc.write(descriptor, $0.baseAddress, $0.count)
                }
                guard written > 0 else {
                    if written < 0, errno == EINTR { continue }
                    return
                }
                bytes = bytes.dropFirst(written)
            }
        }
    }
}
