import API
import StrictJSON
import TestMarket
import TestServer
import Testing

@Suite("What a visit would cost under a contract", .serialized, .sharedTrade)
struct PriceTests {
    private static func visit(_ members: JSONObject) -> JSON {
        var facts: JSONObject = ["starts": "2027-07-10T18:40", "planned_minutes": 30]
        for (key, value) in members { facts[key] = value }
        return ["service": "psychiatrist-visit", "visit": .object(facts)]
    }

    private func ask(
        _ question: JSON, number: Int = 1, as caller: (Trade) -> TestCaller = { $0.buyer.finance }
    ) async throws -> Exchange {
        let trade = try Trade.shared
        return try await trade.client.post(
            "/v1/contracts/\(trade.world.contract)/versions/\(number)/price", question,
            as: caller(trade))
    }

    @Test func bothPartiesGetTheSameAnswerAndNothingIsTold() async throws {
        let trade = try Trade.shared
        let before = try await trade.client.get("/v1/events?limit=200", as: trade.buyer.auditor)
        let question = Self.visit(["billable_seconds": 1_380])
        let buyers = try await ask(question)
        let sellers = try await ask(question) { $0.seller.scheduler }
        let line: JSON = ["kind": "visit", "code": nil, "minutes": "23", "amount": "82.80"]
        #expect(buyers.status == 200, "\(buyers.summary)")
        #expect(buyers.json?["total"] == "82.80")
        #expect(
            buyers.json?["lines"] == [line])
        #expect(buyers.json?["trace"]?["steps"]?.elements?.isEmpty == false)
        #expect(sellers.json == buyers.json)
        let after = try await trade.client.get("/v1/events?limit=200", as: trade.buyer.auditor)
        #expect(before.json == after.json)
    }

    private static let refused: [(question: JSON, pointer: String, code: String)] = [
        (
            visit(["billable_seconds": 1_380, "planned_minutes": 31]), "/visit/planned_minutes",
            "example_length"
        ),
        (visit([:]), "/visit", "example_outcome"),
        (visit(["billable_seconds": 1, "failed_after_seconds": 1]), "/visit", "example_outcome"),
        (visit(["failed_after_seconds": 1, "overrun_agreed": true]), "/visit", "example_outcome"),
        (
            visit(["billable_seconds": 1, "seconds_before": 1]), "/visit/seconds_before",
            "seconds_not_of_three"
        ),
        (
            visit(["billable_seconds": 1, "starts": "2027-07-10T18:40:01"]), "/visit/starts",
            "start_not_whole_minute"
        ),
        (["period": ["billed_seconds": 3]], "/period", "example_period"),
        (["service": "dentist", "visit": [:]], "/service", "example_service"),
    ]

    @Test(arguments: refused)
    func whatTheContractDoesNotHaveIsRefused(
        question: JSON, pointer: String, code: String
    ) async throws {
        let answer = try await ask(question)
        #expect(answer.status == 422, "\(answer.summary)")
        #expect(answer.code == "invalid_input")
        #expect(answer.pointers == [pointer])
        #expect(answer.json?["errors"]?.elements?.first?["code"]?.text == code)
    }

    @Test func aVersionThatIsNotThereIsNotFound() async throws {
        let answer = try await ask(Self.visit(["billable_seconds": 60]), number: 99)
        #expect(answer.status == 404, "\(answer.summary)")
    }
}
