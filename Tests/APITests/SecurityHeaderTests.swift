import API
import Organisations
import StrictJSON
import TestMarket
import TestServer
import Testing

/// What every answer of the API tells a browser not to do with it.
@Suite struct SecurityHeaderTests {
    private static let wanted = [
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    ]

    private static func expect(_ answer: Exchange, status: Int) {
        #expect(answer.status == status, "\(answer.summary)")
        for (name, value) in wanted {
            #expect(answer.headers[name] == value, "\(name) of \(answer.summary)")
        }
        #expect(answer.headers["strict-transport-security"] == nil)
    }

    @Test func everyOperationSaysIt() async throws {
        try await TestServer.withServer { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            for operation in API.Operation.allCases {
                let stranger = try await server.client.send(
                    operation.method.rawValue, operation.path.replacing(/[{}]/, with: ""))
                Self.expect(stranger, status: operation.credential == .nothing ? 200 : 401)
                guard operation.method == .get, operation.credential == .organisation,
                    !operation.path.contains("{"), operation != .findTimes,
                    operation != .findNearestTimes, operation != .findTimesByHour,
                    operation != .findGroupSessions, operation != .getSoldHours,
                    operation != .compareBooks, operation != .getMonthBalance,
                    operation != .getAccountStatement, operation != .getAgeing,
                    operation != .getJournal
                else { continue }
                let caller = hospital[.admin]
                let answer = try await server.client.get(operation.path, as: caller)
                Self.expect(answer, status: answer.status == 403 ? 403 : 200)
            }
        }
    }

    @Test func everyRefusalSaysIt() async throws {
        try await TestServer.withServer { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            let client = server.client
            let token = ["Authorization": "Bearer \(hospital.admin.token.text)"]
            let unit: JSON = ["name": "Second unit", "time_zone": "Europe/Helsinki"]
            func post(_ body: [UInt8], _ type: String) async throws -> Exchange {
                try await client.send(
                    "POST", "/v1/units",
                    headers: token.merging(
                        ["Idempotency-Key": "a", "Content-Type": type]) { $1 }, body: body)
            }
            Self.expect(try await client.get("/v1/units?a=b", as: hospital.admin), status: 400)
            Self.expect(try await client.get("/v1/units/a", as: hospital.admin), status: 404)
            Self.expect(try await client.get("/v1/nothing"), status: 404)
            Self.expect(try await client.get("/nothing"), status: 404)
            Self.expect(try await client.send("DELETE", "/v1/units"), status: 405)
            Self.expect(try await client.send("HEAD", "/healthz"), status: 200)
            Self.expect(try await post([1], "application/json"), status: 400)
            Self.expect(try await post(unit.write(), "text/plain"), status: 415)
            Self.expect(try await post(JSON.object([:]).write(), "application/json"), status: 422)
            let long = [UInt8](repeating: 0x20, count: 1_048_577)
            Self.expect(try await post(long, "application/json"), status: 413)
        }
    }

    /// What is no HTTP is answered before anything of ours sees it.
    @Test func whatIsNoRequestHearsItToo() async throws {
        try await TestServer.withServer { server in
            let answer = try await RawConnection.withConnection(to: server) { ends in
                try await ends.write("NONSENSE\r\n\r\n")
                return try await ends.readToEnd(within: .seconds(10))
            }
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            let lines = Set(answer.split(separator: "\r\n").map { $0.lowercased() })
            for (name, value) in Self.wanted {
                #expect(lines.contains("\(name): \(value)".lowercased()), "\(name) in \(answer)")
            }
        }
    }

    @Test func aDatabaseThatDoesNotAnswerChangesNothingOfIt() async throws {
        var configuration = ServerConfiguration()
        configuration.requestDeadline = .seconds(1)
        try await TestServer.withServer(configuration) { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            let read: @Sendable () async throws -> Exchange = {
                try await server.client.get("/v1/units", as: hospital.admin)
            }
            _ = try await server.test.blockingUnits(read) {
                Self.expect(try await read(), status: 503)
            }
        }
    }
}
