import Billing
import Contracts
import Crypto
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@Suite struct VisitTests {
    /// A visit of half an hour on 2027-03-08 at 10:00 in Helsinki, agreed in advance.
    private static let starts = "2027-03-08T08:00:00Z"

    private func withVisit(
        _ body: (LifeOfAVisit, BookingID, Instant) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            try await body(life, life.booked("2027-03-08"), Instant(rfc3339: Self.starts))
        }
    }

    @Test func theMinutesOfBothAreChargedOnce() async throws {
        try await withVisit { life, booking, start in
            try await life.test.clock.set(to: start.adding(seconds: -900))
            let seller = try await life.joinToken(.seller, of: booking)
            let buyer = try await life.joinToken(.buyer, of: booking)
            try await life.observe(seller, .join, at: start)
            try await life.observe(buyer, .join, at: start.adding(seconds: 60))
            // a line that drops for less than the grace of 120 seconds
            try await life.observe(seller, .heartbeat, at: start.adding(seconds: 80))
            try await life.observe(buyer, .leave, at: start.adding(seconds: 120))
            try await life.observe(seller, .heartbeat, at: start.adding(seconds: 150))
            try await life.observe(seller, .heartbeat, at: start.adding(seconds: 220))
            try await life.observe(buyer, .join, at: start.adding(seconds: 230))
            for step in stride(from: Int64(240), to: 1_260, by: 60) {
                try await life.observe(seller, .heartbeat, at: start.adding(seconds: step))
                try await life.observe(buyer, .heartbeat, at: start.adding(seconds: step))
            }
            let early = await refusal {
                try await life.says(.seller, .attests(seconds: 1_140), of: booking)
            }
            #expect(early == .visitNotOver)
            try await life.observe(buyer, .leave, at: start.adding(seconds: 1_260))
            try await life.observe(seller, .leave, at: start.adding(seconds: 1_275))

            // the clock goes on by some milliseconds between what it is set to and what is seen
            let seconds = try await life.measured(booking)
            #expect((1_199...1_200).contains(seconds))
            let one = try await life.says(.seller, .attests(seconds: seconds), of: booking)
            #expect(one.body["state"] == "awaiting")
            #expect(one.body["charge"] == .null)
            let late = await refusal {
                try await life.observe(seller, .join, at: start.adding(seconds: 1_300))
            }
            #expect(late == .visitOver)
            let both = try await life.says(.buyer, .attests(seconds: seconds), of: booking)
            #expect(both.body["state"] == "agreed")
            let charge = try ChargeID(typeID: both.body["charge"]?.text ?? "")
            let shown = try await life.test.market.charge(
                life.contract.buyer.finance.request("getCharge"), charge)
            // 20 minutes at 3.60
            #expect(shown.body["net"] == "72.00")
            #expect(shown.body["cause"] == "visit")
            let again = await refusal {
                try await life.says(.buyer, .attests(seconds: seconds - 1), of: booking)
            }
            #expect(again == .minutesAgreed)
            #expect(try await Verification.run(on: life.test.reader).isEmpty)
        }
    }

    @Test func aContestedVisitIsChargedAtTheFigureThatBothSay() async throws {
        try await withVisit { life, booking, start in
            try await life.test.clock.set(to: start.adding(seconds: -60))
            try await life.attended(booking, from: start, minutes: 25)
            let seconds = try await life.measured(booking)
            try await life.says(.seller, .attests(seconds: seconds), of: booking)
            let word = Attestation.Word.contests(seconds: 1_200, reason: "no sound at first")
            let contested = try await life.says(.buyer, word, of: booking)
            #expect(contested.body["state"] == "contested")
            #expect(contested.body["charge"] == .null)
            let off = await refusal {
                try await life.says(.seller, .attests(seconds: 1_300), of: booking)
            }
            #expect(off == .minutesDiffer)
            let settled = try await life.says(.seller, .attests(seconds: 1_200), of: booking)
            #expect(settled.body["state"] == "agreed")
            let charge = try ChargeID(typeID: settled.body["charge"]?.text ?? "")
            let shown = try await life.test.market.charge(
                life.contract.seller.finance.request("getCharge"), charge)
            #expect(shown.body["net"] == "72.00")
        }
    }

    @Test func aVisitToWhichOneSideNeverCameCostsNothing() async throws {
        try await withVisit { life, booking, start in
            try await life.test.clock.set(to: start.adding(seconds: -60))
            let seller = try await life.joinToken(.seller, of: booking)
            try await life.observe(seller, .join, at: start)
            try await life.observe(seller, .leave, at: start.adding(seconds: 600))
            let waiting = await refusal {
                try await life.says(.seller, .attests(seconds: 0), of: booking)
            }
            #expect(waiting == .visitNotOver)
            // an hour after the planned end nobody can come any more
            try await life.test.clock.set(to: start.adding(seconds: 1_800 + 3_600))
            try await life.says(.seller, .attests(seconds: 0), of: booking)
            let done = try await life.says(.buyer, .attests(seconds: 0), of: booking)
            let charge = try ChargeID(typeID: done.body["charge"]?.text ?? "")
            let shown = try await life.test.market.charge(
                life.contract.seller.finance.request("getCharge"), charge)
            #expect(shown.body["net"] == "0.00")
        }
    }

    /// Invariant 12, and what else keeps people out.
    @Test func joinTokensOpenOneVisitInItsWindow() async throws {
        try await withVisit { life, booking, start in
            try await life.test.clock.set(to: start.adding(seconds: -901))
            let token = try await life.joinToken(.buyer, of: booking)
            let early = await refusal {
                try await life.observe(token, .join, at: start.adding(seconds: -901))
            }
            #expect(early == .joinNotYetOpen)
            try await life.observe(token, .join, at: start.adding(seconds: -900))
            let late = await refusal {
                try await life.observe(token, .heartbeat, at: start.adding(seconds: 5_400))
            }
            #expect(late == .joinClosed)
            var forged = token
            forged.replaceSubrange(forged.startIndex...forged.startIndex, with: "x")
            let unknown = await refusal { try await life.observe(forged, .join, at: start) }
            #expect(unknown == .joinTokenUnknown)
            // signed with another key, by one who knows how they are made
            let strange = try JoinToken(
                visit: booking, side: .seller, participant: "x", label: "x",
                window: JoinWindow.standard.around(
                    TimeSlot(start: start, end: start.adding(seconds: 1_800))), nonce: 1
            ).signed(with: .init(data: [UInt8](repeating: 1, count: 32)))
            let stranger = await refusal { try await life.observe(strange, .join, at: start) }
            #expect(stranger == .joinTokenUnknown)
        }
    }

    @Test func aNewTokenTakesThePlaceOfThePersonsOldOne() async throws {
        try await withVisit { life, booking, start in
            try await life.test.clock.set(to: start)
            let first = try await life.joinToken(.buyer, of: booking, participant: "nurse-1")
            let second = try await life.joinToken(.buyer, of: booking, participant: "nurse-1")
            #expect(first != second)
            let old = await refusal { try await life.observe(first, .join, at: start) }
            #expect(old == .joinTokenRevoked)
            try await life.observe(second, .join, at: start)
        }
    }

    @Test func theSameObservationTwiceIsOne() async throws {
        try await withVisit { life, booking, start in
            try await life.test.clock.set(to: start)
            let token = try await life.joinToken(.buyer, of: booking)
            var random = SystemRandomNumberGenerator()
            let id = ObservationID(at: start, using: &random)
            let market = life.test.market
            let first = try await market.recordAttendance(token, id, kind: .join)
            try await life.test.clock.advance(seconds: 30)
            let second = try await market.recordAttendance(token, id, kind: .join)
            #expect(first == second)
            let other = await refusal {
                _ = try await market.recordAttendance(token, id, kind: .leave)
            }
            #expect(other == .idempotencyKeyReused)
        }
    }

    /// Both sides hear of it, in numbers without a gap, however many come and go at once; a sign of
    /// life is no news, and a report that comes again is none either.
    /// Who comes or goes waits for whoever changes the booking; a sign of life waits for nobody.
    @Test func whoComesWaitsForTheBooking() async throws {
        try await withVisit { life, booking, start in
            try await life.test.clock.set(to: start)
            let seller = try await life.joinToken(.seller, of: booking)
            let buyer = try await life.joinToken(.buyer, of: booking)
            try await life.observe(buyer, .join, at: start)
            let coming = try await whileLocked(booking, life.test) {
                _ = try await life.observe(buyer, .heartbeat, at: start)
                let coming = Task { try await life.observe(seller, .join, at: start) }
                try await life.test.someoneToWait()
                return coming
            }
            _ = try await coming.value
        }
    }

    private func whileLocked<Value: Sendable>(
        _ booking: BookingID, _ test: TestMarket, _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        try await test.superuser.pool.transaction { transaction in
            try await transaction.query(
                "select from booking where id = \(booking) for no key update")
            return try await body()
        }
    }

    @Test func whoComesAndWhoGoesIsTold() async throws {
        try await withVisit { life, booking, start in
            try await life.test.clock.set(to: start)
            var tokens: [String] = []
            for number in 1...6 {
                let side: Visits.Side = number.isMultiple(of: 2) ? .seller : .buyer
                tokens.append(
                    try await life.joinToken(side, of: booking, participant: "person-\(number)"))
            }
            let market = life.test.market
            for kind in [Market.AttendanceKind.join, .heartbeat, .leave] {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for token in tokens {
                        group.addTask {
                            var random = SystemRandomNumberGenerator()
                            let id = ObservationID(at: start, using: &random)
                            for _ in 0..<2 {
                                _ = try await market.recordAttendance(token, id, kind: kind)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let seconds = try await life.measured(booking)
            for side in [Visits.Side.seller, .buyer] {
                try await life.says(side, .attests(seconds: seconds), of: booking)
            }
            try await life.test.horizonToPass()
            for organisation in [life.contract.seller, life.contract.buyer] {
                let told =
                    try await market.listEvents(
                        organisation.scheduler.request("listEvents"),
                        page: Page(after: nil, limit: 200)
                    ).body["items"]?.elements ?? []
                let visits = told.filter { $0["subject"]?.text == booking.description }
                    .filter { $0["subject_kind"] == "visit" }
                    .sorted { ($0["revision"]?.integer ?? 0) < ($1["revision"]?.integer ?? 0) }
                #expect(visits.compactMap { $0["revision"]?.integer } == Array(1...14))
                let kinds = visits.compactMap { $0["kind"]?.text }
                #expect(kinds[..<6].allSatisfy { $0 == "visit.joined" })
                #expect(kinds[6..<12].allSatisfy { $0 == "visit.left" })
                #expect(kinds[12...] == ["visit.awaiting", "visit.agreed"])
                let joined = visits.prefix(6).compactMap { $0["organisation"]?.text }
                #expect(joined.count { $0 == life.contract.seller.id.description } == 3)
                #expect(visits.allSatisfy { $0["data"] == .object([:]) }, "no person is named")
            }
        }
    }

    /// Invariant 11, by the database alone.
    @Test func theDatabaseRefusesMinutesBeyondItsClock() async throws {
        try await withVisit { life, booking, start in
            try await life.test.clock.set(to: start)
            let token = try await life.joinToken(.buyer, of: booking)
            try await life.observe(token, .join, at: start)
            try await life.observe(token, .leave, at: start.adding(seconds: 60))
            let beyond = await sqlRefusal {
                try await life.test.owner.write([
                    """
                    insert into visit_minutes (booking, seller, buyer, fold_version,
                        billable_seconds, intervals)
                    select id, seller, buyer, 1, 61, '[]' from booking where id = \(booking)
                    """
                ])
            }
            #expect(beyond == "metered_beyond_the_clock")
            let moved = await sqlRefusal {
                try await life.test.owner.write([
                    "update observation set at = at + interval '1 hour'"
                ])
            }
            #expect(moved == "append_only")
        }
    }
}
