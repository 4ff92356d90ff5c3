import MoneyAndTime
import Postgres
import TestMarket

/// A market's clock that shows one instant until it is set to another, so that bounds are met to
/// the microsecond.
struct StandingClock: Sendable {
    private let test: TestMarket

    init(_ test: TestMarket, at instant: Instant) async throws {
        self.test = test
        try await test.owner.pool.transaction { transaction in
            try await transaction.script(
                """
                create table standing_clock (now timestamptz not null);
                grant select on standing_clock to aikatori_app, aikatori_market, aikatori_reader;
                create or replace function market_now() returns timestamptz
                    language sql volatile parallel restricted
                    as 'select now from public.standing_clock';
                """)
            try await transaction.query("insert into standing_clock values (\(instant))")
        }
    }

    func set(to instant: Instant) async throws {
        try await test.owner.write(["update standing_clock set now = \(instant)"])
    }
}
