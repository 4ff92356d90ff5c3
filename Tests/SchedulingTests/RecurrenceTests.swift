import MoneyAndTime
import Scheduling
import Testing

@Suite struct RecurrenceTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let date: String
        let from: String
        let to: String
        /// Nil when nothing is left of the window.
        let slot: (String, String)?
        var testDescription: String { "\(date) \(from)-\(to)" }
    }

    /// The daylight-saving table of Europe/Helsinki in 2026.
    static let rows: [Row] = [
        Row(
            date: "2026-03-26", from: "09:00", to: "15:00",
            slot: ("2026-03-26T07:00:00Z", "2026-03-26T13:00:00Z")),
        Row(
            date: "2026-04-02", from: "09:00", to: "15:00",
            slot: ("2026-04-02T06:00:00Z", "2026-04-02T12:00:00Z")),
        Row(
            date: "2026-10-24", from: "22:00", to: "06:00",
            slot: ("2026-10-24T19:00:00Z", "2026-10-25T04:00:00Z")),
        Row(
            date: "2026-03-28", from: "22:00", to: "06:00",
            slot: ("2026-03-28T20:00:00Z", "2026-03-29T03:00:00Z")),
        Row(date: "2026-03-29", from: "03:00", to: "04:00", slot: nil),
        Row(
            date: "2026-03-29", from: "03:30", to: "05:00",
            slot: ("2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z")),
        Row(
            date: "2026-10-25", from: "03:30", to: "04:30",
            slot: ("2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z")),
        Row(
            date: "2026-10-25", from: "02:00", to: "03:30",
            slot: ("2026-10-24T23:00:00Z", "2026-10-25T00:30:00Z")),
        Row(
            date: "2026-06-01", from: "20:00", to: "24:00",
            slot: ("2026-06-01T17:00:00Z", "2026-06-01T21:00:00Z")),
        Row(
            date: "2026-06-01", from: "08:00", to: "08:00",
            slot: ("2026-06-01T05:00:00Z", "2026-06-02T05:00:00Z")),
    ]

    @Test(arguments: rows) func daylightSaving(_ row: Row) throws {
        let day = try date(row.date)
        let expected = try row.slot.map { [try utc($0.0, $0.1)] } ?? []
        let once = try rule(.once(day), row.from, row.to)
        #expect(try Recurrence.expand(once, over: day...day) == expected)
        let weekly = try rule(
            .weekly(WeeklyPattern(days: [day.weekday], startsOn: day)), row.from, row.to)
        #expect(try Recurrence.expand(weekly, over: day...day) == expected)
    }

    @Test func weeklyDaysEndsAndExceptions() throws {
        let weekly = try rule(
            .weekly(
                WeeklyPattern(
                    days: [.tuesday, .thursday], startsOn: date("2026-05-05"),
                    end: .until(date("2026-05-19")), except: [date("2026-05-14")])), "09:00",
            "12:00")
        let windows = try Recurrence.expand(
            weekly, over: date("2026-01-01")...date("2026-12-31"))
        let days = windows.map { weekly.zone.date(of: $0.start).iso }
        // The nineteenth is the last day and counts; Ascension Day is excepted.
        #expect(days == ["2026-05-05", "2026-05-07", "2026-05-12", "2026-05-19"])
        #expect(windows.allSatisfy { $0.seconds == 3 * 3_600 })
    }

    @Test func fixedTimeStaysOnTheWall() throws {
        let thursdays = try rule(
            .weekly(WeeklyPattern(days: [.thursday], startsOn: date("2026-01-01"))), "09:00",
            "15:00")
        let windows = try Recurrence.expand(
            thursdays, over: date("2026-01-01")...date("2026-12-31"))
        #expect(windows.count == 53)
        for window in windows {
            #expect(try thursdays.zone.timeOfDay(of: window.start) == TimeOfDay("09:00"))
            #expect(try thursdays.zone.timeOfDay(of: window.end) == TimeOfDay("15:00"))
        }
    }

    @Test func aLongHorizonIsRefused() throws {
        let day = try date("2026-01-01")
        let once = try rule(.once(day), "09:00", "10:00")
        let longest = try day.adding(days: Recurrence.mostDays - 1)
        #expect(try Recurrence.expand(once, over: day...longest).count == 1)
        let tooLong = try longest.adding(days: 1)
        #expect(throws: AvailabilityRefusal.horizonTooLong(limitDays: Recurrence.mostDays)) {
            try Recurrence.expand(once, over: day...tooLong)
        }
    }

    /// Extending the horizon adds windows and changes none, and no two overlap, in any zone.
    @Test(arguments: 0..<40) func extendingOnlyAdds(_ seed: UInt64) throws {
        var random = Seeded(seed)
        let zones = [
            "Europe/Helsinki", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia",
            "America/Sao_Paulo", "UTC",
        ]
        for _ in 0..<10 {
            let from = Int.random(in: 0..<1_440, using: &random)
            let to = Int.random(in: 0...1_440, using: &random)
            let length = to > from ? to - from : to - from + 1_440
            guard length >= 15 else { continue }
            let first = try date("2026-01-01").adding(
                days: Int.random(in: -6_000..<700, using: &random))
            let split = try first.adding(days: Int.random(in: 0..<60, using: &random))
            let last = try split.adding(days: Int.random(in: 1...60, using: &random))
            let days = Weekday.allCases.filter { _ in random.chance(60) }
            guard !days.isEmpty else { continue }
            let weekly = try rule(
                .weekly(WeeklyPattern(days: Set(days), startsOn: first)),
                TimeOfDay(minuteOfDay: from).description, TimeOfDay(minuteOfDay: to).description,
                zone: zones[Int.random(in: 0..<zones.count, using: &random)])
            let whole = try Recurrence.expand(weekly, over: first...last)
            let parts =
                try Recurrence.expand(weekly, over: first...split)
                + Recurrence.expand(weekly, over: split.adding(days: 1)...last)
            #expect(whole == parts)
            for (one, two) in zip(whole, whole.dropFirst()) { #expect(one.end <= two.start) }
        }
    }
}
