import Marketplace
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// Invariants 1, 2 and 3: what the tables themselves refuse, whoever writes.
@Suite struct ReservationTests {
    private func life(_ test: TestMarket) async throws -> LifeOfAVisit {
        try await LifeOfAVisit(
            under: test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
    }

    private static let windowOf8March: Query = """
        (select w from availability_window w where w.during @> timestamptz '2027-03-08 08:00Z')
        """

    private func reservation(
        _ range: String, revision: Int64 = 1, live: Bool = true,
        in window: Query = ReservationTests.windowOf8March
    ) -> Query {
        """
        insert into reservation (id, seller, specialist, occupied, availability_window,
            window_revision, live)
        select uuid_v7(), (w.w).organisation, (w.w).specialist, \(range)::tstzrange, (w.w).id,
            \(revision), \(live)
        from \(window) w
        """
    }

    /// 09:00–15:00 in Helsinki is 07:00–13:00 UTC.
    @Test func liesInItsWindowAndOverlapsNone() async throws {
        let ranges: [(String, String?)] = [
            // the first is taken: 08:00 to 08:35
            ("[2027-03-08 08:00Z, 2027-03-08 08:35Z)", "23P01"),
            ("[2027-03-08 08:34Z, 2027-03-08 09:00Z)", "23P01"),
            ("[2027-03-08 07:30Z, 2027-03-08 08:00:00.000001Z)", "23P01"),
            ("[2027-03-08 08:10Z, 2027-03-08 08:11Z)", "23P01"),
            ("[2027-03-08 07:00Z, 2027-03-08 13:00Z)", "23P01"),
            // touching is no overlap
            ("[2027-03-08 08:35Z, 2027-03-08 09:00Z)", nil),
            ("[2027-03-08 07:00Z, 2027-03-08 08:00Z)", nil),
            // outside of what is published
            ("[2027-03-08 06:59Z, 2027-03-08 07:30Z)", "outside_availability"),
            ("[2027-03-08 12:30Z, 2027-03-08 13:00:00.000001Z)", "outside_availability"),
            ("[2027-03-09 08:00Z, 2027-03-09 08:35Z)", "outside_availability"),
        ]
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            _ = try await life.made("2027-03-08", "10:00")
            for (range, expected) in ranges {
                let code = await test.owner.pool.refusal { transaction in
                    try await transaction.query(reservation(range))
                }
                #expect(code == expected, "\(range)")
            }
        }
    }

