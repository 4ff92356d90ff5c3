import API
import MoneyAndTime
import StrictJSON
import TestMarket
import TestServer

extension Trade {
    /// Rooms of the buyer's.
    struct Rooms: Sendable {
        let toTake: String
        /// Closed for a day of August.
        let toOpen: String
        let closure: String
    }

    var resourceAttacks: [Attack] {
        let hours: JSON = [["weekday": "monday", "from": "08:00", "until": "24:00"]]
        return [
            Attack(operation: .listResources, by: .buyer, query: "kind=room", outsider: .ownOnly),
            Attack(
                operation: .addResource, by: .buyer,
                body: .json([
                    "unit": JSON(buyer.unit.description), "kind": "staff",
                    "name": "Nurse, reception 2", "hours": hours,
                ])),
            Attack(operation: .getResource, by: .buyer, path: [rooms.toTake]),
            Attack(
                operation: .updateResource, by: .buyer, path: [rooms.toOpen],
                body: .json(["name": "Room 3 B", "hours": hours, "active": false])),
            Attack(
                operation: .getResourceCalendar, by: .buyer, path: [rooms.toOpen],
                query: "from=2027-08-01T00:00:00Z&until=2027-08-08T00:00:00Z"),
            Attack(
                operation: .closeResource, by: .buyer, path: [rooms.toTake],
                body: .json([
                    "from": "2027-08-03T05:00:00Z", "until": "2027-08-03T13:00:00Z",
                    "reason": "Repairs",
                ])),
            Attack(
                operation: .reopenResource, by: .buyer, path: [rooms.toOpen, rooms.closure]),
            Attack(
                operation: .chooseResources, by: .buyer, path: [bookings.toAgree],
                body: .json(["resources": [JSON(rooms.toTake)]])),
        ]
    }
}

extension World {
    func rooms() async throws -> Trade.Rooms {
        let toTake = try await room("Room 2")
        let toOpen = try await room("Room 3")
        let closure = try await client.post(
            "/v1/resources/\(toOpen)/closures",
            [
                "from": "2027-08-02T05:00:00Z", "until": "2027-08-02T13:00:00Z",
                "reason": "Repairs",
            ], as: buyer.scheduler
        ).made().text("id")
        return Trade.Rooms(toTake: toTake, toOpen: toOpen, closure: closure)
    }

    private func room(_ name: String) async throws -> String {
        try await client.post(
            "/v1/resources",
            ["unit": JSON(buyer.unit.description), "kind": "room", "name": JSON(name)],
            as: buyer.scheduler
        ).made().text("id")
    }
}
