import Foundation
import MoneyAndTime
import Testing

@Suite struct CalendarDateTests {
    @Test func agreesWithFoundationForEveryDay() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let first = try CalendarDate(iso: "1899-12-25")
        for step in 0..<80_000 {
            let date = try first.adding(days: step)
            let days = date.days(since: try CalendarDate(iso: "1970-01-01"))
            let parts = calendar.dateComponents(
                [.year, .month, .day, .weekday],
                from: Date(timeIntervalSince1970: TimeInterval(days) * 86_400))
            let fromSunday = date.weekday.rawValue % 7 + 1
            try #require(parts.year == date.year && parts.month == date.month, "\(date)")
            try #require(parts.day == date.day && parts.weekday == fromSunday, "\(date)")
        }
    }

    @Test func textIsARoundTrip() throws {
        var random = SplitMix64(seed: 11)
        let first = try CalendarDate(iso: "0001-01-01")
        let span = try CalendarDate(iso: "9999-12-31").days(since: first)
        for _ in 0..<3_000 {
            let days = Int.random(in: 0...span, using: &random)
            let date = try first.adding(days: days)
            #expect(try CalendarDate(iso: date.iso) == date)
            #expect(date.days(since: first) == days)
            let other = try first.adding(days: Int.random(in: 0...span, using: &random))
            #expect((date < other) == (date.iso < other.iso))
            #expect(date.firstOfMonth <= date && date <= date.lastOfMonth)
            if date.year < 9999 {
                let next = try date.firstOfMonth.adding(months: 1)
                #expect(try date.lastOfMonth.adding(days: 1) == next)
            }
        }
    }

    @Test(arguments: [
        ("2026-01-31", 1, "2026-02-28"), ("2024-01-31", 1, "2024-02-29"),
        ("2026-03-31", -1, "2026-02-28"), ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-15", -1, "2025-12-15"), ("2026-05-31", 13, "2027-06-30"),
        ("2026-05-31", -25, "2024-04-30"), ("2026-05-31", 0, "2026-05-31"),
    ])
    func monthsEndOnTheirLastDay(start: String, months: Int, end: String) throws {
        #expect(try CalendarDate(iso: start).adding(months: months).iso == end)
    }

    @Test(
        arguments: [
            ("", .form), ("2026-3-29", .form), ("20260329", .form), ("2026-03-29T", .form),
            ("2026/03/29", .form), (" 2026-03-29", .form), ("-026-03-29", .form),
            ("26-03-29", .form),
            ("2026-02-29", .noSuchDay), ("1900-02-29", .noSuchDay), ("2026-04-31", .noSuchDay),
            ("2026-00-10", .noSuchDay), ("2026-13-10", .noSuchDay), ("2026-01-00", .noSuchDay),
            ("2026-01-32", .noSuchDay), ("0000-01-01", .noSuchDay),
        ] as [(String, InvalidCalendarDate)])
    func refusesOtherTexts(text: String, error: InvalidCalendarDate) {
        #expect(throws: error) { try CalendarDate(iso: text) }
    }

    @Test func yearsAreBounded() {
        #expect(throws: InvalidCalendarDate.noSuchDay) {
            try CalendarDate(year: 10_000, month: 1, day: 1)
        }
        #expect(throws: InvalidCalendarDate.noSuchDay) {
            try CalendarDate(year: .min, month: .max, day: .min)
        }
    }

    @Test(
        "the number of the week, also around the new year",
        arguments: [
            ("2026-12-28", 53), ("2027-01-03", 53), ("2027-01-04", 1), ("2027-03-01", 9),
            ("2028-12-31", 52), ("2029-01-01", 1), ("2024-12-30", 1), ("2024-12-29", 52),
            ("0001-01-01", 1), ("9999-12-31", 52),
        ])
    func weeks(date: String, expected: Int) throws {
        #expect(try CalendarDate(iso: date).week == expected)
    }

    @Test func everyTimeOfDayIsARoundTrip() throws {
        for minute in 0...1_440 {
            let time = try TimeOfDay(minuteOfDay: minute)
            #expect(try TimeOfDay(time.description) == time)
        }
        #expect(try TimeOfDay("24:00").minuteOfDay == 1_440)
        #expect(try TimeOfDay("09:30") < TimeOfDay("10:00"))
    }

    @Test(arguments: ["", "9:30", "09:3", "09:60", "24:01", "25:00", "-1:00", "09:30:00", "0930"])
    func refusesOtherTimes(text: String) {
        #expect(throws: InvalidTimeOfDay()) { try TimeOfDay(text) }
    }

    @Test func timesOfDayAreBounded() {
        #expect(throws: InvalidTimeOfDay()) { try TimeOfDay(minuteOfDay: -1) }
        #expect(throws: InvalidTimeOfDay()) { try TimeOfDay(minuteOfDay: 1_441) }
    }
}
