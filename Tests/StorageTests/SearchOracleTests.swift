import MoneyAndTime
import Postgres
import Scheduling
import Storage
import TestMarket
import Testing

/// Search finds exactly what can be booked: every start of the grid is put to the rule in Swift,
/// one by one, and what it accepts must be found, with its price and the end of its free run.
@Suite struct SearchOracleTests {
    @Test func findsWhatCanBeBooked() async throws {
        let seen = try await Seeds.tally(3) { try await searches(seed: $0) }
        #expect(seen["found", default: 0] > 600, "\(seen)")
        #expect(seen["booked", default: 0] > 45, "\(seen)")
    }

    private func searches(seed: UInt64) async throws -> [String: Int] {
        var random = Seeded(1_000 + seed)
        var seen: [String: Int] = [:]
        try await TestMarket.withMarket { test in
            let stage = try await Stage(test)
            for number in 0..<16 {
                var scene = try Scene(&random, number: number)
                try await stage.put(scene)
                try await stage.tidy(&scene)
                for _ in 0..<5 {
                    let wish = try Self.wish(&random, for: scene, on: stage)
                    let comment: Comment = "seed \(seed), scene \(number): \(wish)"
                    let expected = try scene.offers(for: wish)
                    let rows = try await find(wish, on: stage, limit: 5_000)
                    #expect(rows.map(Offer.init) == expected, comment)
                    let pages = try await paged(wish, on: stage)
                    #expect(pages == expected, comment)
                    seen["found", default: 0] += expected.count
                    for offer in expected.shuffled(using: &random).prefix(4) {
                        let code = try await book(offer, wish, of: scene, on: stage)
                        #expect(code == nil, comment)
                        seen["booked", default: 0] += 1
                    }
                }
            }
        }
        return seen
    }

    private static func wish(
        _ random: inout Seeded, for scene: Scene, on stage: Stage
    ) throws -> FoundTime.Wish {
        let service = random.one(
            of: random.one(of: scene.versions).services.filter { $0.capacity == nil })
        let from = try scene.now.adding(seconds: 900 * random.among(-100...100))
        var wish = FoundTime.Wish(
            from: from, until: try from.adding(seconds: 900 * random.among(1...500)),
            minutes: random.chance(90) ? random.one(of: service.minutes) : random.among(1...120))
        if random.chance(70) {
            wish.specialty = scene.specialty
        } else {
            wish.specialist = random.one(of: scene.people).id
        }
        if random.chance(30) { wish.service = random.one(of: ["visit", "talk"]) }
        if random.chance(30) { wish.language = random.one(of: ["fi", "sv"]) }
        if random.chance(20) { wish.seller = stage.seller.id }
        if random.chance(20) {
            wish.weekdays = Set(Weekday.allCases.filter { _ in random.chance(60) })
        }
        if random.chance(30) {
            let edges = [random.among(0...1_439), random.among(1...1_440)].sorted()
            wish.hours = FoundTime.Hours(
                from: try TimeOfDay(minuteOfDay: Int(edges[0])),
                until: try TimeOfDay(minuteOfDay: Int(edges[1])))
        }
        if random.chance(50) {
            wish.resources = scene.resources.map(\.id).shuffled(using: &random)
        }
        return wish
    }

    private func find(
        _ wish: FoundTime.Wish, on stage: Stage, after: FoundTime.Place? = nil, limit: Int
    ) async throws -> [FoundTime] {
        try await stage.test.asked(
            by: stage.buyer.scheduler, FoundTime.find(wish, after: after, limit: limit)
        ).map(FoundTime.init(row:))
    }

    /// The same, some at a time.
    private func paged(_ wish: FoundTime.Wish, on stage: Stage) async throws -> [Offer] {
        var all: [Offer] = []
        var last: FoundTime.Place?
        while true {
            let page = try await find(wish, on: stage, after: last, limit: 90)
            all += page.map(Offer.init)
            guard page.count == 90, let end = page.last else { return all }
            last = .init(
                starts: end.starts, specialist: end.specialist, contract: end.contract,
                service: end.service)
        }
    }

