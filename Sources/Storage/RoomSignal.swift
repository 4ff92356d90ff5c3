import MoneyAndTime
import Postgres
import StrictJSON

/// What one open page of a visit's built-in room says to the others: rows of `room_signal`.
package struct RoomSignal: Hashable, Sendable {
    package let id: Int64
    /// Of whom it is, as the join token says.
    package let side: String
    package let participant: String
    package let label: String
    /// Which of a person's open pages; one's own choice of 1 to 40 letters, digits and hyphens.
    package let session: String
    /// The session to which it is said; nil: to all.
    package let recipient: String?
    /// As the browser wrote it: 1 to 16,000 code points.
    package let body: String

    package static let longestBody = 16_000

    /// Returns `id`, null where the holder of the token says more than a call needs.
    package static func send(
        _ token: JoinTokenDigest, session: String, to recipient: String?, _ body: String
    ) -> Query {
        "select send_room_signal(\(token.bytes), \(session), \(recipient), \(body)) as id"
    }

    /// How far the room's signals go: `place`.
    package static func place(_ token: JoinTokenDigest) -> Query {
        "select room_place(\(token.bytes)) as place"
    }

    /// What one of several listeners hears: a signal, or that it may not listen any more.
    package enum Heard: Hashable, Sendable {
        case signal(RoomSignal)
        case ended(Ending)
    }

    package enum Ending: String, Hashable, Sendable {
        /// Another token has taken the place of this one; the visit goes on.
        case replaced
        case over
    }

    /// A row for each thing that a listener has not heard, in order.
    package static func after(_ listeners: [(token: JoinTokenDigest, after: Int64)]) -> Query {
        let asked = JSON.array(
            listeners.map { ["digest": JSON($0.token.bytes.hexadecimal), "after": JSON($0.after)] })
        return "select * from room_signals(\(asked.compactText)::jsonb)"
    }

    /// The listener's place in what was asked, from nought, and what it hears.
    package static func heard(row: Row) throws -> (listener: Int, heard: Heard) {
        let listener = Int(try row["listener", Int64.self]) - 1
        if let ended = try row["ended", String?.self] {
            return (listener, .ended(Ending(rawValue: ended) ?? .over))
        }
        return (
            listener,
            .signal(
                try RoomSignal(
                    id: row.decode("id"), side: row.decode("side"),
                    participant: row.decode("participant"), label: row.decode("label"),
                    session: row.decode("session"), recipient: row.decode("recipient"),
                    body: row.decode("body")))
        )
    }
}
