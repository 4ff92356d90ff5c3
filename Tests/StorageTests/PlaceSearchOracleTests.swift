import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// A search for places finds exactly what can be booked: every session is put to the rule in Swift,
/// and what it accepts must be found, in order, with its price and what is left.
@Suite struct PlaceSearchOracleTests {
    @Test func findsWhatCanBeBooked() async throws {
        let seen = try await Seeds.tally(4) { try await searches(seed: $0) }
        #expect(seen["found", default: 0] > 80, "\(seen)")
        #expect(seen["full", default: 0] > 2, "\(seen)")
        #expect(seen["booked", default: 0] > 40, "\(seen)")
    }

    private func searches(seed: UInt64) async throws -> [String: Int] {
        var random = Seeded(3_000 + seed)
        var seen: [String: Int] = [:]
        try await TestMarket.withMarket { test in
            let stage = try await Stage(test)
            for number in 0..<40 {
                var scene = try Scene(&random, number: number, ofSessions: true)
                try await stage.put(scene)
                try await stage.tidy(&scene)
                for _ in 0..<10 {
                    let wish = try Self.wish(&random, for: scene, on: stage)
                    let comment: Comment = "seed \(seed), scene \(number): \(wish)"
                    let expected = try scene.places(for: wish, on: stage)
                    let found = try await find(wish, on: stage, limit: 100)
                    #expect(found.map(Found.init) == expected, comment)
                    #expect(try await paged(wish, on: stage) == expected, comment)
                    seen["found", default: 0] += expected.count
                    seen["full", default: 0] += expected.count { $0.free == 0 }
                    for offer in expected where offer.free > 0 {
                        try await book(offer, max(1, wish.places), of: scene, on: stage)
                        seen["booked", default: 0] += 1
                    }
                }
            }
        }
        return seen
    }

    private static func wish(
        _ random: inout Seeded, for scene: Scene, on stage: Stage
    ) throws -> FoundSession.Wish {
        let from = try scene.now.adding(seconds: 900 * random.among(-100...50))
        var wish = FoundSession.Wish(
            from: from, until: try from.adding(seconds: 900 * random.among(100...600)))
        wish.places = random.one(of: [0, 0, 0, 1, 1, 2])
        // other scenes have other specialties, or specialists
        if random.chance(70) {
            wish.specialty = scene.specialty
        } else {
            wish.specialist = random.one(of: scene.people).id
        }
        if random.chance(15) { wish.service = random.one(of: ["group", "group", "visit"]) }
        if random.chance(15) { wish.language = random.one(of: ["fi", "sv"]) }
        if random.chance(15) {
            wish.seller = random.one(of: [stage.seller.id, stage.seller.id, stage.buyer.id])
        }
        if random.chance(10) { wish.contract = random.one(of: [scene.contract, stage.other.id]) }
        if random.chance(10) { wish.profession = random.one(of: ["any", "any", "another"]) }
        if random.chance(15) {
            wish.weekdays = Set(Weekday.allCases.filter { _ in random.chance(60) })
        }
        if random.chance(15) {
            let edges = [random.among(0...1_439), random.among(1...1_440)].sorted()
            wish.hours = FoundTime.Hours(
                from: try TimeOfDay(minuteOfDay: Int(edges[0])),
                until: try TimeOfDay(minuteOfDay: Int(edges[1])))
        }
        return wish
    }

    private func find(
        _ wish: FoundSession.Wish, on stage: Stage, after: FoundSession.Place? = nil, limit: Int
    ) async throws -> [FoundSession] {
        try await stage.test.asked(
            by: stage.buyer.scheduler, FoundSession.find(wish, after: after, limit: limit)
        ).map(FoundSession.init(row:))
    }

    /// The same, two at a time.
    private func paged(_ wish: FoundSession.Wish, on stage: Stage) async throws -> [Found] {
        var all: [Found] = []
        var last: FoundSession.Place?
        while true {
            let page = try await find(wish, on: stage, after: last, limit: 2)
            all += page.map(Found.init)
            guard page.count == 2, let end = page.last else { return all }
            last = .init(starts: end.during.start, session: end.id, contract: end.contract)
        }
    }

    private func book(
        _ offer: Found, _ count: Int64, of scene: Scene, on stage: Stage
    ) async throws {
        let patients = (0..<count).map { _ in
            GroupSessionCall.Patient(booking: newID(), handOver: HandOver(authorisation: "A-1"))
        }
        try await stage.test.app.pool.undone { transaction in
            try await transaction.query(stage.buyer.scheduler.entering())
            let row = try await transaction.query(
                GroupSessionCall.book(patients, in: offer.session, under: scene.contract)
            ).only()
            #expect(try row["refusal", String?.self] == nil)
        }
    }
}

/// A row of a search, without what only describes it.
private struct Found: Hashable, Comparable {
    let starts: Instant
    let session: GroupSessionID
    let free: Int64
    let own: Int64
    let version: Int64
    let price: Money

    init(_ found: FoundSession) {
        starts = found.during.start
        session = found.id
        free = found.places - found.taken
        own = found.own
        version = found.version
        price = found.price
    }

    init(_ session: Scene.Session, _ accepted: PlaceDecision.Acceptance) {
        starts = session.planned.start
        self.session = session.id
        free = session.session.left
        own = Int64(session.ours.count)
        version = accepted.version
        price = accepted.quote
    }

    static func < (left: Found, right: Found) -> Bool {
        (left.starts, left.session) < (right.starts, right.session)
    }
}

extension Scene {
    /// Every session, asked one by one.
    fileprivate func places(for wish: FoundSession.Wish, on stage: Stage) throws -> [Found] {
        guard wish.contract ?? contract == contract, wish.service ?? "group" == "group",
            wish.seller ?? stage.seller.id == stage.seller.id,
            wish.profession ?? "any" == "any"
        else { return [] }
        var found: [Found] = []
        for (index, session) in numberedSessions {
            let person = people[index]
            guard wish.specialist ?? person.id == person.id,
                wish.language.map(person.languages.contains) ?? true,
                wish.from <= session.planned.start, session.planned.start < wish.until,
                wish.isWithinHours(session, by: clock), session.session.left >= wish.places
            else { continue }
            let decision = try PlaceRule.decide(
                question(
                    AskedPlaces(index, session, patients: max(1, wish.places)),
                    // of a full one, whether a place that came free could be had
                    isAnyFree: wish.places == 0))
            if case .accept(let accepted) = decision { found.append(Found(session, accepted)) }
        }
        return found.sorted()
    }
}

extension FoundSession.Wish {
    /// Whether all of a session lies in the days and hours that are asked for.
    fileprivate func isWithinHours(_ session: Scene.Session, by clock: WallClock) -> Bool {
        let start = session.planned.start
        guard weekdays.isEmpty || weekdays.contains(clock.date(of: start).weekday) else {
            return false
        }
        guard let hours else { return true }
        let minute = Int64(clock.timeOfDay(of: start).minuteOfDay)
        return Int64(hours.from.minuteOfDay) <= minute
            && minute + session.minutes <= Int64(hours.until.minuteOfDay)
    }
}
