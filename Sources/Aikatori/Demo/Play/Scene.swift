import MoneyAndTime
import Storage

/// What every step of the demo plays with. One file a step extends it.
struct Scene: Sendable {
    let stage: Stage
    let cast: Cast
    let teller: Teller
    let output: OutputFolder
    /// The clock on the wall of all four organisations.
    let wall: WallClock

    /// An instant by the wall: `at("2026-10-27", "10:30")`.
    func at(_ date: String, _ time: String) throws -> Instant {
        try wall.instant(CalendarDate(iso: date), TimeOfDay(time))
    }

    /// Moves the market's clock, as `aikatori clock` does, and tells so.
    func clock(shows date: String, _ time: String) async throws {
        let instant = try at(date, time)
        try await stage.clock.set(to: instant)
        teller.say("[The market's clock is moved to \(wall.words(instant)).]")
    }
}
