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
                                bufferAfterMinutes: 0)))
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
                    WeeklyPattern(
                        days: days, startsOn: day(first),
                        end: last.map { .until(try day($0)) } ?? .never,
                        except: Set(except.map(day))))
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

    /// All that a pattern may say comes back as it was said.
    @Test func everyMemberIsKept() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let specialist = try await test.addSpecialist(to: contract.seller)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-01T06:00:00Z"))
            let offered = try Market.OfferedTime(
                specialist: specialist,
                pattern: .weekly(
                    WeeklyPattern(
                        days: [.tuesday, .thursday], startsOn: CalendarDate(iso: "2027-03-02"),
                        intervalWeeks: 2, end: .count(5),
                        except: [CalendarDate(iso: "2027-03-04")],
                        extra: [CalendarDate(iso: "2027-03-26")], exceptHolidays: true)),
                from: TimeOfDay("20:00"), to: TimeOfDay("02:00"),
                pauses: [.init(from: TimeOfDay("23:30"), to: TimeOfDay("24:00"))],
                terms: OfferTerms(
                    services: ["visit"], contracts: [contract.id], grid: .ten,
                    shortestMinutes: 20, longestMinutes: 40, bufferBeforeMinutes: 5,
                    bufferAfterMinutes: 15))
            let made = try await test.market.publishAvailability(
                contract.seller.scheduler.request("publishAvailability"), offered
            ).body
            let pattern: JSON = [
                "kind": "weekly", "weekdays": ["tuesday", "thursday"], "interval_weeks": 2,
                "starts_on": "2027-03-02", "until": nil, "count": 5,
                "exceptions": ["2027-03-04"], "extra": ["2027-03-26"], "except_holidays": true,
            ]
            // 2, 16, 18 and 30 March, and the extra day, each in two parts
            #expect(made["windows"]?.integer == 10)
            #expect(made["last_date"]?.text == "2027-03-30")
            let read = try await test.market.availability(
                contract.seller.scheduler.request("getAvailability"),
                AvailabilityRuleID(typeID: made["id"]?.text ?? "")
            ).body
            for sheet in [made, read] {
                #expect(sheet["pattern"] == pattern)
                #expect(sheet["pauses"] == [["from": "23:30", "to": "24:00"]])
                #expect(sheet["contracts"] == [JSON(contract.id.description)])
                #expect(sheet["buffer_before_minutes"]?.integer == 5)
                #expect(sheet["buffer_after_minutes"]?.integer == 15)
            }
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }
}
