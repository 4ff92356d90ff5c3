import MoneyAndTime
import Organisations
import StrictJSON
import TestMarket
import TestServer
import Testing

/// Invariant 31: a request that is repeated with its key is made once.
@Suite struct RepeatedRequestTests {
    private static let unit: JSON = ["name": "Second unit", "time_zone": "Europe/Helsinki"]

    @Test func theSameKeyWhileTheFirstIsUnderWayIsRefused() async throws {
        try await TestServer.withServer { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            let create: @Sendable () async throws -> Exchange = {
                try await server.client.post(
                    "/v1/units", Self.unit, as: hospital.admin, key: "key-1")
            }
            let first = try await server.test.blockingUnits(create) {
                let second = try await create()
                #expect(second.status == 409, "\(second.summary)")
                #expect(second.code == "idempotency_key_in_progress")
            }
            #expect(first.status == 201, "\(first.summary)")
            let third = try await create()
            #expect(third.json == first.json)
        }
    }

    @Test func aBurstWithOneKeyMakesOne() async throws {
        try await TestServer.withServer { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            let answers = try await withThrowingTaskGroup(of: Exchange.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        try await server.client.post(
                            "/v1/units", Self.unit, as: hospital.admin, key: "burst")
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let made = answers.filter { $0.status == 201 }
            #expect(!made.isEmpty)
            #expect(Set(made.map(\.text)).count == 1)
            for other in answers where other.status != 201 {
                #expect(other.code == "idempotency_key_in_progress", "\(other.summary)")
            }
            let units = try await server.client.get("/v1/units", as: hospital.admin)
            #expect(units.json?["items"]?.elements?.count == 2)
        }
    }

    @Test func aKeyIsOfOneOrganisationAndOneOperation() async throws {
        try await TestServer.withServer { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            let clinic = try await server.test.addOrganisation("Example Clinic")
            for organisation in [hospital, clinic] {
                let unit = try await server.client.post(
                    "/v1/units", Self.unit, as: organisation.admin, key: "\"key-1\"")
                #expect(unit.status == 201, "\(unit.summary)")
            }
            let member = try await server.client.post(
                "/v1/members",
                ["name": "Desk 2", "email": "desk2@example.org", "roles": ["scheduler"]],
                as: hospital.admin, key: "key-1")
            #expect(member.status == 201, "\(member.summary)")
        }
    }

    @Test func aRevokedTokenStopsTheNextRequestAndTheRepeatedOne() async throws {
        try await TestServer.withServer { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            let client = server.client
            let caller = try await server.test.caller(
                [.admin], email: "second@example.org", hospital.admin)
            let made = try await client.post("/v1/units", Self.unit, as: caller, key: "key-1")
            #expect(made.status == 201, "\(made.summary)")
            let revoked = try await client.post(
                "/v1/credentials/\(caller.credential)/revoke", as: hospital.admin)
            #expect(revoked.status == 200, "\(revoked.summary)")
            let next = try await client.get("/v1/units", as: caller)
            #expect(next.status == 401)
            #expect(next.code == "credential_revoked")
            let again = try await client.post("/v1/units", Self.unit, as: caller, key: "key-1")
            #expect(again.status == 401)
        }
    }
}
