import MoneyAndTime

// Instants, lengths and amounts as people read them.

extension WallClock {
    /// `Tue 27 Oct 2026 10:30 +02:00`, not to be broken over lines.
    func words(_ instant: Instant) -> String {
        "\(day(date(of: instant))) \(timeOfDay(of: instant)) \(offset(at: instant))".unbroken
    }

    /// `Tue 27 Oct 10:30 +02:00`
    func shortWords(_ instant: Instant) -> String {
        let date = date(of: instant)
        return "\(shortDay(date)) \(timeOfDay(of: instant)) \(offset(at: instant))"
    }

    /// `Tue 27 Oct 2026`
    func day(_ date: CalendarDate) -> String {
        "\(shortDay(date)) \(date.year)"
    }

    private func shortDay(_ date: CalendarDate) -> String {
        let weekday = Self.weekdays[date.weekday.rawValue - 1]
        return "\(weekday) \(date.day) \(Self.months[date.month - 1])"
    }

    /// `10:30:07`
    func seconds(_ instant: Instant) -> String {
        let second = instant.secondsSince1970 % 60
        return "\(timeOfDay(of: instant)):\(second < 10 ? "0" : "")\(second)"
    }

    /// How far this wall is ahead of UTC: `+02:00`.
    private func offset(at instant: Instant) -> String {
        let utc = instant.secondsSince1970
        let local = date(of: instant), here = timeOfDay(of: instant)
        guard let epoch = try? CalendarDate(iso: "1970-01-01") else { return "" }
        let minutes =
            Int64(local.days(since: epoch)) * 1_440 + Int64(here.minuteOfDay) - utc / 60
        let size = minutes.magnitude
        func two(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(minutes < 0 ? "-" : "+")\(two(size / 60)):\(two(size % 60))"
    }

    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

/// `37 min 20 s`
func minutesAndSeconds(_ seconds: Int64) -> String {
    "\(seconds / 60) min \(seconds % 60) s"
}

extension String {
    /// With no-break spaces, for `Teller`.
    var unbroken: String { String(map { $0 == " " ? "\u{A0}" : $0 }) }

    /// A word of the API as words: `unbilled_receivable` becomes `unbilled receivable`.
    var spaced: String { String(map { $0 == "_" ? " " : $0 }) }
}
