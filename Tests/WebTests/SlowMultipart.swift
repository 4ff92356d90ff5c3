import Foundation

@testable import Web

/// The same forms read the slow and obvious way: split at every delimiter, and then at every line.
enum SlowMultipart {
    static func parts(of body: [UInt8], boundary: String) -> [MultipartForm.Part]? {
        let pieces = split([13, 10] + body, at: Array("\r\n--\(boundary)".utf8))
        guard pieces.count > 1, pieces[0].isEmpty,
            ["--", "--\r\n"].map({ Array($0.utf8) }).contains(pieces[pieces.count - 1])
        else { return nil }
        var parts: [MultipartForm.Part] = []
        for piece in pieces.dropFirst().dropLast() {
            guard piece.starts(with: [13, 10]), let part = part(Array(piece.dropFirst(2))) else {
                return nil
            }
            parts.append(part)
        }
        return parts
    }

    private static func part(_ bytes: [UInt8]) -> MultipartForm.Part? {
        let halves = split(bytes, at: [13, 10, 13, 10])
        guard halves.count > 1, let text = String(validating: halves[0], as: UTF8.self) else {
            return nil
        }
        let lines = text.components(separatedBy: "\r\n")
        let header = "^[A-Za-z0-9_-]+:[^\\x00-\\x08\\x0A-\\x1F\\x7F]*\\z"
        guard lines.allSatisfy({ matches(header, $0) }) else { return nil }
        func named(_ name: String) -> [String] {
            lines.filter { $0.lowercased().hasPrefix("\(name):") }
        }
        let encoding = "(?i)^[^:]*:[ \\t]*(7bit|8bit|binary)[ \\t]*\\z"
        guard named("content-transfer-encoding").allSatisfy({ matches(encoding, $0) }),
            named("content-disposition").count == 1
        else { return nil }
        let line = named("content-disposition")[0]
        let form = "(?i)^[^:]*:[ \\t]*form-data[ \\t]*;[ \\t]*name=\"[a-z0-9_-]{1,64}\"[ \\t]*"
        let isFile = matches("\(form);[ \\t]*filename\\*?=.*\\z", line)
        guard isFile || matches("\(form)\\z", line) else { return nil }
        let content = Array(bytes.dropFirst(halves[0].count + 4))
        guard isFile || String(validating: content, as: UTF8.self) != nil else { return nil }
        return MultipartForm.Part(
            name: line.components(separatedBy: "\"")[1], isFile: isFile, content: content)
    }

    private static func matches(_ pattern: String, _ text: String) -> Bool {
        text.range(of: pattern, options: .regularExpression) != nil
    }

    private static func split(_ bytes: [UInt8], at wanted: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = [[]]
        var place = 0
        while place < bytes.count {
            if Array(bytes[place...].prefix(wanted.count)) == wanted {
                pieces.append([])
                place += wanted.count
            } else {
                pieces[pieces.count - 1].append(bytes[place])
                place += 1
            }
        }
        return pieces
    }
}
