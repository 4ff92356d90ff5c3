import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// Time that can never be for sale is not taken.
@Suite struct PublishTests {
    @Test func whatNeverComesIsRefused() async throws {
        try await TestMarket.withMarket { test in
            let seller = try await test.addOrganisation("Seller")
            let specialist = try await test.addSpecialist(
                to: seller)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T10:00:00Z"))
            func pointer(
                _ pattern: AvailabilityRule.Pattern, _ from: String = "09:00",
                _ to: String = "12:00"
            ) async throws -> String? {
                do {
                    _ = try await test.market.publishAvailability(
                        seller.scheduler.request("publishAvailability"),
                        .init(
                            specialist: specialist, pattern: pattern, from: TimeOfDay(from),
                            to: TimeOfDay(to),
                            terms: OfferTerms(
                                grid: .fifteen, shortestMinutes: 15, longestMinutes: 60,
                                bufferMinutes: 0)))
                    return nil
                } catch let input as InvalidInput {
                    return input.problems.first?.pointer
                }
            }
            func day(_ text: String) throws -> CalendarDate { try CalendarDate(iso: text) }
            func weekly(
                _ days: Set<Weekday>, _ first: String, _ last: String?, except: [String] = []
            ) throws -> AvailabilityRule.Pattern {
                try .weekly(
                    days: days, startsOn: day(first), until: last.map(day),
                    except: Set(except.map(day)))
            }
            // yesterday, and this morning, which is over at noon in Helsinki
            #expect(try await pointer(.once(day("2027-03-07"))) == "/pattern/date")
            #expect(try await pointer(.once(day("2027-03-08"))) == "/pattern/date")
            // 03:00 to 04:00 is not there on the day on which summer time begins
            #expect(
                try await pointer(.once(day("2027-03-28")), "03:00", "04:00") == "/from")
            #expect(
                try await pointer(weekly([.monday], "2027-03-09", "2027-03-14"))
                    == "/pattern/weekdays")
            #expect(
                try await pointer(
                    weekly([.monday], "2027-03-09", "2027-03-15", except: ["2027-03-15"]))
                    == "/pattern/weekdays")
            #expect(
                try await pointer(weekly([.monday], "2027-01-01", "2027-03-01"))
                    == "/pattern/until")
            #expect(try await test.owner.read(["select from availability_rule"]).isEmpty)
            // what begins beyond the edge of what is expanded does come
            #expect(try await pointer(weekly([.monday], "2029-01-01", nil)) == nil)
            #expect(try await pointer(weekly([.monday], "2027-03-09", "2027-03-15")) == nil)
            #expect(try await pointer(.once(day("2029-03-07"))) == nil)
            // nor does the last day that there is fail: 9999-12-31 is a Friday
            #expect(
                try await pointer(weekly([.monday], "9999-12-31", nil)) == "/pattern/weekdays")
        }
    }
}
