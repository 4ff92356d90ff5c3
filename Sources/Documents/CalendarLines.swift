/// The content lines of an iCalendar file (RFC 5545 §3.1): unfolded, each in its name, parameters
/// and value.
struct CalendarLine: Hashable, Sendable {
    /// In capitals.
    let name: String
    /// By their names in capitals; of several values the first.
    let parameters: [String: String]
    let value: String

    /// Lines that are none are left out: a calendar has extensions of many kinds.
    static func all(_ text: String) -> [CalendarLine] {
        var lines: [String] = []
        for line in text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline) {
            // a line goes on in the next where that begins with white space
            if let first = line.first, first == " " || first == "\t", !lines.isEmpty {
                lines[lines.count - 1] += line.dropFirst()
            } else {
                lines.append(String(line))
            }
        }
        return lines.compactMap { CalendarLine($0) }
    }

    init?(_ text: String) {
        var (parts, part, isQuoted): ([String], String, Bool) = ([], "", false)
        var rest = text[...]
        scan: while let character = rest.first {
            rest = rest.dropFirst()
            switch character {
            case "\"": isQuoted.toggle()
            case ";" where !isQuoted:
                parts.append(part)
                part = ""
            case ":" where !isQuoted:
                parts.append(part)
                value = String(rest)
                name = parts[0].uppercased()
                parameters = Self.parameters(parts.dropFirst())
                return
            default: part.append(character)
            }
        }
        return nil
    }

    private static func parameters(_ parts: ArraySlice<String>) -> [String: String] {
        var parameters: [String: String] = [:]
        for part in parts {
            let halves = part.split(separator: "=", maxSplits: 1)
            if halves.count == 2 { parameters[halves[0].uppercased()] = String(halves[1]) }
        }
        return parameters
    }
}
