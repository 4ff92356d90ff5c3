/// An instant of `timestamptz`: microseconds since 1970-01-01T00:00:00Z, the server's resolution.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.microseconds < right.microseconds
    }

    /// From 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
    private static let epoch: Int64 = 946_684_800_000_000
}

extension Timestamp: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .timestamptz }
    package static var postgresArrayType: PostgresType { .timestamptzArray }

    package func encode(to bytes: inout [UInt8]) throws {
        let (value, overflow) = microseconds.subtractingReportingOverflow(Self.epoch)
        // The two ends of the range mean -infinity and infinity.
        guard !overflow, value != .min, value != .max else {
            throw CellError.malformed("is out of the range of timestamptz")
        }
        bytes.append(bigEndian: value)
    }

    /// Reads the binary form only; a `script`, whose columns are text, has to cast.
    package init(postgres cell: Cell) throws {
        guard cell.type == .timestamptz, cell.format == .binary else {
            throw CellError.type(expected: "Timestamp")
        }
        let value = try cell.integer(Int64.self)
        guard value != .min, value != .max else { throw CellError.malformed("is infinite") }
        let (microseconds, overflow) = value.addingReportingOverflow(Self.epoch)
        guard !overflow else { throw CellError.malformed("does not fit Timestamp") }
        self.init(microseconds: microseconds)
    }
}

/// A `date` of the proleptic Gregorian calendar: days since 1970-01-01.
package struct DateOnly: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let days: Int32

    package init(days: Int32) {
        self.days = days
    }

    /// Nil when the calendar has no such day. Years 1 to 9999.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else {
            return nil
        }
        // Counted in years that begin in March, so that a leap day is the last of its year.
        let shifted = month <= 2 ? year - 1 : year
        let ofYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let count = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + ofYear - 719_468
        self.init(days: Int32(count))
        guard parts == (year, month, day) else { return nil }
    }

    package var year: Int { parts.year }
    package var month: Int { parts.month }
    package var day: Int { parts.day }

    private var parts: (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * ofYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, ofYear - (153 * march + 2) / 5 + 1)
    }

    /// ISO 8601: `2026-03-29`.
    package var description: String {
        let (year, month, day) = parts
        return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    package static func < (left: Self, right: Self) -> Bool { left.days < right.days }
}

extension DateOnly: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    package static var postgresType: PostgresType { .date }
    package static var postgresArrayType: PostgresType { .dateArray }

    /// From 1970-01-01 to 2000-01-01, where PostgreSQL counts from.
    private static let epoch: Int32 = 10_957

    package func encode(to bytes: inout [UInt8]) throws {
        let (value, overflow) = days.subtractingReportingOverflow(Self.epoch)
        guard !overflow, value != .min, value != .max else {
            throw CellError.malformed("is out of the range of date")
        }
        bytes.append(bigEndian: value)
    }

    package init(postgres cell: Cell) throws {
        guard cell.type == .date, cell.format == .binary else {
            throw CellError.type(expected: "DateOnly")
        }
        let value = try cell.integer(Int32.self)
        guard value != .min, value != .max else { throw CellError.malformed("is infinite") }
        let (days, overflow) = value.addingReportingOverflow(Self.epoch)
        guard !overflow else { throw CellError.malformed("does not fit DateOnly") }
        self.init(days: days)
    }
}
