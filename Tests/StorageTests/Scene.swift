import MoneyAndTime
import Scheduling
import TestMarket

/// A market that a seed makes up: a contract with its versions, specialists with their windows, and
/// what is taken of them. Small and coarse, so that bounds are met exactly, and in the weeks in
/// which daylight saving begins or ends.
struct Scene {
    struct SoldKind {
        let code: String
        let lengths: PlannedLengths
        let centsPerMinute: Int64
        let required: [String]
        /// Of places in sessions; nil where time is sold by itself.
        var capacity: Int64?

        var minutes: [Int64] {
            Array(
                stride(
                    from: lengths.shortestMinutes, through: lengths.longestMinutes,
                    by: Int64.Stride(lengths.stepMinutes)))
        }
    }

    struct Version {
        let number: Int64
        let signedAt: Instant?
        let span: TimeSlot
        let noticeMinutes: Int64
        let horizonDays: Int64
        let ceiling: Int64?
        let mostVisits: Int64?
        let mostMinutes: Int64?
        var services: [SoldKind]
    }

    struct Window {
        let id: WindowID
        let offered: OfferedWindow
        let isOpen: Bool
    }

    struct Publication {
        let rule: AvailabilityRule
        let windows: [Window]
    }

    struct Taken {
        let booking: BookingID
        let reservation: ReservationID
        let window: WindowID
        let planned: TimeSlot
        let occupied: TimeSlot
        /// Nil when it is booked.
        let holdExpiresAt: Instant?
        /// Under the scene's contract, and not under another buyer's.
        let isOurs: Bool
        let quote: Int64
        let period: String

        var minutes: Int64 { planned.seconds / 60 }
    }

    struct Person {
        let id: SpecialistID
        let languages: [String]
        let licence: ClosedRange<CalendarDate>
        let limits: WorkingLimits
        var publications: [Publication] = []
        var taken: [Taken] = []
        var sessions: [Session] = []

        var windows: [Window] { publications.flatMap(\.windows) }
    }

    let contract: ContractID
    /// No other scene has it.
    let specialty: String
    let clock: WallClock
    let now: Instant
    let state: String
    /// When notice ends the contract.
    let endsAt: Instant?
    var versions: [Version] = []
    var people: [Person] = []
    /// The buyer's rooms.
    var resources: [OwnRoom] = []
    /// What charges have used in each of `counted`.
    let used: Int64
    /// The periods in which something is taken at first: those with a counter.
    var counted: Set<String> = []

    func period(of instant: Instant) throws -> String {
        String(clock.date(of: instant).iso.prefix(7))
    }

    /// What the counter of a period has in it, of the scene's contract or of the other buyer's.
    func share(of period: String, isOurs: Bool = true) -> PeriodShare {
        let taken = people.flatMap(\.taken).filter { $0.isOurs == isOurs && $0.period == period }
        let gathered = sessions.filter { $0.period == period }.map { session in
            (minutes: session.minutes, seats: session.seats.filter { $0.isOurs == isOurs })
        }
        // places of one buyer hold the price of their session once
        let quotes = taken.map(\.quote) + gathered.map { $0.seats.map(\.quote).max() ?? 0 }
        let minutes =
            taken.map(\.minutes)
            + gathered.flatMap { session in session.seats.map { _ in session.minutes } }
        return PeriodShare(
            quote: Money(minorUnits: quotes.reduce(0, +)), visits: Int64(minutes.count),
            minutes: minutes.reduce(0, +))
    }

    func used(in period: String) -> Int64 {
        counted.contains(period) ? used : 0
    }
}

// MARK: - From a seed

extension Scene {
    /// Days around both changes of Helsinki's clocks, at the ends of months, and one in between;
    /// New York's clocks change on 7 November.
    private static let days = ["2027-03-26", "2027-10-29", "2027-11-05", "2027-06-14"]

