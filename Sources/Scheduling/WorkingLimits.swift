import MoneyAndTime

/// The most planned minutes of one specialist that may be sold, by the clock on the unit's wall;
/// nil is without limit. A visit counts on the day on which it starts, and in that day's week from
/// Monday. What is held counts until it has run out. A group session counts once, from when it is
/// opened on, whether or not anybody comes: its time is not on sale.
package struct WorkingLimits: Hashable, Sendable {
    package static let longestDay: Int64 = 1_440
    package static let longestWeek: Int64 = 10_080
    package static let none = WorkingLimits()

    package let dailyMinutes: Int64?
    package let weeklyMinutes: Int64?

    private init() {
        dailyMinutes = nil
        weeklyMinutes = nil
    }

    /// Nil unless each is at least one minute and no more than a day or a week has.
    package init?(dailyMinutes: Int64?, weeklyMinutes: Int64?) {
        guard dailyMinutes.map({ (1...Self.longestDay).contains($0) }) ?? true,
            weeklyMinutes.map({ (1...Self.longestWeek).contains($0) }) ?? true
        else { return nil }
        self.dailyMinutes = dailyMinutes
        self.weeklyMinutes = weeklyMinutes
    }

    /// Which of the two it is, by its name in SQL and JSON.
    package enum Limit: String, Hashable, Sendable, CaseIterable {
        case daily = "daily_minutes"
        case weekly = "weekly_minutes"
    }
}

/// The limits of a specialist, and what is sold of the day and the week of the planned visit.
package struct WorkingState: Hashable, Sendable {
    package let limits: WorkingLimits
    package let soldInDay: Int64
    package let soldInWeek: Int64

    package init(limits: WorkingLimits, soldInDay: Int64, soldInWeek: Int64) {
        self.limits = limits
        self.soldInDay = soldInDay
        self.soldInWeek = soldInWeek
    }

    /// - Throws: `BookingRefusal.workingLimit`, the day's first.
    package func require(minutes: Int64) throws {
        for (limit, most, sold) in [
            (WorkingLimits.Limit.daily, limits.dailyMinutes, soldInDay),
            (.weekly, limits.weeklyMinutes, soldInWeek),
        ] {
            guard let most else { continue }
            let left = try most.subtracting(sold)
            guard minutes <= left else {
                throw BookingRefusal.workingLimit(limit, left: max(0, left))
            }
        }
    }
}
