import Documents
import Foundation
import Testing

@Suite struct CSVTableTests {
    private func read(_ text: String) throws -> [[String]] {
        try CSVTable(Array(text.utf8), mostLines: 100).lines.map(\.cells)
    }

    @Test func asSpreadsheetsWriteIt() throws {
        #expect(try read("a,b\r\n1,2\r\n") == [["a", "b"], ["1", "2"]])
        #expect(try read("a;b,c;d\n1;2;3") == [["a", "b,c", "d"], ["1", "2", "3"]])
        #expect(try read("a\tb\r1\t2\r") == [["a", "b"], ["1", "2"]])
        #expect(try read("\u{feff}a,b\n") == [["a", "b"]])
        #expect(try read("a,\"b \"\"x\"\", c\"\n,\n") == [["a", "b \"x\", c"], ["", ""]])
        #expect(try read("a,\"two\r\nlines\"\n") == [["a", "two\r\nlines"]])
        #expect(try read(" a , b\u{a0}\n\n\nc,d\n") == [["a", "b"], ["c", "d"]])
        #expect(try read("a,b,\n") == [["a", "b", ""]])
    }

    @Test func linesAreCountedAsAnEditorDoes() throws {
        let table = try CSVTable(
            Array("a,b\n\n\"x\ny\",1\nz,2\n".utf8), mostLines: 100)
        #expect(table.lines.map(\.number) == [1, 3, 5])
    }

    @Test func whatIsNoTableIsRefused() {
        #expect(throws: CSVTable.Problem.badQuote(line: 2)) { try read("a,b\n\"x,1\n") }
        #expect(throws: CSVTable.Problem.badQuote(line: 1)) { try read("\"a\"b,c\n") }
        #expect(throws: CSVTable.Problem.notText) { try CSVTable([0x61, 0xFF], mostLines: 9) }
        #expect(throws: CSVTable.Problem.notText) { try CSVTable([0x61, 0x00], mostLines: 9) }
        #expect(throws: CSVTable.Problem.tooManyLines(most: 2)) {
            try CSVTable(Array("a\nb\nc\n".utf8), mostLines: 2)
        }
    }

    /// What is written is read again as it was, but for what could be a formula.
    @Test(arguments: 0..<50) func writtenAndRead(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let parts = ["a", ",", "\"", "\n", "\r\n", ";", "ä", "1", " x", "=", "-", "b c"]
        let rows = (0..<6).map { _ in
            (0..<4).map { index in
                (index == 0 ? "k" : "")
                    + (0..<Int.random(in: 0...4, using: &random)).map { _ in
                        parts.randomElement(using: &random) ?? ""
                    }.joined()
            }
        }
        var writer = CSVWriter(columns: ["w", "x", "y", "z"])
        for row in rows { writer.add(row) }
        let read = try CSVTable(writer.bytes, mostLines: 100).lines.dropFirst().map(\.cells)
        let expected = rows.map { row in
            row.map { cell in
                // a semicolon ends a cell in some countries
                let told = cell.split(separator: ";", omittingEmptySubsequences: false).map {
                    let blanks = $0.prefix { $0 == " " }
                    let rest = $0.dropFirst(blanks.count)
                    let isFormula = rest.first.map { "=+-@".contains($0) } ?? false
                    return isFormula ? "\(blanks)'\(rest)" : String($0)
                }.joined(separator: ";")
                let isQuoted = told.contains { ",\"\n\r\r\n".contains($0) }
                // blanks around what is not quoted are nobody's
                return isQuoted ? told : told.trimmingCharacters(in: .whitespaces)
            }
        }
        #expect(read == expected)
    }
}
