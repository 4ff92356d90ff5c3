import Crypto
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

extension Market {
    /// A visit into which people may be let, locked, so that one that moves meanwhile leaves no way
    /// in behind. Throws `Refusal` `not_found` or `visit_not_agreed`.
    func lockAgreedVisit(
        _ id: BookingID, in transaction: Transaction
    ) async throws -> (booking: StoredBooking, handshake: Handshake, now: Instant) {
        guard let row = try await transaction.query(StoredHandshake.find(id)).atMostOne()
        else { throw Refusal(.notFound) }
        let booking = try StoredBooking(
            row: await transaction.query(StoredBooking.lock(id)).only())
        let now = try await transaction.now()
        let handshake = try await HandshakeSheet(
            StoredHandshake(row: row), transaction.messages(of: id), now: now
        ).handshake
        guard booking.state == .booked, handshake.state.letsIn else {
            throw Refusal(.visitNotAgreed, figures: ["state": JSON(handshake.state.rawValue)])
        }
        return (booking, handshake, now)
    }

    /// A way into an agreed visit for one person of the caller's side, shown once (invariant 12).
    /// In a group session the seller's is into the visits of all places; the buyer's into those of
    /// all its own where it is `forSession`.
    package func issueJoinToken(
        _ request: Request, _ id: BookingID, participant: String, label: String,
        forSession: Bool = false
    ) async throws -> Answer {
        try await change(request, redacted: \.withoutToken) { transaction, caller in
            let (booking, _, now) = try await lockAgreedVisit(id, in: transaction)
            let token = try joinToken(
                for: booking, side: booking.visitSide(of: caller.organisation),
                participant: participant, label: label)
            guard now < token.window.end else { throw Refusal(.joinClosed) }
            let text = token.signed(with: keys.joinTokens)
            try await transaction.query(JoinTokenDigest.revoke(token))
            try await transaction.query(
                JoinTokenDigest(of: text).insert(
                    token, seller: booking.seller, buyer: booking.buyer,
                    credential: caller.credential, forSession: forSession))
            try await transaction.note(
                .init(
                    .visit, id, "join_token.issued", revision: 0,
                    facts: ["participant": JSON(participant)]),
                by: caller)
            return token.answer(showing: text)
        }
    }

    private func joinToken(
        for booking: StoredBooking, side: Side, participant: String, label: String
    ) throws -> JoinToken {
        let window = try JoinWindow.standard.around(booking.planned)
        do throws(JoinToken.Refusal) {
            return try JoinToken(
                visit: booking.id, side: side, participant: participant, label: label,
                window: window, nonce: UInt64.random(in: .min ... .max))
        } catch {
            throw InvalidInput(
                pointer: "/label", code: "pattern", message: "must be one line of plain text")
        }
    }

    /// What the holder of a join token reports. The token is checked by its signature here, and
    /// by its digest, its window and the visit's state in the database.
    package func recordAttendance(
        _ token: String, _ observation: ObservationID, kind: AttendanceKind,
        source: Observation.Source = .program
    ) async throws -> Answer {
        let digest = try roomToken(token)
        let row = try await asRefusals {
            try await database.write([
                StoredObservation.observe(
                    digest, observation, kind: kind.rawValue, source: source)
            ]).only()
        }
        let at: Instant = try row.decode("at")
        return Answer([
            "observation": JSON(observation.description),
            "booking": JSON(try row["booking", BookingID.self].description),
            "side": JSON(try row["side", String.self]),
            "participant": JSON(try row["participant", String.self]),
            "kind": JSON(kind.rawValue),
            "at": JSON(at.rfc3339),
        ])
    }

    /// What a person in the room reports of itself.
    package enum AttendanceKind: String, Sendable, CaseIterable {
        case join, heartbeat, leave
    }
}

extension Handshake.StateName {
    /// Both sides have consented, whatever else is being talked about.
    var letsIn: Bool { self == .agreed || self == .ready || self == .rescheduling }
}

extension JoinTokenDigest {
    init(of text: String) {
        self.init(bytes: Array(SHA256.hash(data: Array(text.utf8))))
    }
}

extension JoinToken {
    fileprivate func answer(showing text: String) -> Answer {
        Answer([
            "booking": JSON(visit.description),
            "side": JSON(side.rawValue),
            "participant": JSON(participant),
            "label": JSON(label),
            "opens": JSON(window.start.rfc3339),
            "closes": JSON(window.end.rfc3339),
            "token": JSON(text),
            "token_shown": false,
        ])
    }
}
