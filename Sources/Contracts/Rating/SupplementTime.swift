import MoneyAndTime

/// The minutes of a visit by what the wall clock shows when each begins: an hour that daylight
/// saving skips or repeats is what the wall shows, too.
struct SupplementTime {
    fileprivate struct Minute {
        let day: Supplement.Day
        let time: TimeOfDay
        let seconds: Int64
    }

    private let minutes: [Minute]

    /// Billed seconds counted without gaps from the planned start; the last minute may be short.
    init(starts: Instant, seconds: Int64, clock: WallClock) throws(ArithmeticFailure) {
        var minutes: [Minute] = []
        var days: [CalendarDate: Supplement.Day] = [:]
        var passed: Int64 = 0
        while passed < seconds {
            let instant = try starts.adding(seconds: passed)
            let date = clock.date(of: instant)
            let day = days[date] ?? Supplement.Day(of: date)
            days[date] = day
            minutes.append(
                Minute(
                    day: day, time: clock.timeOfDay(of: instant),
                    seconds: min(60, seconds - passed)))
            passed += 60
        }
        self.minutes = minutes
    }

    /// The billed seconds in which a supplement holds.
    func seconds(of supplement: Supplement) -> Int64 {
        minutes.reduce(0) { $1.holds(supplement) ? $0 + $1.seconds : $0 }
    }
}

extension SupplementTime.Minute {
    fileprivate func holds(_ supplement: Supplement) -> Bool {
        supplement.holds(on: day, at: time)
    }
}
