import MoneyAndTime
import Scheduling

/// A roster as a table. The first line names the columns, in any order: `specialist`, `date`,
/// `from` and `to` must be there; `services`, `grid_minutes`, `shortest_minutes`,
/// `longest_minutes`, `buffer_before_minutes` and `buffer_after_minutes` may. A specialist is named
/// by identifier or by label. docs/roster.md has it in full.
package struct RosterFile: Sendable {
    package static let mostLines = 1_000

    package enum Column: String, Hashable, Sendable, CaseIterable {
        case specialist, date, from, to, services
        case gridMinutes = "grid_minutes"
        case shortestMinutes = "shortest_minutes"
        case longestMinutes = "longest_minutes"
        case bufferBeforeMinutes = "buffer_before_minutes"
        case bufferAfterMinutes = "buffer_after_minutes"

        static let needed: [Column] = [.specialist, .date, .from, .to]
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
        case specialistUnknown = "specialist_unknown"
        case specialistNotClear = "specialist_not_clear"
        case dateUnreadable = "date_unreadable"
        case dateOutside = "date_outside"
        case timeUnreadable = "time_unreadable"
        case serviceUnreadable = "service_unreadable"
        case numberUnreadable = "number_unreadable"
        case lengthsOutOfRange = "lengths_out_of_range"
        case tooShort = "too_short"
        case twice
    }

    package typealias Problem = TableProblem<Mistake>
    package typealias Refused = TableRefused<Mistake>

    package let shifts: [RosterShift]

    /// `specialists`: the caller's own, with what they are called. Every line has to lie in `days`.
    package init(
        _ bytes: [UInt8], specialists: [(id: SpecialistID, label: String)],
        days: ClosedRange<CalendarDate>
    ) throws(Refused) {
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
        var (problems, shifts): ([Problem], [RosterShift]) = ([], [])
        var seen: Set<RosterShift> = []
        for line in table.lines.dropFirst() {
            var reader = LineReader(line, columns, specialists, days)
            guard let shift = reader.shift() else {
                problems += reader.problems
                continue
            }
            if seen.insert(shift).inserted {
                shifts.append(shift)
            } else {
                problems.append(Problem(.twice, line: line.number))
            }
        }
        guard problems.isEmpty else { throw Refused(problems) }
        self.shifts = shifts
    }

    private static func columns(of head: CSVTable.Line) throws(Refused) -> [Column] {
        var (columns, problems): ([Column], [Problem]) = ([], [])
        for (index, name) in head.cells.enumerated() {
            guard let column = Column(rawValue: name.lowercased()) else {
                problems.append(
                    Problem(.columnUnknown, line: head.number, column: index + 1))
                continue
            }
            if columns.contains(column) {
                problems.append(Problem(.columnTwice, line: head.number, column: index + 1))
            }
            columns.append(column)
        }
        if !Column.needed.allSatisfy(columns.contains) {
            problems.append(Problem(.columnMissing, line: head.number))
        }
        guard problems.isEmpty else { throw Refused(problems) }
        return columns
    }
}

/// Reads one line.
private struct LineReader {
    private let line: CSVTable.Line
    private let columns: [RosterFile.Column]
    private let specialists: [(id: SpecialistID, label: String)]
    private let days: ClosedRange<CalendarDate>
    private(set) var problems: [RosterFile.Problem] = []

    init(
        _ line: CSVTable.Line, _ columns: [RosterFile.Column],
        _ specialists: [(id: SpecialistID, label: String)], _ days: ClosedRange<CalendarDate>
    ) {
        (self.line, self.columns, self.specialists, self.days) = (
            line, columns, specialists, days
        )
    }