    /// `ofSessions`: most of what is sold are places in sessions.
    init(_ random: inout Seeded, number: Int, ofSessions: Bool = false) throws {
        // sessions come of numbers of their own, so that the rest is as without them
        var apart = Seeded(ofSessions ? random.next() : UInt64(number))
        func newID<Tag>(_: Tag.Type = Tag.self) -> ID<Tag> {
            ID(at: Instant(microseconds: 0), using: &random)
        }
        let zone = random.chance(75) ? "Europe/Helsinki" : "America/New_York"
        let first = try CalendarDate(iso: random.one(of: Self.days))
        let dates = try first...first.adding(days: 3)
        contract = newID()
        specialty = "specialty \(number)"
        clock = try WallClock(zone: zone)
        state = [10: "suspended", 11: "ended"][number % 12, default: "active"]
        let midnight = try WallClock(zone: "Europe/Helsinki").instant(first, TimeOfDay("00:00"))
        now = try midnight.adding(seconds: 900 * random.among(-120...(ofSessions ? 120 : 40)))
        endsAt =
            number % 5 == 4 ? try midnight.adding(seconds: 86_400 * random.among(0...3)) : nil
        used = random.chance(50) ? 0 : random.among(0...9_000)
        versions = try Self.versions(&random, from: midnight, now: now)
        for _ in 0..<random.among(1...2) {
            people.append(try person(&random, dates))
        }
        try addSessions(&apart, many: ofSessions)
        counted = Set(people.flatMap(\.taken).map(\.period) + sessions.map(\.period))
        for _ in 0..<random.among(1...2) {
            resources.append(try OwnRoom(&random, on: dates, for: people))
        }
    }

    private static func versions(
        _ random: inout Seeded, from midnight: Instant, now: Instant
    ) throws -> [Version] {
        var versions: [Version] = []
        var start = try midnight.adding(seconds: 900 * random.among(-150...20))
        for number in 1...random.among(1...2) {
            let end = try start.adding(seconds: 900 * random.among(200...500))
            let codes = random.chance(50) ? ["visit"] : ["visit", "talk"]
            let services = codes.map { code in
                let shortest = random.one(of: [10, 15, 20, 30] as [Int64])
                let step = random.one(of: [5, 10, 15] as [Int64])
                return SoldKind(
                    code: code,
                    lengths: PlannedLengths(
                        shortestMinutes: shortest,
                        longestMinutes: shortest + step * random.among(0...4), stepMinutes: step),
                    centsPerMinute: random.among(50...400),
                    required: random.chance(70) ? [] : ["authorisation_reference"])
            }
            versions.append(
                Version(
                    number: number,
                    signedAt: try random.chance(8)
                        ? nil : now.adding(seconds: 60 * random.among(-90...2)),
                    span: try TimeSlot(start: start, end: end),
                    noticeMinutes: random.one(of: [0, 0, 60, 60, 1_440] as [Int64]),
                    horizonDays: random.one(of: [1, 2, 30, 30, 90] as [Int64]),
                    ceiling: random.chance(25) ? nil : random.among(3_000...40_000),
                    mostVisits: random.chance(50) ? nil : random.among(1...8),
                    mostMinutes: random.chance(50) ? nil : random.among(20...300),
                    services: services))
            start = try end.adding(seconds: random.chance(70) ? 0 : 900 * random.among(1...20))
        }
        return versions
    }

    private func person(
        _ random: inout Seeded, _ dates: ClosedRange<CalendarDate>
    ) throws -> Person {
        func newID<Tag>(_: Tag.Type = Tag.self) -> ID<Tag> {
            ID(at: Instant(microseconds: 0), using: &random)
        }
        let late = try dates.lowerBound.adding(days: Int(random.among(0...3)))
        let distant = try CalendarDate(iso: "2039-12-31")
        var person = Person(
            id: newID(), languages: random.one(of: [["fi"], ["fi", "sv"], ["en"]]),
            licence: try CalendarDate(iso: "2020-01-01")...(random.chance(70) ? distant : late),
            limits: WorkingLimits(
                dailyMinutes: random.chance(65) ? nil : random.among(20...200),
                weeklyMinutes: random.chance(65) ? nil : random.among(60...400)) ?? .none)
        for _ in 0..<random.among(1...2) {
            let rule = try rule(&random, for: person.id, dates)
            let slots = try Recurrence.expand(rule, over: dates).filter { slot in
                !person.windows.contains { $0.offered.slot.overlaps(slot) }
            }
            let windows = slots.map { slot in
                Window(
                    id: newID(), offered: OfferedWindow(slot: slot, terms: rule.terms),
                    isOpen: !random.chance(15))
            }
            person.publications.append(Publication(rule: rule, windows: windows))
        }
        for _ in 0..<random.among(0...14) {
            guard let taken = try taken(&random, of: person) else { continue }
            person.taken.append(taken)
        }
        return person
    }

