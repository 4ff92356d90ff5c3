import Contracts
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@Suite("The minutes of many visits")
struct SeveralMinutesTests {
    /// Three visits on 2027-03-08, at 10:00, 10:45 and 11:30 in Helsinki, of which two were held.
    private func withVisits(
        _ body: (LifeOfAVisit, [BookingID]) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            let life = try await LifeOfAVisit(under: test.contractOfAllMinutes())
            var visits: [BookingID] = []
            for time in ["10:00", "10:45", "11:30"] {
                visits.append(try await life.booked("2027-03-08", at: time))
            }
            for (visit, time) in zip(visits, ["08:00:00Z", "08:45:00Z"]) {
                let start = try Instant(rfc3339: "2027-03-08T\(time)")
                try await test.clock.set(to: start.adding(seconds: -60))
                try await life.attended(visit, from: start, minutes: 20)
            }
            try await body(life, visits)
        }
    }

    private func waiting(
        _ life: LifeOfAVisit, _ side: Visits.Side, limit: Int = 50
    ) async throws -> [String] {
        var found: [String] = []
        var after: OpenVisit.Place?
        repeat {
            let page = try await life.test.market.listMinutes(
                life.organisation(side).specialist.request("listMinutes"),
                page: Page(after: after, limit: limit)
            ).body
            #expect((page["items"]?.elements?.count ?? 0) <= limit)
            for item in page["items"]?.elements ?? [] {
                #expect(item["visit"]?["booking"] == item["booking"]?["id"])
                found.append(item["booking"]?["id"]?.text ?? "")
            }
            after = try page["next"]?.text.map(OpenVisit.Place.init(cursor:))
        } while after != nil
        return found
    }

    private func attest(
        _ life: LifeOfAVisit, _ side: Visits.Side, _ words: [Market.VisitWord], key: String
    ) async throws -> [JSON] {
        try await life.test.market.attestSeveral(
            life.organisation(side).specialist.request("attestSeveral", key: key), words
        ).body["items"]?.elements ?? []
    }

    @Test func eachIsAnsweredOnItsOwn() async throws {
        try await withVisits { life, visits in
            let held = [visits[0], visits[1]]
            #expect(try await waiting(life, .seller) == held.map(\.description))
            #expect(try await waiting(life, .seller, limit: 1) == held.map(\.description))
            var words: [Market.VisitWord] = []
            for visit in held {
                words.append(
                    .init(
                        booking: visit, word: .attests(seconds: try await life.measured(visit))))
            }
            let unknown = try BookingID(typeID: "booking_01j0000000e008000000000041")
            let others = [
                Market.VisitWord(booking: visits[2], word: .attests(seconds: 0)),
                Market.VisitWord(booking: unknown, word: .attests(seconds: 0)),
            ]
            let first = try await attest(life, .seller, words + others, key: "one")
            #expect(
                first.map { $0["visit"]?["state"]?.text } == ["awaiting", "awaiting", nil, nil])
            let codes = first.map { $0["refusal"]?["code"]?.text }
            #expect(codes == [nil, nil, "visit_not_over", "not_found"])
            #expect(try await attest(life, .seller, words + others, key: "one") == first)
            #expect(try await waiting(life, .seller).isEmpty)
            #expect(try await waiting(life, .buyer) == held.map(\.description))
            let wrong = Market.VisitWord(booking: visits[0], word: .attests(seconds: 7))
            let second = try await attest(life, .buyer, [wrong, words[1]], key: "two")
            #expect(second[0]["refusal"]?["code"] == "minutes_differ")
            #expect(second[1]["visit"]?["state"] == "agreed")
            #expect(second[1]["visit"]?["charge"]?.text != nil)
            #expect(try await waiting(life, .buyer) == [visits[0].description])
            #expect(try await Verification.run(on: life.test.reader).isEmpty)
        }
    }

    @Test func aContradictionWaitsForTheOther() async throws {
        try await withVisits { life, visits in
            let seconds = try await life.measured(visits[0])
            try await life.says(.seller, .attests(seconds: seconds), of: visits[0])
            let contest = Market.VisitWord(
                booking: visits[0], word: .contests(seconds: 600, reason: "no sound"))
            let answers = try await attest(life, .buyer, [contest], key: "contest")
            #expect(answers[0]["visit"]?["state"] == "contested")
            #expect(try await waiting(life, .seller).contains(visits[0].description))
            #expect(try await !waiting(life, .buyer).contains(visits[0].description))
            // what the seller entered after its own word waits for it again
            try await life.says(
                .seller, .attests(seconds: try await life.measured(visits[1])), of: visits[1])
            try await life.tells(
                .seller, .extraTime(ExtraTime(preparation: 3, recordWriting: 0)), of: visits[1])
            #expect(try await waiting(life, .seller).contains(visits[1].description))
        }
    }

    /// Two that attest the same visits at once, in either order, charge each once.
    @Test func bothSidesAtOnce() async throws {
        try await withVisits { life, visits in
            var words: [Market.VisitWord] = []
            for visit in visits.prefix(2) {
                words.append(
                    .init(
                        booking: visit, word: .attests(seconds: try await life.measured(visit))))
            }
            let all = words
            async let sellers = attest(life, .seller, all, key: "s")
            async let buyers = attest(life, .buyer, all.reversed(), key: "b")
            _ = try await (sellers, buyers)
            for visit in visits.prefix(2) {
                #expect(try await life.sheet(visit)["state"] == "agreed")
            }
            #expect(try await Verification.run(on: life.test.reader).isEmpty)
        }
    }
}
