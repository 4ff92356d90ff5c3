import Contracts
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Visits that are booked together: all, or the best that can be had, in one decision.
@Suite struct SeriesTests {
    private func life(_ test: TestMarket, ceiling: String = "20000.00") async throws -> LifeOfAVisit
    {
        let limits: JSON = [
            "budget_ceiling": JSON(ceiling), "minimum_notice_minutes": 120, "horizon_days": 60,
            "hold_minutes": 10,
        ]
        return try await LifeOfAVisit(
            under: test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                changed: ["limits": limits]))
    }

    private func wanted(
        _ life: LifeOfAVisit, _ mode: Market.WantedSeries.Mode,
        _ starts: Market.WantedSeries.Starts
    ) -> Market.WantedSeries {
        Market.WantedSeries(
            contract: life.contract.id,
            service: life.contract.terms.rateCard.services[0].code, specialist: life.specialist,
            minutes: 30, starts: starts, mode: mode)
    }

    private func weekly(_ life: LifeOfAVisit, count: Int64) throws -> Market.WantedSeries.Starts {
        .weekly(first: try life.instant("2027-03-15", "10:00"), intervalWeeks: 1, count: count)
    }

    private func book(_ life: LifeOfAVisit, _ wanted: Market.WantedSeries) async throws -> JSON {
        let scheduler = life.contract.buyer.scheduler
        return try await life.test.market.bookSeries(scheduler.request("bookSeries"), wanted).body
    }

    private func bookings(_ test: TestMarket) async throws -> Int64 {
        try await test.owner.read(["select count(*) from booking"]).only().decode(0)
    }

    /// The starts that were booked, and the reasons of the others, in order.
    private static func outcomes(_ answer: JSON?) -> [String] {
        (answer?["visits"]?.elements ?? []).map { visit in
            visit["refusal"]?["code"]?.text ?? visit["starts"]?.text ?? "-"
        }
    }

    /// By the wall clock, also after the night in which the clocks change.
    @Test func weeklyOverTheClockChange() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            let made = try await book(life, wanted(life, .allOrNone, weekly(life, count: 4)))
            #expect(
                Self.outcomes(made) == [
                    "2027-03-15T08:00:00Z", "2027-03-22T08:00:00Z", "2027-03-29T07:00:00Z",
                    "2027-04-05T07:00:00Z",
                ])
            #expect(made["booked"] == 4)
            let series = try SeriesID(typeID: made["series"]?.text ?? "")
            _ = try await life.made("2027-03-16", "10:00")
            let listed = try await test.market.listBookings(
                life.contract.seller.scheduler.request("listBookings"), state: nil, from: nil,
                until: nil, series: series, page: Page(after: nil, limit: 10))
            #expect(listed.body["items"]?.elements?.count == 4)
            #expect(listed.body["items"]?[0]?["series"] == made["series"])
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func allOrNone() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            _ = try await life.made("2027-03-22", "10:15")
            let before = try await Everything.of(test)
            let wanted = try wanted(life, .allOrNone, weekly(life, count: 10))
            do {
                _ = try await book(life, wanted)
                Issue.record("booked what cannot be had")
            } catch let refusal as Refusal {
                #expect(refusal.code == .seriesRefused)
                let codes = Self.outcomes(refusal.figures)
                #expect(codes.count == 10 && codes[1] == "taken" && codes[9] == "beyond_horizon")
                #expect(codes[0] == "2027-03-15T08:00:00Z")
            }
            #expect(try await Everything.of(test) == before)
        }
    }

    @Test func theBestThatCanBeHad() async throws {
        try await TestMarket.withMarket { test in
            // money for three
            let life = try await life(test, ceiling: "324.00")
            _ = try await life.made("2027-03-15", "11:15")
            let starts = try ["09:00", "10:00", "11:00", "12:00", "13:00"].map {
                try life.instant("2027-03-15", $0)
            }
            let made = try await book(
                life, wanted(life, .best, .listed(starts.reversed() + starts)))
            #expect(
                Self.outcomes(made) == [
                    "2027-03-15T07:00:00Z", "2027-03-15T08:00:00Z", "over_budget", "over_budget",
                    "over_budget",
                ])
            let figures = made["visits"]?[3]?["refusal"]?["figures"]
            #expect(figures?["left"] == "0.00" && figures?["quote"] == "108.00")
            #expect(made["booked"] == 2)
            #expect(try await bookings(test) == 3)
            #expect(try await Verification.run(on: test.reader) == [])
            let none = await refusalCode {
                _ = try await book(life, wanted(life, .best, .listed([starts[4]])))
            }
            #expect(none == "series_refused")
        }
    }

    /// A preview says the same, with prices, and leaves everything as it was.
    @Test func thePreviewChangesNothing() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            _ = try await life.made("2027-03-22", "10:15")
            let before = try await Everything.of(test)
            let preview = try await test.market.previewSeries(
                life.contract.buyer.scheduler.request("bookSeries"),
                wanted(life, .best, weekly(life, count: 3))
            ).body
            #expect(preview["bookable"] == 2)
            let visits = preview["visits"]?.elements ?? []
            #expect(visits.map { $0["quote"] ?? .null } == ["108.00", .null, "108.00"])
            #expect(visits[1]["refusal"]?["code"] == "taken")
            #expect(try await Everything.of(test) == before)
        }
    }

    /// An overdue hold is in nobody's way, and expires only where the series is booked.
    @Test func anExpiredHoldBlocksNobody() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            let held = try await life.made("2027-03-22", "10:15", hold: true)
            try await test.clock.advance(seconds: 601)
            let scheduler = life.contract.buyer.scheduler
            let wanted = try wanted(life, .allOrNone, weekly(life, count: 3))
            func state() async throws -> String {
                try await test.owner.read(["select state from booking where id = \(held)"]).only()
                    .decode(0)
            }
            let seen = try await test.market.previewSeries(scheduler.request("bookSeries"), wanted)
            #expect(seen.body["bookable"] == 3)
            #expect(try await state() == "held")
            _ = try await book(life, wanted)
            #expect(try await state() == "expired")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// Sixteen at once want the same ten weeks: one of them gets all.
    @Test func manyAtOnce() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            let wanted = try wanted(life, .allOrNone, weekly(life, count: 6))
            let codes = await withTaskGroup(of: String?.self) { group in
                for _ in 0..<16 {
                    group.addTask { await refusalCode { _ = try await self.book(life, wanted) } }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.count { $0 == nil } == 1)
            #expect(codes.count { $0 == "series_refused" } == 15)
            #expect(try await bookings(test) == 6)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func onlyTheBuyer() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            let stranger = try await test.addOrganisation("Stranger")
            for caller in [stranger.scheduler, life.contract.seller.scheduler] {
                let code = await refusalCode {
                    _ = try await test.market.bookSeries(
                        caller.request("bookSeries"), wanted(life, .best, weekly(life, count: 2)))
                }
                #expect(code == "not_found")
            }
            let member = await refusalCode {
                _ = try await test.market.bookSeries(
                    life.contract.buyer.finance.request("bookSeries"),
                    wanted(life, .best, weekly(life, count: 2)))
            }
            #expect(member == "role_not_allowed")
        }
    }
}

/// Everything that booking touches, in one text.
private enum Everything {
    static func of(_ test: TestMarket) async throws -> String {
        var digests: [String] = []
        for table in [
            "booking", "reservation", "start_time", "budget_counter", "event", "audit_fact",
            "handshake", "deadline",
        ] {
            let digest: String? = try await test.owner.read([
                """
                select md5(string_agg(t::text, ' ' order by t::text)) from \(trusted: table) t
                """
            ]).only().decode(0)
            digests.append(digest ?? "-")
        }
        return digests.joined(separator: " ")
    }
}
