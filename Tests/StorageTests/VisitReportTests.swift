import Contracts
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing
import Visits

/// What is told of a visit, against one who writes to the tables directly.
@Suite struct VisitReportTests {
    /// A visit on 2027-03-08 from 08:00 to 08:30 UTC, and a clock that stands.
    private struct Trade {
        let life: LifeOfAVisit
        let booking: BookingID
        let clock: StandingClock

        init(_ test: TestMarket) async throws {
            life = try await LifeOfAVisit(under: test.contractOfAllMinutes())
            booking = try await life.made("2027-03-08")
            clock = try await StandingClock(test, at: Instant(rfc3339: "2027-03-08T08:40:00Z"))
        }

        func tries(_ query: Query, by side: Visits.Side) async -> String? {
            await refused {
                try await life.test.asked(by: life.organisation(side).specialist, query)
            }
        }

        func report(
            _ kind: String, by side: Visits.Side, during: String? = nil, preparation: Int? = nil,
            writing: Int? = nil, reason: String? = nil
        ) -> Query {
            """
            insert into visit_report (booking, seller, buyer, side, kind, during,
                preparation_minutes, record_writing_minutes, reason, credential, recorded_at)
            select id, seller, buyer, \(side.rawValue), \(kind), \(during)::text::tstzrange,
                \(preparation)::bigint, \(writing)::bigint, \(reason)::text, uuid_v7(), '2020-01-01'
            from booking where id = \(booking)
            """
        }

        func telephone(_ from: String, _ until: String) -> Query {
            report(
                "telephone", by: .seller, during: "[2027-03-08 \(from)Z,2027-03-08 \(until)Z)")
        }

        func word(_ number: Int, of side: Visits.Side, _ preparation: Int, _ writing: Int) -> Query
        {
            """
            insert into attestation (booking, organisation, number, seller, buyer, verdict,
                billable_seconds, preparation_minutes, record_writing_minutes, credential)
            select id, \(life.organisation(side).id), \(number), seller, buyer, 'attested', 0,
                \(preparation), \(writing), uuid_v7()
            from booking where id = \(booking)
            """
        }
    }

