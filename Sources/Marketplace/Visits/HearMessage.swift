import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

/// A booking and its handshake, locked, as they are now.
struct Meeting {
    var booking: StoredBooking
    var stored: StoredHandshake
    var handshake: Handshake
    var messages: [StoredHandshakeMessage]

    /// What a message makes of the handshake at `now`, or the market's word against it.
    func step(_ message: HandshakeMessage, at now: Instant) throws(Refusal) -> HandshakeStep {
        do throws(HandshakeRefusal) {
            return try handshake.apply(message, now: now)
        } catch {
            throw Refusal(refusing: error)
        }
    }
}

extension Market {
    /// Locks what a message may change, in the order of all paths: the budget counters, the
    /// booking, the handshake. The counter of an open offer's period is among them, since its
    /// acceptance moves the booking there; an offer made in between makes the message stale.
    func lockMeeting(_ id: BookingID, in transaction: Transaction) async throws -> Meeting {
        guard let before = try await transaction.query(StoredHandshake.find(id)).atMostOne()
        else { throw Refusal(.notFound) }
        let offer = try await StoredHandshake(row: before).replay(
            transaction.messages(of: id)
        ).phase.offer
        if let start = offer?.proposal.slot.start {
            try await transaction.query(BudgetCounter.lock(of: id, andAt: start))
        }
        let booking = try await lock(id, in: transaction)
        let stored = try StoredHandshake(
            row: await transaction.query(StoredHandshake.lock(id)).only())
        let messages = try await transaction.messages(of: id)
        return Meeting(
            booking: booking, stored: stored, handshake: try stored.replay(messages),
            messages: messages)
    }

    /// The meeting in which a side may speak now, locked. What has run out has run out, also for
    /// the one who is quicker than the worker. Throws `Refusal` `illegal_transition` where the
    /// booking is no longer one.
    func meet(
        _ id: BookingID, for organisation: OrganisationID, in transaction: Transaction
    ) async throws -> (meeting: Meeting, now: Instant) {
        var meeting = try await lockMeeting(id, in: transaction)
        let now = try await transaction.now()
        if let due = meeting.handshake.due(at: now) {
            meeting = try await hear(
                due, at: now, of: meeting, for: organisation, in: transaction)
        }
        if !meeting.handshake.state.isTerminal, meeting.booking.state != .booked {
            throw Refusal(
                .illegalTransition, figures: ["state": JSON(meeting.booking.state.rawValue)])
        }
        return (meeting, now)
    }

    /// Applies a message at `now`, does what follows from it, and tells both sides. `organisation`
    /// is who caused it, or the seller where the clock did.
    func hear(
        _ message: HandshakeMessage, at now: Instant, of meeting: Meeting,
        for organisation: OrganisationID, in transaction: Transaction
    ) async throws -> Meeting {
        let step = try meeting.step(message, at: now)
        // the exact repeat of the last message changes nothing
        guard step.handshake.sequence > meeting.handshake.sequence else { return meeting }
        if case .accept = message.body, let offer = meeting.handshake.phase.offer {
            try await meeting.requireRoom(of: offer, in: transaction)
        }
        let kept = StoredHandshakeMessage(message, at: now)
        try await transaction.query(kept.insert(into: meeting.stored))
        for action in step.actions {
            try await perform(
                action, of: meeting, because: message, for: organisation, in: transaction)
        }
        let revision = try await transaction.query(
            StoredHandshake.update(meeting.booking.id, to: step.handshake)
        ).only()["revision", Int64.self]
        let other =
            organisation == meeting.stored.seller ? meeting.stored.buyer : meeting.stored.seller
        try await transaction.record(
            .init(
                .handshake, meeting.booking.id, step.event.rawValue, revision: revision,
                counterparty: other,
                facts: [
                    "kind": JSON(message.body.kind.rawValue), "sequence": JSON(message.sequence),
                    "state": JSON(step.handshake.state.rawValue),
                ]),
            for: organisation)
        return try await Meeting(
            booking: StoredBooking(
                row: transaction.query(StoredBooking.find(meeting.booking.id)).only()),
            stored: StoredHandshake(
                row: transaction.query(StoredHandshake.find(meeting.booking.id)).only()),
            handshake: step.handshake, messages: meeting.messages + [kept])
    }

    private func perform(
        _ action: HandshakeAction, of meeting: Meeting, because message: HandshakeMessage,
        for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        let id = meeting.booking.id
        switch action {
        case .emit:
            break
        case .scheduleDeadline(let instant, _):
            try await transaction.query(meeting.stored.remind(at: instant))
        case .moveBooking(let slot):
            try await transaction.query(StoredBooking.move(id, toStart: slot.start))
            try await transaction.query(JoinTokenDigest.revokeAll(of: id))
            _ = try await told("booking.moved", of: id, for: organisation, in: transaction)
        case .cancelBooking(let side):
            // Silence is charged at the deadline, not when the worker came by.
            let instant = message.sender == .clock ? meeting.handshake.deadline : nil
            _ = try await cancel(
                meeting.booking, by: side.map { $0 == .seller ? .seller : .buyer },
                cause: meeting.handshake.cancellationCause(of: message), at: instant,
                reason: message.cause, for: organisation, in: transaction)
            _ = try await told(
                "booking.cancelled", of: id, for: organisation,
                facts: ["by": JSON(side?.rawValue)], in: transaction)
        }
    }
}

extension Handshake {
    /// What a contract says of a proposal that is declined holds until there is an agreement: who
    /// withdraws from one cancels as anybody does who has booked.
    fileprivate func cancellationCause(of message: HandshakeMessage) -> CancellationCause {
        if message.sender == .clock { return .expired }
        return phase.agreement == nil ? .declined : .ordinary
    }
}

extension HandshakeStep {
    /// What both are told.
    fileprivate var event: HandshakeEvent {
        for case .emit(let event) in actions { return event }
        return .repeated
    }
}

extension Refusal {
    /// The market's word for what the protocol refuses, with its figures.
    fileprivate init(refusing refusal: HandshakeRefusal) {
        let code = RefusalCode(rawValue: refusal.code.rawValue)
        switch refusal {
        case .staleSequence(let expected):
            self.init(.staleSequence, figures: ["expected": JSON(expected)])
        case .terminal(let state):
            self.init(.handshakeOver, figures: ["state": JSON(state.rawValue)])
        case .deadlinePassed(let instant), .deadlineNotReached(let instant),
            .deadlineAfterStart(let instant), .deadlineTooSoon(let instant),
            .visitStarted(let instant), .visitOver(let instant):
            self.init(code ?? .handshakeOver, figures: ["at": JSON(instant.rfc3339)])
        case .checksFailed(let checks):
            self.init(.checksFailed, figures: ["checks": checks.json])
        case .causeTooLong(let limit):
            self.init(.causeTooLong, figures: ["limit": JSON(limit)])
        case .senderNotAllowed, .causeMissing, .noDeadline, .deadlineInThePast,
            .nothingProposed, .alreadyProposed, .notYourTurn, .alreadyAgreed, .notAgreed,
            .counterPending:
            self.init(code ?? .notYourSide)
        }
    }
}
