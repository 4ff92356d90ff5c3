/// The public holidays of Finland, which price lists name.
package enum FinnishHoliday: String, Hashable, Sendable, CaseIterable {
    case newYearsDay = "new_years_day"
    case epiphany
    case goodFriday = "good_friday"
    case easterSunday = "easter_sunday"
    case easterMonday = "easter_monday"
    case mayDay = "may_day"
    case ascensionDay = "ascension_day"
    case whitSunday = "whit_sunday"
    case midsummerDay = "midsummer_day"
    case allSaintsDay = "all_saints_day"
    case independenceDay = "independence_day"
    case christmasDay = "christmas_day"
    case secondDayOfChristmas = "second_day_of_christmas"
}

package enum FinnishHolidays {
    /// The holiday on a date. Ascension Day may fall on May Day, which then names the date.
    package static func holiday(on date: CalendarDate) -> FinnishHoliday? {
        fixedHoliday(on: date) ?? movableHoliday(on: date)
    }

    /// All holidays of a year, in the order of the calendar.
    package static func holidays(
        of year: Int
    ) throws(InvalidCalendarDate) -> [(date: CalendarDate, holiday: FinnishHoliday)] {
        let first = try CalendarDate(year: year, month: 1, day: 1).dayNumber
        return (first..<first + 366).compactMap { number in
            let date = CalendarDate(dayNumber: number)
            guard date.year == year else { return nil }
            return holiday(on: date).map { (date, $0) }
        }
    }

    private static func fixedHoliday(on date: CalendarDate) -> FinnishHoliday? {
        switch (date.month, date.day) {
        case (1, 1): .newYearsDay
        case (1, 6): .epiphany
        case (5, 1): .mayDay
        case (6, 20...26): date.weekday == .saturday ? .midsummerDay : nil
        case (10, 31), (11, 1...6): date.weekday == .saturday ? .allSaintsDay : nil
        case (12, 6): .independenceDay
        case (12, 25): .christmasDay
        case (12, 26): .secondDayOfChristmas
        default: nil
        }
    }

    private static func movableHoliday(on date: CalendarDate) -> FinnishHoliday? {
        switch date.dayNumber - easterSunday(of: date.year) {
        case -2: .goodFriday
        case 0: .easterSunday
        case 1: .easterMonday
        case 39: .ascensionDay
        case 49: .whitSunday
        default: nil
        }
    }

    /// The day number of Easter Sunday: the anonymous Gregorian algorithm (Meeus, Jones, Butcher).
    private static func easterSunday(of year: Int) -> Int {
        let (golden, century, yearOfCentury) = (year % 19, year / 100, year % 100)
        let correction = (century + 8) / 25
        let epact =
            (19 * golden + century - century / 4 - (century - correction + 1) / 3 + 15) % 30
        let leaps = 2 * (century % 4) + 2 * (yearOfCentury / 4)
        let toSunday = (32 + leaps - epact - yearOfCentury % 4) % 7
        let late = (golden + 11 * epact + 22 * toSunday) / 451
        let fromMarch = epact + toSunday - 7 * late + 114
        return CivilDay(year: year, month: fromMarch / 31, day: fromMarch % 31 + 1).dayNumber
    }
}

extension CalendarDate {
    /// Neither a Saturday, a Sunday nor a public holiday of Finland.
    package var isWorkingDay: Bool {
        weekday != .saturday && weekday != .sunday && FinnishHolidays.holiday(on: self) == nil
    }

    /// This day, or the first working day after it.
    package var orNextWorkingDay: CalendarDate {
        get throws {
            var day = self
            while !day.isWorkingDay { day = try day.adding(days: 1) }
            return day
        }
    }

    /// The working day that comes so many working days after this day.
    package func adding(workingDays: Int) throws -> CalendarDate {
        var day = self
        for _ in 0..<max(0, workingDays) { day = try day.adding(days: 1).orNextWorkingDay }
        return day
    }
}
