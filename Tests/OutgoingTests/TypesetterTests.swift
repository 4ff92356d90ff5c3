import Foundation
import TestMarket
import Testing

@testable import Outgoing

@Suite("A program that is given bytes and answers bytes")
struct TypesetterTests {
    private static func withProgram(
        _ lines: String, _ body: (OutsideProgram) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "aikatori-program-\(UInt64.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let program = folder.appending(path: "program")
        try ShellProgram.write(lines, to: program)
        try await body(OutsideProgram(path: program.path))
    }

    @Test("answers what it was given, whatever bytes they are, and words as they are")
    func answers() async throws {
        try await Self.withProgram("printf '%s|' \"$1\"; cat") { program in
            let given = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
            let answer = try await program.run(
                ["$HOME `id` ; a"], input: given, most: 1 << 20, within: .seconds(20))
            #expect(answer == Array("$HOME `id` ; a|".utf8) + given)
        }
    }

    @Test("what is too much, too slow, fails or is not there is said")
    func fails() async throws {
        try await Self.withProgram("echo 12345") { program in
            await #expect(throws: OutsideProgram.Failure.tooMuch) {
                try await program.run([], most: 5, within: .seconds(20))
            }
        }
        try await Self.withProgram("while :; do echo 0123456789012345678901234567890; done") {
            program in
            await #expect(throws: OutsideProgram.Failure.tooMuch) {
                try await program.run([], most: 10, within: .seconds(60))
            }
        }
        try await Self.withProgram("sleep 60") { program in
            await #expect(throws: OutsideProgram.Failure.tooSlow) {
                try await program.run([], most: 10, within: .milliseconds(200))
            }
        }
        try await Self.withProgram("exit 3") { program in
            await #expect(throws: OutsideProgram.Failure.status(3)) {
                try await program.run([], most: 10, within: .seconds(20))
            }
        }
        await #expect(throws: OutsideProgram.Failure.notStarted(2)) {
            try await OutsideProgram(path: "/nowhere/program").run([], within: .seconds(1))
        }
    }

    @Test("what is no PDF is not taken for one, and every caller gets a turn")
    func typesetter() async throws {
        try await Self.withProgram("echo no") { program in
            await #expect(throws: OutsideProgram.Failure.self) {
                try await Typesetter(python: program.path).set("script", [])
            }
        }
        try await Self.withProgram("sleep 0.1; printf '%%PDF-'; cat") { program in
            let typesetter = Typesetter(python: program.path)
            try await withThrowingTaskGroup(of: [UInt8].self) { group in
                for number in 0..<7 {
                    group.addTask { try await typesetter.set("script", [UInt8(number)]) }
                }
                let answers = try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
                #expect(answers.count == 7)
            }
        }
    }
}
