import MoneyAndTime

/// The days of a weekly pattern, in the words of RFC 5545: `RRULE:FREQ=WEEKLY;WKST=MO` with
/// `INTERVAL`, `BYDAY` and `UNTIL` or `COUNT`; `EXDATE` and `RDATE`.
package struct WeeklyPattern: Hashable, Sendable {
    package static let longestIntervalWeeks = 52
    package static let mostOccurrences = 1_000
    package static let mostExceptions = 1_000
    package static let mostExtraDates = 1_000

    package let days: Set<Weekday>
    package let startsOn: CalendarDate
    /// Every so many weeks, counted in weeks from Monday on from that of `startsOn`.
    package let intervalWeeks: Int
    package let end: End
    /// Days on which there is nothing, though the pattern names them. They count as occurrences.
    package let except: Set<CalendarDate>
    /// Days on which there is something as well, whatever weekday they are, and beyond the end.
    package let extra: Set<CalendarDate>
    /// Public holidays of Finland are excepted, unless they are among `extra`.
    package let exceptHolidays: Bool

    package enum End: Hashable, Sendable {
        case never
        /// The last day that may have a window.
        case until(CalendarDate)
        /// So many days are named by the pattern, excepted ones counted and extra ones not.
        case count(Int)
    }

    package init(
        days: Set<Weekday>, startsOn: CalendarDate, intervalWeeks: Int = 1, end: End = .never,
        except: Set<CalendarDate> = [], extra: Set<CalendarDate> = [], exceptHolidays: Bool = false
    ) throws(AvailabilityRefusal) {
        guard !days.isEmpty else { throw .daysMissing }
        guard (1...Self.longestIntervalWeeks).contains(intervalWeeks) else {
            throw .intervalOutOfRange(longestWeeks: Self.longestIntervalWeeks)
        }
        switch end {
        case .never: break
        case .until(let last):
            guard startsOn <= last else { throw .datesReversed }
        case .count(let count):
            guard (1...Self.mostOccurrences).contains(count) else {
                throw .countOutOfRange(most: Self.mostOccurrences)
            }
        }
        guard except.count <= Self.mostExceptions else {
            throw .tooManyExceptions(limit: Self.mostExceptions)
        }
        guard extra.count <= Self.mostExtraDates else {
            throw .tooManyExtraDates(limit: Self.mostExtraDates)
        }
        guard extra.allSatisfy({ startsOn <= $0 && !except.contains($0) }) else {
            throw .extraDateNotPossible
        }
        self.days = days
        self.startsOn = startsOn
        self.intervalWeeks = intervalWeeks
        self.end = end
        self.except = except
        self.extra = extra
        self.exceptHolidays = exceptHolidays
    }

    /// Whether there is something on this date.
    package func applies(on date: CalendarDate) -> Bool {
        if extra.contains(date) { return true }
        guard isNamed(date), !except.contains(date) else { return false }
        return !exceptHolidays || FinnishHolidays.holiday(on: date) == nil
    }

    /// The last day, where the end is one.
    package var until: CalendarDate? {
        if case .until(let date) = end { date } else { nil }
    }

    /// The number of days, where that is the end.
    package var count: Int? {
        if case .count(let count) = end { count } else { nil }
    }

    /// The last day that may have a window; nil where there is no end, and where the calendar ends
    /// before the pattern does.
    package var lastDate: CalendarDate? {
        let last: CalendarDate
        switch end {
        case .never: return nil
        case .until(let until): last = until
        case .count(let count):
            guard let date = try? occurrence(count - 1) else { return nil }
            last = date
        }
        return max(last, extra.max() ?? last)
    }

    /// Whether the rule names the date, exceptions and extra dates aside.
    private func isNamed(_ date: CalendarDate) -> Bool {
        guard startsOn <= date, days.contains(date.weekday) else { return false }
        let weeks = date.firstOfWeek.days(since: startsOn.firstOfWeek) / 7
        guard weeks % intervalWeeks == 0 else { return false }
        switch end {
        case .never: return true
        case .until(let last): return date <= last
        case .count(let count): return number(of: date, turn: weeks / intervalWeeks) < count
        }
    }

    /// How many days the rule names before a date that it names, in the first week and in those
    /// that come `intervalWeeks` apart.
    private func number(of date: CalendarDate, turn: Int) -> Int {
        let before = days.count { $0.rawValue < date.weekday.rawValue }
        return turn * days.count + before - daysBeforeStart
    }

    /// The day that the rule names after `number` others.
    private func occurrence(_ number: Int) throws(ArithmeticFailure) -> CalendarDate {
        let (turn, place) = (number + daysBeforeStart).quotientAndRemainder(dividingBy: days.count)
        let sorted = days.map(\.rawValue).sorted()
        return try startsOn.firstOfWeek.adding(
            days: turn * intervalWeeks * 7 + sorted[place] - 1)
    }

    /// Days of the first week that are over when the pattern begins.
    private var daysBeforeStart: Int {
        days.count { $0.rawValue < startsOn.weekday.rawValue }
    }
}
