import API
import MoneyAndTime
import StrictJSON
import TestMarket
import TestServer

extension Trade {
    /// Blocks of a contract of their own, with a specialist of their own: on Wednesdays of July.
    struct Blocks: Sendable {
        let contract: String
        let specialist: String
        let toPlace: String
        let toGiveBack: String
        let toWithdraw: String
    }

    var blockAttacks: [Attack] {
        [
            Attack(
                operation: .makeBlocks,
                body: .json(World.wantedBlocks(blocks.contract, blocks.specialist, "2027-08-04"))),
            Attack(operation: .listBlocks, outsider: .ownOnly),
            Attack(operation: .getBlock, by: .buyer, path: [blocks.toPlace]),
            Attack(
                operation: .placeVisits, by: .buyer, path: [blocks.toPlace],
                body: .json([
                    "visits": [
                        [
                            "starts": "2027-07-14T07:00:00Z", "minutes": 30,
                            "patient_reference": "P-1", "record_reference": nil,
                            "authorisation_reference": nil, "diary_reference": nil,
                        ]
                    ]
                ])),
            Attack(
                operation: .giveBackBlock, by: .buyer, path: [blocks.toGiveBack],
                body: .json(["expected_cost": "216.00"])),
            Attack(
                operation: .sayBlockReady, by: .buyer, path: [blocks.toPlace],
                body: .json([
                    "checks": ["device": true, "line": true, "record_access": true]
                ])),
            Attack(operation: .withdrawBlock, path: [blocks.toWithdraw]),
        ]
    }
}

extension World {
    static func wantedBlocks(_ contract: String, _ specialist: String, _ day: String) -> JSON {
        [
            "contract": JSON(contract), "block": 0, "specialist": JSON(specialist),
            "from": JSON(day), "through": JSON(day),
        ]
    }

    func blocks() async throws -> Trade.Blocks {
        var members = document.members ?? [:]
        members["blocks"] = [
            [
                "service": JSON(Self.service), "weekday": "wednesday", "from": "10:00",
                "until": "12:00", "room": "Room 2", "nurse": true, "place_until_hours": 24,
                "unused_fee_percent": "50", "reoffer": true,
            ]
        ]
        let (contract, digest) = try await Self.draft(.object(members), by: seller, client)
        for organisation in [seller, buyer] {
            try await Self.sign(contract, digest, by: organisation, client)
        }
        let specialist = try await Self.specialist("Psychiatrist 5", of: seller, client)
        _ = try await client.post(
            "/v1/availability", Self.weekly(of: specialist), as: seller.scheduler
        ).made()
        var made: [String] = []
        for day in ["2027-07-14", "2027-07-21", "2027-07-28"] {
            let answer = try await client.post(
                "/v1/blocks", Self.wantedBlocks(contract, specialist, day), as: seller.scheduler
            ).made()
            made.append(try answer["blocks"].element(0).text("id"))
        }
        return Trade.Blocks(
            contract: contract, specialist: specialist, toPlace: made[0], toGiveBack: made[1],
            toWithdraw: made[2])
    }
}
