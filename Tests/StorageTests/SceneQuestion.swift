import MoneyAndTime
import Scheduling
import TestMarket

/// What a buyer asks of a scene.
struct Wanted: CustomStringConvertible {
    let person: Int
    let service: String
    let start: Instant
    let minutes: Int64
    let hold: Bool
    var authorisation: String?
    /// Places among the scene's rooms.
    var resources: [Int] = []

    var description: String {
        "\(service) with \(person) at \(start) for \(minutes) min in \(resources)"
    }
}

extension Scene {
    /// Mostly what could be had, and often an exact bound of it.
    func wanted(_ random: inout Seeded) throws -> Wanted {
        let person = Int.random(in: people.indices, using: &random)
        let version = random.one(of: versions)
        let service = random.one(of: version.services)
        let minutes = random.chance(92) ? random.one(of: service.minutes) : random.among(1...130)
        return Wanted(
            person: person, service: random.chance(96) ? service.code : "another",
            start: try start(&random, people[person], version, minutes: minutes),
            minutes: minutes, hold: random.chance(30),
            authorisation: random.chance(85) ? "A-1" : nil,
            resources: random.chance(50) ? [] : resources.indices.shuffled(using: &random))
    }

    private func start(
        _ random: inout Seeded, _ person: Person, _ version: Version, minutes: Int64
    ) throws -> Instant {
        let bounds = try [
            now, now.adding(seconds: 60 * version.noticeMinutes),
            now.adding(seconds: 86_400 * version.horizonDays), version.span.start,
            version.span.end,
        ]
        guard random.chance(92), !person.windows.isEmpty else { return random.one(of: bounds) }
        let window = random.one(of: person.windows).offered
        let grid = window.terms.grid.seconds
        switch random.among(0...9) {
        case 0:
            let end = window.slot.end
            return try end.adding(seconds: -60 * (minutes + window.terms.bufferAfterMinutes))
        case 1 where !person.taken.isEmpty:
            return try random.one(of: person.taken).occupied.end.adding(
                seconds: 60 * window.terms.bufferBeforeMinutes)
        case 2 where !person.taken.isEmpty:
            let taken = random.one(of: person.taken).occupied
            return try taken.start.adding(
                seconds: -60 * (minutes + window.terms.bufferAfterMinutes))
        case 3...5 where !person.taken.isEmpty:
            let taken = random.one(of: person.taken)
            let near = try taken.planned.start.adding(seconds: 300 * random.among(-9...6))
            return try person.onGrid(near, of: taken.window)
        case 6:
            return try window.slot.start.adding(seconds: random.among(0...60))
        default:
            return try window.slot.start.adding(
                seconds: grid * random.among(0...(window.slot.seconds / grid)))
        }
    }

    /// The facts of it, as the rule in Swift wants them.
    func question(_ wanted: Wanted) throws -> BookingQuestion {
        let planned = try TimeSlot(
            start: wanted.start, end: wanted.start.adding(seconds: 60 * wanted.minutes))
        let offers = versions.map { $0.offer(minutes: wanted.minutes) }
        let period = try period(of: wanted.start)
        let index = offers.firstIndex { $0.prices(wanted.start, now: now) }
        let share = share(of: period)
        let budget = index.flatMap { versions[$0].ceiling }.map { ceiling in
            BudgetState(
                ceiling: Money(minorUnits: ceiling), reserved: share.quote,
                used: Money(minorUnits: used(in: period)))
        }
        let quota = index.map { versions[$0] }.map { version in
            QuotaState(
                mostVisits: version.mostVisits, mostMinutes: version.mostMinutes,
                visits: share.visits, minutes: share.minutes)
        }
        let person = people[wanted.person]
        return BookingQuestion(
            now: now, planned: planned, service: wanted.service, contract: contract,
            handOver: wanted.authorisation == nil ? [] : ["authorisation_reference"],
            contractIsActive: state == "active", contractIsSuspended: state == "suspended",
            contractEndsAt: endsAt, versions: offers,
            licenceCovers: person.licence.contains(clock.date(of: wanted.start)),
            windows: person.windows.filter(\.isOpen).map(\.offered)
                .sorted { $0.slot.start < $1.slot.start },
            working: try person.working(on: wanted.start, now: now),
            budget: budget, quota: quota,
            reservations: reserved(beside: wanted.person, in: period),
            resources: try wanted.resources.map { try resources[$0].state })
    }

    /// All of the specialist's, and the overdue holds elsewhere that the counter still carries.
    private func reserved(beside index: Int, in period: String) -> [ReservedRange] {
        people.enumerated().flatMap { number, person in
            person.taken.filter { number == index || $0.isOverdue(at: now) }.map { taken in
                ReservedRange(
                    occupied: taken.occupied, holdExpiresAt: taken.holdExpiresAt,
                    givesBack: taken.isOurs && taken.period == period
                        ? PeriodShare(
                            quote: Money(minorUnits: taken.quote), minutes: taken.minutes)
                        : .nothing)
            }
        } + overdueSeats(in: period)
            + people[index].sessions.filter(\.isOpen).map {
                ReservedRange(occupied: $0.occupied, holdExpiresAt: nil, givesBack: .nothing)
            }
    }
}

extension Scene.Person {
    /// The unit is in Helsinki, wherever the contract is.
    fileprivate func working(on start: Instant, now: Instant) throws -> WorkingState {
        let clock = try WallClock(zone: "Europe/Helsinki")
        let day = clock.date(of: start)
        func sold(_ isCounted: (CalendarDate) -> Bool) -> Int64 {
            let visits = taken.filter { !$0.isOverdue(at: now) }.map(\.planned)
            // also one without places is sold
            return (visits + sessions.filter(\.isOpen).map(\.planned))
                .filter { isCounted(clock.date(of: $0.start)) }
                .map { $0.seconds / 60 }.reduce(0, +)
        }
        let monday = try day.adding(days: 1 - day.weekday.rawValue)
        let sunday = try monday.adding(days: 6)
        return WorkingState(
            limits: limits, soldInDay: sold { $0 == day },
            soldInWeek: sold { (monday...sunday).contains($0) })
    }

    /// The start of a window's grid at an instant or before it.
    fileprivate func onGrid(_ instant: Instant, of window: WindowID) throws -> Instant {
        guard let offered = windows.first(where: { $0.id == window })?.offered else {
            return instant
        }
        let offset = try instant.seconds(since: offered.slot.start)
        let grid = offered.terms.grid.seconds
        return try offered.slot.start.adding(seconds: max(0, offset) / grid * grid)
    }
}

extension Scene.Version {
    func offer(minutes: Int64) -> VersionOffer {
        let offers = services.map { service in
            let quote = Money(minorUnits: service.centsPerMinute * minutes)
            return (
                service.code,
                ServiceOffer(
                    lengths: service.lengths, quote: quote, required: service.required,
                    capacity: service.capacity)
            )
        }
        return VersionOffer(
            number: number, signedAt: signedAt, validFrom: span.start, validUntil: span.end,
            noticeMinutes: noticeMinutes, horizonDays: horizonDays,
            services: Dictionary(uniqueKeysWithValues: offers))
    }
}

extension Scene.Taken {
    func isOverdue(at now: Instant) -> Bool { holdExpiresAt.map { $0 <= now } ?? false }
}
