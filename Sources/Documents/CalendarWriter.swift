import MoneyAndTime

/// Writes iCalendar (RFC 5545): lines that end in CR LF, folded at 75 bytes, of UTF-8. Nothing that
/// is put in as a text or a parameter can begin a line or a property of its own.
struct CalendarWriter {
    /// The most bytes of a line (RFC 5545 §3.1).
    static let longestLine = 75

    private(set) var bytes: [UInt8] = []

    /// One property; `value` is written as it is, and so has to be of a kind that needs no escape:
    /// a time, a number, an address.
    mutating func line(
        _ name: String, _ value: String, _ parameters: KeyValuePairs<String, String> = [:]
    ) {
        var line = name
        for (parameter, text) in parameters { line += ";\(parameter)=\(Self.quoted(text))" }
        fold("\(line):\(value)")
    }

    mutating func text(
        _ name: String, _ text: String, _ parameters: KeyValuePairs<String, String> = [:]
    ) {
        var line = name
        for (parameter, text) in parameters { line += ";\(parameter)=\(Self.quoted(text))" }
        fold("\(line):\(Self.escaped(text))")
    }

    mutating func component(_ name: String, _ body: (inout CalendarWriter) -> Void) {
        line("BEGIN", name)
        body(&self)
        line("END", name)
    }

    /// A line goes on in the next one, which begins with a blank. What people see as one character
    /// is not cut in two, unless it is longer than a line.
    private mutating func fold(_ line: String) {
        var length = 0
        for character in line {
            let isShort = character.utf8.count < Self.longestLine
            let pieces =
                isShort ? [String(character)] : character.unicodeScalars.map { String($0) }
            for piece in pieces {
                if length + piece.utf8.count > Self.longestLine {
                    bytes += [0x0D, 0x0A, 0x20]
                    length = 1
                }
                bytes += Array(piece.utf8)
                length += piece.utf8.count
            }
        }
        bytes += [0x0D, 0x0A]
    }

    /// As a value of the type TEXT (RFC 5545 §3.3.11). What no text of ours may hold is left out.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars where scalar.isReadable {
            switch scalar {
            case "\\", ";", ",": escaped += "\\\(scalar)"
            case "\n", "\u{2028}", "\u{2029}": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// As a value of a parameter: in quotes wherever it is more than a word (RFC 5545 §3.2), and
    /// what quotes cannot hold written as RFC 6868 has it.
    static func quoted(_ text: String) -> String {
        var quoted = ""
        for scalar in text.unicodeScalars where scalar.isReadable {
            switch scalar {
            case "^": quoted += "^^"
            case "\"": quoted += "^'"
            case "\n", "\u{2028}", "\u{2029}": quoted += "^n"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        let isWord = quoted.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
        }
        return isWord && !quoted.isEmpty ? quoted : "\"\(quoted)\""
    }

    /// In UTC, to the second that has begun: `20270308T080000Z`.
    static func utc(_ instant: Instant) -> String {
        String(instant.rfc3339.prefix(19).filter { $0 != "-" && $0 != ":" }) + "Z"
    }
}
