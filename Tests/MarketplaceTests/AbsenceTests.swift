import Contracts
import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// Half past seven: a specialist is absent, and all of the day is dealt with at once.
@Suite struct AbsenceTests {
    /// Two specialists with the same hours on every working day of March 2027; it is Monday the
    /// eighth, half past seven in Helsinki.
    private struct Day {
        let life: LifeOfAVisit
        let colleague: SpecialistID
        let during: TimeSlot

        var test: TestMarket { life.test }
        var seller: TestOrganisation { life.contract.seller }
        var service: SoldService { life.contract.terms.rateCard.services[0] }

        init(_ test: TestMarket, _ substitution: String?, fee: String = "0") async throws {
            var changed: JSONObject = [
                "cancellation": [
                    "buyer": [["notice_hours": 0, "fee_percent": "0"]],
                    "seller": [["notice_hours": 0, "fee_percent": JSON(fee)]],
                ]
            ]
            if let substitution { changed["substitution"] = ["allowed": JSON(substitution)] }
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                changed: changed)
            life = try await LifeOfAVisit(under: contract)
            colleague = try await test.addSpecialist(
                to: contract.seller, label: "Specialist 2",
                specialty: contract.terms.rateCard.services[0].field.code)
            let terms = try OfferTerms(
                grid: .fifteen, shortestMinutes: 10, longestMinutes: 90, bufferAfterMinutes: 5)
            _ = try await test.market.publishAvailability(
                contract.seller.scheduler.request("publishAvailability", key: "colleague"),
                .init(
                    specialist: colleague,
                    pattern: .weekly(
                        WeeklyPattern(
                            days: [.monday], startsOn: CalendarDate(iso: "2027-03-01"))),
                    from: TimeOfDay("09:00"), to: TimeOfDay("15:00"), terms: terms))
            during = try TimeSlot(
                start: Instant(rfc3339: "2027-03-07T22:00:00Z"),
                end: Instant(rfc3339: "2027-03-08T22:00:00Z"))
        }

        /// Books half an hour with the colleague.
        func takeColleague(_ time: String) async throws {
            _ = try await test.market.bookTime(
                life.contract.buyer.scheduler.request("bookTime", key: "colleague \(time)"),
                .init(
                    contract: life.contract.id, service: service.code,
                    specialist: colleague,
                    starts: life.contract.clock.instant(
                        CalendarDate(iso: "2027-03-08"), TimeOfDay(time)),
                    minutes: service.plannedLengths.minimum, hold: false))
        }

        func early() async throws {
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T05:30:00Z"))
        }

        func preview() async throws -> JSON {
            try await test.market.previewAbsence(
                seller.scheduler.request("previewAbsence"), of: .specialist(life.specialist),
                during: during
            ).body
        }

        func note(
            _ plan: JSON, _ moves: [BookingID: SpecialistID] = [:], key: String = "absence"
        ) async throws -> JSON {
            try await test.market.noteAbsence(
                seller.scheduler.request("noteAbsence", key: key), of: .specialist(life.specialist),
                NotedAbsence(
                    during: during, digest: plan["digest"]?.text ?? "", moves: moves,
                    reason: "The specialist is absent.")
            ).body
        }

        func booking(_ id: BookingID) async throws -> JSON {
            try await test.market.booking(
                life.contract.buyer.scheduler.request("getBooking"), id
            ).body
        }

