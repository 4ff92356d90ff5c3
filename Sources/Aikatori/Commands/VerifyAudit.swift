import ArgumentParser
import Contracts
import Foundation
import MoneyAndTime
import Storage
import StrictJSON

struct VerifyAudit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Checks an organisation's exported audit facts, without a server.",
        discussion: """
            FILES are portions of one export, in their order. JWKS is a set of keys that you \
            trust, such as a market's /.well-known/jwks.json, kept by yourself. Without it only \
            the chain itself is checked, and what is claimed of its heads is said. The exit status \
            is 0 when every link holds and a head is under a root that a trusted key signed.
            """)

    @Argument(help: "The exported files.") var files: [String]
    @Option(name: .customLong("keys"), help: "The keys that you trust.") var keys: String?

    func run() throws {
        var reading = AuditExportReading()
        for file in files {
            var lines = FileLines(try handle(of: file))
            var number = 0
            while let line = try lines.next() {
                number += 1
                do throws(AuditExportProblem) {
                    try reading.take(line)
                } catch {
                    say("\(file), line \(number): \(error)")
                    throw ExitCode.failure
                }
            }
        }
        guard let chain = reading.chain, chain.length >= reading.first else {
            say("There is no audit fact in this.")
            throw ExitCode.failure
        }
        say("\(reading.name), \(chain.organisation)")
        say("Audit facts \(reading.first) to \(chain.length): every link holds.")
        if reading.first > 1 { say("What is before them was not checked.") }
        try sayHeads(reading, newest: chain.length)
    }

    private func sayHeads(_ reading: AuditExportReading, newest: Int64) throws {
        guard let keys else {
            for head in reading.published {
                say(
                    "Link \(head.seal.number) claims to be under checkpoint "
                        + "\(head.signed.checkpoint.number) of "
                        + "\(head.signed.checkpoint.madeAt.rfc3339).")
            }
            say("Who signed was not checked: name the keys that you trust with --keys.")
            throw ExitCode.failure
        }
        let trusted = try trustedKeys(keys)
        for head in reading.published {
            let checkpoint = head.signed.checkpoint
            do {
                let key = try head.signed.verify(trusting: trusted)
                say(
                    "Link \(head.seal.number) is under checkpoint \(checkpoint.number) of "
                        + "\(checkpoint.madeAt.rfc3339), signed with the key "
                        + "\(key.key.thumbprint).")
            } catch {
                say("checkpoint \(checkpoint.number): \(error)")
                throw ExitCode.failure
            }
        }
        guard let last = reading.published.last else {
            say("No head of this chain is published in it.")
            throw ExitCode.failure
        }
        if last.seal.number < newest {
            say("The \(newest - last.seal.number) after it are not published in this.")
        }
    }

    private func trustedKeys(_ file: String) throws -> [PublishedKey] {
        do {
            return try PublishedKey.set(JSON.parse(ContractCommand.bytes(of: file)))
        } catch let problem as JSONSyntaxError {
            say("\(file): no JSON: \(problem)")
        } catch let refusal as SignatureRefusal {
            say("\(file): \(refusal)")
        }
        throw ExitCode.failure
    }

    private func handle(of file: String) throws -> FileHandle {
        guard let handle = FileHandle(forReadingAtPath: file) else {
            say("\(file): cannot be read")
            throw ExitCode.failure
        }
        return handle
    }
}

/// The lines of a file, read piece by piece: an export may be larger than the memory.
private struct FileLines {
    private static let pieceLength = 262_144
    /// Longer than any line of an export.
    private static let longest = 4_194_304

    private let handle: FileHandle
    private var pending: [UInt8] = []
    private var begin = 0
    private var isAtEnd = false

    init(_ handle: FileHandle) { self.handle = handle }

    /// Without its line feed; nil at the end.
    mutating func next() throws -> [UInt8]? {
        var searched = begin
        while true {
            if let end = pending[searched...].firstIndex(of: 0x0a) {
                defer { begin = end + 1 }
                return Array(pending[begin..<end])
            }
            guard !isAtEnd, pending.count - begin <= Self.longest else {
                defer { begin = pending.count }
                return begin < pending.count ? Array(pending[begin...]) : nil
            }
            searched = pending.count - begin
            pending.removeFirst(begin)
            begin = 0
            let piece = try handle.read(upToCount: Self.pieceLength) ?? Data()
            isAtEnd = piece.isEmpty
            pending += piece
        }
    }
}
