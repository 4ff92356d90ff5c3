import Foundation
import MoneyAndTime

/// Tells the story on standard output, for people; bold headings where that is a terminal.
struct Teller: Sendable {
    private static let width = 96
    private static let indent = "   "
    private let isTerminal: Bool

    init() {
        let environment = ProcessInfo.processInfo.environment
        isTerminal =
            isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR"] == nil
            && environment["TERM"] != "dumb"
    }

    func heading(_ text: String) {
        write(isTerminal ? "\n\u{1B}[1m\(text)\u{1B}[0m\n" : "\n\(text)\n")
    }

    /// A paragraph, broken into lines between words.
    func say(_ text: String) {
        write(Self.wrapped(text, Self.indent, Self.indent))
    }

    /// A paragraph that hangs behind a dash.
    func item(_ text: String) {
        write(Self.wrapped(text, Self.indent + "  - ", Self.indent + "    "))
    }

    /// What somebody else says, such as the lines of a trace.
    func quote(_ lines: [String]) {
        for line in lines {
            write(Self.wrapped(line, Self.indent + "  | ", Self.indent + "  |   "))
        }
    }

    /// What the API said when it refused.
    func refusal(_ refusal: Refused) {
        quote(["refused, \(refusal.status) \(refusal.code): \"\(refusal.title)\""])
    }

    func emptyLine() { write("\n") }

    func table(_ table: Table) {
        write(table.lines.map { "\(Self.indent)  \($0)\n" }.joined())
    }

    /// Tells what is being done, shows a dot every half second, and then how long it took.
    func during<Result>(
        _ what: String, _ body: () async throws -> Result
    ) async throws -> Result {
        let started = ContinuousClock.now
        write("\(Self.indent)\(what) ..")
        let dots = Task {
            while true {
                try await Task.sleep(for: .milliseconds(500))
                write(".")
            }
        }
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(try await body())
        } catch {
            outcome = .failure(error)
        }
        dots.cancel()
        _ = await dots.result
        switch outcome {
        case .success(let result):
            write(" \(Self.seconds(since: started)) s\n")
            return result
        case .failure(let error):
            write(" failed\n")
            throw error
        }
    }

    /// With one decimal.
    static func seconds(since started: ContinuousClock.Instant) -> String {
        String(format: "%.1f", (ContinuousClock.now - started) / .seconds(1))
    }

    /// A no-break space keeps words on one line, and is then written as any other.
    private func write(_ text: String) {
        print(String(text.map { $0 == "\u{A0}" ? " " : $0 }), terminator: "")
        fflush(nil)
    }

    private static func wrapped(_ text: String, _ first: String, _ rest: String) -> String {
        var lines: [String] = []
        var line = first
        for word in text.split(separator: " ") {
            let isEmpty = line == (lines.isEmpty ? first : rest)
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = rest + word
            } else {
                line += isEmpty ? String(word) : " \(word)"
            }
        }
        return (lines + [line]).map { "\($0)\n" }.joined()
    }
}

/// Figures in columns; a column of amounts is set flush right.
struct Table: Sendable {
    enum Column: Sendable {
        case left(String)
        case right(String)
    }

    let columns: [Column]
    let rows: [[String]]

    var lines: [String] {
        let titles = columns.map { column in
            switch column {
            case .left(let title), .right(let title): title
            }
        }
        let all = [titles] + rows
        let widths = titles.indices.map { index in
            all.map { $0.indices.contains(index) ? $0[index].count : 0 }.max() ?? 0
        }
        let rule = widths.map { String(repeating: "-", count: $0) }
        return ([titles, rule] + rows).map { row in
            let cells = zip(columns, zip(row, widths)).map { column, cell in
                let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
                return switch column {
                case .left: cell.0 + padding
                case .right: padding + cell.0
                }
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
