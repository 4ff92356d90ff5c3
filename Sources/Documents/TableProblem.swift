/// What can be wrong with any table; what else can be is each table's own.
package protocol TableMistake: Hashable, Sendable {
    static var notText: Self { get }
    static var tooManyLines: Self { get }
    static var badQuote: Self { get }
}

/// Where something is wrong: line and column of the file, from 1.
package struct TableProblem<Mistake: TableMistake>: Hashable, Sendable {
    package let line: Int
    package let column: Int
    package let mistake: Mistake

    package init(_ mistake: Mistake, line: Int, column: Int = 1) {
        self.line = line
        self.column = column
        self.mistake = mistake
    }

    init(_ problem: CSVTable.Problem) {
        switch problem {
        case .notText: self.init(.notText, line: 1)
        case .tooManyLines(let most): self.init(.tooManyLines, line: most + 1)
        case .badQuote(let line): self.init(.badQuote, line: line)
        }
    }
}

package struct TableRefused<Mistake: TableMistake>: Error, Hashable, Sendable {
    package let problems: [TableProblem<Mistake>]

    package init(_ problems: [TableProblem<Mistake>]) {
        self.problems = problems
    }
}
