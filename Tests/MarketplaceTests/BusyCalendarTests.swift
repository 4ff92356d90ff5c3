import Contracts
import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// What is busy elsewhere is not for sale here, as long as it is.
@Suite struct BusyCalendarTests {
    private func calendar(_ events: [(String, String)]) -> [UInt8] {
        let lines = events.enumerated().flatMap { index, event in
            [
                "BEGIN:VEVENT", "UID:\(index)", "DTSTART:\(event.0)", "DTEND:\(event.1)",
                "END:VEVENT",
            ]
        }
        return Array(
            (["BEGIN:VCALENDAR", "VERSION:2.0"] + lines + ["END:VCALENDAR", ""])
                .joined(separator: "\r\n").utf8)
    }

    private func set(
        _ hours: ChangeAvailabilityTests.Hours, _ events: [(String, String)]
    ) async throws -> JSON {
        try await hours.test.market.setBusyCalendar(
            hours.seller.scheduler.request(
                "setBusyCalendar", key: "\(UInt64.random(in: .min ... .max))"),
            of: hours.life.specialist, .file(calendar(events))
        ).body
    }

    /// Whether a window of anybody's is open at an instant, too late to be found as it may be.
    private func onSale(_ instant: String, _ test: TestMarket) async throws -> Bool {
        let instant = try Instant(rfc3339: instant)
        let open: Query = """
            select exists (
                select from availability_window w where w.open and w.during @> \(instant))
            """
        return try await test.owner.read([open]).only().decode(0)
    }

