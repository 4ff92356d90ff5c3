import API
import MoneyAndTime
import StrictJSON
import TestMarket
import TestServer

extension Trade {
    /// Sessions of a contract of their own, with a specialist of their own, in July.
    struct Groups: Sendable {
        let contract: String
        let specialist: String
        let toBook: String
        let toWithdraw: String
        let toSubstitute: String
        /// Its one place is taken.
        let full: String
    }

    var groupAttacks: [Attack] {
        [
            Attack(
                operation: .openGroupSession,
                body: .json(World.wantedSession(groups.specialist, "2027-07-15"))),
            Attack(operation: .listGroupSessions, outsider: .ownOnly),
            Attack(operation: .getGroupSession, path: [groups.toBook]),
            Attack(
                operation: .bookPlaces, by: .buyer, path: [groups.toBook],
                body: .json([
                    "contract": JSON(groups.contract),
                    "patients": [
                        [
                            "patient_reference": "P-1", "record_reference": nil,
                            "authorisation_reference": nil, "diary_reference": nil,
                            "buyer_unit": nil, "on_behalf_of": nil,
                        ]
                    ],
                ])),
            Attack(
                operation: .findGroupSessions, by: .buyer,
                query: "from=2027-07-10T00:00:00Z&until=2027-07-20T00:00:00Z&places=0",
                outsider: .ownOnly),
            Attack(
                operation: .waitForPlace, by: .buyer, path: [groups.full],
                body: .json(World.awaitedPlace(groups.contract))),
            Attack(
                operation: .substituteGroupSession, path: [groups.toSubstitute],
                body: .json(["specialist": JSON(colleague)])),
            Attack(
                operation: .withdrawGroupSession, path: [groups.toWithdraw],
                body: .json(["expected_cost": "0.00", "reason": "A training"])),
        ]
    }
}

extension World {
    static func wantedSession(_ specialist: String, _ day: String) -> JSON {
        [
            "specialist": JSON(specialist), "service": JSON(Self.service),
            "starts": JSON("\(day)T07:00:00Z"), "minutes": 45, "places": 8, "contracts": nil,
            "book_until": JSON("\(day)T06:00:00Z"),
        ]
    }

    static func awaitedPlace(_ contract: String) -> JSON {
        [
            "contract": JSON(contract),
            "patient_reference": JSON("HC-\(UInt64.random(in: 0 ... .max))"),
            "record_reference": nil, "authorisation_reference": nil, "diary_reference": nil,
            "buyer_unit": nil, "on_behalf_of": nil,
        ]
    }

    func groups() async throws -> Trade.Groups {
        var members = document.members ?? [:]
        var service = document["services"]?[0]?.members ?? [:]
        service["kind"] = "group_session"
        service["capacity"] = 8
        members["services"] = [.object(service)]
        members["substitution"] = ["allowed": "same_field"]
        let (contract, digest) = try await Self.draft(.object(members), by: seller, client)
        for organisation in [seller, buyer] {
            try await Self.sign(contract, digest, by: organisation, client)
        }
        let specialist = try await Self.specialist("Psychiatrist 7", of: seller, client)
        _ = try await client.post(
            "/v1/availability", Self.weekly(of: specialist), as: seller.scheduler
        ).made()
        var made: [String] = []
        for day in ["2027-07-13", "2027-07-14", "2027-07-16"] {
            made.append(
                try await client.post(
                    "/v1/group-sessions", Self.wantedSession(specialist, day),
                    as: seller.scheduler
                ).made().text("id"))
        }
        var single = Self.wantedSession(specialist, "2027-07-19").members ?? [:]
        single["places"] = 1
        let full = try await client.post(
            "/v1/group-sessions", .object(single), as: seller.scheduler
        ).made().text("id")
        _ = try await client.post(
            "/v1/group-sessions/\(full)/bookings",
            ["contract": JSON(contract), "patients": [["patient_reference": "P-2"]]],
            as: buyer.scheduler
        ).made()
        return Trade.Groups(
            contract: contract, specialist: specialist, toBook: made[0], toWithdraw: made[1],
            toSubstitute: made[2], full: full)
    }
}
