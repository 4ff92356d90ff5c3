import API
import Contracts
import StrictJSON
import TestMarket
import TestServer
import Testing

@Suite("Templates in the language that is asked for", .serialized, .sharedTrade)
struct TemplateLanguageTests {
    private static let address = "/v1/contract-templates"

    @Test(arguments: [
        ("", "Psychologist's series of visits", "The psychologist falls ill"),
        ("?language=en", "Psychologist's series of visits", "The psychologist falls ill"),
        ("?language=fi", "Psykologin käyntisarja", "Psykologi sairastuu"),
        ("?language=sv", "Psykologs besöksserie", "Psykologen insjuknar"),
    ])
    func textsAreInIt(query: String, title: String, example: String) async throws {
        let trade = try Trade.shared
        let caller = trade.buyer.admin
        let list = try await trade.client.get("\(Self.address)\(query)", as: caller)
        let items = try #require(list.json?["items"]?.elements)
        #expect(items.count == (try ContractFiles.templates().count))
        #expect(items.contains(["name": "psychologist-series", "title": JSON(title)]))
        let one = try await trade.client.get(
            "\(Self.address)/psychologist-series\(query)", as: caller)
        #expect(one.status == 200, "\(one.summary)")
        #expect(one.json?["title"] == JSON(title))
        #expect(one.json?["worked_examples"]?[12]?["title"] == JSON(example))
        #expect(one.json?["worked_examples"]?[12]?["total"] == "0.00")
    }

    @Test(arguments: ["de", "FI", "fi-FI", "x"])
    func anotherLanguageIsRefused(language: String) async throws {
        let trade = try Trade.shared
        for target in [Self.address, "\(Self.address)/psychologist-series"] {
            let answer = try await trade.client.get(
                "\(target)?language=\(language)", as: trade.buyer.admin)
            #expect(answer.status == 400 && answer.code == "parameter_invalid", "\(answer.summary)")
            #expect(answer.json?["parameter"] == "language")
        }
    }

    @Test("a search reads a language in any case, and refuses what is none")
    func languageOfASearch() async throws {
        let trade = try Trade.shared
        func found(_ language: String) async throws -> Exchange {
            try await trade.client.get(
                "/v1/times?from=2027-07-05T00:00:00Z&until=2027-07-12T00:00:00Z&minutes=30"
                    + "&language=\(language)", as: trade.buyer.scheduler)
        }
        let (lower, upper) = (try await found("sv"), try await found("SV"))
        #expect(lower.status == 200 && upper.status == 200, "\(upper.summary)")
        #expect(lower.json?["items"]?.elements?.isEmpty == false)
        #expect(upper.json?["items"] == lower.json?["items"])
        let refused = try await found("svenska")
        #expect(refused.status == 400 && refused.json?["parameter"] == "language")
    }
}