    /// Nil with the problems where something is wrong.
    mutating func shift() -> RosterShift? {
        guard line.cells.count == columns.count else {
            problems = [
                .init(
                    .cellCount, line: line.number,
                    column: min(line.cells.count, columns.count) + 1)
            ]
            return nil
        }
        let specialist = specialist()
        let date = date()
        let (from, to) = (time(.from), time(.to))
        let terms = terms()
        guard problems.isEmpty, let specialist, let date, let from, let to, let terms else {
            return nil
        }
        do {
            try AvailabilityRule.requireHours(from: from, to: to, pauses: [], terms: terms)
        } catch {
            say(.tooShort, .to)
            return nil
        }
        return RosterShift(
            specialist: specialist, date: date, from: from, to: to, terms: terms)
    }

    private func text(_ column: RosterFile.Column) -> String? {
        guard let index = columns.firstIndex(of: column), !line.cells[index].isEmpty else {
            return nil
        }
        return line.cells[index]
    }

    private mutating func say(_ mistake: RosterFile.Mistake, _ column: RosterFile.Column) {
        let place = (columns.firstIndex(of: column) ?? 0) + 1
        problems.append(.init(mistake, line: line.number, column: place))
    }

    private mutating func specialist() -> SpecialistID? {
        let named = text(.specialist) ?? ""
        if let id = try? SpecialistID(typeID: named), specialists.contains(where: { $0.id == id }) {
            return id
        }
        let found = specialists.filter { $0.label.lowercased() == named.lowercased() }
        if found.count != 1 {
            say(found.isEmpty ? .specialistUnknown : .specialistNotClear, .specialist)
        }
        return found.count == 1 ? found[0].id : nil
    }

    /// `2027-03-01` or `1.3.2027`.
    private mutating func date() -> CalendarDate? {
        let typed = text(.date) ?? ""
        let parts = typed.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        var date = try? CalendarDate(iso: typed)
        if parts.count == 3, let day = parts[0], let month = parts[1], let year = parts[2] {
            date = try? CalendarDate(year: year, month: month, day: day)
        }
        guard let date else {
            say(.dateUnreadable, .date)
            return nil
        }
        if !days.contains(date) { say(.dateOutside, .date) }
        return date
    }

    /// `08:00`, `8:00`, `8.00`.
    private mutating func time(_ column: RosterFile.Column) -> TimeOfDay? {
        var typed = (text(column) ?? "").replacing(".", with: ":")
        if typed.count == 4 { typed = "0" + typed }
        guard let time = try? TimeOfDay(typed) else {
            say(.timeUnreadable, column)
            return nil
        }
        return time
    }

    private mutating func terms() -> OfferTerms? {
        let services = (text(.services) ?? "").split { " ,;|".contains($0) }.map(String.init)
        let isCode = services.allSatisfy { code in
            code.utf8.count <= 64
                && code.utf8.allSatisfy {
                    $0 == 0x2D || (0x30...0x39).contains($0) || (0x61...0x7A).contains($0)
                }
        }
        if !isCode || services.count > 50 { say(.serviceUnreadable, .services) }
        let minutes: [(RosterFile.Column, Int64)] = [
            (.gridMinutes, 15), (.shortestMinutes, 30), (.longestMinutes, 60),
            (.bufferBeforeMinutes, 0), (.bufferAfterMinutes, 10),
        ]
        var read: [Int64] = []
        for (column, usual) in minutes {
            guard let typed = text(column) else {
                read.append(usual)
                continue
            }
            guard let number = Int64(typed), number >= 0 else {
                say(.numberUnreadable, column)
                continue
            }
            read.append(number)
        }
        guard problems.isEmpty, read.count == minutes.count else { return nil }
        guard let grid = StartGrid(rawValue: read[0]) else {
            say(.numberUnreadable, .gridMinutes)
            return nil
        }
        do {
            return try OfferTerms(
                services: services.isEmpty ? nil : Set(services), grid: grid,
                shortestMinutes: read[1], longestMinutes: read[2], bufferBeforeMinutes: read[3],
                bufferAfterMinutes: read[4])
        } catch {
            say(.lengthsOutOfRange, .longestMinutes)
            return nil
        }
    }
}
