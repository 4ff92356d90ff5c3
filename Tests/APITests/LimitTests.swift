import API
import Organisations
import StrictJSON
import TestMarket
import TestServer
import Testing

/// Sizes, deadlines, and the end of the server.
@Suite struct LimitTests {
    private static let unit: JSON = ["name": "Second unit", "time_zone": "Europe/Helsinki"]

    private static var impatient: ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.requestDeadline = .seconds(1)
        return configuration
    }

    @Test(arguments: [API.Operation.createUnit, .importBankFile])
    func aBodyMayBeAsLongAsItsLimit(_ operation: API.Operation) async throws {
        try await TestServer.withServer { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            let good = Self.unit.write()
            for excess in [0, 1] {
                let blanks = operation.body.limit + excess - good.count
                let body = good + [UInt8](repeating: UInt8(ascii: " "), count: blanks)
                let answer = try await server.client.send(
                    "POST", operation.path,
                    headers: [
                        "Authorization": "Bearer \(hospital[.admin].token.text)",
                        "Content-Type": "application/\(operation.body == .xml ? "xml" : "json")",
                        "Idempotency-Key": "key-\(excess)",
                    ], body: body)
                if excess == 1 {
                    #expect(answer.status == 413, "\(answer.summary)")
                    #expect(answer.code == "body_too_large")
                } else {
                    #expect(answer.status != 413, "\(answer.summary)")
                }
            }
        }
    }

    @Test func whatTakesTooLongIsGivenUp() async throws {
        try await TestServer.withServer(Self.impatient) { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            let read: @Sendable () async throws -> Exchange = {
                try await server.client.get("/v1/units", as: hospital.admin)
            }
            _ = try await server.test.blockingUnits(read) {
                let late = try await read()
                #expect(late.status == 503, "\(late.summary)")
                #expect(late.code == "deadline_exceeded")
                #expect(late.headers["retry-after"] == "1")
            }
            let next = try await read()
            #expect(next.status == 200, "\(next.summary)")
        }
    }

    @Test func aBodyThatDripsInIsNotWaitedFor() async throws {
        try await TestServer.withServer(Self.impatient) { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            let answer = try await RawConnection.withConnection(to: server) { ends in
                try await ends.write(
                    "POST /v1/units HTTP/1.1\r\nHost: a\r\nIdempotency-Key: a\r\n"
                        + "Authorization: Bearer \(hospital.admin.token.text)\r\n"
                        + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
                try await Task.sleep(for: .milliseconds(300))
                try await ends.write("\"name\":")
                return try await ends.readToEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 408 "), "\(answer)")
            #expect(answer.contains("\"body_too_slow\""))
            #expect(answer.lowercased().contains("connection: close"))
        }
    }

    @Test func drainingAnswersWhatIsUnderWayAndTakesNothingNew() async throws {
        try await TestServer.withServer { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            let create: @Sendable () async throws -> Exchange = {
                try await server.client.post("/v1/units", Self.unit, as: hospital.admin)
            }
            let first = try await server.test.blockingUnits(create) {
                await server.drain()
                try await Self.waitUntilClosed(server)
            }
            #expect(first.status == 201, "\(first.summary)")
        }
    }

    private struct StillOpen: Error {}

    private static func waitUntilClosed(_ server: TestServer) async throws {
        for _ in 0..<500 {
            do {
                try await RawConnection.withConnection(to: server) { _ in }
            } catch {
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw StillOpen()
    }
}
