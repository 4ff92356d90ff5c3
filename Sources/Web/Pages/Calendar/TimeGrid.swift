import Marketplace
import MoneyAndTime

/// The component "time grid": days beside each other, and their hours from top to bottom on one
/// axis. Where the clocks are changed, the axis has the hour that comes twice two times, and the
/// day that skips an hour has none in its place.
struct TimeGrid: Sendable {
    let zone: WallClock
    /// The hour on the wall of each row of the axis.
    private let hours: [Int]
    /// The rows that are not there on a day.
    private let lacking: [CalendarDate: Set<Int>]
    /// The rows that are shown.
    private let shown: Range<Int>

    /// What most days are full of.
    static let usual = 7..<18

    /// As many rows as the usual hours and `covered` need, or all of them.
    init(
        _ days: [CalendarDate], zone: WallClock, covering covered: [TimeSlot], whole: Bool = false
    ) throws {
        self.zone = zone
        var lacking: [CalendarDate: Set<Int>] = [:]
        var twice: (hour: Int, day: CalendarDate)?
        for day in days {
            let starts = try (0...24).map {
                zone.instant(day, try TimeOfDay(minuteOfDay: $0 * 60))
            }
            for hour in 0..<24 {
                if starts[hour] == starts[hour + 1] { lacking[day, default: []].insert(hour) }
                if zone.turn(of: starts[hour]) == .first { twice = (hour, day) }
            }
        }
        var hours = Array(0..<24)
        if let twice {
            hours.insert(twice.hour, at: twice.hour + 1)
            for day in days where day != twice.day { lacking[day] = [twice.hour + 1] }
        }
        (self.hours, self.lacking) = (hours, lacking)
        var shown = whole ? 0..<hours.count : Self.rows(of: Self.usual, in: hours)
        for day in days {
            for slot in covered {
                guard
                    let rows = Self.minutes(of: slot, on: day, zone, hours)
                else { continue }
                shown =
                    min(
                        shown.lowerBound, rows.lowerBound / 60)..<max(
                        shown.upperBound, (rows.upperBound + 59) / 60)
            }
        }
        self.shown = shown
    }

    private static func rows(of usual: Range<Int>, in hours: [Int]) -> Range<Int> {
        (hours.firstIndex(of: usual.lowerBound) ?? 0)..<(hours.firstIndex(of: usual.upperBound)
            ?? hours.count)
    }

    // MARK: Where something stands

    /// The classes by which a slot has its place on a day: where it begins, and how long it is, in
    /// hours and minutes of the axis. Nil where nothing of it is seen on that day.
    func place(of slot: TimeSlot, on day: CalendarDate) -> String? {
        guard let span = span(of: slot, on: day) else { return nil }
        let (start, length) = (span.lowerBound, span.count)
        let isShort = length < 40 ? " short" : ""
        return "a\(start / 60) b\(start % 60) c\(length / 60) d\(length % 60)\(isShort)"
    }

    /// The same in minutes from the first row that is shown on.
    func span(of slot: TimeSlot, on day: CalendarDate) -> Range<Int>? {
        guard let minutes = Self.minutes(of: slot, on: day, zone, hours) else { return nil }
        let top = shown.lowerBound * 60
        let start = max(minutes.lowerBound - top, 0)
        let end = min(minutes.upperBound, shown.upperBound * 60) - top
        return start < end ? start..<end : nil
    }

    /// How many minutes of the axis are shown.
    var minutes: Int { shown.count * 60 }

    /// The hours between which it is shown, on the wall.
    var ends: (from: Int, until: Int) {
        (hours[shown.lowerBound], hours[shown.upperBound - 1] + 1)
    }

    /// In minutes of the axis from its first row on.
    private static func minutes(
        of slot: TimeSlot, on day: CalendarDate, _ zone: WallClock, _ hours: [Int]
    ) -> Range<Int>? {
        let (first, last) = (zone.date(of: slot.start), zone.date(of: slot.end))
        guard first <= day, last >= day else { return nil }
        let start = first < day ? 0 : minute(of: slot.start, zone, hours)
        let end = last > day ? hours.count * 60 : minute(of: slot.end, zone, hours)
        return start < end ? start..<end : nil
    }

    private static func minute(of instant: Instant, _ zone: WallClock, _ hours: [Int]) -> Int {
        let minute = zone.timeOfDay(of: instant).minuteOfDay
        let row = minute / 60
        guard let index = hours.firstIndex(of: row) else { return minute }
        let isSecond = zone.turn(of: instant) == .second
        return (isSecond ? index + 1 : index) * 60 + minute % 60
    }

    // MARK: Shown

    /// The axis, and what the script that marks stretches of it has to know.
    var fields: [String: Any] {
        [
            "grid_rows": "n\(shown.count)",
            "axis": shown.enumerated().map { place, row in
                ["hour": "\(hours[row])", "place": "a\(place)"]
            },
            "hours": shown.map { "\(hours[$0])" }.joined(separator: " "),
        ]
    }

    /// What the script has to know of a day, and the rows that the day does not have.
    func fields(of day: CalendarDate, _ visitor: Visitor) -> [String: Any] {
        let missing = lacking[day, default: []].filter(shown.contains)
            .map { $0 - shown.lowerBound }.sorted()
        let name = visitor.say("weekday_\(day.weekday.word)")
        return [
            "iso_day": day.iso, "day_name": "\(name) \(visitor.language.dayAndMonth(day))",
            "lacks": missing.map(String.init).joined(separator: " "),
            "gaps": missing.map { ["place": "a\($0) b0 c1 d0"] },
        ]
    }
}

extension Language {
    /// `24.11.` in Finnish and Swedish, `24 Nov` in English: where the weekday is said before it.
    func dayAndMonth(_ day: CalendarDate) -> String {
        let whole = shortDate(day)
        return String(whole.dropFirst(shortWeekdays[day.weekday.rawValue - 1].count + 1))
    }
}
