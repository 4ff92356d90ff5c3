/// A table of text (RFC 4180): read with commas, semicolons or tabs between cells, whichever the
/// first line has most of; written with commas. Lines are counted from 1 as an editor counts them.
package struct CSVTable: Hashable, Sendable {
    package struct Line: Hashable, Sendable {
        /// Where in the file it begins.
        package let number: Int
        package let cells: [String]
    }

    package enum Problem: Error, Hashable, Sendable {
        case notText
        case tooManyLines(most: Int)
        /// A quoted cell has no end, or something stands behind its end.
        case badQuote(line: Int)
    }

    package let lines: [Line]

    /// UTF-8, with or without a byte-order mark; empty lines are left out.
    package init(_ bytes: [UInt8], mostLines: Int) throws(Problem) {
        var bytes = bytes[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self), !text.contains("\0") else {
            throw .notText
        }
        var reader = Reader(text: Array(text.unicodeScalars))
        lines = try reader.lines(most: mostLines)
    }

    private struct Reader {
        let text: [Unicode.Scalar]
        var place = 0
        var number = 1
        let separator: Unicode.Scalar

        init(text: [Unicode.Scalar]) {
            self.text = text
            let first = text.prefix { $0 != "\n" && $0 != "\r" }
            let counted = [",", ";", "\t"].map { (mark: Unicode.Scalar) in
                (mark, first.count { $0 == mark })
            }
            separator = counted.max { $0.1 < $1.1 }?.0 ?? ","
        }

        mutating func lines(most: Int) throws(Problem) -> [Line] {
            var lines: [Line] = []
            while place < text.count {
                let begins = number
                let cells = try cells()
                if cells == [""] { continue }
                guard lines.count < most else { throw .tooManyLines(most: most) }
                lines.append(Line(number: begins, cells: cells))
            }
            return lines
        }

        private mutating func cells() throws(Problem) -> [String] {
            var cells: [String] = []
            while true {
                cells.append(try cell())
                guard place < text.count else { return cells }
                let mark = text[place]
                place += 1
                if mark == separator { continue }
                if mark == "\r", place < text.count, text[place] == "\n" { place += 1 }
                number += 1
                return cells
            }
        }

        /// A cell, up to what ends it.
        private mutating func cell() throws(Problem) -> String {
            guard place < text.count, text[place] == "\"" else {
                let start = place
                while place < text.count, !ends(text[place]) { place += 1 }
                return Self.trimmed(text[start..<place])
            }
            let begins = number
            place += 1
            var cell = String.UnicodeScalarView()
            while place < text.count {
                let scalar = text[place]
                place += 1
                if scalar != "\"" {
                    if scalar == "\n" { number += 1 }
                    cell.append(scalar)
                } else if place < text.count, text[place] == "\"" {
                    cell.append("\"")
                    place += 1
                } else {
                    guard place == text.count || ends(text[place]) else {
                        throw .badQuote(line: begins)
                    }
                    return String(cell)
                }
            }
            throw .badQuote(line: begins)
        }

        private func ends(_ scalar: Unicode.Scalar) -> Bool {
            scalar == separator || scalar == "\n" || scalar == "\r"
        }

        private static func trimmed(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
            let isBlank: (Unicode.Scalar) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\u{a0}" }
            let head = scalars.drop(while: isBlank)
            let tail = head.reversed().drop(while: isBlank).reversed()
            var text = String.UnicodeScalarView()
            text.append(contentsOf: tail)
            return String(text)
        }
    }
}

/// Writes a table: commas, quotes where they are needed, CRLF at the end of each line (RFC 4180).
package struct CSVWriter: Sendable {
    private var text = ""

    package init(columns: [String]) {
        add(columns)
    }

    /// What a spreadsheet would take for a formula is told to be text by an apostrophe: at the
    /// beginning of a cell, and after what it may take for the end of one.
    package mutating func add(_ cells: [String]) {
        text += cells.map(Self.written).joined(separator: ",") + "\r\n"
    }

    package var bytes: [UInt8] { Array(text.utf8) }

    private static func written(_ cell: String) -> String {
        let cell = String(String.UnicodeScalarView(safe(cell.unicodeScalars)))
        guard cell.unicodeScalars.contains(where: { [",", "\"", "\n", "\r"].contains($0) })
        else { return cell }
        return "\"\(cell.replacing("\"", with: "\"\""))\""
    }

    private static func safe(_ cell: String.UnicodeScalarView) -> [Unicode.Scalar] {
        var (written, isFirst): ([Unicode.Scalar], Bool) = ([], true)
        for scalar in cell {
            if isFirst, ["=", "+", "-", "@", "\t"].contains(scalar) { written.append("'") }
            written.append(scalar)
            isFirst = [";", "\t"].contains(scalar) || isFirst && scalar == " "
        }
        return written
    }
}
