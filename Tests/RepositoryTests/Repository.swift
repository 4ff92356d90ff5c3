import Foundation

/// One text file of the project, by its path from the root.
struct SourceFile: Sendable {
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    var name: Substring { path.split(separator: "/").last ?? "" }
}

/// Something that a check found, printed the way compilers do.
struct Finding: Hashable, CustomStringConvertible, Sendable {
    let path: String
    var line: Int?
    let message: String

    var description: String {
        line.map { "\(path):\($0): \(message)" } ?? "\(path): \(message)"
    }
}

/// The project's own files: what stands in the root, without what is built, downloaded or stored.
struct Repository {
    /// Found from where this file was compiled; links are followed to the real checkout.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every path from the root, sorted; folders end in a slash.
    static let paths: [String] = {
        var found: [String] = []
        var waiting = [""]
        while let folder = waiting.popLast() {
            let names =
                (try? FileManager.default.contentsOfDirectory(
                    atPath: root.appending(path: folder).path)) ?? []
            for name in names where !isLeftOut(name, in: folder) {
                var isFolder: ObjCBool = false
                let path = folder + name
                _ = FileManager.default.fileExists(
                    atPath: root.appending(path: path).path, isDirectory: &isFolder)
                found.append(isFolder.boolValue ? path + "/" : path)
                if isFolder.boolValue { waiting.append(path + "/") }
            }
        }
        return found.sorted()
    }()

    static func isLeftOut(_ name: String, in folder: String) -> Bool {
        name == ".git" || name.hasPrefix(".build") || name == ".venv" || name == "__pycache__"
            || name.hasPrefix(".pytest") || name == ".hypothesis" || name == ".schemathesis"
            || (folder.isEmpty && (name == "var" || name == "Package.resolved"))
    }

    /// Files under `folder` whose names end in one of `endings`.
    static func files(under folder: String = "", endings: [String]) throws -> [SourceFile] {
        try paths
            .filter { path in path.hasPrefix(folder) && endings.contains { path.hasSuffix($0) } }
            .map(file)
    }

    static func file(_ path: String) throws -> SourceFile {
        SourceFile(
            path: path,
            text: try String(contentsOf: root.appending(path: path), encoding: .utf8))
    }
}

/// The findings as one text, so that a failed expectation shows each on a line of its own.
func report(_ findings: [Finding]) -> String {
    findings.map(\.description).joined(separator: "\n")
}
