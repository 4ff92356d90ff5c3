import MoneyAndTime
import Visits

/// What a video service has written down of who was in which visit, as a table. The first line
/// names the columns, in any order: `visit`, `side`, `joined` and `left`. docs/room.md has it in
/// full.
package struct CallLogFile: Sendable {
    package static let mostLines = 1_000

    package enum Column: String, Hashable, Sendable, CaseIterable {
        case visit, side, joined, left
    }

    package enum Mistake: String, TableMistake, CaseIterable {
        case notText = "not_text"
        case tooManyLines = "too_many_lines"
        case badQuote = "bad_quote"
        case columnMissing = "column_missing"
        case columnUnknown = "column_unknown"
        case columnTwice = "column_twice"
        case cellCount = "cell_count"
        case nothing
        case visitUnknown = "visit_unknown"
        case tooManyVisits = "too_many_visits"
        case sideUnknown = "side_unknown"
        case timeUnreadable = "time_unreadable"
        case leftTooEarly = "left_too_early"
        // of a visit that is there
        case visitNotAgreed = "visit_not_agreed"
        case minutesAgreed = "minutes_agreed"
        case outsideJoinWindow = "outside_join_window"
        case timeInTheFuture = "time_in_the_future"
    }

    package typealias Problem = TableProblem<Mistake>
    package typealias Refused = TableRefused<Mistake>

    /// How a line names its visit.
    package enum VisitName: Hashable, Sendable {
        case booking(BookingID)
        /// The name of its room, without what an organisation puts before it.
        case room(String)

        /// Of a room: what ends in 32 hexadecimal digits, in capitals or not.
        init?(_ text: String) {
            if let id = try? BookingID(typeID: text) {
                self = .booking(id)
                return
            }
            let name = text.suffix(32).lowercased()
            let isName = { (byte: UInt8) in
                (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
            }
            guard name.utf8.count == 32, name.utf8.allSatisfy(isName) else { return nil }
            self = .room(name)
        }
    }

    /// One person's stay.
    package struct Stay: Hashable, Sendable {
        package let line: Int
        package let visit: VisitName
        package let side: Side
        package let during: TimeSlot
    }

    package let stays: [Stay]
    /// Where each column stands, from 1.
    private let places: [Column: Int]

    package init(_ bytes: [UInt8]) throws(Refused) {
        let table: CSVTable
        do {
            table = try CSVTable(bytes, mostLines: Self.mostLines + 1)
        } catch {
            throw Refused([Problem(error)])
        }
        guard let head = table.lines.first, table.lines.count > 1 else {
            throw Refused([Problem(.nothing, line: 1)])
        }
        let columns = try Self.columns(of: head)
        places = columns
        var (problems, stays): ([Problem], [Stay]) = ([], [])
        for line in table.lines.dropFirst() {
            guard line.cells.count == columns.count else {
                problems.append(
                    Problem(
                        .cellCount, line: line.number,
                        column: min(line.cells.count, columns.count) + 1))
                continue
            }
            let read = Self.stay(line, columns)
            if let stay = read.stay { stays.append(stay) }
            problems += read.problems
        }
        guard problems.isEmpty else { throw Refused(problems) }
        self.stays = stays
    }

    /// A problem with what a line says in a column.
    package func problem(_ mistake: Mistake, _ stay: Stay, _ column: Column) -> Problem {
        Problem(mistake, line: stay.line, column: places[column] ?? 1)
    }

    private static func stay(
        _ line: CSVTable.Line, _ columns: [Column: Int]
    ) -> (stay: Stay?, problems: [Problem]) {
        var problems: [Problem] = []
        func cell(_ column: Column) -> String {
            columns[column].map { line.cells[$0 - 1] } ?? ""
        }
        func say(_ mistake: Mistake, _ column: Column) {
            problems.append(
                Problem(mistake, line: line.number, column: columns[column] ?? 1))
        }
        let visit = VisitName(cell(.visit))
        if visit == nil { say(.visitUnknown, .visit) }
        let side = Side(rawValue: cell(.side).lowercased())
        if side == nil { say(.sideUnknown, .side) }
        let joined = try? Instant(rfc3339: cell(.joined))
        if joined == nil { say(.timeUnreadable, .joined) }
        let left = try? Instant(rfc3339: cell(.left))
        if left == nil { say(.timeUnreadable, .left) }
        guard let visit, let side, let joined, let left else { return (nil, problems) }
        guard let during = try? TimeSlot(start: joined, end: left) else {
            say(.leftTooEarly, .left)
            return (nil, problems)
        }
        return (Stay(line: line.number, visit: visit, side: side, during: during), problems)
    }

    private static func columns(of head: CSVTable.Line) throws(Refused) -> [Column: Int] {
        var (columns, problems): ([Column: Int], [Problem]) = ([:], [])
        for (index, name) in head.cells.enumerated() {
            guard let column = Column(rawValue: name.lowercased()) else {
                problems.append(Problem(.columnUnknown, line: head.number, column: index + 1))
                continue
            }
            if columns[column] != nil {
                problems.append(Problem(.columnTwice, line: head.number, column: index + 1))
            }
            columns[column] = index + 1
        }
        if problems.isEmpty, columns.count < Column.allCases.count {
            problems.append(Problem(.columnMissing, line: head.number))
        }
        guard problems.isEmpty else { throw Refused(problems) }
        return columns
    }
}
