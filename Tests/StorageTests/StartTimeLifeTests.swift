import Contracts
import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// Whatever is booked, moved, given back, withdrawn and published again: what search reads stays
/// the pure function of windows and reservations that `StartTimes.project` is.
@Suite struct StartTimeLifeTests {
    /// The days around the end of daylight saving, of which one has 25 hours.
    private static let days = ["2027-10-29", "2027-10-30", "2027-10-31", "2027-11-01"]

    private struct Life {
        let contract: TestContract
        let clock: StandingClock
        let specialists: [SpecialistID]
        var now: Instant
        var rules: [AvailabilityRuleID] = []

        var test: TestMarket { contract.test }
        var scheduler: TestCaller { contract.buyer.scheduler }

        init(_ test: TestMarket) async throws {
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            self.contract = contract
            now = try Instant(rfc3339: "2027-10-20T08:00:00Z")
            clock = try await StandingClock(test, at: now)
            let specialty = contract.terms.rateCard.services[0].field.code
            var specialists: [SpecialistID] = []
            for label in ["Specialist 1", "Specialist 2"] {
                specialists.append(
                    try await test.addSpecialist(
                        to: contract.seller, label: label, specialty: specialty))
            }
            self.specialists = specialists
        }
    }

    @Test func theProjectionIsKept() async throws {
        let done = try await Seeds.tally(3) { try await deeds(seed: $0) }
        for deed in ["book", "move", "confirm", "release", "cancel", "expire", "withdraw"] {
            #expect(done[deed, default: 0] > 2, "\(done)")
        }
    }

    private func deeds(seed: UInt64) async throws -> [String: Int] {
        var random = Seeded(2_000 + seed)
        var done: [String: Int] = [:]
        try await TestMarket.withMarket { test in
            var life = try await Life(test)
            for _ in 0..<3 { _ = try await publish(&life, &random) }
            for (number, deed) in Deed.deck.shuffled(using: &random).enumerated() {
                let step = try await step(deed, &life, &random)
                done[step, default: 0] += 1
                let wrong = try await differences(test)
                #expect(wrong == [], "seed \(seed), step \(number): \(step)")
                if !wrong.isEmpty { break }
            }
            #expect(try await Verification.run(on: test.reader) == [], "seed \(seed)")
        }
        return done
    }

    private func publish(_ life: Life, _ day: String, _ from: String, _ to: String) async throws
        -> AvailabilityRuleID
    {
        let made = try await life.test.market.publishAvailability(
            life.contract.seller.scheduler.request("publishAvailability"),
            .init(
                specialist: life.specialists[0], pattern: .once(CalendarDate(iso: day)),
                from: TimeOfDay(from), to: TimeOfDay(to),
                terms: OfferTerms(
                    grid: .fifteen, shortestMinutes: 30, longestMinutes: 1_440,
                    bufferAfterMinutes: 5)))
        return try AvailabilityRuleID(typeID: made.body["id"]?.text ?? "")
    }

    private func book(
        _ life: Life, _ day: String, _ time: String, minutes: Int64 = 60
    ) async throws -> BookingID {
        let starts = try life.contract.clock.instant(CalendarDate(iso: day), TimeOfDay(time))
        let call = life.contract.call(life.specialists[0], at: starts, minutes: minutes)
        return try await life.test.app.book(call).booking()
    }

    /// On the day on which daylight saving ends a visit can be more than 24 hours from the start of
    /// its window, and still ends the free run that begins there.
    @Test func theLongestDayIsCutToItsBeginning() async throws {
        try await TestMarket.withMarket { test in
            let life = try await Life(test)
            _ = try await publish(life, "2027-10-31", "00:00", "24:00")
            let late = try await book(life, "2027-10-31", "23:15", minutes: 30)
            #expect(try await differences(test) == [])
            _ = try await test.market.cancelBooking(
                life.scheduler.request("cancelBooking"), late, expectedFee: .zero, reason: nil)
            #expect(try await differences(test) == [])
        }
    }

