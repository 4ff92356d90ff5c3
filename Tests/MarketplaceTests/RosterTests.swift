import Contracts
import Documents
import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// Time from a roster: what is new, what is there, what is gone, and what stays booked.
@Suite struct RosterTests {
    private struct Ward {
        let hours: ChangeAvailabilityTests.Hours
        var test: TestMarket { hours.test }

        init(_ test: TestMarket) async throws { hours = try await .init(test) }

        /// Shifts on Saturdays and Sundays of March 2027, beside the working days.
        func roster(_ shifts: [String]) throws -> Market.Roster {
            let lines = shifts.map { "\(hours.life.specialist),\($0)" }
            let text =
                "specialist,date,from,to,shortest_minutes\n"
                + lines.map { "\($0),10\n" }.joined()
            return .init(
                bytes: Array(text.utf8),
                days: try CalendarDate(iso: "2027-03-01")...CalendarDate(iso: "2027-03-31"))
        }

        func preview(_ shifts: [String]) async throws -> JSON {
            try await test.market.previewRoster(
                hours.seller.scheduler.request("previewRoster"), roster(shifts)
            ).body
        }

        func load(_ shifts: [String], _ digest: String? = nil) async throws -> JSON {
            var seen = digest
            if seen == nil { seen = try await preview(shifts)["digest"]?.text }
            let key = "\(UInt64.random(in: .min ... .max))"
            return try await test.market.importRoster(
                hours.seller.scheduler.request("importRoster", key: key), roster(shifts),
                digest: seen ?? ""
            ).body
        }
    }

    private func counts(_ answer: JSON) -> [Int64?] {
        [
            answer["new"]?["shifts"]?.integer, answer["same_shifts"]?.integer,
            answer["gone"]?["shifts"]?.integer, answer["outside_bookings"]?.integer,
        ]
    }

    @Test func newSameAndGone() async throws {
        try await TestMarket.withMarket { test in
            let ward = try await Ward(test)
            let first = ["2027-03-06,09:00,12:00", "2027-03-13,09:00,12:00"]
            #expect(counts(try await ward.load(first)) == [2, 0, 0, 0])
            #expect(try await !ward.hours.found("2027-03-06").isEmpty)
            // the same once more
            let rules: Query = "select from availability_rule"
            let before = try await test.owner.read([rules]).count
            #expect(counts(try await ward.load(first)) == [0, 2, 0, 0])
            #expect(try await test.owner.read([rules]).count == before)
            let kept = try await ward.hours.life.booked("2027-03-13", at: "09:00")
            // the sixth stays, the thirteenth begins later, and the seventh is new
            let next = [
                "2027-03-06,09:00,12:00", "2027-03-13,10:00,12:00", "2027-03-07,09:00,12:00",
            ]
            let preview = try await ward.preview(next)
            #expect(counts(preview) == [2, 1, 1, 1])
            #expect(preview["kept"]?[0]?["booking"]?["id"]?.text == kept.description)
            #expect(preview["kept"]?[0]?["place"]?.text == "outside")
            _ = try await ward.load(next)
            let sheet = try await test.market.booking(
                ward.hours.seller.scheduler.request("getBooking"), kept
            ).body
            #expect(sheet["state"]?.text == "booked")
            #expect(try await ward.hours.found("2027-03-13").first == "10:00")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// A mistake in one line, or one shift that overlaps other time: nothing of it is done.
    @Test func nothingIsHalfDone() async throws {
        try await TestMarket.withMarket { test in
            let ward = try await Ward(test)
            let rules: Query = "select from availability_rule"
            let before = try await test.owner.read([rules]).count
            await #expect(throws: RosterFile.Refused.self) {
                _ = try await ward.load(["2027-03-06,09:00,12:00", "2027-03-07,9,12:00"])
            }
            // the eighth is a working day, on which time is for sale from nine on
            #expect(
                await refusal {
                    _ = try await ward.load(["2027-03-06,09:00,12:00", "2027-03-08,08:00,12:00"])
                } == .availabilityOverlaps)
            #expect(try await test.owner.read([rules]).count == before)
            // booked between the preview and the import
            _ = try await ward.load(["2027-03-06,09:00,12:00"])
            let next = ["2027-03-07,09:00,12:00"]
            let digest = try await ward.preview(next)["digest"]?.text
            _ = try await ward.hours.life.booked("2027-03-06", at: "09:00")
            #expect(await refusal { _ = try await ward.load(next, digest) } == .rosterChanged)
            // time that was published by hand is no roster's to take back
            #expect(counts(try await ward.preview(next)) == [1, 0, 1, 1])
        }
    }

    @Test func whatIsOverIsLeftAlone() async throws {
        try await TestMarket.withMarket { test in
            let ward = try await Ward(test)
            let shifts = ["2027-03-06,09:00,12:00", "2027-03-13,09:00,12:00"]
            _ = try await ward.load(shifts)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T08:00:00Z"))
            let preview = try await ward.preview(["2027-03-14,09:00,12:00"])
            // the sixth is over: it is not gone
            #expect(counts(preview) == [1, 0, 1, 0])
            let over = try await ward.preview(["2027-03-06,08:00,12:00"])
            #expect(over["over_shifts"]?.integer == 1)
            #expect(counts(over) == [0, 0, 1, 0])
        }
    }
}
