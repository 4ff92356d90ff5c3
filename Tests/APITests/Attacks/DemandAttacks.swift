import API
import MoneyAndTime
import StrictJSON
import TestMarket
import TestServer

extension Trade {
    /// Someone at once, under a contract of its own, with a specialist of its own who is at hand.
    struct Demands: Sendable {
        let contract: String
        let specialist: String
        let toAccept: String
        let toWithdraw: String
    }

    var demandAttacks: [Attack] {
        [
            Attack(
                operation: .askNow, by: .buyer, body: .json(World.wantedNow(demands.contract))),
            Attack(operation: .listDemands, by: .buyer, outsider: .ownOnly),
            Attack(operation: .getDemand, by: .buyer, path: [demands.toAccept]),
            Attack(
                operation: .acceptDemand, path: [demands.toAccept],
                body: .json(["specialist": JSON(demands.specialist)])),
            Attack(operation: .withdrawDemand, by: .buyer, path: [demands.toWithdraw]),
            Attack(
                operation: .getResponseTimes, path: [demands.contract], query: "month=2027-07"),
            Attack(
                operation: .getResponseTimesTable, path: [demands.contract],
                query: "month=2027-07"),
        ]
    }
}

extension World {
    static func wantedNow(_ contract: String) -> JSON {
        [
            "asked": [["contract": JSON(contract), "service": "home-care-physician"]],
            "minutes": 10, "answer_minutes": 60, "language": "fi", "patient_reference": "P-1",
            "record_reference": nil, "authorisation_reference": nil, "diary_reference": nil,
            "buyer_unit": nil, "on_behalf_of": nil,
        ]
    }

    func demands() async throws -> Trade.Demands {
        let document = try await Self.document(
            client, example: "home-care-physician-on-demand", seller: seller, buyer: buyer)
        let (contract, digest) = try await Self.draft(document, by: seller, client)
        for organisation in [seller, buyer] {
            try await Self.sign(contract, digest, by: organisation, client)
        }
        let specialist = try await Self.specialist(
            "Physician 1", specialty: "98", of: seller, client)
        _ = try await client.post(
            "/v1/availability", Self.weekly(of: specialist), as: seller.scheduler
        ).made()
        _ = try await client.post(
            "/v1/specialists/\(specialist)/presence",
            ["minutes": 600, "services": ["home-care-physician"]], as: seller.specialist
        ).made()
        var asked: [String] = []
        for _ in 0..<2 {
            asked.append(
                try await client.post(
                    "/v1/demands", Self.wantedNow(contract), as: buyer.scheduler
                ).made().text("id"))
        }
        return Trade.Demands(
            contract: contract, specialist: specialist, toAccept: asked[0], toWithdraw: asked[1])
    }
}

extension Trade {
    /// Both find the shift whose room is open now; what is so already stays so.
    var dutyAttacks: [Attack] {
        [
            Attack(operation: .beginDuty, path: [shift]),
            Attack(operation: .endDuty, path: [shift]),
        ]
    }
}

extension World {
    /// A shift of four hours that begins in a quarter of an hour, agreed in advance.
    func shift() async throws -> String {
        var members =
            try await Self.document(
                client, example: "regional-chat-duty", seller: seller, buyer: buyer
            ).members ?? [:]
        for (part, values) in [
            ("limits", ["minimum_notice_minutes": 0]), ("handshake", ["accepted_in_advance": true]),
            ("billing", ["document": "invoice"]),
        ] as [(String, JSONObject)] {
            var changed = members[part]?.members ?? [:]
            for (key, value) in values { changed[key] = value }
            members[part] = .object(changed)
        }
        let (contract, digest) = try await Self.draft(.object(members), by: seller, client)
        for organisation in [seller, buyer] {
            try await Self.sign(contract, digest, by: organisation, client)
        }
        let specialist = try await Self.specialist("Nurse 1", specialty: "2221", of: seller, client)
        var hours = Self.weekly(of: specialist).members ?? [:]
        hours["longest_minutes"] = 300
        _ = try await client.post(
            "/v1/availability", .object(hours), as: seller.scheduler
        ).made()
        return try await client.post(
            "/v1/bookings",
            [
                "contract": JSON(contract), "service": "chat-duty",
                "specialist": JSON(specialist), "minutes": 240, "hold": false,
                "starts": JSON(try Self.instant("2027-07-01", at: "09:15").rfc3339),
            ], as: buyer.scheduler
        ).made().text("id")
    }
}
