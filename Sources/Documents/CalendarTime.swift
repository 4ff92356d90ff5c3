import MoneyAndTime

/// A moment as a calendar says it: by the wall clock of a zone, to the second. A day without a time
/// is its midnight.
struct CalendarTime: Hashable, Sendable {
    let date: CalendarDate
    let second: Int
    let zone: WallClock
    let isDay: Bool

    /// By the clock of its zone; a time that is not there is the first instant after it.
    func instant() throws -> Instant {
        let time = try TimeOfDay(minuteOfDay: second / 60)
        return try zone.instant(date, time).adding(seconds: Int64(second % 60))
    }

    /// So many seconds of the wall clock later.
    func adding(wallSeconds: Int64) throws -> CalendarTime {
        let total = Int64(second) + wallSeconds
        let days = Int((total >= 0 ? total : total - 86_399) / 86_400)
        return CalendarTime(
            date: try date.adding(days: days), second: Int(total - Int64(days) * 86_400),
            zone: zone, isDay: isDay)
    }

    /// The same time of another day.
    func on(_ other: CalendarDate) -> CalendarTime {
        CalendarTime(date: other, second: second, zone: zone, isDay: isDay)
    }

    /// From the first to the second by the clock on the wall, where both are of one zone.
    func wallSeconds(to other: CalendarTime) throws -> Int64 {
        guard zone == other.zone else {
            return try other.instant().seconds(since: instant())
        }
        return Int64(other.date.days(since: date)) * 86_400 + Int64(other.second - second)
    }

    /// `20270309`, `20270309T080000`, `20270309T060000Z`; nil for anything else, and for a zone
    /// that nobody knows.
    init?(_ value: String, zone name: String?, floating: WallClock) {
        let bytes = Array(value.utf8)
        guard bytes.count >= 8, let year = Self.number(bytes[0..<4]),
            let month = Self.number(bytes[4..<6]), let day = Self.number(bytes[6..<8]),
            let date = try? CalendarDate(year: year, month: month, day: day)
        else { return nil }
        self.date = date
        if bytes.count == 8 {
            (second, zone, isDay) = (0, floating, true)
            return
        }
        guard bytes.count == 15 || bytes.count == 16 && bytes[15] == UInt8(ascii: "Z"),
            bytes[8] == UInt8(ascii: "T"), let hour = Self.number(bytes[9..<11]),
            let minute = Self.number(bytes[11..<13]), let second = Self.number(bytes[13..<15]),
            hour < 24, minute < 60, second < 61
        else { return nil }
        isDay = false
        // a leap second is the last one that there is
        self.second = hour * 3_600 + minute * 60 + min(second, 59)
        if bytes.count == 16 {
            guard let utc = try? WallClock(zone: "UTC") else { return nil }
            zone = utc
        } else if let name {
            guard let known = Self.zone(name) else { return nil }
            zone = known
        } else {
            zone = floating
        }
    }

    init(date: CalendarDate, second: Int, zone: WallClock, isDay: Bool) {
        (self.date, self.second, self.zone, self.isDay) = (date, second, zone, isDay)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var number = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            number = number * 10 + Int(digit - 0x30)
        }
        return number
    }

    /// A name of the IANA, alone or behind a prefix with slashes, or one of those that Outlook and
    /// Exchange use in the north of Europe (CLDR, windowsZones).
    private static func zone(_ name: String) -> WallClock? {
        if let known = windows[name] { return try? WallClock(zone: known) }
        if let zone = try? WallClock(zone: name) { return zone }
        let parts = name.split(separator: "/")
        guard parts.count > 2 else { return nil }
        return try? WallClock(zone: parts.suffix(2).joined(separator: "/"))
    }

    private static let windows = [
        "FLE Standard Time": "Europe/Helsinki", "W. Europe Standard Time": "Europe/Berlin",
        "Romance Standard Time": "Europe/Paris", "GMT Standard Time": "Europe/London",
        "Central Europe Standard Time": "Europe/Budapest",
        "Central European Standard Time": "Europe/Warsaw",
        "E. Europe Standard Time": "Europe/Chisinau", "GTB Standard Time": "Europe/Bucharest",
        "Greenwich Standard Time": "Atlantic/Reykjavik", "tzone://Microsoft/Utc": "UTC",
    ]
}

/// A length as a calendar says it (RFC 5545 §3.3.6), in seconds of the wall clock.
enum CalendarLength {
    /// `PT45M`, `P1D`, `P1DT2H`, `P2W`; nil for anything else, and for what is not ahead.
    static func seconds(_ value: String) -> Int64? {
        let day = /\+?P(?:([0-9]{1,4})W|(?:([0-9]{1,4})D)?(?:T(.+))?)/
        let time = /(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,7})S)?/
        guard let days = value.wholeMatch(of: day) else { return nil }
        guard let times = (days.3 ?? "").wholeMatch(of: time) else { return nil }
        func number(_ text: Substring?) -> Int64 { text.flatMap { Int64($0) } ?? 0 }
        let seconds =
            number(days.1) * 604_800 + number(days.2) * 86_400 + number(times.1) * 3_600
            + number(times.2) * 60 + number(times.3)
        return seconds > 0 ? seconds : nil
    }
}
