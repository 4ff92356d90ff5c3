import MoneyAndTime
import Postgres
import Scheduling
import TestMarket

/// A room of a scene's buyer, on the wall clock of Helsinki.
struct OwnRoom {
    let id: ResourceID
    let opening: OpeningHours?
    /// When it is closed; none overlaps another, nor what is taken.
    let closures: [TimeSlot]
    var taken: [Scene.Taken]

    /// Some of the buyer's bookings take it. Its hours are not those in which the clocks change.
    init(
        _ random: inout Seeded, on dates: ClosedRange<CalendarDate>, for people: [Scene.Person]
    ) throws {
        id = ResourceID(at: Instant(microseconds: 0), using: &random)
        var hours: [OpeningHours.Stretch] = []
        for day in Weekday.allCases where random.chance(85) {
            let noon = random.one(of: [600, 705, 720])
            hours.append(try Self.stretch(day, random.one(of: [0, 420, 480]), noon))
            if random.chance(70) {
                let end = random.one(of: [900, 960, 1_440])
                hours.append(try Self.stretch(day, noon + random.one(of: [0, 30, 60]), end))
            }
        }
        opening = random.chance(60) ? nil : try? OpeningHours(hours)
        var taken: [Scene.Taken] = []
        for each in people.flatMap(\.taken) where each.isOurs && random.chance(90) {
            if !taken.contains(where: { $0.planned.overlaps(each.planned) }) { taken.append(each) }
        }
        var closures: [TimeSlot] = []
        let clock = try WallClock(zone: "Europe/Helsinki")
        for _ in 0..<random.among(0...3) {
            let day = try dates.lowerBound.adding(days: Int(random.among(0...3)))
            let start = try clock.instant(day, TimeOfDay("00:00"))
                .adding(seconds: 900 * random.among(0...90))
            let slot = try TimeSlot(
                start: start, end: start.adding(seconds: 900 * random.among(1...16)))
            let isFree = !(closures + taken.map(\.planned)).contains { $0.overlaps(slot) }
            if isFree { closures.append(slot) }
        }
        self.closures = closures
        self.taken = taken
    }

    private static func stretch(
        _ day: Weekday, _ from: Int, _ until: Int
    ) throws -> OpeningHours.Stretch {
        try OpeningHours.Stretch(
            weekday: day, from: TimeOfDay(minuteOfDay: from), until: TimeOfDay(minuteOfDay: until)
        )
    }

    /// As the rule in Swift wants it.
    var state: ResourceState {
        get throws {
            try ResourceState(
                opening: opening, clock: WallClock(zone: "Europe/Helsinki"), closures: closures,
                taken: taken.map {
                    ReservedRange(
                        occupied: $0.planned, holdExpiresAt: $0.holdExpiresAt,
                        givesBack: .nothing)
                })
        }
    }

    func rows(of buyer: TestOrganisation) -> [Query] {
        var rows: [Query] = [
            """
            insert into resource (id, organisation, unit, kind, name, opening)
            values (\(id), \(buyer.id), \(buyer.unit), 'room', \(id.description),
                \(opening?.minutes)::int[])
            """
        ]
        rows += closures.map { slot in
            """
            insert into resource_time (id, organisation, resource, during, occasion, reason)
            select x, \(buyer.id), \(id), tstzrange(\(slot.start), \(slot.end)), x, 'Repairs'
            from uuid_v7() x
            """
        }
        rows += taken.map { taken in
            """
            insert into resource_time (id, organisation, resource, during, booking, occasion)
            values (uuid_v7(), \(buyer.id), \(id),
                tstzrange(\(taken.planned.start), \(taken.planned.end)), \(taken.booking),
                \(taken.booking))
            """
        }
        return rows
    }
}

extension Scene {
    func places(of rooms: [ResourceID]) -> [Int] {
        rooms.compactMap { id in resources.firstIndex { $0.id == id } }
    }
}
