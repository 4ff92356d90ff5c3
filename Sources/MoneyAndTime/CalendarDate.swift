/// A text or three numbers that are no date of the calendar.
package enum InvalidCalendarDate: Error, Hashable {
    case form
    case noSuchDay
}

extension InvalidCalendarDate: CustomStringConvertible {
    package var description: String {
        switch self {
        case .form: "not a date such as 2026-03-29"
        case .noSuchDay: "there is no such day"
        }
    }
}

/// ISO 8601 numbering: Monday is 1.
package enum Weekday: Int, Hashable, Sendable, CaseIterable {
    case monday = 1
    case tuesday, wednesday, thursday, friday, saturday, sunday
}

/// A day of the proleptic Gregorian calendar, without a zone. What is written, read and
/// computed lies in the years 1 to 9999.
package struct CalendarDate: Hashable, Sendable {
    package static let years = 1...9999

    package let year: Int
    package let month: Int
    package let day: Int

    package init(year: Int, month: Int, day: Int) throws(InvalidCalendarDate) {
        guard Self.years.contains(year), (1...12).contains(month),
            day >= 1, day <= Self.days(inMonth: month, of: year)
        else { throw .noSuchDay }
        self.init(uncheckedYear: year, month: month, day: day)
    }

    /// Reads `2026-03-29`.
    package init(iso: String) throws(InvalidCalendarDate) {
        var scanner = ASCIIScanner(iso)
        guard let year = scanner.digits(4), scanner.take("-") != nil,
            let month = scanner.digits(2), scanner.take("-") != nil,
            let day = scanner.digits(2), scanner.isAtEnd
        else { throw .form }
        try self.init(year: year, month: month, day: day)
    }

    /// The day that lies `dayNumber` days after 1970-01-01, of any year that an instant reaches.
    init(dayNumber: Int) {
        let civil = CivilDay(dayNumber: dayNumber)
        self.init(uncheckedYear: civil.year, month: civil.month, day: civil.day)
    }

    private init(uncheckedYear year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Days since 1970-01-01.
    var dayNumber: Int { CivilDay(year: year, month: month, day: day).dayNumber }

    package var iso: String { CivilDay(year: year, month: month, day: day).iso }

    package var weekday: Weekday {
        // 1970-01-01 was a Thursday, which is 3 when Monday counts as 0.
        let fromMonday = (dayNumber + 3).flooredDivision(by: 7).remainder
        return Weekday.allCases[fromMonday]
    }

    /// The number of its week (ISO 8601): weeks begin on Monday, and belong to the year in which
    /// their Thursday lies.
    package var week: Int {
        let thursday = CalendarDate(dayNumber: dayNumber + 4 - weekday.rawValue)
        let newYear = CalendarDate(uncheckedYear: thursday.year, month: 1, day: 1)
        return thursday.days(since: newYear) / 7 + 1
    }

    /// The Monday of its week.
    package var firstOfWeek: CalendarDate {
        CalendarDate(dayNumber: dayNumber + 1 - weekday.rawValue)
    }

    package var firstOfMonth: CalendarDate {
        CalendarDate(uncheckedYear: year, month: month, day: 1)
    }

    package var lastOfMonth: CalendarDate {
        CalendarDate(
            uncheckedYear: year, month: month, day: Self.days(inMonth: month, of: year))
    }

    /// `overflow` outside the years 1 to 9999.
    package func adding(days: Int) throws(ArithmeticFailure) -> CalendarDate {
        let number = try dayNumber.adding(days)
        guard Self.dayNumbers.contains(number) else { throw .overflow }
        return CalendarDate(dayNumber: number)
    }

    /// The same day of a later or earlier month, or that month's last day when it is shorter.
    /// `overflow` outside the years 1 to 9999.
    package func adding(months: Int) throws(ArithmeticFailure) -> CalendarDate {
        let index = try (year * 12 + month - 1).adding(months)
        let (year, monthIndex) = index.flooredDivision(by: 12)
        guard Self.years.contains(year) else { throw .overflow }
        let last = Self.days(inMonth: monthIndex + 1, of: year)
        return CalendarDate(uncheckedYear: year, month: monthIndex + 1, day: min(day, last))
    }

    /// How many days this date lies after the other; negative when it lies before.
    package func days(since other: CalendarDate) -> Int { dayNumber - other.dayNumber }

    private static let dayNumbers: ClosedRange<Int> = {
        let first = CivilDay(year: years.lowerBound, month: 1, day: 1)
        let last = CivilDay(year: years.upperBound, month: 12, day: 31)
        return first.dayNumber...last.dayNumber
    }()

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension CalendarDate: Comparable {
    package static func < (left: CalendarDate, right: CalendarDate) -> Bool {
        (left.year, left.month, left.day) < (right.year, right.month, right.day)
    }
}

extension CalendarDate: CustomStringConvertible {
    package var description: String { iso }
}
