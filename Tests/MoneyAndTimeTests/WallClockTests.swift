import Foundation
import MoneyAndTime
import Testing

@Suite struct WallClockTests {
    private func helsinki() throws -> WallClock { try WallClock(zone: "Europe/Helsinki") }

    @Test(arguments: [
        ("2026-03-28", "09:00", "2026-03-28T07:00:00Z"),
        ("2026-03-29", "09:00", "2026-03-29T06:00:00Z"),
        ("2026-03-30", "09:00", "2026-03-30T06:00:00Z"),
        ("2026-10-25", "09:00", "2026-10-25T07:00:00Z"),
        // The gap: 03:00 to 04:00 does not exist.
        ("2026-03-29", "02:59", "2026-03-29T00:59:00Z"),
        ("2026-03-29", "03:00", "2026-03-29T01:00:00Z"),
        ("2026-03-29", "03:30", "2026-03-29T01:00:00Z"),
        ("2026-03-29", "03:59", "2026-03-29T01:00:00Z"),
        ("2026-03-29", "04:00", "2026-03-29T01:00:00Z"),
        ("2026-03-29", "04:01", "2026-03-29T01:01:00Z"),
        // 03:00 to 04:00 comes twice: the first occurrence.
        ("2026-10-25", "02:59", "2026-10-24T23:59:00Z"),
        ("2026-10-25", "03:00", "2026-10-25T00:00:00Z"),
        ("2026-10-25", "03:30", "2026-10-25T00:30:00Z"),
        ("2026-10-25", "03:59", "2026-10-25T00:59:00Z"),
        ("2026-10-25", "04:00", "2026-10-25T02:00:00Z"),
        ("2026-10-25", "04:30", "2026-10-25T02:30:00Z"),
        ("2026-10-24", "24:00", "2026-10-24T21:00:00Z"),
    ])
    func theDaylightSavingTable(date: String, time: String, instant: String) throws {
        let found = try helsinki().instant(CalendarDate(iso: date), TimeOfDay(time))
        #expect(found.rfc3339 == instant)
    }

    @Test(
        arguments: [
            ("2026-10-24", "22:00", "06:00", 9 * 3_600),
            ("2026-03-28", "22:00", "06:00", 7 * 3_600),
            ("2026-07-01", "22:00", "06:00", 8 * 3_600),
            ("2026-03-29", "00:00", "24:00", 23 * 3_600),
            ("2026-10-25", "00:00", "24:00", 25 * 3_600),
            ("2026-10-25", "00:00", "00:00", 25 * 3_600),
            ("2026-03-29", "03:00", "04:00", 0), ("2026-03-29", "03:10", "03:50", 0),
            ("2026-03-29", "02:30", "03:30", 1_800), ("2026-03-29", "03:30", "04:30", 1_800),
            ("2026-10-25", "03:30", "04:30", 7_200), ("2026-10-25", "03:10", "03:50", 2_400),
            ("2026-07-01", "09:00", "09:00", 86_400), ("2026-07-01", "24:00", "24:00", 86_400),
        ] as [(String, String, String, Int64)])
    func slotsLastAsLongAsTheClockRuns(
        date: String, from: String, to: String, seconds: Int64
    ) throws {
        let (start, end) = try (TimeOfDay(from).minuteOfDay, TimeOfDay(to).minuteOfDay)
        let slot = try helsinki().slot(
            on: CalendarDate(iso: date), minutes: start..<(end > start ? end : end + 1_440))
        #expect(slot?.seconds ?? 0 == seconds)
        #expect((slot == nil) == (seconds == 0))
    }

