import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@Suite("One ready covers a block")
struct BlockReadinessTests {
    private let passed = ReadyChecks(device: true, line: true, recordAccess: true)

    private func says(
        _ reception: Reception, _ organisation: TestOrganisation, _ block: BlockID,
        _ checks: ReadyChecks? = nil, key: String? = nil
    ) async throws -> [JSON] {
        let answer = try await reception.test.market.sayBlockReady(
            organisation.scheduler.request("sayBlockReady", key: key), block, checks ?? passed)
        return answer.body["items"]?.elements ?? []
    }

    private func messages(_ reception: Reception, _ booking: BookingID) async throws -> [JSON] {
        try await reception.test.market.handshake(
            reception.buyer.scheduler.request("getHandshake"), booking
        ).body["messages"]?.elements ?? []
    }

    @Test func ofBothSidesForAllVisits() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            let placed = try await reception.placed(["10:00", "10:30", "11:00"], in: block)
            let first = try await says(reception, reception.seller, block, key: "one")
            #expect(Set(first.compactMap { $0["booking"]?.text }) == Set(placed.map(\.description)))
            #expect(first.allSatisfy { $0["state"] == "agreed" && $0["refusal"] == .null })
            // said again it changes nothing, whatever its key
            #expect(try await says(reception, reception.seller, block, key: "two") == first)
            #expect(try await messages(reception, placed[0]).count == 1)
            let both = try await says(reception, reception.buyer, block)
            #expect(both.allSatisfy { $0["state"] == "ready" })
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    /// A visit that is placed later is an exception of its own, and so is one with an open counter.
    @Test func exceptionsAreNamedAndHoldNothingUp() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            let placed = try await reception.placed(["10:00", "10:30"], in: block)
            let starts = try reception.instant("11:00")
            _ = try await test.market.sendHandshakeMessage(
                reception.seller.scheduler.request("sendHandshakeMessage"), placed[0],
                .init(
                    kind: .counter, sequence: 1, cause: nil,
                    offer: .init(
                        starts: starts, room: .builtIn, needs: [],
                        deadline: try reception.instant("09:00", on: "2027-03-09")),
                    checks: nil))
            let said = try await says(reception, reception.buyer, block)
            let open = said.first { $0["booking"]?.text == placed[0].description }
            #expect(open?["refusal"]?["code"] == "counter_pending")
            let other = said.first { $0["booking"]?.text == placed[1].description }
            #expect(other?["refusal"] == .null && other?["state"] == "agreed")
            try await reception.placed(["11:30"], in: block)
            let again = try await says(reception, reception.buyer, block)
            #expect(again.count == 3 && again.count { $0["refusal"] == .null } == 2)
        }
    }

    /// Over early and agreed on, a visit is closed before its planned end: nobody is ready for it.
    @Test func whatIsClosedIsAnException() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            let placed = try await reception.placed(["10:00", "11:00"], in: block)
            let start = try reception.instant("10:00")
            try await test.clock.set(to: start.adding(seconds: -300))
            try await reception.life.attended(placed[0], from: start, minutes: 10)
            let seconds = try await reception.life.measured(placed[0])
            try await reception.life.says(.seller, .attests(seconds: seconds), of: placed[0])
            try await reception.life.says(.buyer, .attests(seconds: seconds), of: placed[0])
            let said = try await says(reception, reception.buyer, block)
            let closed = said.first { $0["booking"]?.text == placed[0].description }
            #expect(closed?["refusal"]?["code"] == "illegal_transition")
            #expect(try await messages(reception, placed[0]).isEmpty)
            #expect(said.count { $0["refusal"] == .null } == 1)
        }
    }

    @Test func whoMaySayItAndWhen() async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            #expect(try await says(reception, reception.buyer, block) == [], "nothing is placed")
            let placed = try await reception.placed(["10:00"], in: block)
            let failed = await refusal {
                _ = try await says(
                    reception, reception.buyer, block,
                    ReadyChecks(device: true, line: false, recordAccess: true))
            }
            #expect(failed == .checksFailed)
            let stranger = try await test.addOrganisation("Stranger")
            let hidden = await refusal { _ = try await says(reception, stranger, block) }
            #expect(hidden == .notFound)
            // over, it is not said any more
            try await test.clock.set(to: try reception.instant("10:30"))
            let late = try await says(reception, reception.buyer, block)
            #expect(late.map { $0["refusal"]?["code"] } == ["visit_over"])
            #expect(try await messages(reception, placed[0]).isEmpty)
        }
    }
}
