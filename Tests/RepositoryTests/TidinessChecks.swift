import Foundation

/// Limits that keep a file readable on one screen beside another.
enum Limits {
    static let columns = 100
    static let fileLines = 400
    static let functionLines = 70
}

/// Lines that are too wide, end in spaces, or hold a tab; and a file that is too long.
func layoutFindings(in file: SourceFile) -> [Finding] {
    var findings: [Finding] = []
    for (number, line) in file.lines.enumerated() {
        func found(_ message: String) {
            findings.append(Finding(path: file.path, line: number + 1, message: message))
        }
        if line.count > Limits.columns { found("\(line.count) columns wide") }
        if line.last?.isWhitespace == true { found("ends in white space") }
        if line.contains("\t") { found("has a tab") }
    }
    let length = file.text.hasSuffix("\n") ? file.lines.count - 1 : file.lines.count
    if length > Limits.fileLines {
        findings.append(
            Finding(path: file.path, message: "\(length) lines: two subjects in one file?"))
    }
    return findings
}

/// A file without content, or whose last line does not end.
func endingFindings(in file: SourceFile) -> [Finding] {
    if file.text.allSatisfy(\.isWhitespace) {
        return [Finding(path: file.path, message: "is empty")]
    }
    if !file.text.hasSuffix("\n") || file.text.hasSuffix("\n\n") {
        return [Finding(path: file.path, message: "does not end in exactly one line break")]
    }
    return []
}

/// Functions that are too long. The formatter lays code out so that a declaration and the brace
/// that ends it stand in the same column; the indentation is all that must be read.
func functionFindings(in file: SourceFile) -> [Finding] {
    let lines = file.lines
    return lines.indices.compactMap { start in
        guard declaresFunction(lines[start]), let end = endOfBody(from: start, in: lines) else {
            return nil
        }
        let length = end - start + 1
        guard length > Limits.functionLines else { return nil }
        return Finding(
            path: file.path, line: start + 1, message: "a function of \(length) lines")
    }
}

private func declaresFunction(_ line: Substring) -> Bool {
    let code = line.prefix(upTo: commentStart(line))
    let words = code.split { $0 == " " || $0 == "(" || $0 == "?" || $0 == "<" }
    let modifiers: Set<Substring> = [
        "package", "public", "private", "fileprivate", "static", "mutating", "override", "final",
        "nonisolated", "convenience", "required", "consuming", "borrowing", "isolated",
    ]
    let first = words.first { !modifiers.contains($0) && !$0.hasPrefix("@") }
    return first == "func" || first == "init" || first == "subscript" || first == "deinit"
}

private func endOfBody(from start: Int, in lines: [Substring]) -> Int? {
    let column = indentation(lines[start])
    var opened = lines[start].hasSuffix("{")
    for index in lines.indices[(start + 1)...] {
        let line = lines[index]
        guard !line.isEmpty, indentation(line) <= column else { continue }
        let code = line.drop { $0 == " " }
        guard indentation(line) == column else { return nil }
        if opened { return code.hasPrefix("}") ? index : nil }
        guard code.hasPrefix(")") || code.hasPrefix("{") || code.hasPrefix("]") else { return nil }
        opened = line.hasSuffix("{")
        if !opened { return nil }
    }
    return nil
}

private func indentation(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }

/// Words that mark something unfinished or unsafe. Written in halves, so that this file passes.
let unfinishedWords = [
    "TO" + "DO", "FIX" + "ME", "fatal" + "Error(", "t" + "ry!", "a" + "s! ",
    "place" + "holder", "not impl" + "emented",
]

func unfinishedFindings(in file: SourceFile) -> [Finding] {
    file.lines.enumerated().flatMap { number, line in
        unfinishedWords.filter { line.contains($0) }.map {
            Finding(path: file.path, line: number + 1, message: "says \($0)")
        }
    }
}

/// Endings of type names that say nothing of the subject.
let emptyEndings = [
    "Manager", "Helper", "Helpers", "Util", "Utils", "Utilities", "Service", "Model", "Core",
    "Common",
]

/// A service is also what a contract sells by the minute.
let wordsOfTheContract: Set<Substring> = ["SoldService"]

/// Types whose names end in a word that fits anything.
func typeNameFindings(in file: SourceFile) -> [Finding] {
    let declaration = /\b(?:struct|class|enum|actor|protocol|typealias)\s+([A-Za-z0-9_]+)/
    return file.lines.enumerated().flatMap { number, line -> [Finding] in
        line.prefix(upTo: commentStart(line)).matches(of: declaration).compactMap { match in
            let name = match.1
            let isEmpty = emptyEndings.contains { name.hasSuffix($0) }
            guard isEmpty, !wordsOfTheContract.contains(name) else { return nil }
            return Finding(
                path: file.path, line: number + 1, message: "\(name) does not name a subject")
        }
    }
}

/// File names that hide their subject behind a plus sign.
func fileNameFindings(_ paths: [String]) -> [Finding] {
    paths.filter { $0.contains("+") }
        .map { Finding(path: $0, message: "a file is named by its subject, without +") }
}

/// Migrations are folders `NNNN_name` numbered from 0001 without a gap, each with its `up.sql`.
/// `paths` are those under the folder of migrations; other files may stand beside the folders.
func migrationFindings(_ paths: [String]) -> [Finding] {
    let folders = Set(
        paths.compactMap { path in
            path.contains("/") ? path.split(separator: "/").first.map(String.init) : nil
        }
    ).sorted()
    var findings: [Finding] = []
    for (index, folder) in folders.enumerated() {
        let number = String(format: "%04d", index + 1)
        if folder.wholeMatch(of: /[0-9]{4}_[a-z][a-z0-9_]*/) == nil {
            findings.append(Finding(path: folder, message: "is not named NNNN_name"))
        } else if !folder.hasPrefix(number) {
            findings.append(Finding(path: folder, message: "is numbered where \(number) follows"))
        }
        if !paths.contains("\(folder)/up.sql") {
            findings.append(Finding(path: folder, message: "has no up.sql"))
        }
    }
    return findings
}
