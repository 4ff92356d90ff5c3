import Foundation

/// The targets of Package.swift with the names of what they depend on, read from its text: its
/// lists are literals and named lists joined by `+`.
struct PackageManifest {
    struct Target: Equatable {
        let name: String
        let dependencies: Set<String>
    }

    let targets: [Target]

    init(text: String) {
        let bare = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.prefix(upTo: commentStart($0)) }.joined(separator: "\n")
        let lists = Self.definitions(in: bare)
        let package = bare.range(of: "targets: [").map { bare[$0.upperBound...] } ?? ""
        targets = Self.calls(of: ["room(", ".executableTarget(", ".systemLibrary("], in: package)
            .compactMap { call in
                let settings = ["resources:", "swiftSettings:", "pkgConfig:", "providers:"]
                let end = settings.compactMap { call.range(of: $0)?.lowerBound }.min()
                var names = Self.names(in: call.prefix(upTo: end ?? call.endIndex), lists: lists)
                guard !names.isEmpty else { return nil }
                let name = names.removeFirst()
                return Target(name: name, dependencies: Set(names))
            }
    }

    /// `let name: [Target.Dependency] = …` and `let name: Target.Dependency = .product(…)`.
    private static func definitions(in text: String) -> [String: [String]] {
        var lists: [String: [String]] = [:]
        for part in ("\n" + text).components(separatedBy: "\nlet ").dropFirst() {
            guard part.prefix(while: { $0 != "=" }).contains("Target.Dependency") else { continue }
            let name = String(part.prefix { $0 != ":" })
            let value = part.drop { $0 != "=" }
            let end = value.range(of: "\nfunc ")?.lowerBound ?? value.endIndex
            if let product = calls(of: [".product("], in: value).first {
                lists[name] = Array(names(in: product, lists: [:]).prefix(1))
            } else {
                lists[name] = names(in: value.prefix(upTo: end), lists: lists)
            }
        }
        return lists
    }

    /// The arguments of each call of one of `functions`, between its balanced parentheses.
    private static func calls(of functions: [String], in text: Substring) -> [Substring] {
        var found: [(at: Substring.Index, body: Substring)] = []
        for function in functions {
            for range in text.ranges(of: function) {
                var depth = 1
                let body = text[range.upperBound...].prefix { character in
                    depth += character == "(" ? 1 : character == ")" ? -1 : 0
                    return depth > 0
                }
                found.append((range.lowerBound, body))
            }
        }
        return found.sorted { $0.at < $1.at }.map(\.body)
    }

    /// The text literals in `text` in order, with the names of lists replaced by what they hold.
    private static func names(in text: Substring, lists: [String: [String]]) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .flatMap { index, part in
                index.isMultiple(of: 2)
                    ? part.split { !($0.isLetter || $0.isNumber) }
                        .flatMap { lists[String($0)] ?? [] }
                    : [String(part)]
            }
    }
}

/// Where Package.swift and the import table disagree.
func manifestFindings(_ manifest: PackageManifest, table: ImportTable) -> [Finding] {
    let rooms = Set(table.rows.keys)
    var findings: [Finding] = []
    func found(_ message: String) {
        findings.append(Finding(path: "Package.swift", message: message))
    }
    for target in manifest.targets {
        guard let row = table.rows[target.name] else {
            found("\(target.name) has no row in the import table")
            continue
        }
        let ours = target.dependencies.intersection(rooms)
        for extra in ours.subtracting(row.ours).sorted() {
            found("\(target.name) depends on \(extra), which the table does not allow")
        }
        for missing in row.ours.subtracting(ours).sorted() {
            found("\(target.name) does not depend on \(missing), which the table allows")
        }
        for extra in target.dependencies.subtracting(rooms).subtracting(row.others).sorted() {
            found("\(target.name) depends on \(extra), which the table does not allow")
        }
    }
    for stale in rooms.subtracting(manifest.targets.map(\.name)).sorted() {
        found("\(stale) is in the import table and is no target")
    }
    return findings
}
