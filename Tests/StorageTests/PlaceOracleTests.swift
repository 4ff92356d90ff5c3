import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// The database decides on places in sessions as the rules in Swift do, in thousands of random
/// cases: who may take them, why not, at what price, and what the budget then holds; who may leave,
/// and what that gives back; and a search finds what can be booked at that moment.
@Suite struct PlaceOracleTests {
    @Test func sqlDecidesAsSwift() async throws {
        let seen = try await Seeds.tally(4) { try await decisions(seed: $0) }
        for word in [
            "booked", "not_found", "session_closed", "session_full", "contract_suspended",
            "contract_not_active", "after_contract_end", "notice_too_short", "beyond_horizon",
            "hand_over_missing", "licence_expired", "over_budget", "quota_reached", "left",
            "visit_started",
        ] {
            #expect(seen[word, default: 0] > 2, "\(word): \(seen)")
        }
        #expect(seen["booked", default: 0] > 60, "\(seen)")
    }

    private func decisions(seed: UInt64) async throws -> [String: Int] {
        var random = Seeded(2_000 + seed)
        var seen: [String: Int] = [:]
        try await TestMarket.withMarket { test in
            let stage = try await Stage(test)
            for number in 0..<40 {
                let scene = try Scene(&random, number: number, ofSessions: true)
                try await stage.put(scene)
                for (index, session) in scene.numberedSessions {
                    for _ in 0..<8 {
                        let asked = AskedPlaces(&random, of: index, session, on: stage)
                        let decision = try PlaceRule.decide(scene.question(asked))
                        let swift = Self.words(decision, of: asked, in: scene)
                        let sql = try await Self.sql(asked, of: scene, on: stage)
                        #expect(sql == swift, "seed \(seed), scene \(number): \(session)")
                        seen[String(swift.prefix { $0 != " " }), default: 0] += 1
                    }
                    for seat in session.ours where seat.holdExpiresAt == nil {
                        let swift = try Self.leaving(seat, session, in: scene)
                        let sql = try await Self.left(seat, session, on: stage)
                        #expect(sql == swift, "seed \(seed), scene \(number): \(session)")
                        seen[String(swift.prefix { $0 != " " }), default: 0] += 1
                    }
                }
            }
        }
        return seen
    }

    private static func words(
        _ decision: PlaceDecision, of asked: AskedPlaces, in scene: Scene
    ) -> String {
        switch decision {
        case .accept(let accepted):
            let session = asked.session
            let before = scene.tidied { $0.id == session.id }.share(of: session.period).quote
            return "booked under \(accepted.version) for \(accepted.quote.minorUnits)"
                + " holding \(before.minorUnits + accepted.reserves.minorUnits)"
        case .refuse(.notFound): return "not_found"
        case .refuse(.session(.sessionClosed)): return "session_closed"
        case .refuse(.session(.sessionFull(let left))): return "session_full \(left)"
        case .refuse(.session(.visitStarted)): return "visit_started"
        case .refuse(.specialistNotOffered): return "specialist_not_offered"
        case .refuse(.handOverMissing(let patient, let fields)):
            return "hand_over_missing "
                + JSON.array(fields.map { JSON("/patients/\(patient)/\($0)") }).compactText
        case .refuse(.booking(.overBudget(let left, let quote))):
            return "over_budget \(left.minorUnits) \(quote.minorUnits)"
        case .refuse(.booking(.quotaReached(let limit, let left, let asked))):
            return "quota_reached \"\(limit.rawValue)\" \(left) \(asked)"
        case .refuse(.booking(let refusal)): return refusal.code.rawValue
        }
    }

    /// What the database says, in the same words, and everything as it was afterwards.
    private static func sql(
        _ asked: AskedPlaces, of scene: Scene, on stage: Stage
    ) async throws -> String {
        let patients = asked.patients.map {
            GroupSessionCall.Patient(
                booking: newID(), handOver: HandOver(authorisation: $0 ? "A-1" : nil))
        }
        let caller = asked.isOfAsker ? stage.buyer : asked.isSeller ? stage.seller : stage.stranger
        do {
            return try await stage.test.app.pool.undone { transaction in
                try await transaction.query(caller.scheduler.entering())
                let row = try await transaction.query(
                    GroupSessionCall.book(patients, in: asked.session.id, under: scene.contract)
                ).only()
                if let code = try row["refusal", String?.self] {
                    return Self.words(code, try JSON.parse(row["figures", String.self]))
                }
                let made = try await transaction.query(
                    """
                    select min(version)::bigint as version, max(version)::bigint as last,
                        min(quote) as quote, max(quote) as most, count(*) as made
                    from booking where id = any (\(patients.map(\.booking))) and state = 'booked'
                        and group_session = \(asked.session.id)
                    """
                ).only()
                #expect(try made["made", Int64.self] == Int64(patients.count))
                #expect(try made["quote", Int64.self] == made["most", Int64.self])
                let holding = try await stage.reserved(
                    scene.contract, asked.session.period, in: transaction)
                return "booked under \(try made["version", Int64.self])"
                    + " for \(try made["quote", Int64.self]) holding \(holding)"
            }
        } catch {
            guard let refusal = SQLRefusal(error) else { throw error }
            return Self.words(refusal.code, try JSON.parse(refusal.figures))
        }
    }