    /// Every quarter of an hour of the two changing days and their neighbours, in zones whose
    /// changes differ: by half an hour, at midnight, south of the equator, none at all.
    @Test(arguments: [
        ("Europe/Helsinki", "2026-03-28"), ("Europe/Helsinki", "2026-10-24"),
        ("Europe/Lisbon", "2026-03-28"), ("Europe/Lisbon", "2026-10-24"),
        ("America/New_York", "2026-03-07"), ("America/New_York", "2026-10-31"),
        ("Australia/Lord_Howe", "2026-04-04"), ("Australia/Lord_Howe", "2026-10-03"),
        ("America/Santiago", "2026-04-04"), ("America/Santiago", "2026-09-05"),
        ("Asia/Kathmandu", "2026-03-28"), ("UTC", "2026-03-28"), ("EET", "2026-10-24"),
        ("Pacific/Apia", "2011-12-29"), ("Europe/Helsinki", "1942-04-02"),
    ])
    func agreesWithFoundationsCalendar(zone: String, first: String) throws {
        let clock = try WallClock(zone: zone)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: zone))
        let start = clock.instant(try CalendarDate(iso: first), try TimeOfDay("00:00"))
        for quarter in 0..<(3 * 96) {
            let instant = try start.adding(seconds: Int64(quarter) * 900)
            let date = Date(timeIntervalSince1970: TimeInterval(instant.secondsSince1970))
            let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: date)
            let (day, time) = (clock.date(of: instant), clock.timeOfDay(of: instant))
            #expect(parts.year == day.year && parts.month == day.month && parts.day == day.day)
            #expect((parts.hour ?? 0) * 60 + (parts.minute ?? 0) == time.minuteOfDay)
            // Back again: the same instant, or the earlier one that shows the same time.
            let back = clock.instant(day, time)
            #expect(back <= instant && clock.date(of: back) == day)
            #expect(clock.timeOfDay(of: back) == time)
            let later = instant == back ? 0 : try instant.seconds(since: back)
            #expect([0, 1_800, 3_600].contains(later))
        }
    }

    /// A wall-clock time that exists is shown at its instant, and one that does not is followed
    /// by the first instant that shows a later time.
    @Test func timesOfTheWallNeverRunBackwards() throws {
        let clock = try helsinki()
        for iso in ["2026-03-29", "2026-10-25", "2026-06-15"] {
            let date = try CalendarDate(iso: iso)
            var previous = Instant(microseconds: .min)
            for minute in 0..<1_440 {
                let time = try TimeOfDay(minuteOfDay: minute)
                let instant = clock.instant(date, time)
                #expect(previous <= instant)
                #expect(clock.timeOfDay(of: instant) >= time)
                #expect(clock.date(of: instant) == date)
                previous = instant
            }
        }
    }

    @Test(arguments: [
        "", "GMT+2", "GMT+0200", "UTC+2", "UTC+02:00", "+02:00", "PST", "EST", "Helsinki",
        "europe/helsinki", "Europe/Nowhere", "Europe/", "/", "../etc/passwd",
        "/usr/share/zoneinfo/Europe/Helsinki", "posix/Europe/Helsinki", "local", "Factory",
    ])
    func refusesWhatIsNoZone(name: String) {
        #expect(throws: UnknownZone.self) { try WallClock(zone: name) }
    }

    @Test(arguments: [
        "Europe/Helsinki", "Europe/Mariehamn", "Europe/Kyiv", "UTC", "EET", "Etc/UTC",
        "America/Argentina/Buenos_Aires",
    ])
    func acceptsZones(name: String) throws {
        #expect(try WallClock(zone: name).zone == name)
    }

    @Test(
        "which of two equal times on the wall it is",
        arguments: [
            ("2026-10-24T23:59:59Z", nil), ("2026-10-25T00:00:00Z", .first),
            ("2026-10-25T00:59:59Z", .first), ("2026-10-25T01:00:00Z", .second),
            ("2026-10-25T01:59:59Z", .second), ("2026-10-25T02:00:00Z", nil),
            ("2026-03-29T00:59:59Z", nil), ("2026-03-29T01:00:00Z", nil),
            ("2026-07-01T00:30:00Z", nil),
        ] as [(String, WallClock.Turn?)])
    func turns(instant: String, expected: WallClock.Turn?) throws {
        #expect(try helsinki().turn(of: Instant(rfc3339: instant)) == expected)
    }

    @Test func extremesDoNotTrap() throws {
        let clock = try helsinki()
        for microseconds in [Int64.min, .min + 1, .max - 1, .max] {
            let instant = Instant(microseconds: microseconds)
            let (date, time) = (clock.date(of: instant), clock.timeOfDay(of: instant))
            _ = clock.instant(date, time)
            _ = clock.slot(on: date, minutes: time.minuteOfDay..<time.minuteOfDay + 1_440)
            #expect(clock.turn(of: instant) == nil)
            #expect(date.iso.count > 10)
        }
        let last = try CalendarDate(iso: "9999-12-31")
        let night = clock.slot(on: last, minutes: 1_320..<1_800)
        #expect(night?.seconds == Int64(28_800))
    }
}