        /// How many starts the buyer finds with the one who is absent, on a day.
        func found(_ day: String) async throws -> Int {
            let midnight = try life.contract.clock.instant(
                CalendarDate(iso: day), TimeOfDay("00:00"))
            var wish = FoundTime.Wish(
                from: midnight, until: try midnight.adding(seconds: 86_400),
                minutes: service.plannedLengths.minimum)
            wish.specialist = life.specialist
            return try await test.market.findTimes(
                life.contract.buyer.scheduler.request("findTimes"), wish: wish,
                page: Page(after: nil, limit: 200)
            ).body["items"]?.elements?.count ?? -1
        }
    }

    private func fates(_ plan: JSON) -> [String] {
        (plan["visits"]?.elements ?? []).map {
            [$0["fate"]?.text, $0["obstacle"]?.text, $0["fee"]?.text].compactMap(\.self)
                .joined(separator: " ")
        }
    }

    /// The colleague has another line and another way into the records.
    @Test func theColleagueIsNotReadyYet() async throws {
        try await TestMarket.withMarket { test in
            let day = try await Day(test, "same_field")
            let booking = try await day.life.booked("2027-03-08", at: "10:00")
            try await day.early()
            for (sequence, caller) in [
                (1, day.seller.scheduler), (2, day.life.contract.buyer.scheduler),
            ] as [(Int64, TestCaller)] {
                _ = try await test.market.sendHandshakeMessage(
                    caller.request("sendHandshakeMessage"), booking,
                    .init(
                        kind: .ready, sequence: sequence, cause: nil, offer: nil,
                        checks: ReadyChecks(device: true, line: true, recordAccess: true)))
            }
            let seller = day.seller.scheduler
            let before = try await test.market.handshake(seller.request("getHandshake"), booking)
            #expect(before.body["state"] == "ready")
            let plan = try await day.preview()
            _ = try await day.note(plan, [booking: day.colleague])
            let after = try await test.market.handshake(seller.request("getHandshake"), booking)
            #expect(after.body["state"] == "agreed", "\(after.body)")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func oneIsMovedAndOneIsCancelled() async throws {
        try await TestMarket.withMarket { test in
            let day = try await Day(test, "same_field", fee: "50")
            let moved = try await day.life.booked("2027-03-08", at: "10:00")
            let cancelled = try await day.life.booked("2027-03-08", at: "11:00")
            let later = try await day.life.booked("2027-03-09", at: "10:00")
            try await day.takeColleague("11:00")
            try await day.early()
            let held = try await day.life.booked("2027-03-08", at: "13:00", hold: true)
            let plan = try await day.preview()
            // half an hour costs 108.00
            #expect(fates(plan) == ["move 54.00", "cancel nobody_free 54.00", "release"])
            #expect(plan["fee"]?.text == "54.00")
            #expect(plan["visits"]?[0]?["colleague"]?.text == day.colleague.description)
            let done = try await day.note(plan, [moved: day.colleague])
            for (key, count) in [("moved", 1), ("cancelled", 1), ("released", 1)] {
                #expect(done[key]?.integer == Int64(count), "\(key)")
            }
            #expect(done["fee"]?.text == "54.00")
            let visit = try await day.booking(moved)
            #expect(visit["state"]?.text == "booked")
            #expect(visit["specialist"]?.text == day.colleague.description)
            #expect(visit["specialist_label"]?.text == "Specialist 2")
            let gone = try await day.booking(cancelled)
            #expect(gone["state"]?.text == "cancelled" && gone["cancelled_by"]?.text == "seller")
            #expect(gone["cancellation_fee"]?.text == "54.00")
            #expect(gone["cancellation_reason"]?.text == "The specialist is absent.")
            #expect(try await day.booking(held)["state"]?.text == "released")
            #expect(try await day.booking(later)["state"]?.text == "booked")
            #expect(try await day.found("2027-03-08") == 0)
            #expect(try await day.found("2027-03-09") > 0)
            for kind in ["booking.substituted", "booking.cancelled", "booking.released"] {
                let told = try await test.owner.read([
                    "select from event where kind = \(kind) and counterparty is not null"
                ])
                #expect(told.count == 1, "\(kind)")
            }
            #expect(try await Verification.run(on: test.reader) == [])
            // the same request again is the same answer
            #expect(try await day.note(plan, [moved: day.colleague]) == done)
        }
    }

    /// A visit that came, went or became dearer since the preview: nothing is done.
    @Test func aStalePlanIsRefused() async throws {
        try await TestMarket.withMarket { test in
            let day = try await Day(test, "same_field")
            let booking = try await day.life.booked("2027-03-08", at: "10:00")
            let plan = try await day.preview()
            _ = try await day.life.booked("2027-03-08", at: "14:00")
            let code = await refusal { _ = try await day.note(plan) }
            #expect(code == .absenceChanged)
            #expect(try await day.booking(booking)["state"]?.text == "booked")
            #expect(try await day.found("2027-03-08") > 0)
            #expect(try await test.owner.read(["select from absence"]).isEmpty)
            let again = try await day.preview()
            try await day.takeColleague("14:00")
            // the colleague is taken meanwhile: that is another plan, too
            let taken = await refusal { _ = try await day.note(again, key: "again") }
            #expect(taken == .absenceChanged)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// Whether a colleague may come is for the contract to say.
    @Test(
        arguments: [
            (nil, "cancel not_in_contract 0.00"), ("with_consent", "cancel consent_needed 0.00"),
            ("same_field", "move 0.00"),
        ] as [(String?, String)])
    func theContractDecides(substitution: String?, fate: String) async throws {
        try await TestMarket.withMarket { test in
            let day = try await Day(test, substitution)
            let booking = try await day.life.booked("2027-03-08", at: "10:00")
            let plan = try await day.preview()
            #expect(fates(plan) == [fate])
            let code = await refusal { _ = try await day.note(plan, [booking: day.colleague]) }
            #expect(code == (fate.hasPrefix("move") ? nil : .colleagueNotFree))
            let stranger = await refusal {
                _ = try await day.note(plan, [booking: day.life.specialist], key: "own")
            }
            #expect(stranger == (code == nil ? .absenceChanged : .colleagueNotFree))
        }
    }

    /// Only part of a day: what is before and after it stays for sale, at the same starts.
    @Test func hoursOfADay() async throws {
        try await TestMarket.withMarket { test in
            let day = try await Day(test, nil)
            let during = try TimeSlot(
                start: Instant(rfc3339: "2027-03-08T09:10:00Z"),
                end: Instant(rfc3339: "2027-03-08T11:10:00Z"))
            let plan = try await test.market.previewAbsence(
                day.seller.scheduler.request("previewAbsence"),
                of: .specialist(day.life.specialist),
                during: during
            ).body
            _ = try await test.market.noteAbsence(
                day.seller.scheduler.request("noteAbsence"), of: .specialist(day.life.specialist),
                NotedAbsence(
                    during: during, digest: plan["digest"]?.text ?? "", moves: [:], reason: nil))
            // 9:00 to 11:10 and 13:15 to 15:00, each for 30 minutes and 5 more
            #expect(try await day.found("2027-03-08") == 7 + 5)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func whatIsOverOrTooLongIsRefused() async throws {
        try await TestMarket.withMarket { test in
            let day = try await Day(test, nil)
            for (from, until) in [
                ("2027-02-20T00:00:00Z", "2027-02-21T00:00:00Z"),
                ("2027-03-01T00:00:00Z", "2027-05-03T00:00:00Z"),
            ] {
                let during = try TimeSlot(
                    start: Instant(rfc3339: from), end: Instant(rfc3339: until))
                let refused = await #expect(throws: InvalidInput.self) {
                    try await test.market.previewAbsence(
                        day.seller.scheduler.request("previewAbsence"),
                        of: .specialist(day.life.specialist),
                        during: during)
                }
                #expect(refused?.problems.first?.pointer == "/until")
            }
        }
    }
}
