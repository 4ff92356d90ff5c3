import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// The booking function of the database decides as the rule in Swift does, in thousands of random
/// cases: whether, which refusal with which figures, at what price, and what is then reserved.
@Suite struct BookingOracleTests {
    @Test func sqlDecidesAsSwift() async throws {
        let seen = try await Seeds.tally(4) { try await decisions(seed: $0) }
        // The questions are worth asking only if every answer is among them.
        for code in BookingRefusal.Code.allCases {
            #expect(seen[code.rawValue, default: 0] > 10, "\(seen)")
        }
        #expect(seen["booked", default: 0] > 60, "\(seen)")
    }

    private func decisions(seed: UInt64) async throws -> [String: Int] {
        var random = Seeded(seed)
        var seen: [String: Int] = [:]
        try await TestMarket.withMarket { test in
            let stage = try await Stage(test)
            for number in 0..<36 {
                let scene = try Scene(&random, number: number)
                try await stage.put(scene)
                for _ in 0..<48 {
                    let wanted = try scene.wanted(&random)
                    let swift = try Self.words(
                        BookingRule.decide(scene.question(wanted)), of: wanted, in: scene)
                    let sql = try await sql(wanted, of: scene, on: stage)
                    #expect(sql == swift, "seed \(seed), scene \(number): \(wanted)")
                    seen[String(swift.prefix { $0 != " " }), default: 0] += 1
                }
            }
        }
        return seen
    }

    private static func words(
        _ decision: BookingDecision, of wanted: Wanted, in scene: Scene
    ) -> String {
        switch decision {
        case .refuse(.resourceTaken(let index, let end)):
            "resource_taken \(scene.resources[wanted.resources[index]].id.uuidString) \(end)"
        case .refuse(.resourceClosed(let index, let end)):
            "resource_closed \(scene.resources[wanted.resources[index]].id.uuidString) \(end)"
        case .accept(let accepted):
            "booked under \(accepted.version) for \(accepted.quote.minorUnits)"
                + " in \(accepted.occupied)"
        case .refuse(.lengthNotAllowed(let lengths)):
            "length_not_allowed \(lengths.shortestMinutes) \(lengths.longestMinutes)"
                + " \(lengths.stepMinutes)"
        case .refuse(.overBudget(let left, let quote)):
            "over_budget \(left.minorUnits) \(quote.minorUnits)"
        case .refuse(.quotaReached(let limit, let left, let asked)):
            "quota_reached \"\(limit.rawValue)\" \(left) \(asked)"
        case .refuse(.workingLimit(let limit, let left)):
            "working_limit \"\(limit.rawValue)\" \(left)"
        case .refuse(let refusal):
            refusal.code.rawValue
        }
    }

    /// What the database says, in the same words, and everything as it was afterwards.
    private func sql(_ wanted: Wanted, of scene: Scene, on stage: Stage) async throws -> String {
        let call = stage.call(wanted, of: scene)
        return try await stage.test.app.pool.undone { transaction in
            let row = try await transaction.query(BookingCall.book([call])).only()
            switch try BookingCall.Outcome(row: row) {
            case .refused(let code, let figures) where code.hasPrefix("resource_"):
                let end = try Instant(rfc3339: figures["until"]?.text ?? "")
                return "\(code) \(figures["resource"]?.text ?? "-") \(end)"
            case .refused(let code, let figures):
                let names =
                    switch code {
                    case "length_not_allowed":
                        ["minimum_minutes", "maximum_minutes", "step_minutes"]
                    case "over_budget": ["left", "quote"]
                    case "working_limit": ["limit", "left"]
                    case "quota_reached": ["limit", "left", "asked"]
                    default: [String]()
                    }
                return ([code] + names.map { figures[$0]?.compactText ?? "-" })
                    .joined(separator: " ")
            case .booked:
                try await transaction.query(stage.seller.scheduler.entering())
                let made = try await transaction.query(
                    """
                    select b.version, b.quote, lower(r.occupied) as starts,
                        upper(r.occupied) as ends
                    from booking b join reservation r on r.id = b.reservation
                    where b.id = \(call.booking) and r.live
                    """
                ).only()
                let occupied = try TimeSlot(
                    start: made["starts", Instant.self], end: made["ends", Instant.self])
                return "booked under \(try made["version", Int64.self])"
                    + " for \(try made["quote", Int64.self]) in \(occupied)"
            }
        }
    }
}

extension Stage {
    func call(_ wanted: Wanted, of scene: Scene) -> BookingCall {
        let booking: BookingID = newID()
        return BookingCall(
            credential: buyer.scheduler.request("bookTime").credential, operation: "bookTime",
            key: "\(booking)", bodyDigest: [UInt8](repeating: 1, count: 32), booking: booking,
            reservation: newID(), contract: scene.contract, service: wanted.service,
            specialist: scene.people[wanted.person].id, starts: wanted.start,
            minutes: wanted.minutes, hold: wanted.hold,
            handOver: HandOver(
                authorisation: wanted.authorisation,
                resources: wanted.resources.map { scene.resources[$0].id }))
    }
}
