import API
import StrictJSON

extension Trade {
    /// The systems that are hosted and joined, the way into a room, and call logs.
    var roomAttacks: [Attack] {
        let log: JSON = [
            "file": JSON(
                "visit,side,joined,left\r\n"
                    + "\(bookings.toAttest),seller,2027-06-30T07:00:10Z,2027-06-30T07:20:00Z\r\n")
        ]
        return [
            Attack(operation: .getRoomSettings, outsider: .ownOnly),
            Attack(
                operation: .updateRoomSettings,
                body: .json([
                    "hosts_built_in": true,
                    "jitsi": [
                        "domain": "meet.hospital.example", "app_id": "aikatori",
                        "secret": "an-example-of-a-secret-of-40-characters",
                        "room_prefix": "aikatori-",
                    ],
                    "own_link": [
                        "name": "Hospital Video",
                        "address": "https://video.hospital.example/rooms/{visit}",
                    ],
                    "joins": ["built_in", "jitsi", "own_link"],
                ]), revision: "\"0\"", outsider: .ownOnly),
            Attack(operation: .listRoomProviders, by: .buyer, path: [bookings.toJoin]),
            Attack(operation: .enterRoom, outsider: .unasked, token: joinToken),
            Attack(
                operation: .previewCallLog, body: .json(log),
                outsider: .refused(422, "invalid_input")),
            Attack(
                operation: .importCallLog, body: .json(log),
                outsider: .refused(422, "invalid_input")),
        ]
    }
}
