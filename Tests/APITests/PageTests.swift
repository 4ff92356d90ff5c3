import MoneyAndTime
import StrictJSON
import TestMarket
import TestServer
import Testing

@Suite struct PageTests {
    @Test func pagesShowEverythingOnceWhileRowsCome() async throws {
        try await TestServer.withServer { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            func add(_ name: String) async throws -> String {
                try await server.client.post(
                    "/v1/units", ["name": JSON(name), "time_zone": "Europe/Helsinki"],
                    as: hospital.admin
                ).made().text("id")
            }
            var expected = [hospital.unit.description]
            for number in 0..<7 { expected.append(try await add("Unit \(number)")) }
            var seen: [String] = []
            var target = "/v1/units?limit=3"
            while true {
                let page = try await server.client.get(target, as: hospital.auditor).made()
                let items = try #require(page["items"]?.elements)
                #expect(items.count <= 3)
                seen += items.compactMap { $0["id"]?.text }
                if seen.count == 3 { expected.append(try await add("Later unit")) }
                guard let next = page["next"]?.text else { break }
                target = "/v1/units?limit=3&cursor=\(next)"
            }
            #expect(seen == expected)

            let whole = try await server.client.get("/v1/units?limit=9", as: hospital.auditor)
            #expect(whole.json?["next"] == .null)
            let first = try await server.client.get("/v1/units?limit=1", as: hospital.auditor)
            let cursor = try first.made().text("next")
            let other = try await server.client.get(
                "/v1/members?cursor=\(cursor)", as: hospital.auditor)
            #expect(other.status == 400, "\(other.summary)")
            #expect(other.json?["parameter"]?.text == "cursor")
        }
    }
}
