import Crypto
import MoneyAndTime
import Postgres
import SignIn
import Storage
import StrictJSON
import Visits

// The way into a room of another system, made at the moment in which somebody goes there.

extension Market {
    /// For the holder of a join token.
    package func enterRoom(_ token: String) async throws -> Answer {
        let entry = try await roomToEnter(roomToken(token))
        return Answer([
            "provider": JSON(entry.room.provider.rawValue), "address": JSON(entry.address),
            "closes": JSON(entry.room.window.end.rfc3339),
        ])
    }

    /// The same for a guest who was let in, under a name for what it is.
    package func roomAddress(ofGuest secret: OneTimeSecret, name: String) async throws -> String? {
        try await roomToEnter(roomToken(ofGuest: secret), name: name).address
    }

    /// Whether a guest who was let in meets the others there.
    package func isInBuiltInRoom(guest secret: OneTimeSecret) async throws -> Bool {
        try await find(roomToken(ofGuest: secret)).provider == .builtIn
    }

    private func find(_ token: JoinTokenDigest) async throws -> RoomToEnter {
        try await RoomToEnter(
            row: asRefusals { try await database.write([RoomToEnter.find(token)]).only() })
    }

    /// The address is nil in the built-in room, which is on the market's own pages.
    private func roomToEnter(
        _ token: JoinTokenDigest, name: String? = nil
    ) async throws -> (room: RoomToEnter, address: String?) {
        let room = try await find(token)
        guard room.provider == .jitsi else { return (room, room.link) }
        guard let link = room.link, let appID = room.appID, let sealed = room.sealedSecret,
            let jitsi = JitsiToken(
                appID: appID, address: link, opens: room.window.start.secondsSince1970,
                closes: room.window.end.secondsSince1970,
                user: Self.alias(of: room.participant, in: link), name: name ?? room.label,
                isModerator: room.side == .seller)
        else { throw RoomWithoutServer() }
        let secret = try seals.open(sealed, for: .jitsi, of: room.seller)
        return (room, "\(link)?jwt=\(jitsi.signed(with: secret))")
    }

    /// A room is agreed on in a server that is not kept: a fault of ours.
    private struct RoomWithoutServer: Error {}

    /// Who a person is to another system: the same in one room, and not known in any other.
    private static func alias(of participant: String, in room: String) -> String {
        SHA256.hash(data: Array("\(room) \(participant)".utf8)).prefix(16).hexadecimal
    }
}
