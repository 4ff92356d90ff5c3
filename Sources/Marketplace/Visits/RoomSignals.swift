import Postgres
import SignIn
import Storage
import Visits

// The built-in room: what its browsers say to each other. A join token is the only credential, and
// what is said goes to those alone who are in the same visit. A guest's token is its own secret,
// from when it was let in.

extension Market {
    /// False where the holder of the token says more than a call needs.
    package func sendRoomSignal(
        _ token: String, session: String, to recipient: String?, _ body: String
    ) async throws -> Bool {
        try await sendRoomSignal(roomToken(token), session: session, to: recipient, body)
    }

    package func sendRoomSignal(
        _ token: JoinTokenDigest, session: String, to recipient: String?, _ body: String
    ) async throws -> Bool {
        let row = try await asRefusals {
            try await database.write([
                RoomSignal.send(token, session: session, to: recipient, body)
            ]).only()
        }
        return try row["id", Int64?.self] != nil
    }

    /// How far the signals of the token's room go now.
    package func roomPlace(_ token: String) async throws -> Int64 {
        try await roomPlace(roomToken(token))
    }

    package func roomPlace(_ token: JoinTokenDigest) async throws -> Int64 {
        try await asRefusals {
            try await database.write([RoomSignal.place(token)]).only()
        }.decode("place")
    }

    /// What each listener has not heard, by its place in `listeners`.
    package func roomSignals(
        after listeners: [(token: JoinTokenDigest, after: Int64)]
    ) async throws -> [(listener: Int, heard: RoomSignal.Heard)] {
        try await asRefusals {
            try await database.write([RoomSignal.after(listeners)])
        }.map(RoomSignal.heard(row:))
    }

    /// The digest of a token that this market has signed.
    package func roomToken(_ token: String) throws -> JoinTokenDigest {
        do throws(JoinToken.Refusal) {
            _ = try JoinToken.read(token, key: keys.joinTokens)
        } catch {
            throw Refusal(.joinTokenUnknown)
        }
        return JoinTokenDigest(of: token)
    }
    /// A guest's secret as what it is in the room, whether or not the guest was let in.
    package func roomToken(ofGuest secret: OneTimeSecret) -> JoinTokenDigest {
        JoinTokenDigest(bytes: secret.digest)
    }
}
