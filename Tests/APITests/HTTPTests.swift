import MoneyAndTime
import Organisations
import StrictJSON
import TestMarket
import TestServer
import Testing

/// HTTP itself: hosts, paths, encodings and the names of requests.
@Suite struct HTTPTests {
    @Test func whatIsNoRequestIsRefused() async throws {
        try await TestServer.withServer { server in
            let requests = [
                "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n",
                "NONSENSE\r\n\r\n",
                "POST /v1/units HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
            ]
            for request in requests {
                let answer = try await RawConnection.withConnection(to: server) { ends in
                    try await ends.write(request)
                    return try await ends.readToEnd(within: .seconds(10))
                }
                #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(request): \(answer)")
            }
            let good = try await server.client.get("/healthz")
            #expect(good.status == 200)
        }
    }

    @Test func pathsAreReadAsTheyAre() async throws {
        try await TestServer.withServer { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            let unknown = [
                "/", "/v1", "/v2/units", "/v1/units/", "/v1//units", "/V1/units",
                "/v1/units/a/b", "/v1/../healthz", "/v1%2Funits", "/healthz/",
            ]
            for path in unknown {
                let answer = try await server.client.get(path, as: hospital.admin)
                #expect(answer.status == 404, "\(answer.summary)")
                #expect(answer.code == "path_unknown", "\(answer.summary)")
            }
            let encoded = "%75" + hospital.unit.description.dropFirst()
            let unit = try await server.client.get("/v1/units/\(encoded)", as: hospital.admin)
            #expect(unit.status == 200, "\(unit.summary)")
        }
    }

    @Test func escapesThatAreCutShortAreRefused() async throws {
        try await TestServer.withServer { server in
            for (target, status) in [("/v1/units?limit=%z", 400), ("/v1/units/%zz", 404)] {
                let hospital = try await server.test.addOrganisation("Example Hospital")
                let answer = try await RawConnection.withConnection(to: server) { ends in
                    try await ends.write(
                        "GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                            + "Authorization: Bearer \(hospital.admin.token.text)\r\n\r\n")
                    return try await ends.readToEnd()
                }
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
            }
        }
    }

    @Test func requestsHaveNames() async throws {
        try await TestServer.withServer { server in
            let offered = "caller.request-0001"
            for (name, isKept) in [(offered, true), ("short", false), ("with blank 0001", false)] {
                let answer = try await server.client.send(
                    "GET", "/v1/units", headers: ["X-Request-Id": name])
                let given = try #require(answer.headers["x-request-id"])
                #expect((given == name) == isKept)
                #expect(answer.json?["instance"]?.text == "urn:aikatori:request:\(given)")
                #expect(server.log.lines.contains { $0.metadata["request"] == given })
            }
        }
    }
}
