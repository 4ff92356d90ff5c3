import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

extension Market {
    /// What a side says; the length of an offered meeting is that of the booking.
    package struct HandshakeWish: Sendable {
        package let kind: HandshakeMessage.Kind
        package let sequence: Int64
        package let cause: String?
        package let offer: OfferedMeeting?
        package let checks: ReadyChecks?

        package init(
            kind: HandshakeMessage.Kind, sequence: Int64, cause: String?, offer: OfferedMeeting?,
            checks: ReadyChecks?
        ) {
            self.kind = kind
            self.sequence = sequence
            self.cause = cause
            self.offer = offer
            self.checks = checks
        }
    }

    package struct OfferedMeeting: Sendable {
        package let starts: Instant
        package let room: WantedRoom
        package let needs: Set<Proposal.Need>
        package let deadline: Instant

        package init(
            starts: Instant, room: WantedRoom, needs: Set<Proposal.Need>, deadline: Instant
        ) {
            self.starts = starts
            self.room = room
            self.needs = needs
            self.deadline = deadline
        }
    }

    package func handshake(_ request: Request, _ booking: BookingID) async throws -> Answer {
        try await view(request) { transaction, caller in
            guard
                let row = try await transaction.query(StoredHandshake.find(booking)).atMostOne()
            else { throw Refusal(.notFound) }
            return try await HandshakeSheet(
                StoredHandshake(row: row), transaction.messages(of: booking), now: caller.now
            ).answer.withoutRevision
        }
    }

    /// One message of the protocol, from the caller's side: its effect on the booking, the new
    /// state and what both are told come together, or not at all.
    package func sendHandshakeMessage(
        _ request: Request, _ booking: BookingID, _ wish: HandshakeWish
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            var (meeting, now) = try await meet(booking, for: caller.organisation, in: transaction)
            if wish.kind == .counter, meeting.booking.groupSession != nil {
                throw Refusal(.inGroupSession)
            }
            let side = meeting.stored.side(of: caller.organisation)
            var room = Room.builtIn
            var refusal: Refusal?
            if let wanted = wish.offer?.room {
                do {
                    room = try await meeting.settle(
                        wanted, by: side, sequence: wish.sequence, in: transaction)
                } catch let refused as Refusal {
                    refusal = refused
                }
            }
            let message = HandshakeMessage(
                sender: .side(side), sequence: wish.sequence,
                body: try wish.body(length: meeting.booking.planned, in: room),
                cause: wish.cause)
            if let refusal {
                // what the protocol says against it comes first
                _ = try meeting.step(message, at: now)
                throw refusal
            }
            meeting = try await hear(
                message, at: now, of: meeting, for: caller.organisation, in: transaction)
            return try HandshakeSheet(meeting.stored, meeting.messages, now: now).answer
        }
    }
}

extension Market.HandshakeWish {
    /// The body goes with the kind: the API has read it so.
    fileprivate func body(length planned: TimeSlot, in room: Room) throws -> HandshakeMessage.Body {
        let proposal = try offer.map { offer in
            let length = try planned.end.microseconds.subtracting(planned.start.microseconds)
            let end = Instant(microseconds: try offer.starts.microseconds.adding(length))
            return Proposal(
                slot: try TimeSlot(start: offer.starts, end: end), room: room,
                needs: offer.needs, deadline: offer.deadline)
        }
        guard kind != .expire,
            let body = HandshakeMessage.Body(kind, offer: proposal, checks: checks)
        else {
            throw InvalidInput(
                pointer: "/\(misplaced)", code: "kind_and_content",
                message: "propose and counter carry an offer, ready carries checks, "
                    + "the others neither")
        }
        return body
    }

    /// The member that is missing, or that is there for nothing.
    private var misplaced: String {
        let isOffer = kind == .propose || kind == .counter
        return isOffer == (offer != nil) ? "checks" : "offer"
    }
}

extension Transaction {
    func messages(of booking: BookingID) async throws -> [StoredHandshakeMessage] {
        try await query(StoredHandshakeMessage.all(of: booking))
            .map(StoredHandshakeMessage.init(row:))
    }
}
