import MoneyAndTime
import StrictJSON
import TestMarket
import TestServer
import Testing

@Test func organisationIsReadWithItsOwnTokenOnly() async throws {
    try await TestServer.withServer { server in
        let hospital = try await server.test.addOrganisation("Example Hospital")
        let read = try await server.client.get("/v1/organisation", as: hospital.auditor)
        #expect(read.status == 200, "\(read.summary)")
        #expect(read.json?["id"]?.text == hospital.id.description)
        let none = try await server.client.get("/v1/organisation")
        #expect(none.status == 401)
        #expect(none.code == "credential_missing")
    }
}
