import MoneyAndTime
import Scheduling
import Testing

/// Opening hours on the wall, and until when a room cannot be had.
@Suite struct ResourceRuleTests {
    private static let helsinki = try? WallClock(zone: "Europe/Helsinki")

    private static func hours(
        _ stretches: (Weekday, String, String)...
    ) throws -> OpeningHours {
        try OpeningHours(
            stretches.map {
                try .init(weekday: $0.0, from: TimeOfDay($0.1), until: TimeOfDay($0.2))
            })
    }

    private static func slot(_ start: String, _ end: String) throws -> TimeSlot {
        try TimeSlot(start: Instant(rfc3339: start), end: Instant(rfc3339: end))
    }

    @Test func whatAreNoHours() throws {
        #expect(throws: OpeningHours.Invalid.count) { try OpeningHours([]) }
        #expect(throws: OpeningHours.Invalid.order) {
            try Self.hours((.monday, "10:00", "10:00"))
        }
        #expect(throws: OpeningHours.Invalid.overlap) {
            try Self.hours((.monday, "10:00", "12:00"), (.monday, "08:00", "10:15"))
        }
        let many = try (0..<43).map {
            try OpeningHours.Stretch(
                weekday: .monday, from: TimeOfDay(minuteOfDay: 10 * $0),
                until: TimeOfDay(minuteOfDay: 10 * $0 + 5))
        }
        #expect(throws: OpeningHours.Invalid.count) { try OpeningHours(many) }
    }

    @Test func theyComeBackFromTheirMinutes() throws {
        let hours = try Self.hours(
            (.sunday, "22:00", "24:00"), (.monday, "00:00", "02:00"), (.monday, "02:00", "04:00"))
        #expect(hours.minutes == [0, 120, 120, 240, 9_960, 10_080])
        #expect(try OpeningHours(minutes: hours.minutes) == hours)
    }

    /// 28 March 2027 has 23 hours in Helsinki, 31 October 25.
    @Test(arguments: [
        ("2027-03-26T22:00:00Z", "2027-03-27T06:00:00Z", "2027-03-27T14:00:00Z"),
        ("2027-03-27T22:00:00Z", "2027-03-28T05:00:00Z", "2027-03-28T13:00:00Z"),
        ("2027-10-30T21:00:00Z", "2027-10-31T06:00:00Z", "2027-10-31T14:00:00Z"),
    ])
    func byTheWall(midnight: String, opens: String, closes: String) throws {
        let clock = try #require(Self.helsinki)
        let hours = try OpeningHours(
            Weekday.allCases.map {
                try .init(weekday: $0, from: TimeOfDay("08:00"), until: TimeOfDay("16:00"))
            })
        let around = try Self.slot(midnight, closes)
        #expect(try hours.closed(in: around, by: clock) == [Self.slot(midnight, opens)])
    }

    @Test func untilWhenItCannotBeHad() throws {
        let clock = try #require(Self.helsinki)
        // Monday 8 March and Tuesday 9 March, in a zone of two hours
        let visit = try Self.slot("2027-03-08T09:45:00Z", "2027-03-08T10:15:00Z")
        let now = try Instant(rfc3339: "2027-03-01T00:00:00Z")
        func state(
            _ opening: OpeningHours?, closures: [TimeSlot] = [], taken: [ReservedRange] = []
        ) -> ResourceState {
            ResourceState(opening: opening, clock: clock, closures: closures, taken: taken)
        }
        let noon = try Self.hours((.monday, "08:00", "12:00"), (.tuesday, "08:00", "12:00"))
        #expect(
            try state(noon).closedUntil(visit) == Instant(rfc3339: "2027-03-09T06:00:00Z"))
        let lunch = try Self.hours((.monday, "08:00", "12:00"), (.monday, "12:00", "16:00"))
        #expect(try state(lunch).closedUntil(visit) == nil)
        // closed through the lunch that it has anyway: both are one
        let apart = try Self.hours((.monday, "08:00", "12:00"), (.monday, "13:00", "16:00"))
        let repairs = try Self.slot("2027-03-08T11:00:00Z", "2027-03-08T12:00:00Z")
        #expect(
            try state(apart, closures: [repairs]).closedUntil(visit) == repairs.end)
        let after = try Self.slot("2027-03-08T10:15:00Z", "2027-03-08T12:00:00Z")
        #expect(try state(nil, closures: [after]).closedUntil(visit) == nil)
        let taken = ReservedRange(
            occupied: try Self.slot("2027-03-08T10:00:00Z", "2027-03-08T11:00:00Z"),
            holdExpiresAt: now, givesBack: .nothing)
        #expect(state(nil, taken: [taken]).takenUntil(visit, now: now) == nil)
        let before = Instant(microseconds: now.microseconds - 1)
        #expect(state(nil, taken: [taken]).takenUntil(visit, now: before) == taken.occupied.end)
    }
}
