import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// The prices that search and booking look up are those that rating gives.
@Suite struct CompiledPriceTests {
    @Test(arguments: Seeds.first(2)) func areTheQuotes(_ seed: UInt64) async throws {
        var random = Seeded(3_000 + seed)
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let stored: [UInt8] = try await test.owner.read([
                "select document from contract_version"
            ]).only().decode(0)
            let example = try JSON.parse(stored)
            for number in 0..<12 {
                let document = try Self.document(example, &random)
                let id: ContractID = newID()
                try await test.owner.pool.transaction { transaction in
                    try await transaction.query(
                        StoredContract.insert(id, of: document.terms, draftedBy: contract.seller.id)
                    )
                    try await transaction.each(
                        StoredContractVersion.insert(
                            document, number: 1, of: id, draftedBy: contract.seller.id))
                }
                var prices: [String: Int64] = [:]
                for row in try await test.owner.read([
                    "select service, minutes, amount from price where contract = \(id)"
                ]) {
                    let minutes = try row["minutes", Int64.self]
                    prices["\(try row["service", String.self]) \(minutes)"] = try row.decode(
                        "amount")
                }
                let quotes = try Self.quotes(document.terms)
                #expect(prices == quotes, "seed \(seed), contract \(number)")
                #expect(quotes.count > 1)
            }
        }
    }

    private static func quotes(_ terms: Terms) throws -> [String: Int64] {
        var quotes: [String: Int64] = [:]
        for service in terms.rateCard.services {
            for minutes in service.plannedLengths.all {
                let quote = try Rating.quote(
                    service, plannedSeconds: minutes * 60, rounding: terms.rounding.mode)
                quotes["\(service.code) \(minutes)"] = quote.total.minorUnits
            }
        }
        return quotes
    }

    /// The example with other services: prices, increments, minimums and lengths at random.
    private static func document(
        _ example: JSON, _ random: inout Seeded
    ) throws -> ContractDocument {
        var members = example.members ?? [:]
        let model = example["services"]?[0]?.members ?? [:]
        var services: [JSON] = []
        for number in 1...random.among(1...3) {
            let shortest = random.among(1...40)
            let step = random.among(1...15)
            let fraction = String(10_000 + random.among(0...9_999)).dropFirst()
            var service = model
            service["code"] = JSON("service-\(number)")
            service["price_per_minute"] = JSON("\(random.among(0...20)).\(fraction)")
            service["increment"] = [
                "first_seconds": JSON(3 * random.among(1...100)),
                "next_seconds": JSON(3 * random.among(1...100)),
            ]
            service["minimum_seconds"] = JSON(3 * random.among(0...600))
            service["planned_minutes"] = [
                "minimum": JSON(shortest), "maximum": JSON(shortest + step * random.among(1...12)),
                "step": JSON(step),
            ]
            services.append(.object(service))
        }
        members["services"] = .array(services)
        members["worked_examples"] = [
            [
                "title": "Nobody comes", "service": "service-1",
                "visit": [
                    "starts": "2027-03-09T09:00",
                    "planned_minutes": services[0]["planned_minutes"]?["minimum"] ?? .null,
                    "billable_seconds": 0,
                ],
                "lines": [], "total": "0.00",
            ]
        ]
        return try ContractDocument(.object(members))
    }
}
