import Logging
import Organisations
import Postgres
import StrictJSON
import TestMarket
import TestServer
import Testing

/// What the log has, and what it never has.
@Suite(.sharedTrade) struct LogTests {
    @Test func noReferenceOfAPatientAndNoTokenIsLogged() async throws {
        let trade = try Trade.shared
        var wanted = try trade.world.wanted("2027-07-07").members ?? [:]
        let reference = "P-ONLY-HERE-77"
        wanted["patient_reference"] = JSON(reference)
        let booked = try await trade.client.post(
            "/v1/bookings", .object(wanted), as: trade.buyer.scheduler)
        let booking = try booked.made().text("id")
        #expect(booked.text.contains(reference))
        let sellers = try await trade.client.get(
            "/v1/bookings/\(booking)", as: trade.seller.scheduler)
        #expect(sellers.status == 200)
        #expect(!sellers.text.contains(reference))

        let code = "131052-308T"
        wanted["patient_reference"] = JSON(code)
        let refused = try await trade.client.post(
            "/v1/bookings", .object(wanted), as: trade.buyer.scheduler)
        #expect(refused.status == 422, "\(refused.summary)")
        #expect(
            refused.json?["errors"]?[0]?["code"]?.text
                == "patient_reference_is_personal_identity_code")
        #expect(!refused.text.contains(code))
        _ = try await trade.client.get("/v1/units?\(reference)=1", as: trade.buyer.scheduler)

        let token = trade.buyer.scheduler.token.text
        let lines = trade.server.log.lines
        #expect(lines.contains { $0.metadata["operation"] == "bookTime" })
        for line in lines {
            let text = "\(line.message) \(line.metadata)"
            for secret in [reference, code, token, trade.joinToken, "Nurse 1"] {
                #expect(!text.contains(secret), "\(text)")
            }
        }
    }

    @Test func whatAnOperatorSaysIsReadAsWords() async throws {
        let trade = try Trade.shared
        let refused = try await trade.client.post(
            "/v1/invoices/\(trade.invoice)/deliveries/\(trade.delivery)/answer",
            ["taken": false, "problem": "not for 131052-308T"], as: trade.seller.finance)
        #expect(refused.status == 422, "\(refused.summary)")
        #expect(refused.json?["errors"]?[0]?["code"] == "personal_identity_code")
        #expect(refused.json?["errors"]?[0]?["pointer"] == "/problem")
    }

    @Test func aRequestIsOneLine() async throws {
        let trade = try Trade.shared
        let answer = try await trade.client.get("/v1/units", as: trade.outsider.admin)
        let name = try #require(answer.headers["x-request-id"])
        let lines = trade.server.log.lines.filter { $0.metadata["request"] == name }
        #expect(lines.count == 1)
        #expect(lines.first?.metadata["operation"] == "listUnits")
        #expect(lines.first?.metadata["status"] == "200")
        #expect(lines.first?.level == .info)
    }

    @Test func aFaultIsInTheLogAndNotInTheAnswer() async throws {
        try await TestServer.withServer { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            try await server.test.superuser.pool.transaction { transaction in
                _ = try await transaction.query("alter table unit rename column name to renamed")
            }
            let answer = try await server.client.get("/v1/units", as: hospital.admin)
            #expect(answer.status == 500, "\(answer.summary)")
            #expect(answer.code == "internal_error")
            #expect(!answer.text.contains("column"))
            let name = try #require(answer.headers["x-request-id"])
            let fault = server.log.lines.first {
                $0.level == .error && $0.metadata["request"] == name
            }
            #expect(fault?.metadata["error"]?.contains("42703") == true, "\(server.log.lines)")
        }
    }
}
