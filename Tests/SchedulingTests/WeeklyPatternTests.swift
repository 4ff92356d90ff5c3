import MoneyAndTime
import Scheduling
import Testing

@Suite struct WeeklyPatternTests {
    private func days(_ pattern: WeeklyPattern, through last: String) throws -> [String] {
        var days: [String] = []
        var date = try pattern.startsOn.adding(days: -40)
        while try date <= CalendarDate(iso: last) {
            if pattern.applies(on: date) { days.append(date.iso) }
            date = try date.adding(days: 1)
        }
        return days
    }

    /// The weeks are those from Monday on, wherever in its week the pattern begins.
    @Test func everySecondWeek() throws {
        let pattern = try WeeklyPattern(
            days: [.monday, .thursday], startsOn: date("2026-05-07"), intervalWeeks: 2,
            end: .count(4))
        let expected = ["2026-05-07", "2026-05-18", "2026-05-21", "2026-06-01"]
        #expect(try days(pattern, through: "2026-12-31") == expected)
        #expect(pattern.lastDate?.iso == "2026-06-01")
    }

    /// As with COUNT and EXDATE: what is excepted counts, and what is extra does not.
    @Test func exceptedDaysCount() throws {
        let pattern = try WeeklyPattern(
            days: [.tuesday], startsOn: date("2026-05-05"), end: .count(3),
            except: [date("2026-05-12")], extra: [date("2026-05-09"), date("2026-07-01")])
        let expected = ["2026-05-05", "2026-05-09", "2026-05-19", "2026-07-01"]
        #expect(try days(pattern, through: "2026-12-31") == expected)
        #expect(pattern.lastDate?.iso == "2026-07-01")
    }

    @Test func holidaysAreOffUnlessTheyAreExtra() throws {
        // Ascension Day is 14 May, Independence Day 6 December
        let pattern = try WeeklyPattern(
            days: [.thursday, .sunday], startsOn: date("2026-05-10"),
            end: .until(date("2026-05-21")), extra: [date("2026-12-06")], exceptHolidays: true)
        let expected = ["2026-05-10", "2026-05-17", "2026-05-21", "2026-12-06"]
        #expect(try days(pattern, through: "2026-12-31") == expected)
    }

    /// Against a list that is made day by day, without any counting of weeks.
    @Test(arguments: 0..<50) func agreesWithAList(_ seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<20 {
            let first = try date("2026-01-01").adding(days: Int.random(in: 0..<800, using: &random))
            let days = Set(Weekday.allCases.filter { _ in random.chance(40) })
            guard !days.isEmpty else { continue }
            let weeks = Int.random(in: 1...5, using: &random)
            let ends: [WeeklyPattern.End] = try [
                .never, .count(Int.random(in: 1...40, using: &random)),
                .until(first.adding(days: Int.random(in: 0...300, using: &random))),
            ]
            let end = ends[Int.random(in: 0..<3, using: &random)]
            func some(_ count: Int) throws -> Set<CalendarDate> {
                try Set(
                    (0..<count).map { _ in
                        try first.adding(days: Int.random(in: 0...400, using: &random))
                    })
            }
            let except = try some(5)
            let extra = try some(4).subtracting(except)
            let pattern = try WeeklyPattern(
                days: days, startsOn: first, intervalWeeks: weeks, end: end, except: except,
                extra: extra)
            var (listed, isOn, passed) = ([CalendarDate](), 0, 0)
            for number in 0..<500 {
                let day = try first.adding(days: number)
                if number > 0, day.weekday == .monday { isOn = (isOn + 1) % weeks }
                guard isOn == 0, days.contains(day.weekday) else { continue }
                if case .until(let last) = end, last < day { continue }
                if case .count(let count) = end, count <= passed { continue }
                passed += 1
                listed.append(day)
            }
            let expected = Set(listed).subtracting(except).union(extra)
            for number in -30..<500 {
                let day = try first.adding(days: number)
                #expect(pattern.applies(on: day) == expected.contains(day), "seed \(seed) \(day)")
            }
            if case .count(let count) = end, listed.count == count {
                #expect(pattern.lastDate == max(listed[count - 1], extra.max() ?? first))
            }
        }
    }
}

@Suite struct PauseTests {
    /// A pause parts the window, and each part has a grid of its own.
    @Test func partsTheWindow() throws {
        let day = try date("2026-05-04")
        let paused = try rule(
            .once(day), "09:00", "15:00", pauses: [("11:20", "12:05"), ("13:00", "13:10")])
        let windows = try Recurrence.expand(paused, over: day...day)
        #expect(
            try windows == [
                utc("2026-05-04T06:00:00Z", "2026-05-04T08:20:00Z"),
                utc("2026-05-04T09:05:00Z", "2026-05-04T10:00:00Z"),
                utc("2026-05-04T10:10:00Z", "2026-05-04T12:00:00Z"),
            ])
        let starts = try StartTimes.project(
            OfferedWindow(slot: windows[1], terms: terms()), occupied: [])
        #expect(starts.first?.starts.rfc3339 == "2026-05-04T09:05:00Z")
    }

    /// A pause of a night may lie on either side of midnight, or over it.
    @Test func inANight() throws {
        let day = try date("2026-05-04")
        for (pause, expected) in [
            (("23:00", "23:30"), ("2026-05-04T20:00:00Z", "2026-05-04T20:30:00Z")),
            (("23:30", "00:30"), ("2026-05-04T20:30:00Z", "2026-05-04T21:30:00Z")),
            (("23:30", "24:00"), ("2026-05-04T20:30:00Z", "2026-05-04T21:00:00Z")),
            (("02:00", "03:00"), ("2026-05-04T23:00:00Z", "2026-05-05T00:00:00Z")),
        ] {
            let night = try rule(.once(day), "20:00", "06:00", pauses: [pause])
            let windows = try Recurrence.expand(night, over: day...day)
            #expect(windows.count == 2)
            #expect(windows.first?.end.rfc3339 == expected.0)
            #expect(windows.last?.start.rfc3339 == expected.1)
        }
    }

    /// The hour that does not exist takes what lies in it away; that which comes twice is longer.
    @Test func onTheDaysOfChangedClocks() throws {
        let spring = try date("2026-03-29")
        let short = try rule(
            .once(spring), "01:00", "06:00", pauses: [("03:15", "03:45"), ("04:30", "05:00")])
        #expect(
            try Recurrence.expand(short, over: spring...spring) == [
                utc("2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z"),
                utc("2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"),
                utc("2026-03-29T02:00:00Z", "2026-03-29T03:00:00Z"),
            ])
        let autumn = try date("2026-10-25")
        let long = try rule(.once(autumn), "01:00", "06:00", pauses: [("03:30", "04:30")])
        #expect(
            try Recurrence.expand(long, over: autumn...autumn) == [
                utc("2026-10-24T22:00:00Z", "2026-10-25T00:30:00Z"),
                utc("2026-10-25T02:30:00Z", "2026-10-25T04:00:00Z"),
            ])
    }
}