    /// By Helsinki's clock: some hours, a night, or a whole day of 23, 24 or 25 hours.
    private func rule(
        _ random: inout Seeded, for person: SpecialistID, _ dates: ClosedRange<CalendarDate>
    ) throws -> AvailabilityRule {
        while true {
            let from = random.one(of: [0, 120, 180, 210, 480, 540, 1_320])
            let length = random.one(of: [90, 240, 360, 600, 1_440])
            let shortest = random.one(of: [5, 10, 30] as [Int64])
            let other = ContractID(at: Instant(microseconds: 0), using: &random)
            let terms = try OfferTerms(
                services: random.chance(80) ? nil : [random.one(of: ["visit", "talk"])],
                contracts: random.chance(75)
                    ? nil : random.one(of: [[contract], [other], [contract, other]]),
                grid: random.one(of: StartGrid.allCases), shortestMinutes: shortest,
                longestMinutes: random.one(of: [30, 60, 120, 1_440]),
                bufferBeforeMinutes: random.one(of: [0, 0, 5, 20]),
                bufferAfterMinutes: random.one(of: [0, 5, 15]))
            let daily = AvailabilityRule.Pattern.weekly(
                try WeeklyPattern(
                    days: Set(Weekday.allCases), startsOn: dates.lowerBound,
                    except: random.chance(30) ? [dates.upperBound] : []))
            let day = try dates.lowerBound.adding(days: Int(random.among(0...3)))
            let pattern = random.chance(70) ? daily : .once(day)
            let rule = try? AvailabilityRule(
                id: ID(at: Instant(microseconds: 0), using: &random), specialist: person,
                zone: WallClock(zone: "Europe/Helsinki"), pattern: pattern,
                from: TimeOfDay(minuteOfDay: from),
                to: TimeOfDay(minuteOfDay: (from + length) % 1_440),
                pauses: random.chance(70)
                    ? []
                    : [
                        .init(
                            from: TimeOfDay(minuteOfDay: (from + 40) % 1_440),
                            to: TimeOfDay(minuteOfDay: (from + 65) % 1_440))
                    ], terms: terms)
            if let rule { return rule }
        }
    }

    /// Nil when the time is not free.
    private func taken(_ random: inout Seeded, of person: Person) throws -> Taken? {
        guard !person.windows.isEmpty else { return nil }
        let window = random.one(of: person.windows)
        let start = try window.offered.slot.start.adding(seconds: 300 * random.among(0...60))
        let planned = try TimeSlot(
            start: start, end: start.adding(seconds: 300 * random.among(2...12)))
        let occupied = try TimeSlot(
            start: start.adding(seconds: -60 * window.offered.terms.bufferBeforeMinutes),
            end: planned.end.adding(seconds: 60 * window.offered.terms.bufferAfterMinutes))
        guard window.offered.slot.contains(occupied),
            !person.taken.contains(where: { $0.occupied.overlaps(occupied) })
        else { return nil }
        return Taken(
            booking: ID(at: Instant(microseconds: 0), using: &random),
            reservation: ID(at: Instant(microseconds: 0), using: &random), window: window.id,
            planned: planned, occupied: occupied,
            holdExpiresAt: try random.chance(50)
                ? now.adding(seconds: 60 * random.among(-2...1)) : nil,
            isOurs: random.chance(60), quote: random.among(1_000...9_000),
            period: try period(of: start))
    }
}
