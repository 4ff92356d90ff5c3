import Foundation
import TestMarket
import Testing

@testable import Outgoing

@Suite("The machine's own command for mail")
struct SendmailTests {
    /// A program of this text in a folder of its own, which is removed afterwards.
    private static func withProgram(
        _ lines: String, _ body: (Sendmail, URL) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "aikatori-sendmail-\(UInt64.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = folder.appending(path: "sendmail")
        try ShellProgram.write("cd '\(folder.path)'\n\(lines)", to: program)
        try await body(Sendmail(program: program.path, sender: "a@example.org"), folder)
    }

    @Test("gets the message as it is, and the two addresses as words of their own")
    func sends() async throws {
        try await Self.withProgram("cat > message; for w; do echo \"$w\"; done > words") {
            sendmail, folder in
            let message = Array("Subject: a\r\n\r\n.\r\n$HOME `id`\r\n".utf8)
            try await sendmail.send(message, to: "-oQ/tmp;id@example.org")
            #expect(
                Array(try Data(contentsOf: folder.appending(path: "message"))) == message)
            let words = try String(
                contentsOf: folder.appending(path: "words"), encoding: .utf8)
            #expect(words == "-i\n-f\na@example.org\n--\n-oQ/tmp;id@example.org\n")
        }
    }

    @Test("a failure is told, whatever was read of the message")
    func fails() async throws {
        try await Self.withProgram("exit 75") { sendmail, _ in
            await #expect(throws: Sendmail.Failure.status(75)) {
                try await sendmail.send([UInt8](repeating: 97, count: 200_000), to: "b@a.example")
            }
        }
        try await Self.withProgram("kill -9 $$") { sendmail, _ in
            await #expect(throws: Sendmail.Failure.status(-1)) {
                try await sendmail.send([], to: "b@a.example")
            }
        }
        await #expect(throws: Sendmail.Failure.notStarted(2)) {
            try await Sendmail(program: "/nowhere/sendmail", sender: "a@a.example")
                .send([], to: "b@a.example")
        }
    }

    @Test("one that hangs is ended, with what it started")
    func hangs() async throws {
        try await Self.withProgram("sleep 900 & echo $! > child; sleep 900") { sendmail, folder in
            let started = ContinuousClock.now
            await #expect(throws: Sendmail.Failure.tooSlow) {
                try await sendmail.send([], to: "b@a.example", within: .milliseconds(700))
            }
            #expect(ContinuousClock.now - started < .seconds(600))
            let text = try String(contentsOf: folder.appending(path: "child"), encoding: .utf8)
            let child = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            // its parent is gone too: whoever adopted it collects it, in a moment
            for _ in 0..<100 where kill(child, 0) == 0 && Self.isRunning(child) {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(!Self.isRunning(child))
        }
    }

    private static func isRunning(_ process: Int32) -> Bool {
        let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        // ended and not yet collected: `Z`
        return status.map { !$0.contains(") Z") } ?? false
    }
}
