import MoneyAndTime
import Testing

@Suite struct HolidaysTests {
    @Test func theYear2026() throws {
        let found = try FinnishHolidays.holidays(of: 2026)
            .map { "\($0.date) \($0.holiday.rawValue)" }
        #expect(
            found == [
                "2026-01-01 new_years_day", "2026-01-06 epiphany", "2026-04-03 good_friday",
                "2026-04-05 easter_sunday", "2026-04-06 easter_monday", "2026-05-01 may_day",
                "2026-05-14 ascension_day", "2026-05-24 whit_sunday", "2026-06-20 midsummer_day",
                "2026-10-31 all_saints_day", "2026-12-06 independence_day",
                "2026-12-25 christmas_day", "2026-12-26 second_day_of_christmas",
            ])
    }

    /// Easter Sundays of the tables, the earliest and latest possible among them.
    @Test(arguments: [
        "1818-03-22", "1943-04-25", "1954-04-18", "1961-04-02", "1981-04-19", "2000-04-23",
        "2008-03-23", "2019-04-21", "2024-03-31", "2025-04-20", "2027-03-28", "2038-04-25",
        "2049-04-18", "2076-04-19", "2285-03-22",
    ])
    func easterSundays(iso: String) throws {
        #expect(FinnishHolidays.holiday(on: try CalendarDate(iso: iso)) == .easterSunday)
    }

    @Test func everyYearHasThemAll() throws {
        for year in 1_900...2_200 {
            let days = try FinnishHolidays.holidays(of: year)
            // When Ascension Day falls on May Day, one date carries two holidays.
            let ascension = try CalendarDate(year: year, month: 3, day: 23)
            let isMerged = FinnishHolidays.holiday(on: ascension) == .easterSunday
            #expect(days.count == (isMerged ? 12 : 13), "\(year)")
            let weekdays: [FinnishHoliday: Weekday] = [
                .goodFriday: .friday, .easterSunday: .sunday, .easterMonday: .monday,
                .ascensionDay: .thursday, .whitSunday: .sunday, .midsummerDay: .saturday,
                .allSaintsDay: .saturday,
            ]
            for day in days {
                if let weekday = weekdays[day.holiday] { #expect(day.date.weekday == weekday) }
            }
        }
    }

    @Test func otherDaysAreNone() throws {
        #expect(FinnishHolidays.holiday(on: try CalendarDate(iso: "2026-06-19")) == nil)
        #expect(FinnishHolidays.holiday(on: try CalendarDate(iso: "2026-12-24")) == nil)
        #expect(FinnishHolidays.holiday(on: try CalendarDate(iso: "2008-05-01")) == .mayDay)
        #expect(throws: InvalidCalendarDate.noSuchDay) { try FinnishHolidays.holidays(of: 0) }
    }
}
