import MoneyAndTime

/// Wall-clock rules become windows in UTC here, and nowhere else.
///
/// - 09:00 stays 09:00 for people on both sides of a daylight-saving change.
/// - An edge inside the hour that does not exist moves to the first instant after it; an ambiguous
///   edge is its first occurrence (`WallClock`). A window that becomes empty is dropped.
/// - A window belongs to the local date of its start, and is never cut at the horizon. Windows of
///   one rule never overlap (local times map to instants monotonically) and are never merged,
///   even where a 24-hour window touches the next: so adding a day to the horizon only adds
///   windows, and excepting a date removes exactly its own.
/// - A pause parts a window in two, each with a grid of starts of its own.
/// - RFC 5545 takes an edge in the hour that does not exist by the offset before it, so that 03:30
///   is 04:30; here it is the instant at which that hour would have begun. All else is as there.
package enum Recurrence {
    /// About three years; longer horizons are asked for piece by piece.
    package static let mostDays = 1_100

    /// The windows whose local start dates lie in `dates`, in order of time.
    package static func expand(
        _ rule: AvailabilityRule, over dates: ClosedRange<CalendarDate>
    ) throws -> [TimeSlot] {
        var windows: [TimeSlot] = []
        var date = dates.lowerBound
        var days = 0
        while date <= dates.upperBound {
            days += 1
            guard days <= mostDays else {
                throw AvailabilityRefusal.horizonTooLong(limitDays: mostDays)
            }
            if rule.applies(on: date) { windows += rule.windows(on: date) }
            // the calendar's last day has none after it
            guard date < dates.upperBound else { break }
            date = try date.adding(days: 1)
        }
        return windows
    }
}
