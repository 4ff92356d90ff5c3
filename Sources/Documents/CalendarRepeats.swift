import MoneyAndTime

/// A recurrence rule of the kinds that work is planned by: every day or every week, with
/// `INTERVAL`, `BYDAY`, `WKST` and `COUNT` or `UNTIL` (RFC 5545 §3.3.10). Others are not read.
struct CalendarRepeats: Hashable, Sendable {
    private enum Frequency: String {
        case daily = "DAILY"
        case weekly = "WEEKLY"
    }

    private let frequency: Frequency
    private let interval: Int
    private let count: Int?
    private let until: CalendarTime?
    private let days: Set<Weekday>?
    private let weekStart: Weekday

    init?(_ value: String, floating: WallClock) {
        var parts: [String: String] = [:]
        for part in value.split(separator: ";") {
            let halves = part.split(separator: "=", maxSplits: 1)
            guard halves.count == 2,
                parts.updateValue(String(halves[1]), forKey: halves[0].uppercased()) == nil
            else { return nil }
        }
        let known: Set = ["FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"]
        guard known.isSuperset(of: parts.keys),
            let frequency = parts["FREQ"].flatMap({ Frequency(rawValue: $0.uppercased()) }),
            let interval = parts["INTERVAL"].map({ Int($0) }) ?? 1, (1...1_000).contains(interval)
        else { return nil }
        (self.frequency, self.interval) = (frequency, interval)
        count = parts["COUNT"].flatMap { Int($0) }
        if parts["COUNT"] != nil, !(1...100_000).contains(count ?? 0) { return nil }
        until = parts["UNTIL"].flatMap { CalendarTime($0, zone: nil, floating: floating) }
        if parts["UNTIL"] != nil, until == nil { return nil }
        var days: Set<Weekday>?
        if let text = parts["BYDAY"] {
            let named = text.split(separator: ",").map { Self.weekdays[$0.uppercased()] }
            guard !named.isEmpty, !named.contains(nil) else { return nil }
            days = Set(named.compactMap { $0 })
        }
        self.days = days
        guard let weekStart = parts["WKST"].map({ Self.weekdays[$0.uppercased()] }) ?? .monday
        else { return nil }
        self.weekStart = weekStart
    }

    private static let weekdays: [String: Weekday] = [
        "MO": .monday, "TU": .tuesday, "WE": .wednesday, "TH": .thursday, "FR": .friday,
        "SA": .saturday, "SU": .sunday,
    ]

    /// So far back is counted where there is a count.
    private static let mostCounted = 3_660

    /// The days on which it happens from `first` on, as far as `last`. Those before `shown` are
    /// left out, and only counted where there is a count; nil where that would be for too long.
    func days(
        of start: CalendarTime, from shown: CalendarDate, through last: CalendarDate
    ) throws -> [CalendarDate]? {
        let first = start.date
        if count != nil, shown.days(since: first) > Self.mostCounted { return nil }
        var date = first
        if count == nil, first < shown { date = shown }
        var (found, number): ([CalendarDate], Int) = ([], 0)
        while date <= last {
            if date == first || names(date, first) {
                if let until, try isPast(until, start.on(date)) { return found }
                number += 1
                if date >= shown { found.append(date) }
                if number == count { return found }
            }
            date = try date.adding(days: 1)
        }
        return found
    }

    private func isPast(_ until: CalendarTime, _ time: CalendarTime) throws -> Bool {
        until.isDay ? until.date < time.date : try until.instant() < time.instant()
    }

    private func names(_ date: CalendarDate, _ first: CalendarDate) -> Bool {
        switch frequency {
        case .daily:
            return Int(date.days(since: first)) % interval == 0
                && (days?.contains(date.weekday) ?? true)
        case .weekly:
            guard days?.contains(date.weekday) ?? (date.weekday == first.weekday) else {
                return false
            }
            func intoWeek(_ day: CalendarDate) -> Int {
                (day.weekday.rawValue - weekStart.rawValue + 7) % 7
            }
            let between = Int(date.days(since: first)) - intoWeek(date) + intoWeek(first)
            return between / 7 % interval == 0
        }
    }
}
