import MoneyAndTime
import Postgres
import StrictJSON
import Visits

/// A row of `handshake`: how it was opened. Its messages, replayed from there, are the truth; the
/// state kept beside them serves those who search by it.
package struct StoredHandshake: Sendable {
    package let booking: BookingID
    package let seller: OrganisationID
    package let buyer: OrganisationID
    package let revision: Int64
    /// It was agreed in advance.
    package let acceptedInAdvance: Bool
    /// As it was before the first message.
    package let opened: Handshake
    package let openedAt: Instant

    package init(row: Row) throws {
        booking = try row.decode("booking")
        seller = try row.decode("seller")
        buyer = try row.decode("buyer")
        revision = try row.decode("revision")
        openedAt = try row.decode("created_at")
        let slot = try TimeSlot(
            start: row.decode("opened_start"), end: row.decode("opened_end"))
        let answerSeconds: Int64 = try row.decode("answer_seconds")
        acceptedInAdvance = try row.decode("accepted_in_advance")
        opened =
            try acceptedInAdvance
            ? Handshake.agreedInAdvance(
                booked: slot, answerSeconds: answerSeconds,
                room: Self.room(row, "opened_room") ?? .builtIn
            ).handshake
            : Handshake(
                booked: slot, answerSeconds: answerSeconds,
                phase: .none(deadline: row.decode("opened_reply_by")), sequence: 0, last: nil)
    }

    /// A room as it is kept; nil where there is none.
    package static func room(_ row: Row, _ column: String) throws -> Room? {
        guard let text = try row[column, String?.self] else { return nil }
        return try JSONReader(JSON.parse(text)).object { try Room(kept: &$0) }
    }

    /// The state that these messages lead to.
    package func replay(_ messages: [StoredHandshakeMessage]) throws -> Handshake {
        try Handshake.replay(from: opened, messages.map { ($0.message, $0.recordedAt) })
    }

    package func side(of organisation: OrganisationID) -> Side {
        organisation == seller ? .seller : .buyer
    }

    package func organisation(of side: Side) -> OrganisationID {
        side == .seller ? seller : buyer
    }

    static let columns: Query = """
        select booking, seller, buyer, accepted_in_advance, lower(opened_slot) as opened_start,
            upper(opened_slot) as opened_end, opened_reply_by, answer_seconds,
            opened_room::text as opened_room, revision, state, created_at,
            sequence::bigint as sequence, reply_by, room::text as room
        from handshake
        """

    /// Handshakes of all organisations, after one; with the columns that only repeat the messages.
    package static func page(after: BookingID?, limit: Int) -> Query {
        """
        \(columns) where (\(after)::uuid is null or booking > \(after)::uuid)
        order by booking limit \(limit)
        """
    }

    package static func find(_ booking: BookingID) -> Query {
        "\(columns) where booking = \(booking)"
    }

    package static func find(_ bookings: [BookingID]) -> Query {
        "\(columns) where booking = any (\(bookings))"
    }

    /// Its booking is locked before.
    package static func lock(_ booking: BookingID) -> Query {
        "\(columns) where booking = \(booking) for update"
    }

    /// The state after a message; returns the revision, which numbers the events.
    package static func update(_ booking: BookingID, to handshake: Handshake) -> Query {
        """
        update handshake set state = \(handshake.state.rawValue),
            sequence = \(handshake.sequence), reply_by = \(handshake.deadline),
            room = \(handshake.phase.agreement?.room.json.compactText)::jsonb,
            revision = revision + 1
        where booking = \(booking) returning revision
        """
    }

    /// The instant of what is open, at which the worker looks again.
    package func remind(at due: Instant) -> Query {
        """
        insert into deadline (due_at, kind, subject, organisation, counterparty)
        values (\(due), 'handshake_reply', \(booking), \(seller), \(buyer))
        """
    }
}

/// A row of `handshake_message`.
package struct StoredHandshakeMessage: Sendable {
    package let message: HandshakeMessage
    package let recordedAt: Instant

    package init(_ message: HandshakeMessage, at recordedAt: Instant) {
        self.message = message
        self.recordedAt = recordedAt
    }

    package init(row: Row) throws {
        let sender: HandshakeMessage.Sender =
            switch try row["side", String?.self] {
            case "seller": .side(.seller)
            case "buyer": .side(.buyer)
            default: .clock
            }
        message = try HandshakeMessage(
            kept: JSON.parse(row["message", JSONText.self].text), sender: sender)
        recordedAt = try row.decode("recorded_at")
    }

    package static func all(of bookings: [BookingID]) -> Query {
        """
        select booking, case sender when seller then 'seller' when buyer then 'buyer' end as side,
            message, recorded_at
        from handshake_message where booking = any (\(bookings)) order by booking, sequence
        """
    }

    package static func all(of booking: BookingID) -> Query {
        """
        select case sender when seller then 'seller' when buyer then 'buyer' end as side,
            message, recorded_at
        from handshake_message where booking = \(booking) order by sequence
        """
    }

    package func insert(into handshake: StoredHandshake) -> Query {
        var sender: OrganisationID?
        if case .side(let side) = message.sender { sender = handshake.organisation(of: side) }
        return """
            insert into handshake_message
                (booking, sequence, seller, buyer, sender, kind, message, credential, recorded_at)
            values (\(handshake.booking), \(message.sequence), \(handshake.seller),
                \(handshake.buyer), \(sender), \(message.body.kind.rawValue),
                \(JSONText(message.json.compactText)), current_credential(), \(recordedAt))
            """
    }
}
