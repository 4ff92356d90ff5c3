import MoneyAndTime
import Organisations
import Postgres
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

@Test func partysNameIsTheRegisteredOne() async throws {
    try await TestServer.withServer { server in
        let seller = try await server.test.addOrganisation("Example Hospital")
        let buyer = try await server.test.addOrganisation("Example Health Centre")
        let right = try await World.document(server.client, seller: seller, buyer: buyer)
        func renamed(_ side: String) -> JSON {
            var document = right.members ?? [:]
            var party = document[side]?.members ?? [:]
            party["name"] = "Other <b> Name"
            document[side] = .object(party)
            return .object(document)
        }
        for (side, name) in [("seller", "Example Hospital"), ("buyer", "Example Health Centre")] {
            let refused = try await server.client.post(
                "/v1/contracts", renamed(side), as: buyer.admin)
            #expect((refused.status, refused.code) == (422, "party_name_differs"))
            #expect(refused.json?["figures"]?["pointer"]?.text == "/\(side)/name")
            #expect(refused.json?["figures"]?["name"]?.text == name)
        }
        // one that gets another name before it offers what it drafted
        let (contract, _) = try await World.draft(right, by: buyer, server.client)
        try await server.test.owner.write([
            "update organisation set name = 'Renamed' where id = \(seller.id)"
        ])
        let late = try await server.client.post(
            "/v1/contracts/\(contract)/versions/1/offer", nil, as: buyer.admin)
        #expect((late.status, late.code) == (422, "party_name_differs"), "\(late.summary)")
    }
}

@Test func memberIsTiedToASpecialistOfTheOwnOrganisation() async throws {
    try await TestServer.withServer { server in
        let hospital = try await server.test.addOrganisation("Example Hospital")
        let clinic = try await server.test.addOrganisation("Example Clinic")
        let own = try await server.test.addSpecialist(to: hospital).description
        let others = try await server.test.addSpecialist(to: clinic).description
        let target = "/v1/members/\(hospital.specialist.member)"
        func edit(_ specialist: String?, _ revision: Int) async throws -> Exchange {
            var body: JSONObject = [
                "name": "Psychiatrist 1", "email": "specialist@example.org",
                "roles": ["specialist"], "active": true,
            ]
            if let specialist { body["specialist"] = JSON(specialist) }
            return try await server.client.send(
                "PUT", target,
                headers: [
                    "Authorization": "Bearer \(hospital.admin.token.text)",
                    "Content-Type": "application/json", "If-Match": "\"\(revision)\"",
                ],
                body: JSON.object(body).write())
        }
        let refused = try await edit(others, 1)
        #expect((refused.status, refused.code) == (404, "not_found"), "\(refused.summary)")
        let tied = try await edit(own, 1)
        #expect((tied.status, tied.json?["specialist"]?.text) == (200, own), "\(tied.summary)")
        let read = try await server.client.get(target, as: hospital.auditor)
        #expect(read.json?["specialist"]?.text == own)
        let untied = try await edit(nil, 2)
        #expect(untied.json?["specialist"]?.isNull == true, "\(untied.summary)")
    }
}
