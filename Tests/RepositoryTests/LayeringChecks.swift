import Foundation

/// What each room may import: the table under "Who may import whom" in docs/architecture.md.
struct ImportTable {
    struct Row: Equatable {
        /// Rooms of ours: what Package.swift must list, no more and no less.
        var ours: Set<String>
        /// Modules of others: what Package.swift lists is among them.
        var others: Set<String>
    }

    private(set) var rows: [String: Row] = [:]

    /// Reads the first table of `document` whose heading begins with "room" and has three columns.
    init(document: String) {
        var inTable = false
        for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
            let cells = Self.cells(line)
            guard cells.count == 3 else {
                if inTable { break }
                continue
            }
            if cells[0] == "room" {
                inTable = true
            } else if inTable, !cells[0].hasPrefix("-") {
                rows[cells[0]] = Row(ours: Self.names(cells[1]), others: Self.names(cells[2]))
            }
        }
    }

    private static func cells(_ line: Substring) -> [String] {
        guard line.hasPrefix("|"), line.hasSuffix("|") else { return [] }
        return line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
            .map { $0.split(separator: " ").joined(separator: " ") }
    }

    private static func names(_ cell: String) -> Set<String> {
        cell == "nothing" ? [] : Set(cell.split { $0 == "," || $0 == " " }.map(String.init))
    }
}

/// Modules that come with the toolchain; which of them a room may use is another rule.
let toolchainModules: Set<String> = [
    "Dispatch", "Foundation", "FoundationEssentials", "FoundationNetworking", "FoundationXML",
    "Glibc", "Synchronization", "Testing",
]

/// The module that an import declaration names, or nil when the line is something else.
func importedModule(_ line: Substring) -> Substring? {
    var words = line.split(separator: " ")
    while let first = words.first,
        first.hasPrefix("@") || ["package", "public", "internal", "private"].contains(first)
    {
        words.removeFirst()
    }
    guard words.first == "import", words.count >= 2 else { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let"]
    let name = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
    return name.split(separator: ".").first
}

/// Imports in `file`, of the room of its path, that the table does not allow.
func importFindings(in file: SourceFile, table: ImportTable) -> [Finding] {
    let parts = file.path.split(separator: "/")
    guard parts.count > 2, parts[0] == "Sources" else { return [] }
    let room = String(parts[1])
    guard let row = table.rows[room] else {
        return [Finding(path: file.path, message: "\(room) has no row in the import table")]
    }
    let allowed = row.ours.union(row.others).union(toolchainModules)
    return file.lines.enumerated().compactMap { number, line in
        guard let module = importedModule(line), !allowed.contains(String(module)) else {
            return nil
        }
        return Finding(
            path: file.path, line: number + 1, message: "\(room) may not import \(module)")
    }
}

/// Rooms that hold rules only. They reach nothing outside: no files, no clock, no randomness.
let pureRooms: Set<String> = [
    "Billing", "Contracts", "Documents", "Ledger", "MoneyAndTime", "Organisations", "Scheduling",
    "SignIn", "StrictJSON", "Visits",
]

/// Ways out of a pure room.
private let waysOut: [(words: String, reason: String)] = [
    ("Date()", "reads the clock"), ("Date.now", "reads the clock"),
    ("Clock.now", "reads the clock"), ("UUID()", "is random"),
    (".random(in", "is random unless a generator is passed"),
    ("SystemRandomNumberGenerator", "is random"), ("FileManager", "reads files"),
    ("ProcessInfo", "reads the environment"), ("print(", "writes"),
]

/// What is impure in a file of a pure room: system modules, clocks, randomness; and whole
/// Foundation or files, but for the exceptions that docs/architecture.md gives a reason for.
func purityFindings(in file: SourceFile, exceptions: Set<String>) -> [Finding] {
    let parts = file.path.split(separator: "/")
    guard parts.count > 2, pureRooms.contains(String(parts[1])) else { return [] }
    let isException = exceptions.contains(file.path)
    var findings: [Finding] = []
    for (number, line) in file.lines.enumerated() {
        func found(_ message: String) {
            findings.append(Finding(path: file.path, line: number + 1, message: message))
        }
        if let module = importedModule(line) {
            if module == "Foundation", !isException {
                found("FoundationEssentials must do, or docs/architecture.md says why not")
            } else if ["Glibc", "Dispatch", "FoundationNetworking"].contains(module) {
                found("a pure room does not import \(module)")
            }
        }
        let code = line.prefix(upTo: commentStart(line))
        for way in waysOut where code.contains(way.words) {
            if way.words == "FileManager", isException { continue }
            if way.words == ".random(in", code.contains("using:") { continue }
            found("\(way.words) \(way.reason)")
        }
    }
    return findings
}

/// Where a line comment begins in `line`; its end when there is none. A `//` inside a text
/// literal, as in an address, is no comment.
func commentStart(_ line: Substring) -> Substring.Index {
    var quoted = false
    var index = line.startIndex
    while index < line.endIndex {
        if line[index] == "\"" {
            quoted.toggle()
        } else if !quoted, line[index...].hasPrefix("//") {
            return index
        }
        index = line.index(after: index)
    }
    return line.endIndex
}

/// The paths in backticks that begin the rows of the table of files that import whole Foundation.
func foundationExceptions(document: String) -> Set<String> {
    Set(
        document.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("| `Sources/"), line.contains(".swift`") else { return nil }
            return line.split(separator: "`").dropFirst().first.map(String.init)
        })
}