    private static func words(_ code: String, _ figures: JSON) -> String {
        let names =
            switch code {
            case "session_full": ["left"]
            case "hand_over_missing": ["missing"]
            case "over_budget": ["left", "quote"]
            case "quota_reached": ["limit", "left", "asked"]
            default: [String]()
            }
        return ([code] + names.map { figures[$0]?.compactText ?? "-" }).joined(separator: " ")
    }

    // MARK: Leaving

    private static func leaving(
        _ seat: Scene.Session.Seat, _ session: Scene.Session, in scene: Scene
    ) throws -> String {
        do {
            try session.session.leave(now: scene.now)
        } catch GroupSession.Refusal.visitStarted {
            return "visit_started"
        }
        let others = session.ours.filter { $0.booking != seat.booking }
        let back = try GroupSession.givenBack(
            by: Money(minorUnits: seat.quote),
            besides: others.map { Money(minorUnits: $0.quote) })
        return "left giving back \(back.minorUnits)"
    }

    private static func left(
        _ seat: Scene.Session.Seat, _ session: Scene.Session, on stage: Stage
    ) async throws -> String {
        do {
            return try await stage.test.app.pool.undone { transaction in
                try await transaction.query(stage.buyer.scheduler.entering())
                let held: Query = """
                    select reserved from budget_counter c join booking b
                        on b.contract = c.contract and b.period = c.period
                    where b.id = \(seat.booking)
                    """
                let before = try await transaction.query(held).only()["reserved", Int64.self]
                try await transaction.query(
                    """
                    update booking set state = 'cancelled', cancelled_by = buyer,
                        cancellation_fee = 0, revision = revision + 1 where id = \(seat.booking)
                    """)
                let after = try await transaction.query(held).only()["reserved", Int64.self]
                return "left giving back \(before - after)"
            }
        } catch {
            guard let refusal = SQLRefusal(error) else { throw error }
            return refusal.code
        }
    }
}

/// What somebody asks of a session.
struct AskedPlaces {
    /// Whose session it is, among the scene's people.
    let person: Int
    let session: Scene.Session
    /// For each patient whether there is an authorisation.
    let patients: [Bool]
    let isOfAsker: Bool
    let isSeller: Bool

    init(
        _ random: inout Seeded, of person: Int, _ session: Scene.Session, on stage: Stage
    ) {
        self.person = person
        self.session = session
        isOfAsker = random.chance(94)
        isSeller = random.chance(50)
        patients = (0..<random.one(of: [1, 1, 2, 3])).map { _ in random.chance(92) }
    }

    init(_ person: Int, _ session: Scene.Session, patients: Int64) {
        self.person = person
        self.session = session
        (isOfAsker, isSeller) = (true, false)
        self.patients = (0..<patients).map { _ in true }
    }
}

extension Scene {
    var numberedSessions: [(Int, Session)] {
        people.enumerated().flatMap { index, person in person.sessions.map { (index, $0) } }
    }

    /// The facts of it, as the rule wants them: what was offered to others and has run out in this
    /// session is free. `isAnyFree`: as if a place were, though it is full.
    func question(_ asked: AskedPlaces, isAnyFree: Bool = false) throws -> PlaceQuestion {
        let scene = tidied { $0.id == asked.session.id }
        let session =
            scene.sessions.first { $0.id == asked.session.id } ?? asked.session
        let visit = try scene.question(
            Wanted(
                person: asked.person, service: "group", start: session.planned.start,
                minutes: session.minutes, hold: false))
        var facts = session.session
        if isAnyFree, facts.left == 0 {
            facts = GroupSession(
                during: facts.during, places: facts.places, taken: facts.places - 1,
                bookUntil: facts.bookUntil, state: facts.state)
        }
        return PlaceQuestion(
            session: facts, named: session.named, isOfAsker: asked.isOfAsker,
            specialistIsActive: true, visit: visit,
            patients: asked.patients.map { $0 ? ["authorisation_reference"] : [] },
            ownQuotes: session.ours.map { Money(minorUnits: $0.quote) })
    }
}

extension Stage {
    /// Who asks without a contract of the scene's.
    var stranger: TestOrganisation { other.buyer }

    func reserved(
        _ contract: ContractID, _ period: String, in transaction: Transaction
    ) async throws -> Int64 {
        try await transaction.query(
            """
            select reserved from budget_counter
            where contract = \(contract) and period = \(period)
            """
        ).only()["reserved", Int64.self]
    }
}