    /// What is booked in a window that was withdrawn is not free in those that come in its place,
    /// and is free when it is given back, wherever they begin and end.
    @Test func timeOfAWithdrawnWindowStaysTaken() async throws {
        try await TestMarket.withMarket { test in
            let life = try await Life(test)
            let rule = try await publish(life, "2027-10-29", "08:00", "16:00")
            let early = try await book(life, "2027-10-29", "10:00")
            let late = try await book(life, "2027-10-29", "13:00")
            _ = try await test.market.withdrawAvailability(
                life.contract.seller.scheduler.request("withdrawAvailability"), rule)
            #expect(try await differences(test) == [])
            // each reaches over an edge of the new one: to 11:05, and from 13:00
            _ = try await publish(life, "2027-10-29", "10:30", "13:30")
            _ = try await publish(life, "2027-10-29", "13:30", "15:00")
            #expect(try await differences(test) == [])
            for booking in [early, late] {
                _ = try await test.market.cancelBooking(
                    life.scheduler.request("cancelBooking"), booking, expectedFee: .zero,
                    reason: nil)
                #expect(try await differences(test) == [])
            }
        }
    }

    private enum Deed {
        case book, move, end, wait, publish, withdraw

        /// How often each is tried.
        static var deck: [Deed] {
            let counts: KeyValuePairs<Deed, Int> = [
                .book: 24, .move: 12, .end: 12, .wait: 8, .publish: 6, .withdraw: 4,
            ]
            return counts.flatMap { Array(repeating: $0.key, count: $0.value) }
        }
    }

    private func differences(_ test: TestMarket) async throws -> [String] {
        let records = try await test.reader.transaction { transaction in
            try await StartTimeRecord.read(after: nil, limit: 10_000, in: transaction)
        }
        return try records.compactMap { record in
            let free = try StartTimes.project(record.offered, occupied: record.occupied)
            guard free != record.found else { return nil }
            let missing = Set(free).subtracting(record.found)
            let wrong = Set(record.found).subtracting(free)
            return "\(record.offered.slot): missing \(missing), wrong \(wrong)"
        }
    }

    /// One thing that somebody does; what is refused counts as nothing.
    private func step(
        _ deed: Deed, _ life: inout Life, _ random: inout Seeded
    ) async throws -> String {
        switch deed {
        case .book:
            return try await book(life, &random)
        case .move:
            return try await move(life, &random)
        case .end:
            return try await end(life, &random)
        case .publish:
            return try await publish(&life, &random)
        case .wait:
            life.now = try life.now.adding(seconds: 60 * random.among(1...15))
            try await life.clock.set(to: life.now)
            let overdue = try await life.test.owner.read([
                "select id from booking where state = 'held' and hold_expires_at <= market_now()"
            ]).map { try $0["id", BookingID.self] }
            for hold in overdue {
                try await life.test.app.write(["select expire_overdue_hold(\(hold))"])
            }
            return overdue.isEmpty ? "wait" : "expire"
        case .withdraw:
            guard !life.rules.isEmpty else { return "nothing" }
            let rule = life.rules.remove(at: Int.random(in: life.rules.indices, using: &random))
            _ = try await life.test.market.withdrawAvailability(
                life.contract.seller.scheduler.request("withdrawAvailability"), rule)
            return "withdraw"
        }
    }

    private func publish(_ life: inout Life, _ random: inout Seeded) async throws -> String {
        let from = random.one(of: [0, 60, 180, 540, 555])
        let length = random.one(of: [180, 240, 600, 1_440])
        let terms = try OfferTerms(
            grid: random.one(of: [.five, .ten, .fifteen, .thirty]),
            shortestMinutes: random.one(of: [10, 30]), longestMinutes: random.one(of: [90, 1_440]),
            bufferBeforeMinutes: random.one(of: [0, 0, 5, 20]),
            bufferAfterMinutes: random.one(of: [0, 5, 15]))
        let offered = try Market.OfferedTime(
            specialist: random.one(of: life.specialists),
            pattern: .once(CalendarDate(iso: random.one(of: Self.days))),
            from: TimeOfDay(minuteOfDay: from),
            to: TimeOfDay(minuteOfDay: (from + length) % 1_440), terms: terms)
        do {
            let made = try await life.test.market.publishAvailability(
                life.contract.seller.scheduler.request("publishAvailability"), offered)
            life.rules.append(try AvailabilityRuleID(typeID: made.body["id"]?.text ?? ""))
            return "publish"
        } catch let refusal as Refusal where refusal.code == .availabilityOverlaps {
            return "nothing"
        }
    }