    @Test func nobodyTellsWhatItMayNot() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let attempts: [(Query, Visits.Side, String?)] = [
                (trade.telephone("07:44", "08:00"), .seller, "outside_join_window"),
                (trade.telephone("08:30", "08:41"), .seller, "time_in_the_future"),
                (trade.telephone("07:45", "08:40"), .buyer, "not_your_side"),
                (trade.telephone("07:45", "08:40"), .seller, nil),
                (
                    trade.report("extra_time", by: .buyer, preparation: 1, writing: 1), .buyer,
                    "not_your_side"
                ),
                (
                    trade.report("extra_time", by: .seller, preparation: 11, writing: 0), .seller,
                    "above_ceiling"
                ),
                (
                    trade.report("extra_time", by: .seller, preparation: 0, writing: 16), .seller,
                    "above_ceiling"
                ),
                (
                    trade.report("extra_time", by: .seller, preparation: -1, writing: 0), .seller,
                    "23514"
                ),
                (trade.report("extra_time", by: .seller, preparation: 5), .seller, "23514"),
                (
                    trade.report("extra_time", by: .seller, preparation: 10, writing: 15), .seller,
                    nil
                ),
                (trade.report("overrun_agreed", by: .seller), .seller, "not_your_side"),
                (trade.report("overrun_agreed", by: .buyer), .buyer, nil),
                (trade.report("overrun_agreed", by: .buyer), .buyer, "23505"),
                (trade.report("technical_failure", by: .buyer), .buyer, "23514"),
                (
                    trade.report("technical_failure", by: .buyer, reason: "no sound"), .buyer, nil
                ),
                ("update visit_report set side = 'buyer'", .buyer, "42501"),
            ]
            for (attempt, side, expected) in attempts {
                #expect(await trade.tries(attempt, by: side) == expected, "\(attempt)")
            }
            let times = try await test.owner.read(["select min(recorded_at) from visit_report"])
            #expect(
                try times.only().decode(0, as: Instant.self).rfc3339 == "2027-03-08T08:40:00Z")
        }
    }

    @Test func aSideTellsFiftyTimesAtMost() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let failed = trade.report("technical_failure", by: .buyer, reason: "no sound")
            for number in 1...50 {
                #expect(await trade.tries(failed, by: .buyer) == nil, "\(number)")
            }
            #expect(await trade.tries(failed, by: .buyer) == "too_many_reports")
            let other = trade.report("technical_failure", by: .seller, reason: "no sound")
            #expect(await trade.tries(other, by: .seller) == nil)
        }
    }

    @Test func nothingIsToldBeforeItsTimeOrAfterIt() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let extra = trade.report("extra_time", by: .seller, preparation: 5, writing: 5)
            let failed = trade.report("technical_failure", by: .seller, reason: "no sound")
            let goesOn = trade.report("overrun_agreed", by: .buyer)
            try await trade.clock.set(to: Instant(rfc3339: "2027-03-08T07:44:59Z"))
            #expect(await trade.tries(failed, by: .seller) == "join_not_yet_open")
            #expect(await trade.tries(goesOn, by: .buyer) == "join_not_yet_open")
            #expect(await trade.tries(extra, by: .seller) == "visit_not_over")
            try await trade.clock.set(to: Instant(rfc3339: "2027-03-08T09:40:00Z"))
            try await test.asked(
                by: trade.life.contract.seller.specialist,
                """
                insert into visit_minutes (booking, seller, buyer, fold_version,
                    billable_seconds, intervals)
                select id, seller, buyer, 1, 0, '[]' from booking where id = \(trade.booking)
                """)
            #expect(await trade.tries(failed, by: .seller) == "visit_over")
            #expect(
                await trade.tries(trade.telephone("08:00", "08:10"), by: .seller) == "visit_over")
            #expect(await trade.tries(extra, by: .seller) == nil)
            #expect(
                await trade.tries(trade.word(1, of: .seller, 11, 0), by: .seller) == "above_ceiling"
            )
            #expect(
                await trade.tries(trade.word(1, of: .seller, 0, 16), by: .seller) == "above_ceiling"
            )
            #expect(await trade.tries(trade.word(1, of: .seller, 5, 5), by: .seller) == nil)
            #expect(await trade.tries(trade.word(1, of: .buyer, 4, 5), by: .buyer) == nil)
            // equal seconds and other minutes are no agreement
            #expect(await trade.tries(trade.word(2, of: .buyer, 5, 5), by: .buyer) == nil)
            #expect(
                await trade.tries(trade.word(3, of: .buyer, 5, 5), by: .buyer) == "minutes_agreed")
            try await test.withoutTriggers("update booking set state = 'closed'")
            #expect(await trade.tries(extra, by: .seller) == "minutes_agreed")
            try await test.withoutTriggers("update booking set state = 'booked'")
            try await test.withoutTriggers("update handshake set state = 'declined'")
            #expect(await trade.tries(extra, by: .seller) == "visit_not_agreed")
        }
    }

    /// What both sides say was held by telephone is time that the clock saw; one side's word not.
    @Test func onlyWhatBothTellMakesMinutes() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let minutes: (Int) -> Query = { seconds in
                """
                insert into visit_minutes (booking, seller, buyer, fold_version,
                    billable_seconds, intervals)
                select id, seller, buyer, 1, \(seconds), '[]' from booking
                where id = \(trade.booking)
                """
            }
            #expect(await trade.tries(trade.telephone("08:00", "08:20"), by: .seller) == nil)
            #expect(await trade.tries(minutes(1), by: .seller) == "metered_beyond_the_clock")
            let theirs = trade.report(
                "telephone", by: .buyer, during: "[2027-03-08 08:10Z,2027-03-08 08:30Z)")
            #expect(await trade.tries(theirs, by: .buyer) == nil)
            #expect(await trade.tries(minutes(601), by: .seller) == "metered_beyond_the_clock")
            #expect(await trade.tries(minutes(600), by: .seller) == nil)
        }
    }

    /// Lines of a charge beyond what was told are refused, whoever writes them.
    @Test func nothingIsChargedThatWasNotTold() async throws {
        try await TestMarket.withMarket { test in
            let life = try await LifeOfAVisit(under: test.contractOfAllMinutes())
            let booking = try await life.booked("2027-03-08")
            let start = try Instant(rfc3339: "2027-03-08T08:00:00Z")
            try await test.clock.set(to: start.adding(seconds: -60))
            try await life.attended(booking, from: start, minutes: 40)
            try await life.tells(.buyer, .overrunAgreed, of: booking)
            let extra = ExtraTime(preparation: 5, recordWriting: 5)
            try await life.tells(.seller, .extraTime(extra), of: booking)
            _ = try await life.agree(
                .init(seconds: life.measured(booking), extra: extra), on: booking)
            let replay = Replay(test: test, tables: ["charge", "charge_line"])
            let cases: [(String, String?)] = [
                ("select", nil),
                ("delete from visit_report where kind = 'overrun_agreed'", "overrun_not_agreed"),
                ("update attestation set preparation_minutes = 4", "not_attested_by_both"),
                ("update attestation set record_writing_minutes = 4", "not_attested_by_both"),
                ("update attestation set line_failed = true", "not_attested_by_both"),
            ]
            for (change, expected) in cases {
                let code = await replay.refusal([change], by: life.contract.seller.id)
                #expect(code == expected, "\(change)")
            }
        }
    }
}