    /// The window must be open, and the one that was looked at.
    @Test func needsTheWindowAsItIs() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            let range = "[2027-03-08 08:00Z, 2027-03-08 08:35Z)"
            let stale = await refused {
                try await test.owner.write([reservation(range, revision: 2)])
            }
            #expect(stale == "outside_availability")
            _ = try await test.addSpecialist(
                to: life.contract.seller, label: "Specialist 2", specialty: "70")
            let others: Query = """
                (select row(w.id, w.rule, w.organisation, s.id, w.during, w.services,
                    w.contracts, w.grid_minutes, w.shortest_minutes, w.longest_minutes,
                    w.buffer_before_minutes, w.buffer_after_minutes, w.open,
                    w.revision)::availability_window as w
                from availability_window w join specialist s on s.label = 'Specialist 2'
                where w.during @> timestamptz '2027-03-08 08:00Z')
                """
            let foreign = await refused {
                try await test.owner.write([reservation(range, in: others)])
            }
            #expect(foreign == "outside_availability")
            try await test.owner.write([
                "update availability_window set open = false, revision = revision + 1"
            ])
            let closed = await refused {
                try await test.owner.write([reservation(range, revision: 2)])
            }
            #expect(closed == "outside_availability")
        }
    }

    /// What has ended excludes nobody, and cannot come back over what was made meanwhile.
    @Test func onlyLiveOnesExclude() async throws {
        try await TestMarket.withMarket { test in
            _ = try await life(test)
            let range = "[2027-03-08 08:00Z, 2027-03-08 08:35Z)"
            try await test.owner.write([reservation(range, live: false)])
            try await test.owner.write([reservation(range, live: false)])
            try await test.owner.write([reservation(range)])
            let code = await refused {
                try await test.owner.write(["update reservation set live = true"])
            }
            #expect(code == "23P01")
        }
    }

    private static let bad: [String?] = [
        "empty", "[2027-03-08 08:00Z, 2027-03-08 08:00Z)", "[2027-03-08 08:00Z, 2027-03-08 09:00Z]",
        "(2027-03-08 08:00Z, 2027-03-08 09:00Z)", "[2027-03-08 08:00Z,)", "(,2027-03-08 09:00Z)",
        "(,)", "[2027-03-08 08:00Z, infinity)", "[-infinity, 2027-03-08 09:00Z)", nil,
    ]

    /// Half-open, bounded, not empty: in every column that holds a stretch of time.
    @Test func rangesAreSlots() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            _ = try await life.made("2027-03-08")
            for (table, column) in [
                ("reservation", "occupied"), ("booking", "planned"),
                ("availability_window", "during"), ("contract_version", "effective"),
                ("handshake", "opened_slot"),
            ] {
                let rows = try await test.owner.read(["select from \(trusted: table)"])
                #expect(!rows.isEmpty)
                for range in Self.bad {
                    let code = await refused {
                        try await test.withoutTriggers(
                            """
                            update \(trusted: table)
                            set \(trusted: column) = \(range)::text::tstzrange
                            """)
                    }
                    #expect(
                        code == (range == nil ? "23502" : "23514"), "\(table) \(range ?? "null")")
                }
            }
        }
    }

    /// The buffer after a visit is the specialist's, and nobody's visit starts in it.
    @Test func buffersAreCounted() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            _ = try await life.made("2027-03-08", "10:00")
            for (time, expected) in [
                ("10:30", "taken"), ("09:30", "taken"), ("09:15", nil), ("10:45", nil),
                // the last one would end at 15:05 with its buffer
                ("14:15", nil), ("14:30", "outside_availability"),
                ("15:00", "outside_availability"),
            ] {
                let call = try life.contract.call(
                    life.specialist, at: life.instant("2027-03-08", time))
                #expect(try await test.app.book(call).code == expected, "\(time)")
            }
        }
    }

    /// Sixteen ask at once, under four contracts, for times that all overlap: one gets it.
    @Test func oneOfManyWins() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            var contracts = [life.contract]
            for number in 2...4 {
                contracts.append(
                    try await test.signedContract(
                        seller: life.contract.seller,
                        buyer: test.addOrganisation("Buyer \(number)")))
            }
            let times = ["10:00", "10:15", "10:30", "10:45"]
            try await test.withConnections(16) { app in
                for day in ["2027-03-08", "2027-03-09", "2027-03-10", "2027-03-11"] {
                    let codes = try await withThrowingTaskGroup(of: String?.self) { group in
                        for contract in contracts {
                            for time in times {
                                let call = try contract.call(
                                    life.specialist, at: life.instant(day, time), minutes: 60,
                                    hold: time == "10:15")
                                group.addTask { try await app.book(call).code }
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    #expect(codes.count { $0 == nil } == 1)
                    #expect(codes.count { $0 == "taken" } == 15)
                }
            }
            let live = try await test.owner.read(["select from reservation where live"])
            #expect(live.count == 4)
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    /// The exclusion itself decides, and not the order of the callers: without it two would win.
    @Test func theExclusionDecides() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            try await test.superuser.write([
                "alter table reservation drop constraint reservation_specialist_occupied_excl"
            ])
            let starts = try life.instant("2027-03-08")
            for _ in 0..<2 {
                let call = life.contract.call(life.specialist, at: starts)
                #expect(try await test.app.book(call).code == nil)
            }
        }
    }
}
