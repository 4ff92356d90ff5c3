import MoneyAndTime
import Postgres
import Scheduling
import Storage
import TestMarket
import Testing

/// The moving function decides as the rule of booking in Swift does, were the booking not there and
/// its frozen version the only one.
@Suite struct MoveOracleTests {
    @Test func sqlDecidesAsSwift() async throws {
        let seen = try await Seeds.tally(6) { try await decisions(seed: $0) }
        #expect(seen["moved", default: 0] > 10, "\(seen)")
        // what the frozen version and length settle at booking cannot be broken by a move, and the
        // rest comes as the scenes have it: what a counter or a calendar decides must be among it
        // (a quota in the way of a move is rare here, and has a test of its own)
        let codes: [BookingRefusal.Code] = [
            .noVersionForStart, .noticeTooShort, .beyondHorizon, .outsideAvailability,
            .overBudget, .taken,
        ]
        for code in codes { #expect(seen[code.rawValue, default: 0] > 0, "\(code): \(seen)") }
    }

    private func decisions(seed: UInt64) async throws -> [String: Int] {
        var random = Seeded(seed)
        var seen: [String: Int] = [:]
        try await TestMarket.withMarket { test in
            let stage = try await Stage(test)
            for number in 0..<20 {
                let scene = try Scene(&random, number: number)
                try await stage.put(scene)
                let movable = scene.people.flatMap(\.taken).filter { scene.mayMove($0) }
                for taken in movable.prefix(4) {
                    for _ in 0..<40 {
                        let wanted = try scene.wanted(&random, instead: taken)
                        // nobody moves a booking to where it is
                        guard wanted.start != taken.planned.start else { continue }
                        let swift = try Self.word(scene.decision(wanted, instead: taken))
                        let sql = await Self.sql(taken, wanted, of: scene, on: stage)
                        #expect(sql == swift, "seed \(seed), scene \(number): \(wanted)")
                        seen[swift, default: 0] += 1
                    }
                }
            }
        }
        return seen
    }

    private static func word(_ decision: BookingDecision) -> String {
        switch decision {
        case .accept: "moved"
        case .refuse(let refusal): refusal.code.rawValue
        }
    }

    /// What the database says, and everything as it was afterwards.
    private static func sql(
        _ taken: Scene.Taken, _ wanted: Wanted, of scene: Scene, on stage: Stage
    ) async -> String {
        let refusal = await stage.test.app.pool.refusal { transaction in
            try await transaction.query(stage.buyer.scheduler.entering())
            try await transaction.query(BudgetCounter.lock(of: taken.booking, andAt: wanted.start))
            try await transaction.query(
                StoredBooking.move(
                    taken.booking, toStart: wanted.start, of: scene.people[wanted.person].id))
        }
        return refusal ?? "moved"
    }
}

extension Scene {
    /// Of a move, whose rooms go along: they are looked at when the specialist can be had.
    fileprivate func decision(
        _ wanted: Wanted, instead taken: Taken
    ) throws -> BookingDecision {
        var rest = without(taken)
        var wanted = wanted
        wanted.resources = []
        let decision = try BookingRule.decide(rest.question(wanted))
        guard case .accept = decision else { return decision }
        wanted.resources = resources.indices
            .filter { index in resources[index].taken.contains { $0.booking == taken.booking } }
            .sorted { resources[$0].id < resources[$1].id }
        for index in rest.resources.indices {
            rest.resources[index].taken.removeAll { $0.booking == taken.booking }
        }
        return try BookingRule.decide(rest.question(wanted))
    }

    /// Booked under the contract's first version, to be begun, and of a length that it prices.
    fileprivate func mayMove(_ taken: Taken) -> Bool {
        taken.isOurs && taken.holdExpiresAt == nil && now < taken.planned.start
            && versions[0].signedAt.map { $0 <= now } == true
            // else the scene has no more use in its counter than without it
            && people.flatMap(\.taken).contains {
                $0.booking != taken.booking && $0.period == taken.period
            }
            && versions[0].services.contains {
                $0.code == "visit" && $0.minutes.contains(taken.minutes)
            }
    }

    /// The same service and length at another time, perhaps of another person.
    fileprivate func wanted(_ random: inout Seeded, instead taken: Taken) throws -> Wanted {
        if random.chance(50) {
            let owner = people.firstIndex { $0.taken.contains { $0.booking == taken.booking } }
            return Wanted(
                person: owner ?? 0, service: "visit",
                start: try taken.planned.start.adding(seconds: 300 * random.among(-12...12)),
                minutes: taken.minutes, hold: false, authorisation: "of the booking")
        }
        let any = try wanted(&random)
        return Wanted(
            person: any.person, service: "visit", start: any.start, minutes: taken.minutes,
            hold: false, authorisation: "of the booking")
    }

    fileprivate func without(_ taken: Taken) -> Scene {
        var rest = self
        rest.versions = [versions[0]]
        for index in people.indices {
            rest.people[index].taken.removeAll { $0.booking == taken.booking }
        }
        return rest
    }
}
