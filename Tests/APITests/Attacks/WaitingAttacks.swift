import API
import StrictJSON
import TestMarket
import TestServer

extension Trade {
    /// What the buyer waits for: nothing is on sale at night.
    struct Waiting: Sendable {
        let toShow: String
        let toLeave: String
    }

    var waitingList: [Attack] {
        [
            Attack(
                operation: .findNearestTimes, by: .buyer,
                query: "from=2027-07-03T00:00:00Z&until=2027-07-04T00:00:00Z&minutes=45",
                outsider: .ownOnly),
            Attack(
                operation: .findTimesByHour, by: .buyer,
                query: "from=2027-07-05T00:00:00Z&until=2027-07-09T00:00:00Z&minutes=30",
                outsider: .ownOnly),
            Attack(operation: .listPresentSpecialists, outsider: .ownOnly),
            Attack(
                operation: .sayPresent, path: [world.specialist], body: .json(["minutes": 120])),
            Attack(operation: .sayAbsent, path: [world.specialist]),
            Attack(operation: .joinWaitingList, by: .buyer, body: .json(world.awaited)),
            Attack(operation: .listWaitingList, by: .buyer, outsider: .ownOnly),
            Attack(operation: .getWaitingEntry, by: .buyer, path: [waiting.toShow]),
            Attack(operation: .leaveWaitingList, by: .buyer, path: [waiting.toLeave]),
        ]
    }
}

extension World {
    var awaited: JSON {
        [
            "contract": JSON(contract), "service": JSON(Self.service), "specialist": nil,
            "minutes": 45, "from": "2027-07-10T00:00:00Z", "until": "2027-07-10T01:00:00Z",
            "patient_reference": JSON("HC-\(UInt64.random(in: 0 ... .max))"),
            "record_reference": nil,
        ]
    }

    func waiting() async throws -> Trade.Waiting {
        Trade.Waiting(toShow: try await joined(), toLeave: try await joined())
    }

    private func joined() async throws -> String {
        try await client.post("/v1/waiting-list", awaited, as: buyer.scheduler).made().text("id")
    }
}
