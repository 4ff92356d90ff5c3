import Foundation

/// What the pages say, in every language: lines of `key = text` in files beside this room. A line
/// that begins with `#` is for the translators.
package struct Texts: Sendable {
    /// A file that cannot be used: where, and why.
    package struct Malformed: Error, CustomStringConvertible {
        package let description: String
    }

    private let byLanguage: [Language: [String: String]]

    package init() throws {
        var byLanguage: [Language: [String: String]] = [:]
        for language in Language.allCases {
            let file = try WebFiles.read("Texts/\(language.rawValue)")
            byLanguage[language] = try Self.parse(file, of: language)
        }
        self.byLanguage = byLanguage
    }

    package subscript(language: Language) -> [String: String] { byLanguage[language, default: [:]] }

    static func parse(_ file: String, of language: Language) throws(Malformed) -> [String: String] {
        var texts: [String: String] = [:]
        for (index, line) in file.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated() where !line.isEmpty && line.first != "#"
        {
            let place = "Texts/\(language.rawValue):\(index + 1)"
            guard let mark = line.firstRange(of: " = ") else {
                throw Malformed(description: "\(place): no ' = '")
            }
            let (key, text) = (line[..<mark.lowerBound], line[mark.upperBound...])
            guard !key.isEmpty, !text.isEmpty, key.utf8.allSatisfy(Self.isKeyByte) else {
                throw Malformed(description: "\(place): a key of a-z, 0-9 and _, and a text")
            }
            guard texts.updateValue(String(text), forKey: String(key)) == nil else {
                throw Malformed(description: "\(place): \(key) is there twice")
            }
        }
        return texts
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// The files that travel with this room.
enum WebFiles {
    struct Missing: Error {
        let path: String
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        guard let folder = Bundle.module.resourceURL else { throw Missing(path: path) }
        return Array(try Data(contentsOf: folder.appendingPathComponent(path)))
    }

    static func read(_ path: String) throws -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else {
            throw Missing(path: path)
        }
        return text
    }

    static func names(in folder: String) throws -> [String] {
        guard let root = Bundle.module.resourceURL else { throw Missing(path: folder) }
        return try FileManager.default
            .contentsOfDirectory(atPath: root.appendingPathComponent(folder).path).sorted()
    }
}
