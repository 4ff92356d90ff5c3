import MoneyAndTime
import Postgres
import Scheduling
import Storage
import TestMarket
import Testing

/// Invariants 4, 6 and 7: what may become of a booking, by the rule in Swift and by the database.
@Suite struct TransitionTests {
    private static let now = "2027-03-01T08:00:00Z"

    /// Microseconds from now to the end of the hold: before, at and after it.
    private static let ends: [Int64] = [1, 0, -1]

    /// The word with which Swift refuses to make one state another, and nil where it does not; the
    /// message that would do it is looked for among all.
    private func swift(
        _ from: BookingLife.Name, _ to: BookingLife.Name, holdEnds: Instant, planned: TimeSlot,
        now: Instant
    ) -> String? {
        let state: BookingLife.State =
            switch from {
            case .held: .held(until: holdEnds)
            case .booked: .booked
            case .closed: .closed
            case .released: .released
            case .expired: .expired
            case .cancelled: .cancelled
            }
        let life = BookingLife(state: state, planned: planned)
        let makes: [BookingLife.Name: BookingLife.Message] = [
            .booked: .confirm, .released: .release, .expired: .expire, .cancelled: .cancel,
            .closed: .close,
        ]
        guard let message = makes[to] else { return "illegal_transition" }
        do throws(BookingLife.Refusal) {
            let step = try life.apply(message, now: now)
            return step.life.state.name == to ? nil : "another state"
        } catch {
            return error.code
        }
    }

    @Test func sqlAllowsWhatSwiftAllows() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            let now = try Instant(rfc3339: Self.now)
            _ = try await StandingClock(test, at: now)
            let id = try await life.made("2027-03-08", hold: true)
            let planned = try TimeSlot(
                start: life.instant("2027-03-08", "10:00"),
                end: life.instant("2027-03-08", "10:30"))
            var allowed = 0
            for from in BookingLife.Name.allCases {
                for to in BookingLife.Name.allCases where to != from {
                    for end in Self.ends {
                        let holdEnds = Instant(microseconds: now.microseconds + end)
                        let expected = swift(
                            from, to, holdEnds: holdEnds, planned: planned, now: now)
                        let code = try await sql(id, from, to, holdEnds: holdEnds, in: test)
                        #expect(code == expected, "\(from) \(to) \(end)")
                        if code == nil { allowed += 1 }
                    }
                }
            }
            // confirm and release before the end, expire at and after it; close, cancel always
            #expect(allowed == 2 + 2 + 3 + 3)
        }
    }

    private func sql(
        _ id: BookingID, _ from: BookingLife.Name, _ to: BookingLife.Name, holdEnds: Instant,
        in test: TestMarket
    ) async throws -> String? {
        let fee: Int64? = from == .cancelled ? 0 : nil
        let newFee: Int64? = to == .cancelled ? 0 : nil
        return try await test.superuser.pool.undone { transaction in
            try await transaction.each([
                "set local session_replication_role = replica",
                """
                update booking set state = \(from.rawValue), hold_expires_at = \(holdEnds),
                    cancellation_fee = \(fee)
                where id = \(id)
                """,
                "set local session_replication_role = origin",
                """
                select set_config('app.organisation', seller::text, true) from booking
                where id = \(id)
                """,
            ])
            return await refused {
                try await transaction.query(
                    """
                    update booking set state = \(to.rawValue), cancellation_fee = \(newFee),
                        cancelled_by = case when \(to.rawValue)::text = 'cancelled' then seller end
                    where id = \(id)
                    """)
            }
        }
    }

    /// A booking begins as held or booked, inside its reservation, under a version that was signed
    /// and rules at its start.
    @Test func beginsAsItMust() async throws {
        let changes: [(String, String?)] = [
            ("quote = quote", nil),
            ("state = 'closed'", "illegal_transition"),
            ("state = 'expired'", "illegal_transition"),
            ("state = 'held', hold_expires_at = null", "23514"),
            ("planned = '[2027-03-08 07:59Z, 2027-03-08 08:29Z)'", "outside_reservation"),
            ("planned = '[2027-03-08 08:10Z, 2027-03-08 08:36Z)'", "outside_reservation"),
            ("created_at = '2025-12-31'", "no_version_for_start"),
            ("version = 2", "no_version_for_start"),
            ("buyer = seller", "23503"), ("service = 'another'", "23503"),
            ("quote = -1", "23514"), ("patient_reference = 'a b'", "23514"),
            ("cancellation_fee = 1", "23514"),
        ]
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            _ = try await life.made("2027-03-08")
            for (change, expected) in changes {
                let code = await test.superuser.pool.refusal { transaction in
                    try await transaction.script(
                        """
                        create temporary table copy on commit drop as select * from booking;
                        update copy set id = uuid_v7();
                        update copy set \(change);
                        insert into booking select * from copy;
                        """)
                }
                #expect(code == expected, "\(change)")
            }
        }
    }

    @Test func whatWasAgreedIsFrozen() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            _ = try await life.made("2027-03-08", hold: true)
            for change in [
                "version = 2", "contract = uuid_v7()", "service = 'other'", "seller = buyer",
                "buyer = seller", "specialist = uuid_v7()", "reservation = uuid_v7()",
                "quote = 1", "hold_expires_at = hold_expires_at + interval '1 hour'",
                "created_at = '2025-01-01'",
            ] {
                let statement = Query(stringLiteral: "update booking set \(change)")
                let byOwner = await refused { try await test.owner.write([statement]) }
                #expect(byOwner == "booking_frozen", "\(change)")
                let byApp = await refused {
                    try await test.asked(by: life.contract.buyer.scheduler, statement)
                }
                #expect(byApp == "42501", "\(change)")
            }
        }
    }

    private func life(_ test: TestMarket) async throws -> LifeOfAVisit {
        try await LifeOfAVisit(
            under: test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
    }
}
