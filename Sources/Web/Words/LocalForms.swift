import MoneyAndTime

// How each language writes dates, times and money. Pure: text out, nothing read.

/// Holds a figure and its unit together on one line.
let noBreakSpace = "\u{a0}"

extension Language {
    /// `ti 24.11.2026`, `tis 24.11.2026`, `Tue 24 Nov 2026`: always with the weekday.
    package func date(_ date: CalendarDate) -> String {
        let weekday = shortWeekdays[date.weekday.rawValue - 1]
        switch self {
        case .finnish, .swedish:
            return "\(weekday)\(noBreakSpace)\(date.day).\(date.month).\(date.year)"
        case .english:
            let month = Self.englishMonths[date.month - 1]
            return [weekday, "\(date.day)", month, "\(date.year)"].joined(separator: noBreakSpace)
        }
    }

    /// `lokakuu 2026`, `oktober 2026`, `October 2026`: the month in which a day lies.
    package func month(of day: CalendarDate) -> String {
        let names =
            switch self {
            case .finnish: Self.finnishMonths
            case .swedish: Self.swedishMonths
            case .english: Self.longEnglishMonths
            }
        return "\(names[day.month - 1])\(noBreakSpace)\(day.year)"
    }

    /// `ti 24.11.`, `tis 24.11.`, `Tue 24 Nov`: where the year is said nearby.
    package func shortDate(_ date: CalendarDate) -> String {
        let weekday = shortWeekdays[date.weekday.rawValue - 1]
        switch self {
        case .finnish, .swedish:
            return "\(weekday)\(noBreakSpace)\(date.day).\(date.month)."
        case .english:
            let month = Self.englishMonths[date.month - 1]
            return [weekday, "\(date.day)", month].joined(separator: noBreakSpace)
        }
    }

    /// `9.00` in Finnish and Swedish, `09:00` in English.
    package func time(_ time: TimeOfDay) -> String {
        let (hour, minute) = (time.minuteOfDay / 60, Self.padded(time.minuteOfDay % 60))
        return self == .english ? "\(Self.padded(hour)):\(minute)" : "\(hour).\(minute)"
    }

    /// The same of an instant; where the wall shows that time twice, with which of them it is.
    package func time(_ instant: Instant, in zone: WallClock) -> String {
        let shown = time(zone.timeOfDay(of: instant))
        return zone.turn(of: instant).map { "\(shown) (\(season($0)))" } ?? shown
    }

    /// `ti 24.11.2026 klo 9.00`, `tis 24.11.2026 kl. 9.00`, `Tue 24 Nov 2026, 09:00`.
    package func moment(_ instant: Instant, in zone: WallClock) -> String {
        date(zone.date(of: instant)) + clockWord + time(instant, in: zone)
    }

    /// `9.00–15.00`, as a calendar shows it on a day; what lies on another day has its weekday.
    /// The end of the day is `24.00`.
    package func times(_ slot: TimeSlot, on day: CalendarDate, in zone: WallClock) -> String {
        let midnight = zone.timeOfDay(of: slot.end).minuteOfDay == 0
        if midnight, zone.date(of: slot.end).days(since: day) == 1 {
            let close = self == .english ? "24:00" : "24.00"
            return "\(time(slot.start, on: day, in: zone))–\(close)"
        }
        return "\(time(slot.start, on: day, in: zone))–\(time(slot.end, on: day, in: zone))"
    }

    private func time(_ instant: Instant, on day: CalendarDate, in zone: WallClock) -> String {
        let date = zone.date(of: instant)
        let shown = time(instant, in: zone)
        guard date != day else { return shown }
        return "\(shortWeekdays[date.weekday.rawValue - 1])\(noBreakSpace)\(shown)"
    }

    /// From one instant to another, the date once where it is the same.
    package func span(_ start: Instant, _ end: Instant, in zone: WallClock) -> String {
        guard zone.date(of: start) == zone.date(of: end) else {
            return "\(moment(start, in: zone)) – \(moment(end, in: zone))"
        }
        return "\(moment(start, in: zone))–\(time(end, in: zone))"
    }

    /// `1 234,50 €` in Finnish and Swedish, `€1,234.50` in English; a minus before all of it.
    package func money(_ money: Money) -> String {
        let amount = number(money.decimal)
        let digits = amount.first == "−" ? amount.dropFirst() : amount[...]
        let sign = amount.first == "−" ? "−" : ""
        switch self {
        case .finnish, .swedish: return "\(sign)\(digits)\(noBreakSpace)€"
        case .english: return "\(sign)€\(digits)"
        }
    }

    /// A number as JSON writes it, grouped by thousands, with the language's decimal mark.
    package func number(_ decimal: String) -> String {
        let parts = decimal.split(separator: ".", maxSplits: 1)
        let isNegative = decimal.first == "-"
        let whole = (parts.first ?? "0").drop { $0 == "-" }
        var grouped = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index).isMultiple(of: 3) {
                grouped += self == .english ? "," : noBreakSpace
            }
            grouped.append(digit)
        }
        let mark = self == .english ? "." : ","
        let fraction = parts.count > 1 ? mark + parts[1] : ""
        return (isNegative ? "−" : "") + grouped + fraction
    }

    /// `25 %` in Finnish and Swedish, `25%` in English, of a number as JSON writes it.
    package func percent(_ decimal: String) -> String {
        number(decimal) + percentSign
    }

    /// As it stands after a number, with what stands between the two.
    var percentSign: String { self == .english ? "%" : "\(noBreakSpace)%" }

    /// A time of the day as a contract has it, whose end of the day is `24:00`.
    package func clock(_ text: String) -> String {
        (try? TimeOfDay(text)).map { time($0) } ?? text
    }

    /// A length as a clock counts it: `17 min` or, with seconds left, `17 min 1 s`.
    package func length(seconds: Int64) -> String {
        let (minutes, rest) = seconds.quotientAndRemainder(dividingBy: 60)
        let whole = "\(minutes)\(noBreakSpace)min"
        return rest == 0 ? whole : "\(whole) \(rest)\(noBreakSpace)s"
    }

    private var clockWord: String {
        switch self {
        case .finnish: " klo\(noBreakSpace)"
        case .swedish: " kl.\(noBreakSpace)"
        case .english: ", "
        }
    }

    private func season(_ turn: WallClock.Turn) -> String {
        switch (self, turn) {
        case (.finnish, .first): "kesäaikaa"
        case (.finnish, .second): "talviaikaa"
        case (.swedish, .first): "sommartid"
        case (.swedish, .second): "vintertid"
        case (.english, .first): "summer time"
        case (.english, .second): "winter time"
        }
    }

    /// From Monday on.
    package var shortWeekdays: [String] {
        switch self {
        case .finnish: ["ma", "ti", "ke", "to", "pe", "la", "su"]
        case .swedish: ["mån", "tis", "ons", "tors", "fre", "lör", "sön"]
        case .english: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        }
    }

    private static let englishMonths = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static let longEnglishMonths = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]

    private static let finnishMonths = [
        "tammi", "helmi", "maalis", "huhti", "touko", "kesä", "heinä", "elo", "syys", "loka",
        "marras", "joulu",
    ].map { "\($0)kuu" }

    private static let swedishMonths = [
        "januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september",
        "oktober", "november", "december",
    ]

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
