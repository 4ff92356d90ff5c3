import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

/// A stretch of published time is taken off sale, and put on sale again; what is booked stays.
@Suite struct PauseSaleTests {
    private func pause(
        _ hours: ChangeAvailabilityTests.Hours, _ from: String, _ until: String, key: String
    ) async throws -> JSON {
        try await hours.test.market.pauseSale(
            hours.seller.scheduler.request("pauseSale", key: key), of: hours.life.specialist,
            during: TimeSlot(start: Instant(rfc3339: from), end: Instant(rfc3339: until))
        ).body
    }

    private func end(
        _ hours: ChangeAvailabilityTests.Hours, _ pause: JSON, key: String
    ) async throws -> JSON {
        try await hours.test.market.endSalePause(
            hours.seller.scheduler.request("endSalePause", key: key),
            SalePauseID(typeID: pause["id"]?.text ?? "")
        ).body
    }

    @Test func aStretchOfOneDateOnly() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            let before = try await hours.found("2027-03-09")
            let kept = try await hours.life.booked("2027-03-09", at: "10:00")
            let other = try await hours.found("2027-03-16")
            let booked = try await hours.found("2027-03-09")
            // from ten to noon in Helsinki
            let during = try TimeSlot(
                start: Instant(rfc3339: "2027-03-09T08:00:00Z"),
                end: Instant(rfc3339: "2027-03-09T10:00:00Z"))
            let scheduler = hours.seller.scheduler
            let plan = try await test.market.previewSalePause(
                scheduler.request("previewSalePause"), of: hours.life.specialist, during: during
            ).body
            #expect(plan["removed"]?.elements?.count == 1)
            #expect(plan["removed"]?[0]?["from"]?.text == "2027-03-09T08:00:00Z")
            #expect(plan["kept"]?[0]?["id"]?.text == kept.description)
            #expect(try await hours.found("2027-03-09") == booked, "a preview does nothing")
            let made = try await pause(
                hours, "2027-03-09T08:00:00Z", "2027-03-09T10:00:00Z", key: "pause")
            #expect(made["kept"]?[0]?["id"]?.text == kept.description)
            #expect(made["ended_at"] == .null)
            let during2 = try await hours.found("2027-03-09")
            #expect(!during2.isEmpty && Set(during2).isSubset(of: Set(booked)))
            #expect(!during2.contains { $0 >= "09:45" && $0 < "12:00" }, "\(during2)")
            #expect(try await hours.found("2027-03-16") == other)
            let booking = try await test.market.booking(scheduler.request("getBooking"), kept).body
            #expect(booking["state"]?.text == "booked")
            #expect(try await Verification.run(on: test.reader) == [])
            let ended = try await end(hours, made, key: "end")
            #expect(ended["ended_at"]?.text != nil)
            #expect(try await hours.found("2027-03-09") == booked)
            #expect(!before.isEmpty && before != booked)
            #expect(
                await refusal { _ = try await end(hours, made, key: "again") } == .salePauseEnded)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// What is published under a pause is not on sale before the pause is ended, and another pause
    /// or an absence of the same time goes on.
    @Test func severalReasonsAtOnce() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            let first = try await pause(
                hours, "2027-03-08T22:00:00Z", "2027-03-09T22:00:00Z", key: "day")
            let second = try await pause(
                hours, "2027-03-09T08:00:00Z", "2027-03-09T10:00:00Z", key: "hours")
            #expect(try await hours.found("2027-03-09").isEmpty)
            let early = try hours.change(
                from: "2027-03-09", "07:00", "09:00", days: [.tuesday]
            ).offered
            _ = try await test.market.publishAvailability(
                hours.seller.scheduler.request("publishAvailability", key: "early"), early)
            #expect(try await hours.found("2027-03-09").isEmpty)
            _ = try await end(hours, first, key: "first")
            let then = try await hours.found("2027-03-09")
            #expect(then.contains("07:00") && then.contains("12:00"), "\(then)")
            #expect(!then.contains { $0 >= "09:45" && $0 < "12:00" }, "\(then)")
            _ = try await end(hours, second, key: "second")
            #expect(try await hours.found("2027-03-09").contains("11:00"))
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func onlyWhatIsToComeAndOnesOwn() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            for (from, until) in [
                ("2027-01-01T08:00:00Z", "2027-01-01T09:00:00Z"),
                ("2027-03-01T08:00:00Z", "2027-05-03T08:00:00Z"),
            ] {
                await #expect(throws: InvalidInput.self) {
                    _ = try await pause(hours, from, until, key: from)
                }
            }
            let made = try await pause(
                hours, "2027-03-09T08:00:00Z", "2027-03-09T10:00:00Z", key: "own")
            let id = try SalePauseID(typeID: made["id"]?.text ?? "")
            let buyer = hours.life.contract.buyer.scheduler
            #expect(
                await refusal {
                    _ = try await test.market.endSalePause(
                        buyer.request("endSalePause", key: "theirs"), id)
                } == .notFound)
            #expect(
                await refusal {
                    _ = try await test.market.endSalePause(
                        hours.seller.finance.request("endSalePause", key: "finance"), id)
                } == .roleNotAllowed)
        }
    }

    @Test func calendarsSayWhyTimeIsNotForSale() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            _ = try await hours.life.booked("2027-03-09", at: "13:00")
            let made = try await pause(
                hours, "2027-03-09T08:00:00Z", "2027-03-09T10:00:00Z", key: "pause")
            let (from, until) = try (
                Instant(rfc3339: "2027-03-07T22:00:00Z"), Instant(rfc3339: "2027-03-14T22:00:00Z")
            )
            let scheduler = hours.seller.scheduler
            let own = try await test.market.calendar(
                scheduler.request("getCalendar"), of: hours.life.specialist, from: from,
                until: until
            ).body
            #expect(own["away"]?[0]?["why"]?.text == "paused")
            #expect(own["away"]?[0]?["sale_pause"] == made["id"])
            #expect(own["blocks"]?.elements?.isEmpty == true)
            let whole = try await test.market.unitCalendar(
                scheduler.request("getUnitCalendar"), of: hours.seller.unit, from: from,
                until: until
            ).body
            let people = whole["specialists"]?.elements ?? []
            let mine = try #require(
                people.first { $0["specialist"]?.text == hours.life.specialist.description })
            #expect(mine["away"] == own["away"])
            #expect(mine["windows"]?.elements?.count == own["windows"]?.elements?.count)
            #expect(mine["taken"]?[0]?["state"]?.text == "booked")
            #expect(mine["taken"]?[0]?["from"] == own["taken"]?[0]?["occupied"]?["from"])
            #expect(
                await refusal {
                    _ = try await test.market.unitCalendar(
                        hours.life.contract.buyer.scheduler.request("getUnitCalendar"),
                        of: hours.seller.unit, from: from, until: until)
                } == .notFound)
        }
    }

    /// What the overview counts is what the list lists.
    @Test func timesByTheHourAreThoseThatAreListed() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            let buyer = hours.life.contract.buyer.scheduler
            let wish = FoundTime.Wish(
                from: try Instant(rfc3339: "2027-03-07T22:00:00Z"),
                until: try Instant(rfc3339: "2027-03-14T22:00:00Z"), minutes: 30)
            let listed =
                try await test.market.findTimes(
                    buyer.request("findTimes"), wish: wish, page: Page(after: nil, limit: 2_000)
                ).body["items"]?.elements ?? []
            #expect(!listed.isEmpty)
            let counted = try await test.market.timesByHour(
                buyer.request("findTimesByHour"), wish: wish
            ).body
            #expect(counted["complete"]?.flag == true)
            var byHour: [String: (Int64, Money)] = [:]
            for item in listed {
                let starts = try Instant(rfc3339: item["starts"]?.text ?? "")
                let hour = try starts.adding(seconds: -(starts.secondsSince1970 % 3_600)).rfc3339
                let price = try Money(decimal: item["price"]?.text ?? "")
                let (count, lowest) = byHour[hour] ?? (0, price)
                byHour[hour] = (count + 1, min(lowest, price))
            }
            let rows = counted["hours"]?.elements ?? []
            #expect(rows.count == byHour.count)
            for row in rows {
                let expected = try #require(byHour[row["from"]?.text ?? ""])
                #expect(row["starts"]?.integer == expected.0)
                #expect(row["lowest_price"]?.text == expected.1.decimal)
            }
        }
    }
}
