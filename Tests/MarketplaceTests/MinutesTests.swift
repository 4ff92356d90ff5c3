import Contracts
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@Suite("Minutes beyond the meeting: before and after it, beyond its end, by telephone")
struct MinutesTests {
    /// Visits of half an hour on 2027-03-08, in Helsinki; the first is at 10:00.
    private static let start = "2027-03-08T08:00:00Z"

    private func withLife(
        _ body: (LifeOfAVisit, BookingID, Instant) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            let life = try await LifeOfAVisit(under: test.contractOfAllMinutes())
            try await body(life, life.booked("2027-03-08"), Instant(rfc3339: Self.start))
        }
    }

    private func attended(
        _ life: LifeOfAVisit, _ booking: BookingID, _ start: Instant, minutes: Int64
    ) async throws -> Int64 {
        try await life.test.clock.set(to: start.adding(seconds: -60))
        try await life.attended(booking, from: start, minutes: minutes)
        return try await life.measured(booking)
    }

    private func amounts(_ charge: JSON) -> [String: String] {
        let lines = (charge["lines"]?.elements ?? []).map {
            ($0["kind"]?.text ?? "", $0["net"]?.text ?? "")
        }
        return Dictionary(lines) { first, _ in first }
    }

    private func steps(_ charge: JSON) -> [String] {
        (charge["trace"]?["steps"]?.elements ?? []).compactMap { $0["code"]?.text }
    }

    @Test func preparationAndRecordWritingAreAttestedAndCharged() async throws {
        try await withLife { life, booking, start in
            let extra = ExtraTime(preparation: 5, recordWriting: 15)
            try await life.test.clock.set(to: start)
            let early = await refusal {
                try await life.tells(.seller, .extraTime(extra), of: booking)
            }
            #expect(early == .visitNotOver)
            let seconds = try await attended(life, booking, start, minutes: 30)
            let above = await refusal {
                try await life.tells(
                    .seller, .extraTime(ExtraTime(preparation: 11, recordWriting: 0)), of: booking)
            }
            #expect(above == .aboveCeiling)
            let others = await refusal {
                try await life.tells(.buyer, .extraTime(extra), of: booking)
            }
            #expect(others == .notYourSide)
            try await life.tells(
                .seller, .extraTime(ExtraTime(preparation: 9, recordWriting: 9)), of: booking)
            let told = try await life.tells(.seller, .extraTime(extra), of: booking)
            #expect(told["extra_time"]?["preparation_minutes"] == 5)
            #expect(told["extra_time"]?["record_writing_ceiling"] == 15)
            let seen = try await life.sheet(booking, for: .buyer)
            #expect(seen["extra_time"] == told["extra_time"])
            let without = await refusal {
                try await life.says(.buyer, .attests(seconds: seconds), of: booking)
            }
            #expect(without == .minutesDiffer)
            let charge = try await life.agree(
                .init(seconds: seconds, extra: extra), on: booking)
            #expect(
                amounts(charge) == [
                    "visit": "108.00", "preparation": "5.00", "record_writing": "22.50",
                ])
            #expect(charge["net"] == "135.50")
            #expect(steps(charge).contains("preparation"))
            #expect(steps(charge).contains("record_writing"))
            let late = await refusal {
                try await life.tells(
                    .seller, .extraTime(ExtraTime(preparation: 6, recordWriting: 15)), of: booking)
            }
            #expect(late == .minutesAgreed)
            // half an hour each, by two people, and twenty minutes alone
            let people = try await life.sheet(booking)["people"]
            let own = people?["own"]?[0]?["seconds"]?.integer ?? 0
            #expect((1_799...1_800).contains(own))
            #expect((4_797...4_800).contains(people?["total_seconds"]?.integer ?? 0))
            #expect(try await Verification.run(on: life.test.reader).isEmpty)
        }
    }

    @Test func whatWasEnteredCanBeContested() async throws {
        try await withLife { life, booking, start in
            let seconds = try await attended(life, booking, start, minutes: 30)
            try await life.tells(
                .seller, .extraTime(ExtraTime(preparation: 10, recordWriting: 0)), of: booking)
            let entered = Attestation.Figures(
                seconds: seconds, extra: ExtraTime(preparation: 10, recordWriting: 0))
            try await life.says(.seller, .attests(entered), of: booking)
            let less = Attestation.Figures(
                seconds: seconds, extra: ExtraTime(preparation: 2, recordWriting: 0))
            let contested = try await life.says(
                .buyer, .contests(less, reason: "we sent no papers"), of: booking)
            #expect(contested.body["state"] == "contested")
            #expect(try await life.sheet(booking)["waits_for_you"] == true)
            let settled = try await life.says(.seller, .attests(less), of: booking)
            #expect(settled.body["state"] == "agreed")
            let charge = try await life.test.market.charge(
                life.contract.seller.finance.request("getCharge"),
                ChargeID(typeID: settled.body["charge"]?.text ?? ""))
            #expect(amounts(charge.body)["preparation"] == "2.00")
        }
    }

    @Test func anOverrunIsBilledWhereTheBuyerLetItGoOn() async throws {
        try await withLife { life, booking, start in
            let other = try await life.booked("2027-03-08", at: "13:00")
            let afternoon = try start.adding(seconds: 3 * 3_600)
            let sellers = await refusal {
                try await life.test.clock.set(to: start)
                try await life.tells(.seller, .overrunAgreed, of: booking)
            }
            #expect(sellers == .notYourSide)
            let first = try await life.tells(.buyer, .overrunAgreed, of: booking)
            #expect(try await life.tells(.buyer, .overrunAgreed, of: booking) == first)
            let seconds = try await attended(life, booking, start, minutes: 40)
            let seen = try await life.sheet(booking)
            #expect(seen["overrun"]?["follows"] == "billed_apart")
            #expect((598...600).contains(seen["overrun"]?["seconds"]?.integer ?? 0))
            let charge = try await life.agree(.init(seconds: seconds), on: booking)
            #expect(amounts(charge) == ["visit": "108.00", "overrun": "40.00"])
            // without the buyer's word
            let more = try await attended(life, other, afternoon, minutes: 40)
            #expect(try await life.sheet(other)["overrun"]?["follows"] == "not_billed")
            let cheaper = try await life.agree(.init(seconds: more), on: other)
            #expect(amounts(cheaper) == ["visit": "108.00"])
            #expect(steps(cheaper).contains("overrun_not_agreed"))
        }
    }

    /// The next booking is at 10:45; what goes on until 10:55 counts until then.
    @Test func anOverrunStopsBeforeTheSpecialistsNextBooking() async throws {
        try await withLife { life, booking, start in
            let next = try await life.booked("2027-03-08", at: "10:45")
            try await life.test.clock.set(to: start)
            try await life.tells(.buyer, .overrunAgreed, of: booking)
            let seconds = try await attended(life, booking, start, minutes: 55)
            #expect((2_698...2_700).contains(seconds))
            let seen = try await life.sheet(booking, for: .buyer)
            #expect(seen["overrun"]?["cut_at"]?.text == "2027-03-08T08:45:00Z")
            #expect((598...602).contains(seen["overrun"]?["cut_seconds"]?.integer ?? 0))
            // it stays so, whatever becomes of the next one afterwards
            try await life.says(.seller, .attests(seconds: seconds), of: booking)
            try await gone(next, life)
            #expect(try await life.measured(booking) == seconds)
            let charge = try await life.agree(.init(seconds: seconds), on: booking)
            #expect(amounts(charge) == ["visit": "108.00", "overrun": "60.00"])
            #expect(steps(charge).contains("next_booking"))
        }
    }

    /// The one before goes on until 10:40; whoever is in both rooms from 10:32 is paid once.
    @Test func nothingCountsWhileTheVisitBeforeGoesOn() async throws {
        try await withLife { life, booking, start in
            let next = try await life.booked("2027-03-08", at: "10:45")
            let first = try await attended(life, booking, start, minutes: 40)
            let early = try start.adding(seconds: 32 * 60)
            let both = try await attended(life, next, early, minutes: 43)
            #expect((2_578...2_580).contains(both), "nobody has said yet how long the first was")
            try await life.says(.seller, .attests(seconds: first), of: booking)
            #expect((2_098...2_100).contains(try await life.measured(next)))
        }
    }

    /// As if the booking had never been.
    private func gone(_ booking: BookingID, _ life: LifeOfAVisit) async throws {
        try await life.test.superuser.pool.transaction { transaction in
            try await transaction.query("set local session_replication_role = replica")
            try await transaction.query(
                """
                update booking set state = 'cancelled', cancellation_fee = 0
                where id = \(booking)
                """)
        }
    }

    @Test func timeByTelephoneCountsWhereBothTellTheSame() async throws {
        try await withLife { life, booking, start in
            _ = try await attended(life, booking, start, minutes: 10)
            let call = try TimeSlot(
                start: start.adding(seconds: 900), end: start.adding(seconds: 1_800))
            let early = await refusal {
                try await life.tells(.seller, .telephone(call), of: booking)
            }
            #expect(early == .timeInTheFuture)
            try await life.test.clock.set(to: start.adding(seconds: 1_900))
            let outside = await refusal {
                try await life.tells(
                    .seller,
                    .telephone(
                        TimeSlot(
                            start: start.adding(seconds: -901), end: start.adding(seconds: 60))),
                    of: booking)
            }
            #expect(outside == .outsideJoinWindow)
            let before = try await life.measured(booking)
            try await life.tells(.seller, .telephone(call), of: booking)
            #expect(try await life.measured(booking) == before, "one side's word alone")
            let shorter = try TimeSlot(
                start: start.adding(seconds: 1_000), end: start.adding(seconds: 1_800))
            let told = try await life.tells(.buyer, .telephone(shorter), of: booking)
            #expect(told["telephone"]?.elements?.count == 2)
            let seconds = try await life.measured(booking)
            #expect(seconds == before + 800)
            try await life.says(.buyer, .attests(seconds: seconds), of: booking)
            let late = await refusal {
                try await life.tells(.buyer, .telephone(call), of: booking)
            }
            #expect(late == .visitOver)
            let done = try await life.says(.seller, .attests(seconds: seconds), of: booking)
            #expect(done.body["state"] == "agreed")
        }
    }

    /// Nobody ever joined: both sides tell that it was held by telephone.
    @Test func aVisitMayBeHeldByTelephoneAlone() async throws {
        try await withLife { life, booking, start in
            try await life.test.clock.set(to: start.adding(seconds: 1_800))
            let whole = VisitReport.telephone(
                try TimeSlot(start: start, end: start.adding(seconds: 1_500)))
            for side in Visits.Side.allCases { try await life.tells(side, whole, of: booking) }
            let seen = try await life.sheet(booking)
            #expect(seen["over"] == true && seen["outcome"] == "held")
            let charge = try await life.agree(.init(seconds: 1_500), on: booking)
            #expect(charge["net"] == "90.00")
        }
    }

    @Test func aTechnicalFailureHoldsWhenBothAttestIt() async throws {
        try await withLife { life, booking, start in
            let seconds = try await attended(life, booking, start, minutes: 7)
            let told = try await life.tells(
                .buyer, .lineFailed(reason: "no picture"), of: booking)
            #expect(told["outcome"] == "technical_failure")
            #expect(told["technical_failure"]?["follows"] == "time_held_billed")
            let ordinary = await refusal {
                try await life.says(.seller, .attests(seconds: seconds), of: booking)
            }
            #expect(ordinary == .minutesDiffer)
            let failed = Attestation.Figures(seconds: seconds, lineFailed: true)
            try await life.says(.buyer, .attests(failed), of: booking)
            let contested = try await life.says(
                .seller, .contests(seconds: seconds, reason: "it was your device"), of: booking)
            #expect(contested.body["state"] == "contested" && contested.body["charge"] == .null)
            let charge = try await life.agree(failed, on: booking)
            // seven minutes, without the minimum of fifteen
            #expect(amounts(charge) == ["visit": "25.20"])
            #expect(steps(charge).contains("failure"))
        }
    }

    @Test func aNoShowAndALateStartHaveTheirNames() async throws {
        try await withLife { life, booking, start in
            let afternoon = try start.adding(seconds: 3 * 3_600)
            let other = try await life.booked("2027-03-08", at: "13:00")
            try await life.test.clock.set(to: start.adding(seconds: -60))
            let seller = try await life.joinToken(.seller, of: booking)
            for second in stride(from: Int64(0), through: 660, by: 60) {
                try await life.observe(
                    seller, second == 0 ? .join : .heartbeat, at: start.adding(seconds: second))
            }
            try await life.test.clock.set(to: start.adding(seconds: 5_401))
            let seen = try await life.sheet(booking, for: .buyer)
            #expect(seen["outcome"] == "no_show")
            #expect(seen["no_show"]?["absent"] == "buyer" && seen["no_show"]?["follows"] == "fee")
            let charge = try await life.agree(.init(seconds: 0), on: booking)
            #expect(amounts(charge) == ["no_show": "54.00"])

            try await life.test.clock.set(to: afternoon.adding(seconds: -60))
            let early = try await life.joinToken(.seller, of: other)
            let late = try await life.joinToken(.buyer, of: other)
            for second in stride(from: Int64(-30), through: 1_800, by: 60) {
                let at = try afternoon.adding(seconds: second)
                try await life.observe(early, second < 0 ? .join : .heartbeat, at: at)
                guard second >= 390 else { continue }
                try await life.observe(late, second == 390 ? .join : .heartbeat, at: at)
            }
            try await life.observe(early, .leave, at: afternoon.adding(seconds: 1_800))
            try await life.observe(late, .leave, at: afternoon.adding(seconds: 1_800))
            let started = try await life.sheet(other)["late_start"]
            #expect(started?["waited"] == "seller" && started?["follows"] == "waiting_billed")
            #expect(started?["tolerance_seconds"] == 300)
        }
    }
}
