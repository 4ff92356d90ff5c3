import Foundation

/// A name that is no zone of the IANA time zone database.
package struct UnknownZone: Error, Hashable, CustomStringConvertible {
    package let name: String

    package var description: String { "not a time zone such as Europe/Helsinki" }
}

/// The clock on the wall of one IANA zone: dates and times of day to instants and back,
/// right on the days when daylight saving begins and ends.
package struct WallClock: Hashable, Sendable {
    package let zone: String
    private let timeZone: TimeZone

    /// Accepts `Area/Place` and the few IANA names without an area; refuses what Foundation
    /// would also take, such as `GMT+2` and `PST`.
    package init(zone: String) throws(UnknownZone) {
        guard zone.contains("/") || Self.namesWithoutArea.contains(zone),
            let timeZone = TimeZone(identifier: zone)
        else { throw UnknownZone(name: zone) }
        self.zone = zone
        self.timeZone = timeZone
    }

    /// By which whatever is nobody's own is dated: days of the whole market.
    package static var finnish: WallClock {
        get throws(UnknownZone) { try WallClock(zone: "Europe/Helsinki") }
    }

    private static let namesWithoutArea: Set = ["UTC", "GMT", "EET", "CET", "MET", "WET"]

    /// The instant at which the wall shows this time. A time that daylight saving skips is the
    /// first instant after the gap; a time that comes twice is its first occurrence.
    package func instant(_ date: CalendarDate, _ time: TimeOfDay) -> Instant {
        instant(localSeconds: localSeconds(date, time))
    }

    /// The slot between two times on the wall, in minutes from the midnight on which the date
    /// begins: from 1,440 on they are of the next days. Nil when daylight saving leaves nothing
    /// between the two.
    package func slot(on date: CalendarDate, minutes: Range<Int>) -> TimeSlot? {
        let midnight = Int64(date.dayNumber) * Self.secondsPerDay
        let start = instant(localSeconds: midnight + Int64(minutes.lowerBound) * 60)
        let end = instant(localSeconds: midnight + Int64(minutes.upperBound) * 60)
        return try? TimeSlot(start: start, end: end)
    }

    /// The date on the wall at an instant.
    package func date(of instant: Instant) -> CalendarDate {
        CalendarDate(dayNumber: Int(localDay(of: instant).quotient))
    }

    /// The time on the wall at an instant, in the minute that has begun.
    package func timeOfDay(of instant: Instant) -> TimeOfDay {
        TimeOfDay(secondOfDay: Int(localDay(of: instant).remainder))
    }

    /// Which of the two it is, of a time that the wall shows twice.
    package enum Turn: Hashable, Sendable {
        case first, second
    }

    /// On the day on which daylight saving ends; nil where the wall shows the time once.
    package func turn(of instant: Instant) -> Turn? {
        let seconds = instant.secondsSince1970
        let local = seconds + offset(at: seconds)
        let before = offset(at: local - Self.secondsPerDay)
        let after = offset(at: local + Self.secondsPerDay)
        guard before > after, offset(at: local - before) == before,
            offset(at: local - after) == after
        else { return nil }
        return seconds == local - before ? .first : .second
    }

    private static let secondsPerDay: Int64 = 86_400

    private func localDay(of instant: Instant) -> (quotient: Int64, remainder: Int64) {
        let seconds = instant.secondsSince1970
        return (seconds + offset(at: seconds)).flooredDivision(by: Self.secondsPerDay)
    }

    /// Seconds from 1970-01-01T00:00:00 to the time on the wall, as if every day had 24 hours.
    private func localSeconds(_ date: CalendarDate, _ time: TimeOfDay) -> Int64 {
        Int64(date.dayNumber) * Self.secondsPerDay + Int64(time.minuteOfDay) * 60
    }

    private func instant(localSeconds local: Int64) -> Instant {
        // A day before and after, whatever the zone, lie on either side of a change nearby.
        let before = offset(at: local - Self.secondsPerDay)
        let after = offset(at: local + Self.secondsPerDay)
        let seconds: Int64
        if offset(at: local - before) == before {
            seconds = local - before
        } else if offset(at: local - after) == after {
            seconds = local - after
        } else {
            seconds = change(from: before, in: (local - after)..<(local - before))
        }
        return Self.instant(secondsSince1970: seconds)
    }

    /// The first second with another offset than `offset`, which holds at the lower bound.
    private func change(from offset: Int64, in range: Range<Int64>) -> Int64 {
        var (last, first) = (range.lowerBound, range.upperBound)
        while first - last > 1 {
            let middle = last + (first - last) / 2
            if self.offset(at: middle) == offset { last = middle } else { first = middle }
        }
        return first
    }

    /// Seconds ahead of UTC.
    private func offset(at seconds: Int64) -> Int64 {
        let date = Date(timeIntervalSince1970: TimeInterval(seconds))
        return Int64(timeZone.secondsFromGMT(for: date))
    }

    /// Only the wall-clock ends of the first and last day that 64 bits can hold lie outside.
    private static func instant(secondsSince1970 seconds: Int64) -> Instant {
        let bound = Int64.max / Instant.microsecondsPerSecond
        let held = min(max(seconds, -bound), bound)
        return Instant(microseconds: held * Instant.microsecondsPerSecond)
    }
}
