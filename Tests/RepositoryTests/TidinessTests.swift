import Foundation
import Testing

@Suite("Tidiness: style is a test")
struct TidinessTests {
    static let code = [".swift", ".sql", ".py"]
    static let written = code + [".md", ".yaml", ".toml", ".json", "Makefile"]

    static func expectNone(
        _ check: (SourceFile) -> [Finding], endings: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let files = try Repository.files(endings: endings)
        let findings = files.flatMap(check)
        #expect(!files.isEmpty, sourceLocation: sourceLocation)
        #expect(findings.isEmpty, "\(report(findings))", sourceLocation: sourceLocation)
    }

    @Test("100 columns, 400 lines, no tabs, no trailing spaces")
    func layout() throws {
        try Self.expectNone(layoutFindings, endings: Self.code)
    }

    @Test("no function is longer than 70 lines")
    func functions() throws {
        try Self.expectNone(functionFindings, endings: [".swift"])
    }

    @Test("nothing is left unfinished or unsafe")
    func words() throws {
        try Self.expectNone(unfinishedFindings, endings: Self.code + [".md", ".yaml"])
    }

    @Test("types are named by their subject")
    func types() throws {
        try Self.expectNone(typeNameFindings, endings: [".swift"])
    }

    @Test("no file is empty, and each ends in one line break")
    func endings() throws {
        try Self.expectNone(endingFindings, endings: Self.written)
        let empty = try Repository.paths.filter { path in
            let url = Repository.root.appending(path: path)
            return try !path.hasSuffix("/")
                && url.resourceValues(forKeys: [.fileSizeKey]).fileSize == 0
        }
        #expect(empty.isEmpty, "empty: \(empty)")
    }

    @Test("files are named by their subject")
    func names() {
        let findings = fileNameFindings(Repository.paths)
        #expect(findings.isEmpty, "\(report(findings))")
    }

    @Test("migrations are numbered without a gap, and each has its up.sql")
    func migrations() {
        let folder = "Sources/Storage/Migrations/"
        let paths = Repository.paths.filter { $0.hasPrefix(folder) && !$0.hasSuffix("/") }
            .map { String($0.dropFirst(folder.count)) }
        let findings = migrationFindings(paths)
        #expect(!paths.isEmpty)
        #expect(findings.isEmpty, "\(report(findings))")
    }
}

@Suite("The tidiness checks find what they look for")
struct TidinessCheckTests {
    static func swift(_ text: String) -> SourceFile {
        SourceFile(path: "Sources/A.swift", text: text)
    }

    @Test(arguments: [
        ("let a = 1\n", []),
        (String(repeating: "x", count: 100), []),
        (String(repeating: "x", count: 101), ["101 columns wide"]),
        ("let a = 1 \n", ["ends in white space"]),
        ("\tlet a = 1", ["has a tab"]),
    ])
    func layout(text: String, expected: [String]) {
        #expect(layoutFindings(in: Self.swift(text)).map(\.message) == expected)
    }

    @Test func longFiles() {
        func findings(lines: Int) -> [String] {
            layoutFindings(in: Self.swift(String(repeating: "x\n", count: lines))).map(\.message)
        }
        #expect(findings(lines: 400).isEmpty)
        #expect(findings(lines: 401) == ["401 lines: two subjects in one file?"])
    }

    @Test(arguments: [
        ("a\n", []), ("", ["is empty"]), ("\n \n", ["is empty"]),
        ("a", ["does not end in exactly one line break"]),
        ("a\n\n", ["does not end in exactly one line break"]),
    ])
    func endings(text: String, expected: [String]) {
        #expect(endingFindings(in: Self.swift(text)).map(\.message) == expected)
    }

    @Test(arguments: [
        ["func f() {"], ["func f(", "    a: Int", ") -> Int {"], ["func f()", "    -> Int", "{"],
        ["package init?(a: Int) {"], ["@Test func f() {"], ["private static func f<A>() {"],
    ])
    func longFunctions(head: [String]) {
        func text(of lines: Int) -> String {
            let body = Array(repeating: "    x()", count: lines - head.count - 1)
            return (["struct A {"] + (head + body + ["}"]).map { "    " + $0 } + ["}"])
                .joined(separator: "\n")
        }
        #expect(functionFindings(in: Self.swift(text(of: 70))).isEmpty)
        #expect(
            functionFindings(in: Self.swift(text(of: 71))).map(\.description)
                == ["Sources/A.swift:2: a function of 71 lines"])
    }

    @Test("requirements, one-liners and calls have no body to measure")
    func noBody() {
        let rest = String(repeating: "    let a = 1\n", count: 80)
        let text = "protocol A {\n    func f()\n    func g() { 1 }\n    init(a: Int)\n\(rest)}\n"
        #expect(functionFindings(in: Self.swift(text)).isEmpty)
    }

    @Test(arguments: unfinishedWords)
    func unfinished(word: String) {
        let findings = unfinishedFindings(in: Self.swift("let a = 1\n// \(word) later\n"))
        #expect(findings.map(\.line) == [2])
        #expect(unfinishedFindings(in: Self.swift("let a = try? b as? C")).isEmpty)
    }

    @Test(arguments: emptyEndings.map { "Booking" + $0 })
    func typeNames(name: String) {
        let findings = typeNameFindings(in: Self.swift("package final class \(name): Base {\n"))
        #expect(findings.map(\.message) == ["\(name) does not name a subject"])
    }

    @Test(arguments: [
        "struct SoldService {", "struct Booking {", "enum ModelYear {", "let a: BookingManager",
        "// struct Booking" + "Helper",
    ])
    func goodTypeNames(line: String) {
        #expect(typeNameFindings(in: Self.swift(line)).isEmpty)
    }

    @Test func fileNames() {
        let findings = fileNameFindings(["Sources/A/Money.swift", "Sources/A/Money+JSON.swift"])
        #expect(findings.map(\.path) == ["Sources/A/Money+JSON.swift"])
    }

    @Test(arguments: [
        (["0001_ground/up.sql", "0002_rooms/up.sql", "0002_rooms/after.sql", "roles.sql"], []),
        (["0001_ground/up.sql", "0003_rooms/up.sql"], ["is numbered where 0002 follows"]),
        (["0002_rooms/up.sql"], ["is numbered where 0001 follows"]),
        (["0001_ground/after.sql"], ["has no up.sql"]),
        (["0001-ground/up.sql"], ["is not named NNNN_name"]),
        (["1_ground/up.sql"], ["is not named NNNN_name"]),
        (
            ["0001_ground/up.sql", "0001_other/up.sql"],
            ["is numbered where 0002 follows"]
        ),
    ])
    func migrations(paths: [String], expected: [String]) {
        #expect(migrationFindings(paths).map(\.message) == expected)
    }
}
