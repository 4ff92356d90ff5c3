import MoneyAndTime
import Scheduling
import Testing

/// Thousands of random questions, answered a second time from the facts in whole minutes: every
/// rule is looked at, and the first that is broken must be the one that is named.
@Suite struct BookingOracleTests {
    @Test func agreesWithBruteForce() throws {
        var random = Seeded(2_026)
        var seen: [String: Int] = [:]
        for _ in 0..<12_000 {
            let facts = Self.random(&random)
            let expected = Self.answer(facts)
            let decision = try BookingRule.decide(facts.question())
            switch decision {
            case .refuse(let refusal):
                #expect(refusal.code == expected, "\(facts)")
                seen[refusal.code.rawValue, default: 0] += 1
            case .accept(let acceptance):
                #expect(expected == nil, "\(facts)")
                let window = try #require(Self.place(facts))
                #expect(acceptance.window == window.index)
                #expect(acceptance.occupied == (try slot(window.start, window.end)))
                seen["accept", default: 0] += 1
            }
        }
        // The questions are worth asking only if every answer is among them, often.
        for code in BookingRefusal.Code.allCases { #expect(seen[code.rawValue, default: 0] > 50) }
        #expect(seen["accept", default: 0] > 500)
    }

    private static func random(_ random: inout Seeded) -> BookingFacts {
        var facts = BookingFacts()
        func among(_ range: ClosedRange<Int64>) -> Int64 { .random(in: range, using: &random) }
        facts.now = random.chance(5) ? among(0...200) : among(-200...20)
        facts.from = 15 * among(4...14)
        facts.to = facts.from + 15 * among(1...4) + (random.chance(5) ? 5 : 0)
        facts.service = random.chance(4) ? "neurology" : "psychiatry"
        facts.active = !random.chance(4)
        facts.suspended = random.chance(4)
        facts.endsAt = random.chance(10) ? among(60...200) : nil
        facts.signedAt = random.chance(4) ? nil : facts.now + among(-100...5)
        facts.validFrom = among(-400...70)
        facts.validUntil = random.chance(30) ? nil : among(180...2_000)
        facts.notice = among(0...120)
        facts.horizonDays = random.chance(8) ? 0 : 1
        facts.quote = among(1...5_000)
        facts.capacity = random.chance(4) ? 8 : nil
        facts.handOver = random.chance(5) ? [] : ["diary_reference"]
        facts.required = random.chance(50) ? [] : ["diary_reference"]
        facts.licenceCovers = !random.chance(5)
        facts.budget = random.chance(20) ? nil : (10_000, among(0...8_000), among(0...4_000))
        if random.chance(50) {
            let mostVisits = random.chance(40) ? nil : among(1...6)
            let mostMinutes = random.chance(40) ? nil : among(20...300)
            facts.quota = (mostVisits, mostMinutes, among(0...5), among(0...250))
        }
        if random.chance(40) {
            let day = among(0...150)
            facts.working = (
                random.chance(30) ? nil : among(15...200),
                random.chance(30) ? nil : among(60...400), day, day + among(0...200)
            )
        }
        facts.windows = (0..<among(0...4)).map { _ in
            let from = 5 * among(0...20)
            return BookingFacts.Window(
                from: from, to: from + among(70...250),
                services: random.chance(20) ? ["neurology"] : nil,
                grid: random.chance(70) ? .five : .fifteen, shortest: among(1...30),
                longest: among(30...90), before: random.chance(50) ? 0 : among(0...20),
                buffer: among(0...20), isKept: random.chance(70) ? nil : random.chance(50))
        }
        facts.reservations = (0..<among(0...4)).map { _ in
            let from = among(-50...300)
            return BookingFacts.Reserved(
                from: from, to: from + among(5...60),
                holdExpiresAt: random.chance(60) ? facts.now + among(-3...2) : nil,
                givesBack: among(0...800),
                givesBackMinutes: random.chance(50) ? nil : among(5...60))
        }
        func stretches(_ most: Int64) -> [BookingFacts.Reserved] {
            (0..<among(0...most)).map { _ in
                let from = among(-50...300)
                return BookingFacts.Reserved(
                    from: from, to: from + among(5...60),
                    holdExpiresAt: random.chance(40) ? facts.now + among(-3...2) : nil)
            }
        }
        facts.rooms = (0..<(random.chance(50) ? 0 : among(1...2))).map { _ in
            BookingFacts.Room(taken: stretches(2), closed: stretches(1))
        }
        return facts
    }

    /// Nil when nothing speaks against it.
    private static func answer(_ facts: BookingFacts) -> BookingRefusal.Code? {
        var broken: [BookingRefusal.Code: Bool] = [:]
        let length = facts.to - facts.from
        let until = facts.validUntil ?? .max
        broken[.contractSuspended] = facts.suspended
        broken[.contractNotActive] = !facts.active
        broken[.afterContractEnd] = facts.endsAt.map { facts.from >= $0 } ?? false
        broken[.noVersionForStart] =
            facts.signedAt == nil || facts.signedAt ?? 0 > facts.now
            || !(facts.validFrom..<until).contains(facts.from)
        broken[.serviceNotInContract] = facts.service != "psychiatry"
        broken[.lengthNotAllowed] = ![15, 30, 45, 60].contains(length)
        broken[.startInThePast] = facts.from < facts.now
        broken[.noticeTooShort] = facts.from - facts.now < facts.notice
        broken[.beyondHorizon] = facts.from - facts.now > facts.horizonDays * 1_440
        broken[.onlyInSessions] = facts.capacity != nil
        broken[.handOverMissing] = !facts.required.allSatisfy(facts.handOver.contains)
        broken[.licenceExpired] = !facts.licenceCovers
        let window = place(facts)
        broken[.outsideAvailability] = window == nil
        if let (daily, weekly, day, week) = facts.working {
            broken[.workingLimit] =
                day + length > daily ?? .max || week + length > weekly ?? .max
        }
        let overdue = facts.reservations.filter { $0.holdExpiresAt ?? .max <= facts.now }
        if let (ceiling, reserved, used) = facts.budget {
            let back = overdue.map(\.givesBack).reduce(0, +)
            broken[.overBudget] = reserved - back + used + facts.quote > ceiling
        }
        if let quota = facts.quota {
            let back = overdue.compactMap(\.givesBackMinutes)
            let minutes = quota.takenMinutes - back.reduce(0, +) + length
            broken[.quotaReached] =
                quota.taken - Int64(back.count) + 1 > quota.visits ?? .max
                || minutes > quota.minutes ?? .max
        }
        if let code = refusalOfRooms(facts) { broken[code] = true }
        let live = facts.reservations.filter { $0.holdExpiresAt ?? .max > facts.now }
        broken[.taken] = ((window?.start ?? facts.from)..<(window?.end ?? facts.to)).contains {
            minute in
            live.contains { ($0.from..<$0.to).contains(minute) }
        }
        return BookingRefusal.Code.allCases.first { broken[$0] == true }
    }

    /// The first room that cannot be had, minute by minute.
    private static func refusalOfRooms(_ facts: BookingFacts) -> BookingRefusal.Code? {
        func meets(_ stretches: [BookingFacts.Reserved]) -> Bool {
            (facts.from..<facts.to).contains { minute in
                stretches.contains { ($0.from..<$0.to).contains(minute) }
            }
        }
        for room in facts.rooms {
            let live = room.taken.filter { $0.holdExpiresAt ?? .max > facts.now }
            if meets(live) { return .resourceTaken }
            if meets(room.closed) { return .resourceClosed }
        }
        return nil
    }

    private static func place(
        _ facts: BookingFacts
    ) -> (index: Int, start: Int64, end: Int64)? {
        let length = facts.to - facts.from
        for (index, window) in facts.windows.enumerated() {
            let serves = window.services.map { $0.contains(facts.service) } ?? true
            let starts = stride(from: window.from, to: window.to, by: Int(window.grid.rawValue))
            let (start, end) = (facts.from - window.before, facts.to + window.buffer)
            if serves, window.isKept != false, window.shortest <= length, length <= window.longest,
                starts.contains(facts.from), window.from <= start, end <= window.to
            {
                return (index, start, end)
            }
        }
        return nil
    }
}
