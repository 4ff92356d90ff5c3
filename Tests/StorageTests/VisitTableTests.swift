import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// Invariants 10 to 13 and the handshake's order, against one who writes to the tables directly.
@Suite struct VisitTableTests {
    /// A visit on 2027-03-08 from 08:00 to 08:30 UTC, agreed in advance, and a clock that stands.
    private struct Trade {
        let life: LifeOfAVisit
        let booking: BookingID
        let clock: StandingClock

        var test: TestMarket { life.test }
        var seller: TestCaller { life.contract.seller.specialist }
        var buyer: TestCaller { life.contract.buyer.specialist }

        init(_ test: TestMarket) async throws {
            life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
            booking = try await life.made("2027-03-08")
            clock = try await StandingClock(test, at: Instant(rfc3339: "2027-03-08T08:00:00Z"))
        }

        func tries(_ query: Query, by caller: TestCaller) async -> String? {
            await refused { try await test.asked(by: caller, query) }
        }

        /// A message as `side` would write it, as from `sender`.
        func message(
            _ sequence: Int, from sender: TestOrganisation?, kind: String = "ready",
            at instant: String = "2027-03-08 08:00Z"
        ) -> Query {
            """
            insert into handshake_message
                (booking, sequence, seller, buyer, sender, kind, message, recorded_at)
            select id, \(sequence), seller, buyer, \(sender?.id), \(kind), '{}', \(instant)
            from booking where id = \(booking)
            """
        }

        func token(_ name: String, side: String = "buyer", closes: String = "09:00Z") -> Query {
            """
            insert into join_token (digest, booking, seller, buyer, side, participant, label, opens,
                closes, credential)
            select sha256(\(Array(name.utf8))), id, seller, buyer, \(side), 'nurse-1', 'Nurse',
                '2027-03-08 08:00Z', \("2027-03-08 \(closes)")::text::timestamptz, uuid_v7()
            from booking where id = \(booking)
            """
        }

        func observe(_ name: String, _ id: ObservationID, kind: String = "join") -> Query {
            let digest: Query = "sha256(\(Array(name.utf8)))"
            return "select side, at from observe(\(digest), \(id), \(kind)::text)"
        }

        func minutes(_ seconds: Int64) -> Query {
            """
            insert into visit_minutes (booking, seller, buyer, fold_version, billable_seconds,
                intervals)
            select id, seller, buyer, 1, \(seconds), '[]' from booking where id = \(booking)
            """
        }

        func attestation(
            _ number: Int, of organisation: TestOrganisation, _ seconds: Int64
        ) -> Query {
            """
            insert into attestation (booking, organisation, number, seller, buyer, verdict,
                billable_seconds, credential)
            select id, \(organisation.id), \(number), seller, buyer, 'attested', \(seconds),
                uuid_v7()
            from booking where id = \(booking)
            """
        }
    }

