import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@Suite("A duty shift is begun, ended, attested by both, and charged")
struct DutyTests {
    /// A shift of four hours from eight in the morning of 9 March 2027 in Helsinki.
    private func withShift(
        _ body: (LifeOfAVisit, BookingID) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                "regional-chat-duty", seller: test.addOrganisation("Seller"),
                buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            _ = try await test.market.publishAvailability(
                contract.seller.scheduler.request("publishAvailability"),
                .init(
                    specialist: life.specialist,
                    pattern: .once(CalendarDate(iso: "2027-03-13")),
                    from: TimeOfDay("08:00"), to: TimeOfDay("13:00"),
                    terms: OfferTerms(
                        grid: .fifteen, shortestMinutes: 240, longestMinutes: 240,
                        bufferAfterMinutes: 0)))
            let starts = try Instant(rfc3339: "2027-03-13T06:00:00Z")
            let made = try await test.market.bookTime(
                contract.buyer.scheduler.request("bookTime", key: "shift"),
                .init(
                    contract: contract.id, service: "chat-duty", specialist: life.specialist,
                    starts: starts, minutes: 240, hold: false))
            try await body(life, BookingID(typeID: made.body["id"]?.text ?? ""))
        }
    }

    @discardableResult
    private func says(
        _ isOn: Bool, _ life: LifeOfAVisit, _ booking: BookingID, at time: String,
        by side: Visits.Side = .seller
    ) async throws -> JSON {
        try await life.test.clock.set(to: Instant(rfc3339: "2027-03-13T\(time)Z"))
        return try await life.test.market.sayDuty(
            life.organisation(side).specialist.request(isOn ? "beginDuty" : "endDuty"), booking,
            isOn: isOn
        ).body
    }

    /// The seller leaves after three of four hours: all four are billed, as the contract says.
    @Test func isChargedAsTheContractSays() async throws {
        try await withShift { life, booking in
            let early = await refusal { try await says(true, life, booking, at: "05:44:00") }
            #expect(early == .joinNotYetOpen)
            let buyer = await refusal {
                try await says(true, life, booking, at: "06:00:00", by: .buyer)
            }
            #expect(buyer == .notYourSide)
            let begun = try await says(true, life, booking, at: "06:00:00")
            #expect(begun["duty"]?["on_duty"] == true && begun["over"] == false)
            #expect(begun["present"]?["seller"] == ["duty"])
            let again = try await says(true, life, booking, at: "07:00:00")
            #expect(again["duty"]?["intervals"]?.elements?.count == 1)
            try await says(false, life, booking, at: "09:00:00.500")
            try await life.test.clock.set(to: Instant(rfc3339: "2027-03-13T10:00:00Z"))
            let over = try await life.sheet(booking, for: .buyer)
            #expect(over["over"] == true && over["outcome"] == "held")
            #expect(over["billable"]?["seconds"] == 10_800)
            #expect(over["attendance"]?["buyer"] == [])
            let charge = try await life.agree(
                Attestation.Figures(seconds: 10_800), on: booking)
            let total = try (charge["lines"]?.elements ?? []).reduce(Money.zero) {
                try $0.adding(Money(decimal: $1["net"]?.text ?? ""))
            }
            // 240 × 0.75, with 20 % on a Saturday from eight on, less 4 %
            #expect(total.decimal == "207.36")
            let late = await refusal { try await says(true, life, booking, at: "10:01:00") }
            #expect(late == .visitOver)
            #expect(try await Verification.run(on: life.test.reader).isEmpty)
        }
    }

    /// Who comes early is not on duty before the shift, and does not wait for the buyer; a shift
    /// that nobody began is not begun when it is over.
    @Test func beginsAtItsPlannedStartAndNotAfterItsEnd() async throws {
        try await withShift { life, booking in
            let late = await refusal { try await says(true, life, booking, at: "10:00:00") }
            #expect(late == .visitOver)
            try await says(true, life, booking, at: "05:45:00")
            try await says(false, life, booking, at: "08:00:00")
            try await life.test.clock.set(to: Instant(rfc3339: "2027-03-13T10:00:00Z"))
            let over = try await life.sheet(booking)
            #expect(over["billable"]?["seconds"] == 7_200)
            #expect(over["duty"]?["intervals"]?[0]?["from"] == "2027-03-13T06:00:00Z")
            #expect(over["late_start"] == .null)
        }
    }

    /// What nobody ends lasts until the planned end, and the database believes it no longer.
    @Test func whatNobodyEndsLastsUntilThePlannedEnd() async throws {
        try await withShift { life, booking in
            try await says(true, life, booking, at: "06:00:00.250")
            try await life.test.clock.set(to: Instant(rfc3339: "2027-03-13T11:00:00Z"))
            let over = try await life.sheet(booking)
            #expect(over["over"] == true)
            let seconds = over["billable"]?["seconds"]?.integer ?? 0
            #expect((14_390...14_400).contains(seconds))
            try await life.says(.seller, .attests(seconds: seconds), of: booking)
            #expect(try await life.sheet(booking)["billable"]?["seconds"]?.integer == seconds)
        }
    }

    @Test func onlyADutyShiftIsBegun() async throws {
        try await TestMarket.withMarket { test in
            let life = try await LifeOfAVisit(under: test.contractOfAllMinutes())
            let booking = try await life.booked("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T08:00:00Z"))
            #expect(try await life.sheet(booking)["duty"] == .null)
            let refused = await refusal {
                _ = try await test.market.sayDuty(
                    life.contract.seller.specialist.request("beginDuty"), booking, isOn: true)
            }
            #expect(refused == .notADutyShift)
        }
    }
}