    private func found(
        _ life: Life, _ random: inout Seeded, with specialist: SpecialistID? = nil, minutes: Int64
    ) async throws -> FoundTime? {
        var wish = FoundTime.Wish(
            from: life.now, until: try life.now.adding(seconds: 30 * 86_400), minutes: minutes)
        wish.specialist = specialist
        let rows = try await life.test.asked(
            by: life.scheduler, FoundTime.find(wish, after: nil, limit: 1_000))
        return rows.isEmpty ? nil : try FoundTime(row: random.one(of: Array(rows)))
    }

    private func book(_ life: Life, _ random: inout Seeded) async throws -> String {
        let minutes = random.one(of: [30, 45, 60, 90] as [Int64])
        guard let time = try await found(life, &random, minutes: minutes) else { return "nothing" }
        let call = life.contract.call(
            time.specialist, at: time.starts, minutes: minutes, hold: random.chance(60))
        let outcome = try await life.test.app.book(call)
        #expect(outcome.code == nil, "found, and not to be had")
        return "book"
    }

    private func move(_ life: Life, _ random: inout Seeded) async throws -> String {
        let booked = try await life.test.owner.read([
            """
            select id, specialist, lower(planned) as starts,
                (extract(epoch from upper(planned) - lower(planned)) / 60)::bigint as minutes
            from booking where state = 'booked' order by planned, specialist
            """
        ])
        guard !booked.isEmpty else { return "nothing" }
        let row = random.one(of: Array(booked))
        let id = try row["id", BookingID.self]
        let specialist = try row["specialist", SpecialistID.self]
        // a little later or earlier, over itself, or to where there is room
        let near = try row["starts", Instant.self].adding(seconds: 300 * random.among(-6...6))
        let free = try await found(
            life, &random, with: specialist, minutes: row["minutes", Int64.self])
        let start = random.chance(50) ? near : free?.starts ?? near
        let code = await refused {
            try await life.test.asked(
                by: life.scheduler,
                "select lock_budget(\(id), \(start))",
                "select move_booking(\(id), \(start))")
        }
        #expect(
            code == nil || code == "taken" || code == "outside_availability", "\(code ?? "")")
        return code == nil ? "move" : "nothing"
    }

    /// A hold is released, or confirmed; what is booked is cancelled, by either side.
    private func end(_ life: Life, _ random: inout Seeded) async throws -> String {
        let live = try await life.test.owner.read([
            """
            select id, state from booking where state in ('held', 'booked')
            order by planned, specialist
            """
        ])
        guard !live.isEmpty else { return "nothing" }
        let row = random.one(of: Array(live))
        let id = try row["id", BookingID.self]
        let market = life.test.market
        let isConfirmed = random.chance(50)
        let side = random.chance(50) ? life.contract.seller : life.contract.buyer
        switch try row["state", String.self] {
        case "held" where isConfirmed:
            _ = try? await market.confirmBooking(life.scheduler.request("confirmBooking"), id)
            return "confirm"
        case "held":
            let code = await refusalCode {
                _ = try await market.releaseBooking(life.scheduler.request("releaseBooking"), id)
            }
            return code == nil ? "release" : "nothing"
        case "booked":
            _ = try await market.cancelBooking(
                side.scheduler.request("cancelBooking"), id, expectedFee: .zero, reason: nil)
            return "cancel"
        default:
            return "nothing"
        }
    }
}