    @Test func busyTimeIsNotForSaleAsLongAsItIs() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            let before = try await hours.found("2027-03-08")
            let kept = try await hours.life.booked("2027-03-09", at: "10:00")
            // Monday from ten to noon, Tuesday all day, by Helsinki's clock
            let sheet = try await set(
                hours,
                [
                    ("20270308T080000Z", "20270308T100000Z"),
                    ("20270308T220000Z", "20270309T220000Z"),
                ])
            #expect(sheet["busy_stretches"]?.integer == 2)
            #expect(sheet["bookings"]?[0]?["id"]?.text == kept.description)
            let monday = try await hours.found("2027-03-08")
            #expect(!monday.isEmpty && Set(monday).isSubset(of: Set(before)))
            #expect(!monday.contains { $0 >= "09:45" && $0 < "12:00" }, "\(monday)")
            #expect(try await hours.found("2027-03-09").isEmpty)
            let booking = try await test.market.booking(
                hours.seller.scheduler.request("getBooking"), kept
            ).body
            #expect(booking["state"]?.text == "booked")
            // new time under it is not for sale either
            let early = try hours.change(
                from: "2027-03-09", "07:00", "09:00", days: [.tuesday]
            ).offered
            let made = try await test.market.publishAvailability(
                hours.seller.scheduler.request("publishAvailability", key: "early"), early
            ).body
            #expect((made["windows"]?.integer ?? 0) > 0)
            #expect(try await hours.found("2027-03-09").isEmpty)
            #expect(try await !hours.found("2027-03-16").filter { $0 < "09:00" }.isEmpty)
            // free again
            _ = try await set(hours, [])
            #expect(try await hours.found("2027-03-08") == before)
            let tuesday = try await hours.found("2027-03-09")
            #expect(!tuesday.contains("10:00") && tuesday.contains("11:00"), "\(tuesday)")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// A meeting of this morning is over: the calendar is read on, and what comes up is cut.
    @Test func whatIsOverIsNotInTheWay() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            let meeting = ("20270308T080000Z", "20270308T090000Z")
            _ = try await set(hours, [meeting])
            // five past eleven in Helsinki
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T09:05:00Z"))
            _ = try await set(hours, [meeting])
            #expect(try await onSale("2027-03-08T11:00:00Z", test))
            _ = try await set(hours, [meeting, ("20270308T110000Z", "20270308T120000Z")])
            #expect(try await !onSale("2027-03-08T11:00:00Z", test))
            #expect(try await onSale("2027-03-08T12:30:00Z", test))
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// A pattern that was published where another was busy does not stop the reading.
    @Test func patternsThatOverlapUnderBusyTimeStandBesideEachOther() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            _ = try await set(hours, [("20270309T080000Z", "20270309T100000Z")])
            let made = try await test.market.publishAvailability(
                hours.seller.scheduler.request("publishAvailability", key: "under"),
                .init(
                    specialist: hours.life.specialist,
                    pattern: .once(CalendarDate(iso: "2027-03-09")), from: TimeOfDay("10:00"),
                    to: TimeOfDay("12:00"),
                    terms: OfferTerms(
                        grid: .fifteen, shortestMinutes: 10, longestMinutes: 90,
                        bufferAfterMinutes: 5)))
            #expect(made.body["windows"] == 0)
            _ = try await set(hours, [])
            let found = try await hours.found("2027-03-09")
            #expect(found.contains("10:00") && Set(found).count == found.count)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func removedItIsForSaleAgain() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            let before = try await hours.found("2027-03-08")
            _ = try await set(hours, [("20270308T000000Z", "20270309T000000Z")])
            #expect(try await hours.found("2027-03-08").isEmpty)
            _ = try await test.market.removeBusyCalendar(
                hours.seller.scheduler.request("removeBusyCalendar"), of: hours.life.specialist)
            #expect(try await hours.found("2027-03-08") == before)
            #expect(
                await refusal {
                    _ = try await test.market.busyCalendar(
                        hours.seller.scheduler.request("getBusyCalendar"),
                        of: hours.life.specialist)
                } == .notFound)
            await #expect(throws: InvalidInput.self) {
                _ = try await test.market.setBusyCalendar(
                    hours.seller.scheduler.request("setBusyCalendar", key: "none"),
                    of: hours.life.specialist, .file(Array("nothing".utf8)))
            }
        }
    }

    /// An absence that was noted before stays one, whatever the calendar says.
    @Test func anAbsenceStays() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            let during = try TimeSlot(
                start: Instant(rfc3339: "2027-03-08T22:00:00Z"),
                end: Instant(rfc3339: "2027-03-09T22:00:00Z"))
            let scheduler = hours.seller.scheduler
            let plan = try await test.market.previewAbsence(
                scheduler.request("previewAbsence"), of: .specialist(hours.life.specialist),
                during: during
            ).body
            _ = try await test.market.noteAbsence(
                scheduler.request("noteAbsence"), of: .specialist(hours.life.specialist),
                NotedAbsence(
                    during: during, digest: plan["digest"]?.text ?? "", moves: [:], reason: nil))
            _ = try await set(hours, [("20270309T080000Z", "20270310T080000Z")])
            _ = try await set(hours, [])
            #expect(try await hours.found("2027-03-09").isEmpty)
            #expect(try await !hours.found("2027-03-10").isEmpty)
        }
    }

    /// An address is asked by the worker; what cannot be read is noted, and called stale in time.
    @Test func anAddressThatDoesNotAnswer() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            let scheduler = hours.seller.scheduler
            _ = try await set(hours, [("20270308T000000Z", "20270309T000000Z")])
            for address in [
                "http://calendar.example/a.ics", "ftp://calendar.example/a.ics", "calendar",
                "https://user@calendar.example/a.ics",
            ] {
                await #expect(throws: InvalidInput.self, "\(address)") {
                    _ = try await test.market.setBusyCalendar(
                        scheduler.request("setBusyCalendar", key: address),
                        of: hours.life.specialist, .address(address))
                }
            }
            let sheet = try await test.market.setBusyCalendar(
                scheduler.request("setBusyCalendar", key: "address"), of: hours.life.specialist,
                .address("webcal://127.0.0.1:9/a.ics?key=secret")
            ).body
            #expect(sheet["host"]?.text == "127.0.0.1:9")
            #expect(sheet["read_at"] == .null && sheet["stale"]?.flag == false)
            #expect(try await test.market.readNextBusyCalendar())
            // nobody asks again before the pause is over
            #expect(try await !test.market.readNextBusyCalendar())
            try await test.clock.set(to: Instant(rfc3339: "2027-02-27T08:00:00Z"))
            let later = try await test.market.busyCalendar(
                scheduler.request("getBusyCalendar"), of: hours.life.specialist
            ).body
            // an address beside the server is not asked at all, but in a demo
            #expect(later["problem"]?.text == "inside")
            #expect(later["stale"]?.flag == true)
            // what was busy before is still not for sale
            #expect(try await hours.found("2027-03-08").isEmpty)
            let sealed: Query = "select sealed_address from busy_calendar"
            let bytes = try await test.owner.read([sealed]).only()["sealed_address", [UInt8].self]
            #expect(!String(decoding: bytes, as: UTF8.self).contains("secret"))
        }
    }
}