    private func book(
        _ offer: Offer, _ wish: FoundTime.Wish, of scene: Scene, on stage: Stage
    ) async throws -> String? {
        let person = try #require(scene.people.firstIndex { $0.id == offer.specialist })
        let wanted = Wanted(
            person: person, service: offer.service, start: offer.starts, minutes: wish.minutes,
            hold: false, authorisation: "A-1", resources: scene.places(of: wish.resources))
        let call = stage.call(wanted, of: scene)
        return try await stage.test.app.pool.undone { transaction in
            try BookingCall.Outcome(
                row: await transaction.query(BookingCall.book([call])).only()
            ).code
        }
    }
}

/// A row of a search, without what only describes it.
struct Offer: Hashable, Comparable {
    let starts: Instant
    let specialist: SpecialistID
    let service: String
    let freeUntil: Instant
    let version: Int64
    let amount: Money

    init(_ found: FoundTime) {
        starts = found.starts
        specialist = found.specialist
        service = found.service
        freeUntil = found.freeUntil
        version = found.version
        amount = found.amount
    }

    init(_ accepted: BookingDecision.Acceptance, _ wanted: Wanted, of person: Scene.Person) throws {
        starts = wanted.start
        specialist = person.id
        service = wanted.service
        version = accepted.version
        amount = accepted.quote
        let windows = person.windows.filter(\.isOpen).map(\.offered)
            .sorted { $0.slot.start < $1.slot.start }
        let window = windows[accepted.window]
        let occupied =
            person.taken.map(\.occupied) + person.sessions.filter(\.isOpen).map(\.occupied)
        let next = occupied.map(\.start).filter { $0 > wanted.start }.min()
        let end = min(window.slot.end, next ?? window.slot.end)
        freeUntil = try end.adding(seconds: -60 * window.terms.bufferAfterMinutes)
    }

    /// The order of results, within one contract.
    static func < (left: Offer, right: Offer) -> Bool {
        (left.starts, left.specialist, left.service)
            < (right.starts, right.specialist, right.service)
    }
}

extension FoundTime.Wish {
    /// Whether a visit from this start lies in the days and hours that are asked for.
    fileprivate func isWithinHours(_ start: Instant, by clock: WallClock) -> Bool {
        let date = clock.date(of: start)
        guard weekdays.isEmpty || weekdays.contains(date.weekday) else { return false }
        guard let hours else { return true }
        let minute = Int64(clock.timeOfDay(of: start).minuteOfDay)
        return Int64(hours.from.minuteOfDay) <= minute
            && minute + minutes <= Int64(hours.until.minuteOfDay)
    }
}

extension Scene {
    /// Every start of every grid, asked one by one.
    func offers(for wish: FoundTime.Wish) throws -> [Offer] {
        var offers: [Offer] = []
        for (index, person) in people.enumerated()
        where wish.specialist ?? person.id == person.id
            && person.languages.contains(wish.language ?? person.languages[0])
        {
            for window in person.windows where window.isOpen {
                let slot = window.offered.slot
                for start in stride(
                    from: slot.start.microseconds, to: slot.end.microseconds,
                    by: Int(window.offered.terms.grid.seconds * 1_000_000)
                ).map(Instant.init(microseconds:))
                where wish.from <= start && start < wish.until
                    && wish.isWithinHours(start, by: clock)
                {
                    for service in ["visit", "talk"] where wish.service ?? service == service {
                        let wanted = Wanted(
                            person: index, service: service, start: start, minutes: wish.minutes,
                            hold: false, authorisation: "A-1",
                            resources: places(of: wish.resources))
                        let decision = try BookingRule.decide(question(wanted))
                        guard case .accept(let accepted) = decision else { continue }
                        offers.append(try Offer(accepted, wanted, of: person))
                    }
                }
            }
        }
        return offers.sorted()
    }
}
