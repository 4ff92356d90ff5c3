import Foundation
import Testing

@testable import Outgoing

@Suite("The folder of an e-invoice operator")
struct OperatorFolderTests {
    private static func with(_ body: (OperatorFolder, URL) throws -> Void) throws {
        let place = FileManager.default.temporaryDirectory.appending(
            path: "aikatori-operator-\(UInt64.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        try body(OperatorFolder(path: place.path), place)
    }

    private static func names(_ place: URL, _ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: place.appending(path: folder).path
        ).sorted()
    }

    @Test("a file is written whole beside, moved in one step, and never given twice")
    func gives() throws {
        try Self.with { folder, place in
            try folder.prepare("a.xml", Array("half".utf8))
            // a try that was broken off is made again
            try folder.prepare("a.xml", Array("whole".utf8))
            #expect(try Self.names(place, "out") == [])
            #expect(try Self.names(place, "ready") == ["a.xml"])
            try folder.give("a.xml")
            let given = place.appending(path: "out/a.xml")
            #expect(try String(contentsOf: given, encoding: .utf8) == "whole")
            #expect(try Self.names(place, "ready") == [])
            // the operator has taken it, and the worker does not know yet that it gave it
            try FileManager.default.removeItem(at: given)
            try folder.give("a.xml")
            #expect(try Self.names(place, "out") == [])
        }
    }

    @Test("a folder that is not there is no file that was given")
    func fails() throws {
        try Self.with { folder, place in
            #expect(throws: OperatorFolder.Failure.self) { try folder.give("a.xml") }
            try folder.prepare("a.xml", [1])
            try FileManager.default.removeItem(at: place.appending(path: "out"))
            #expect(throws: OperatorFolder.Failure.self) { try folder.give("a.xml") }
            #expect(throws: OperatorFolder.Failure.self) {
                try OperatorFolder(path: "/nowhere/at/all").prepare("a.xml", [1])
            }
        }
    }

    @Test("answers are read in order, whatever else lies there")
    func answers() throws {
        try Self.with { folder, place in
            #expect(folder.answers(most: 9) == [])
            try folder.prepare("a.xml", [1])
            let answers = place.appending(path: "answers")
            for (name, text) in [
                ("b.error", "wrong\u{7} address\nsecond line"), ("a.ok", ""),
                ("note.txt", "hello"), ("c.error", String(repeating: "x", count: 5_000)),
            ] {
                try Data(text.utf8).write(to: answers.appending(path: name))
            }
            try FileManager.default.createSymbolicLink(
                atPath: answers.appending(path: "d.error").path, withDestinationPath: "/etc/passwd")
            let read = folder.answers(most: 9)
            #expect(read.map(\.name) == ["a", "b", "c", "d"])
            #expect(read.map(\.isTaken) == [true, false, false, false])
            #expect(read[1].problem == "wrong address")
            #expect(read[2].problem.count == 200)
            #expect(read[3].problem.isEmpty)
            #expect(folder.answers(most: 1).count == 1)
            for answer in read { folder.forget(answer) }
            #expect(try Self.names(place, "answers") == ["note.txt"])
        }
    }
}