    @Test func messagesAreInOrderAndOnesOwn() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let (seller, buyer) = (trade.life.contract.seller, trade.life.contract.buyer)
            let attempts: [(Query, String?)] = [
                (trade.message(0, from: seller), "stale_sequence"),
                (trade.message(2, from: seller), "stale_sequence"),
                (trade.message(1, from: buyer), "not_your_side"),
                (trade.message(1, from: nil), "23514"),
                (trade.message(1, from: seller, kind: "expire"), "23514"),
                (
                    trade.message(1, from: seller, at: "2027-03-08 08:00:00.000001Z"),
                    "recorded_in_the_future"
                ),
                (trade.message(1, from: seller), nil),
                (trade.message(1, from: seller), "stale_sequence"),
                (trade.message(3, from: seller), "stale_sequence"),
                (trade.message(2, from: seller), nil),
            ]
            for (attempt, expected) in attempts {
                #expect(await trade.tries(attempt, by: trade.seller) == expected)
            }
        }
    }

    /// A token opens its visit, for its side, in its window, until it is taken back.
    @Test func aTokenIsForOneVisitOneSideAndOneWindow() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let forOthers = await trade.tries(trade.token("a", side: "seller"), by: trade.buyer)
            #expect(forOthers == "not_your_side")
            let empty = await trade.tries(trade.token("a", closes: "08:00Z"), by: trade.buyer)
            #expect(empty == "23514")
            try await test.asked(by: trade.buyer, trade.token("a"))

            let first: ObservationID = newID()
            for (time, expected) in [
                ("07:59:59.999999Z", "join_not_yet_open"), ("08:00:00Z", nil),
                ("08:59:59.999999Z", nil), ("09:00:00Z", "join_closed"),
            ] {
                try await trade.clock.set(to: Instant(rfc3339: "2027-03-08T\(time)"))
                let id = time == "08:00:00Z" ? first : newID()
                let code = await refused { try await test.app.write([trade.observe("a", id)]) }
                #expect(code == expected, "\(time)")
            }
            try await trade.clock.set(to: Instant(rfc3339: "2027-03-08T08:30:00Z"))
            // the same report again is answered as it was; another one under its name is none
            let again = try await test.app.write([trade.observe("a", first)]).only()
            #expect(try again["at", Instant.self].rfc3339 == "2027-03-08T08:00:00Z")
            #expect(try again["side", String.self] == "buyer")
            let other = await refused {
                try await test.app.write([trade.observe("a", first, kind: "leave")])
            }
            #expect(other == "idempotency_key_reused")
            let unknown = await refused { try await test.app.write([trade.observe("b", newID())]) }
            #expect(unknown == "join_token_unknown")
            try await test.asked(by: trade.buyer, "update join_token set revoked_at = market_now()")
            let revoked = await refused { try await test.app.write([trade.observe("a", newID())]) }
            #expect(revoked == "join_token_revoked")
        }
    }

    @Test func aVisitThatIsNotAgreedHasNoRoom() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            try await test.asked(by: trade.buyer, trade.token("a"))
            for state in ["none", "declined", "withdrawn", "expired"] {
                try await test.withoutTriggers("update handshake set state = \(state)")
                let code = await refused { try await test.app.write([trade.observe("a", newID())]) }
                #expect(code == "visit_not_agreed", "\(state)")
            }
            try await test.withoutTriggers(
                "update handshake set state = 'ready'",
                "update booking set state = 'cancelled', cancellation_fee = 0")
            let gone = await refused { try await test.app.write([trade.observe("a", newID())]) }
            #expect(gone == "visit_not_agreed")
        }
    }

    /// The time of a fact is the database's, and no minutes are more than it saw.
    @Test func nothingIsMeteredBeyondTheClock() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            for (kind, time) in [("join", "08:00:00Z"), ("leave", "08:10:00Z")] {
                try await trade.clock.set(to: Instant(rfc3339: "2027-03-08T\(time)"))
                try await test.owner.write([
                    """
                    insert into observation
                        (id, booking, seller, buyer, side, participant, kind, at)
                    select uuid_v7(), id, seller, buyer, 'buyer', 'nurse-1', \(kind), '2020-01-01'
                    from booking
                    """
                ])
            }
            let times = try await test.owner.read(["select min(at), max(at) from observation"])
            #expect(try times.only().decode(0, as: Instant.self).rfc3339 == "2027-03-08T08:00:00Z")
            #expect(try times.only().decode(1, as: Instant.self).rfc3339 == "2027-03-08T08:10:00Z")
            #expect(
                await trade.tries(trade.minutes(601), by: trade.buyer)
                    == "metered_beyond_the_clock")
            #expect(await trade.tries(trade.minutes(600), by: trade.buyer) == nil)
            // what has been folded counts no later presence
            try await test.asked(by: trade.buyer, trade.token("a"))
            let late = await refused { try await test.app.write([trade.observe("a", newID())]) }
            #expect(late == "visit_over")
        }
    }

    @Test func nobodySpeaksForTheOther() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let (seller, buyer) = (trade.life.contract.seller, trade.life.contract.buyer)
            try await test.asked(by: trade.buyer, trade.minutes(0))
            let attempts: [(Query, TestCaller, String?)] = [
                (trade.attestation(1, of: seller, 0), trade.buyer, "not_your_side"),
                (trade.attestation(2, of: buyer, 0), trade.buyer, "stale_sequence"),
                // the room opened a quarter of an hour ago
                (trade.attestation(1, of: buyer, 901), trade.buyer, "figure_out_of_range"),
                (trade.attestation(1, of: buyer, 900), trade.buyer, nil),
                (trade.attestation(1, of: buyer, 900), trade.buyer, "stale_sequence"),
                (trade.attestation(1, of: seller, 600), trade.seller, nil),
                (trade.attestation(2, of: buyer, 600), trade.buyer, nil),
                // both have said the same
                (trade.attestation(3, of: buyer, 300), trade.buyer, "minutes_agreed"),
                (trade.attestation(2, of: seller, 300), trade.seller, "minutes_agreed"),
            ]
            for (attempt, caller, expected) in attempts {
                #expect(await trade.tries(attempt, by: caller) == expected)
            }
        }
    }

    /// A visit is charged once, at the figure that both have attested last.
    @Test func onlyWhatBothAttestedIsCharged() async throws {
        try await TestMarket.withMarket { test in
            let life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
            try await life.held("2027-03-08", minutes: 2)
            let replay = Replay(test: test, tables: ["charge", "charge_line"])
            let twice = """
                insert into old_charge select (jsonb_populate_record(c,
                    jsonb_build_object('id', uuid_v7()))).* from old_charge c
                """
            let cases: [(String, String?)] = [
                ("select", nil),
                ("delete from attestation where organisation = seller", "not_attested_by_both"),
                (
                    "update attestation set billable_seconds = 1 where organisation = buyer",
                    "not_attested_by_both"
                ),
                ("update old_charge set billable_seconds = 1", "not_attested_by_both"),
                ("update booking set state = 'released'", "not_attested_by_both"),
                (twice, "23505"),
            ]
            for (change, expected) in cases {
                let code = await replay.refusal([change], by: life.contract.seller.id)
                #expect(code == expected, "\(change)")
            }
        }
    }
}
