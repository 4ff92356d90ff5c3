import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

@testable import Web

@Suite("Someone at once, on pages")
struct NowPageTests {
    /// The world's seller and buyer, with a contract on demand besides; it is 10:07 on a Tuesday.
    private func withOnDemand(
        _ body: (PagesWorld, LifeOfAVisit, Browser, Browser) async throws -> Void
    ) async throws {
        try await PagesWorld.with { world in
            let contract = try await world.test.signedContract(
                "home-care-physician-on-demand", seller: world.seller, buyer: world.buyer)
            let life = try await LifeOfAVisit(under: contract, label: "Physician 1")
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-02T08:07:20Z"))
            try await body(
                world, life, world.browser(of: world.buyer.scheduler),
                world.browser(of: world.seller.specialist))
        }
    }

    private func wanted(_ life: LifeOfAVisit) -> [String: String] {
        [
            "asked": "\(life.contract.id) home-care-physician", "minutes": "10", "answer": "10",
            "patient_reference": "HC-9",
        ]
    }

    @Test func isAskedForTakenAndHeld() async throws {
        try await withOnDemand { world, life, buyer, seller in
            #expect(try await buyer.get("/find").links.contains("/now"))
            let form = try await buyer.get("/now").form("/now")
            for (field, value) in [
                ("asked", ""), ("minutes", "x"), ("answer", "600"),
                ("patient_reference", "131052-308T"), ("patient_reference", ""),
            ] {
                let wrong = try await buyer.post(
                    "/now",
                    form.merging(wanted(life)) { $1 }
                        .merging([field: value, "key": "\(field) \(value)"]) { $1 })
                #expect(wrong.status == 422 && wrong.links.contains("#\(field)"), "\(field)")
            }
            let asked = try await buyer.post("/now", form.merging(wanted(life)) { $1 })
            #expect((asked.status, asked.location) == (303, "/now?done=asked"))
            let waiting = try await buyer.get("/now?done=asked")
            #expect(waiting.body.contains("At hand: 0") && waiting.body.contains("HC-9"))
            let offered = try await seller.get("/now")
            #expect(offered.body.contains("Take it") && offered.body.contains("Example Home Care"))
            #expect(!offered.body.contains("HC-9"), "the hand-over is the buyer's")
            let take = try offered.form("/now/accept").merging([
                "specialist": life.specialist.description
            ]) { $1 }
            let away = try await seller.post("/now/accept", take)
            #expect(away.status == 409 && away.body.contains("Say first that the specialist"))
            let day = try await seller.get("/day?specialist=\(life.specialist)")
            #expect(day.links.contains("/now"))
            _ = try await seller.post(
                "/day/presence", day.form("/day/presence").merging(["minutes": "60"]) { $1 })
            #expect(try await buyer.get("/now").body.contains("At hand: 1"))
            let taken = try await seller.post(
                "/now/accept", take.merging(["key": "again"]) { $1 })
            let visit = try #require(taken.location)
            #expect(taken.status == 303 && visit.hasPrefix("/visits/booking_"))
            #expect(try await seller.get(visit).body.contains("10:08"))
            let done = try await buyer.get("/now")
            #expect(done.body.contains("Accepted") && done.links.contains(visit))
        }
    }

    @Test func isWithdrawnAndMeasured() async throws {
        try await withOnDemand { world, life, buyer, seller in
            let form = try await buyer.get("/now").form("/now")
            _ = try await buyer.post("/now", form.merging(wanted(life)) { $1 })
            let withdraw = try await buyer.get("/now").form("/now/withdraw")
            let gone = try await buyer.post("/now/withdraw", withdraw)
            #expect(gone.location == "/now?done=withdrawn")
            #expect(try await seller.get("/now").body.contains("No longer asked for"))
            let contract = "/contracts/\(life.contract.id)"
            let signatory = try await world.browser(of: world.seller[.signatory])
            #expect(
                try await signatory.get(contract).links.contains("\(contract)/response-times"))
            let times = try await signatory.get("\(contract)/response-times?month=2027-03")
            #expect(times.body.contains("Withdrawn, or accepted by somebody else"))
            let table = try #require(times.links.first { $0.contains("/table?") })
            let file = try await signatory.get(table)
            #expect(file.status == 200 && file.body.hasPrefix("asked_at,service,minutes,state,"))
            #expect(file.body.contains(",home-care-physician,10,ended,"))
            let wrong = try await signatory.get("\(contract)/response-times?month=x")
            #expect(wrong.status == 422 && wrong.links.contains("#month"))
        }
    }

    @Test func aShiftIsBegunAndEndedOnItsPage() async throws {
        try await PagesWorld.with { world in
            let contract = try await world.test.signedContract(
                "regional-chat-duty", seller: world.seller, buyer: world.buyer)
            let life = try await LifeOfAVisit(under: contract, label: "Nurse 1")
            _ = try await world.test.market.publishAvailability(
                world.seller.scheduler.request("publishAvailability"),
                .init(
                    specialist: life.specialist, pattern: .once(CalendarDate(iso: "2027-03-06")),
                    from: TimeOfDay("08:00"), to: TimeOfDay("13:00"),
                    terms: OfferTerms(
                        grid: .fifteen, shortestMinutes: 240, longestMinutes: 240,
                        bufferAfterMinutes: 0)))
            let booked = try await world.test.market.bookTime(
                world.buyer.scheduler.request("bookTime", key: "shift"),
                .init(
                    contract: contract.id, service: "chat-duty", specialist: life.specialist,
                    starts: Instant(rfc3339: "2027-03-06T06:00:00Z"), minutes: 240, hold: false))
            let visit = "/visits/\(booked.body["id"]?.text ?? "")"
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-06T06:00:00Z"))
            let seller = try await world.browser(of: world.seller.specialist)
            let buyer = try await world.browser(of: world.buyer.specialist)
            #expect(try await buyer.get(visit).body.contains("Nobody is on duty"))
            #expect(try await !buyer.get(visit).body.contains("Begin the shift"))
            let begin = try await seller.get(visit).form("\(visit)/duty")
            #expect(try await seller.post("\(visit)/duty", begin).location == visit)
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-06T09:00:00Z"))
            let on = try await seller.get(visit)
            #expect(on.body.contains("End the shift"))
            _ = try await seller.post("\(visit)/duty", on.form("\(visit)/duty"))
            #expect(try await buyer.get(visit).body.contains("08:00–11:00"))
        }
    }
}
