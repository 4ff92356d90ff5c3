import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// Nobody of a unit is there: all of its specialists are dealt with in one plan.
@Suite struct UnitAbsenceTests {
    private func day() throws -> TimeSlot {
        try TimeSlot(
            start: Instant(rfc3339: "2027-03-09T22:00:00Z"),
            end: Instant(rfc3339: "2027-03-10T22:00:00Z"))
    }

    @Test func aUnitsDayIsDealtWithAtOnce() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(
                test, changed: ["substitution": ["allowed": "same_field"]])
            let contract = reception.contract
            let second = try await LifeOfAVisit(under: contract, label: "Specialist 2")
            let block = try await reception.made()[0]
            let visits = [
                try await reception.life.booked("2027-03-10", at: "13:00"),
                try await second.booked("2027-03-10", at: "10:00"),
            ]
            let unit = Absentees.unit(reception.seller.unit)
            let plan = try await test.market.previewAbsence(
                reception.seller.scheduler.request("previewUnitAbsence"), of: unit, during: day()
            ).body
            #expect(plan["unit"]?.text == "\(reception.seller.unit)")
            #expect(plan["specialists"]?.elements?.count == 2)
            // each could hold the other's visit, if they were not both absent
            #expect(
                plan["visits"]?.elements?.map { $0["fate"]?.text ?? "" } == ["cancel", "cancel"])
            #expect(plan["visits"]?[0]?["obstacle"] == "nobody_free")
            #expect(plan["blocks"]?.elements?.map { $0["block"]?.text } == ["\(block)"])
            let noted = try await test.market.noteAbsence(
                reception.seller.scheduler.request("noteUnitAbsence"), of: unit,
                NotedAbsence(
                    during: day(), digest: plan["digest"]?.text ?? "", moves: [:], reason: nil)
            ).body
            #expect(noted["absences"]?.elements?.count == 2 && noted["blocks"] == 1)
            #expect(noted["cancelled"] == 2 && noted["moved"] == 0)
            for visit in visits {
                let booking = try await test.market.booking(
                    reception.buyer.scheduler.request("getBooking"), visit
                ).body
                #expect(booking["state"] == "cancelled" && booking["cancelled_by"] == "seller")
            }
            #expect(try await reception.block(block)["state"] == "withdrawn")
            let left: Int64 = try await test.owner.read([
                """
                select count(*) from start_time where starts >= '2027-03-09T22:00:00Z'
                    and starts < '2027-03-10T22:00:00Z'
                """
            ]).only().decode(0)
            #expect(left == 0)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// A block that was made since the plan was seen is not given up unseen.
    @Test func aBlockThatCameSinceIsShownFirst() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let plan = try await test.market.previewAbsence(
                reception.seller.scheduler.request("previewAbsence"),
                of: .specialist(reception.life.specialist), during: day()
            ).body
            _ = try await reception.made()
            let refused = await #expect(throws: Refusal.self) {
                _ = try await test.market.noteAbsence(
                    reception.seller.scheduler.request("noteAbsence"),
                    of: .specialist(reception.life.specialist),
                    NotedAbsence(
                        during: day(), digest: plan["digest"]?.text ?? "", moves: [:],
                        reason: nil))
            }
            #expect(refused?.code == .absenceChanged)
        }
    }

    @Test func anothersUnitIsNotThere() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let refused = await #expect(throws: Refusal.self) {
                _ = try await test.market.previewAbsence(
                    reception.buyer.scheduler.request("previewUnitAbsence"),
                    of: .unit(reception.seller.unit), during: day())
            }
            #expect(refused?.code == .notFound)
        }
    }
}
