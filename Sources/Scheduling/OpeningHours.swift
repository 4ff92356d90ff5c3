import MoneyAndTime

/// The weekly hours of a room or of staff, by the clock on the wall of its unit.
package struct OpeningHours: Hashable, Sendable {
    /// A part of one day.
    package struct Stretch: Hashable, Sendable {
        package let weekday: Weekday
        package let from: TimeOfDay
        /// Later than `from`, up to 24:00.
        package let until: TimeOfDay

        package init(weekday: Weekday, from: TimeOfDay, until: TimeOfDay) {
            self.weekday = weekday
            self.from = from
            self.until = until
        }
    }

    /// Why stretches are no opening hours.
    package enum Invalid: Error, Hashable, CustomStringConvertible {
        case count
        case order
        case overlap

        package var description: String {
            switch self {
            case .count: "must be 1 to \(OpeningHours.most) stretches"
            case .order: "each stretch must end later than it begins"
            case .overlap: "no stretch may overlap another one"
            }
        }
    }

    package static let most = 42
    private static let minutesOfDay = 1_440

    /// In order of the week; none overlaps another.
    package let stretches: [Stretch]

    package init(_ stretches: [Stretch]) throws(Invalid) {
        guard (1...Self.most).contains(stretches.count) else { throw .count }
        guard stretches.allSatisfy({ $0.from < $0.until }) else { throw .order }
        let ordered = stretches.sorted { $0.minutes.lowerBound < $1.minutes.lowerBound }
        for (one, next) in zip(ordered, ordered.dropFirst())
        where next.minutes.lowerBound < one.minutes.upperBound {
            throw .overlap
        }
        self.stretches = ordered
    }

    /// From and until of each stretch in turn, in minutes since Monday's midnight.
    package init(minutes: [Int64]) throws {
        try self.init(
            stride(from: 0, to: minutes.count - 1, by: 2).map { index in
                let day = Int(minutes[index]) / Self.minutesOfDay
                guard let weekday = Weekday(rawValue: day + 1) else { throw Invalid.order }
                return Stretch(
                    weekday: weekday,
                    from: try TimeOfDay(minuteOfDay: Int(minutes[index]) % Self.minutesOfDay),
                    until: try TimeOfDay(
                        minuteOfDay: Int(minutes[index + 1]) - day * Self.minutesOfDay))
            })
    }

    package var minutes: [Int64] {
        stretches.flatMap { [Int64($0.minutes.lowerBound), Int64($0.minutes.upperBound)] }
    }

    /// What of a stretch of time is not within the hours, in order.
    package func closed(in around: TimeSlot, by clock: WallClock) throws -> [TimeSlot] {
        let last = clock.date(of: around.end)
        var open: [TimeSlot] = []
        var day = try clock.date(of: around.start).adding(days: -1)
        while day <= last {
            for stretch in stretches where stretch.weekday == day.weekday {
                let minutes = stretch.from.minuteOfDay..<stretch.until.minuteOfDay
                if let slot = clock.slot(on: day, minutes: minutes) { open.append(slot) }
            }
            day = try day.adding(days: 1)
        }
        return try StartTimes.freeRuns(of: around, without: open)
    }
}

extension OpeningHours.Stretch {
    /// Since Monday's midnight.
    fileprivate var minutes: Range<Int> {
        let midnight = (weekday.rawValue - 1) * 1_440
        return (midnight + from.minuteOfDay)..<(midnight + until.minuteOfDay)
    }
}
