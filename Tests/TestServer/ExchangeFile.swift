import Foundation
import StrictJSON
import Synchronization

/// Every exchange of this process, one JSON object a line in `.build/outside/exchanges`:
/// `Tests/Outside` holds each against `api/openapi.yaml`.
final class ExchangeFile: Sendable {
    /// The first exchange of a process removes what earlier ones left.
    static let shared = Result { try ExchangeFile() }

    private let file: Mutex<FileHandle>

    private init() throws {
        let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: ".build/outside/exchanges")
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appending(path: "\(ProcessInfo.processInfo.processIdentifier).jsonl")
        try Data().write(to: path)
        file = Mutex(try FileHandle(forWritingTo: path))
    }

    func append(_ exchange: Exchange) throws {
        let line = Data(exchange.line.write() + [UInt8(ascii: "\n")])
        try file.withLock { try $0.write(contentsOf: line) }
    }
}
