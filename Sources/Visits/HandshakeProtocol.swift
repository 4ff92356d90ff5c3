import MoneyAndTime

/// What the caller does in the same transaction in which it stores the new state.
package enum HandshakeAction: Hashable, Sendable {
    /// Moves the booking and its reservation, or refuses the message as a whole.
    case moveBooking(to: TimeSlot)
    /// Cancels the booking as that side would, at this instant, under the contract's terms; nil is
    /// neither side, and costs nothing.
    case cancelBooking(by: Side?)
    /// Fires `expire` with this sequence; dropped when another message came before.
    case scheduleDeadline(at: Instant, sequence: Int64)
    case emit(HandshakeEvent)
}

/// What both organisations are told of.
package enum HandshakeEvent: String, Hashable, Sendable, CaseIterable {
    case proposed = "handshake.proposed"
    case countered = "handshake.countered"
    case agreed = "handshake.agreed"
    case declined = "handshake.declined"
    case withdrawn = "handshake.withdrawn"
    case expired = "handshake.expired"
    case sideReady = "handshake.side_ready"
    case ready = "handshake.ready"
    case notReady = "handshake.not_ready"
    /// A counter on an agreed visit came to nothing; what was agreed stands.
    case rescheduleDropped = "handshake.reschedule_dropped"
    /// The buyer moved the booking, and the two sides agree anew.
    case restarted = "handshake.restarted"
    /// Said again what was said: the sequence moves on, and nobody is alarmed.
    case repeated = "handshake.repeated"
}

package struct HandshakeStep: Hashable, Sendable {
    package let handshake: Handshake
    /// Empty when nothing changed.
    package let actions: [HandshakeAction]
}

extension Handshake {
    /// A handshake for a booking, in which someone has to propose before the deadline.
    package static func open(
        booked: TimeSlot, deadline: Instant, answerSeconds: Int64, now: Instant
    ) throws(HandshakeRefusal) -> HandshakeStep {
        guard now < deadline else { throw .deadlineInThePast }
        guard deadline <= booked.start else { throw .deadlineAfterStart(start: booked.start) }
        let handshake = Handshake(
            booked: booked, answerSeconds: answerSeconds, phase: .none(deadline: deadline),
            sequence: 0, last: nil)
        return HandshakeStep(
            handshake: handshake, actions: [.scheduleDeadline(at: deadline, sequence: 1)])
    }

    /// A handshake of a contract that accepts published time in advance.
    package static func agreedInAdvance(
        booked: TimeSlot, answerSeconds: Int64, room: Room, needs: Set<Proposal.Need> = []
    ) -> HandshakeStep {
        let agreement = Agreement(slot: booked, room: room, needs: needs, consent: .inAdvance)
        let handshake = Handshake(
            booked: booked, answerSeconds: answerSeconds, phase: .agreed(agreement, Readiness()),
            sequence: 0, last: nil)
        return HandshakeStep(handshake: handshake, actions: [.emit(.agreed)])
    }

    /// What the message makes of the handshake at `now`. Whoever calls this first applies
    /// `due(at:)`, so that what has expired is expired when it is read.
    package func apply(
        _ message: HandshakeMessage, now: Instant
    ) throws(HandshakeRefusal) -> HandshakeStep {
        if message == last { return HandshakeStep(handshake: self, actions: []) }
        guard message.sequence == sequence + 1 else {
            throw .staleSequence(expected: sequence + 1)
        }
        guard !state.isTerminal else { throw .terminal(state) }
        switch (message.sender, message.body) {
        case (.clock, .expire):
            return try expiring(message, now: now)
        case (.clock, _), (_, .expire):
            throw .senderNotAllowed
        case (.side(let side), _):
            try checkCause(message)
            // Past its deadline an offer can only expire, whether or not the worker was there.
            if let deadline, deadline <= now { throw .deadlinePassed(at: deadline) }
            return try hearing(message, from: side, now: now)
        }
    }

    /// The state that the kept messages lead to, each applied at the instant that was recorded
    /// with it. The messages are the truth; a state kept beside them is only quicker to read.
    package static func replay(
        from opened: Handshake, _ messages: [(message: HandshakeMessage, at: Instant)]
    ) throws(HandshakeRefusal) -> Handshake {
        var handshake = opened
        for (message, instant) in messages {
            handshake = try handshake.apply(message, now: instant).handshake
        }
        return handshake
    }

    private func hearing(
        _ message: HandshakeMessage, from side: Side, now: Instant
    ) throws(HandshakeRefusal) -> HandshakeStep {
        if case .move(let move) = message.body {
            return try moved(move, message, from: side, now: now)
        }
        switch phase {
        case .none:
            return try beforeProposal(message, from: side, now: now)
        case .proposed(let offer), .countered(let offer):
            return try answering(offer, message, from: side, now: now)
        case .agreed(let agreement, let readiness):
            return try keeping(agreement, readiness, message, from: side, now: now)
        case .rescheduling(let offer, let agreement, let readiness):
            return try rescheduling(
                offer, from: agreement, readiness, message, by: side, now: now)
        case .declined, .withdrawn, .expired:
            throw .terminal(state)
        }
    }

    /// The caller has moved the booking. Where published time is accepted in advance, the new one
    /// is, too, in the same room; else somebody has to propose again.
    private func moved(
        _ move: HandshakeMessage.Move, _ message: HandshakeMessage, from side: Side, now: Instant
    ) throws(HandshakeRefusal) -> HandshakeStep {
        guard side == .buyer else { throw .senderNotAllowed }
        guard now < booked.start else { throw .visitStarted(at: booked.start) }
        guard let reply = move.reply else {
            let agreement = Agreement(
                slot: move.slot, room: phase.agreement?.room ?? .builtIn,
                needs: phase.agreement?.needs ?? [], consent: .inAdvance)
            let agreed = Handshake(
                booked: move.slot, answerSeconds: answerSeconds,
                phase: .agreed(agreement, Readiness()), sequence: message.sequence, last: message)
            return HandshakeStep(handshake: agreed, actions: [.emit(.agreed)])
        }
        guard now < reply.by else { throw .deadlineInThePast }
        guard reply.by <= move.slot.start else { throw .deadlineAfterStart(start: move.slot.start) }
        let open = Handshake(
            booked: move.slot, answerSeconds: reply.answerSeconds,
            phase: .none(deadline: reply.by), sequence: message.sequence, last: message)
        return HandshakeStep(
            handshake: open,
            actions: [
                .scheduleDeadline(at: reply.by, sequence: message.sequence + 1), .emit(.restarted),
            ])
    }

    private func beforeProposal(
        _ message: HandshakeMessage, from side: Side, now: Instant
    ) throws(HandshakeRefusal) -> HandshakeStep {
        switch message.body {
        case .propose(let proposal):
            let offer = try checkedOffer(proposal, message, by: side, now: now)
            return step(message, .proposed(offer), [deadlineAction(offer), .emit(.proposed)])
        case .withdraw:
            return step(
                message, .withdrawn(by: side), [.cancelBooking(by: side), .emit(.withdrawn)])
        case .accept, .counter, .decline:
            throw .nothingProposed
        case .ready, .notReady:
            throw .notAgreed
        case .expire, .move:
            throw .senderNotAllowed
        }
    }

    private func answering(
        _ offer: Offer, _ message: HandshakeMessage, from side: Side, now: Instant
    ) throws(HandshakeRefusal) -> HandshakeStep {
        switch message.body {
        case .accept:
            return try accepting(offer, message, by: side)
        case .counter(let proposal):
            guard side != offer.by else { throw .notYourTurn }
            let counter = try checkedOffer(proposal, message, by: side, now: now)
            return step(message, .countered(counter), [deadlineAction(counter), .emit(.countered)])
        case .decline:
            guard side != offer.by else { throw .notYourTurn }
            return step(message, .declined(by: side), [.cancelBooking(by: side), .emit(.declined)])
        case .withdraw:
            guard side == offer.by else { throw .notYourTurn }
            return step(
                message, .withdrawn(by: side), [.cancelBooking(by: side), .emit(.withdrawn)])
        case .propose:
            throw .alreadyProposed
        case .ready, .notReady:
            throw .notAgreed
        case .expire, .move:
            throw .senderNotAllowed
        }
    }

    private func keeping(
        _ agreement: Agreement, _ readiness: Readiness, _ message: HandshakeMessage,
        from side: Side, now: Instant
    ) throws(HandshakeRefusal) -> HandshakeStep {
        switch message.body {
        case .counter(let proposal):
            let start = agreement.slot.start
            guard now < start else { throw .visitStarted(at: start) }
            let offer = try checkedOffer(
                proposal, message, by: side, now: now, notAfter: start)
            return step(
                message, .rescheduling(offer, agreement, readiness),
                [deadlineAction(offer), .emit(.countered)])
        case .withdraw:
            let start = agreement.slot.start
            guard now < start else { throw .visitStarted(at: start) }
            return step(
                message, .withdrawn(by: side), [.cancelBooking(by: side), .emit(.withdrawn)])
        case .ready(let checks):
            guard checks.allPassed else { throw .checksFailed(checks) }
            return try reporting(.ready, agreement, readiness, message, by: side, now: now)
        case .notReady:
            return try reporting(.notReady, agreement, readiness, message, by: side, now: now)
        case .propose, .accept, .decline:
            throw .alreadyAgreed
        case .expire, .move:
            throw .senderNotAllowed
        }
    }

    private func rescheduling(
        _ offer: Offer, from agreement: Agreement, _ readiness: Readiness,
        _ message: HandshakeMessage, by side: Side, now: Instant
    ) throws(HandshakeRefusal) -> HandshakeStep {
        let asBefore = Phase.agreed(agreement, readiness)
        switch message.body {
        case .accept:
            return try accepting(offer, message, by: side)
        case .counter(let proposal):
            guard side != offer.by else { throw .notYourTurn }
            let counter = try checkedOffer(
                proposal, message, by: side, now: now, notAfter: agreement.slot.start)
            return step(
                message, .rescheduling(counter, agreement, readiness),
                [deadlineAction(counter), .emit(.countered)])
        case .decline:
            guard side != offer.by else { throw .notYourTurn }
            return step(message, asBefore, [.emit(.rescheduleDropped)])
        case .withdraw:
            guard side == offer.by else { throw .notYourTurn }
            return step(message, asBefore, [.emit(.rescheduleDropped)])
        case .propose:
            throw .alreadyAgreed
        case .ready, .notReady:
            throw .counterPending
        case .expire, .move:
            throw .senderNotAllowed
        }
    }

    private func expiring(
        _ message: HandshakeMessage, now: Instant
    ) throws(HandshakeRefusal) -> HandshakeStep {
        guard let deadline else { throw .noDeadline }
        guard deadline <= now else { throw .deadlineNotReached(until: deadline) }
        if case .rescheduling(_, let agreement, let readiness) = phase {
            return step(message, .agreed(agreement, readiness), [.emit(.rescheduleDropped)])
        }
        let owing = phase.offer.map(side(answeringFor:))
        return step(message, .expired(owing: owing), [.cancelBooking(by: owing), .emit(.expired)])
    }

    /// Who answers for an offer that ran out: the side that was asked, if it had the time to
    /// answer; else the one that offered so late, as if it had withdrawn.
    private func side(answeringFor offer: Offer) -> Side {
        let stood = Int128(offer.proposal.deadline.microseconds) - Int128(offer.madeAt.microseconds)
        let asked = Int128(answerSeconds) * Int128(Instant.microsecondsPerSecond)
        return stood >= asked ? offer.by.other : offer.by
    }

    private func accepting(
        _ offer: Offer, _ message: HandshakeMessage, by side: Side
    ) throws(HandshakeRefusal) -> HandshakeStep {
        guard side != offer.by else { throw .notYourTurn }
        let slot = offer.proposal.slot
        let agreement = Agreement(
            slot: slot, room: offer.proposal.room, needs: offer.proposal.needs,
            consent: .exchanged(
                offeredBy: offer.by, offer: offer.sequence, acceptance: message.sequence))
        let move: [HandshakeAction] = slot == booked ? [] : [.moveBooking(to: slot)]
        let agreed = Handshake(
            booked: slot, answerSeconds: answerSeconds, phase: .agreed(agreement, Readiness()),
            sequence: message.sequence,
            last: message)
        return HandshakeStep(handshake: agreed, actions: move + [.emit(.agreed)])
    }

    private func reporting(
        _ report: Readiness.Report, _ agreement: Agreement, _ readiness: Readiness,
        _ message: HandshakeMessage, by side: Side, now: Instant
    ) throws(HandshakeRefusal) -> HandshakeStep {
        guard now < agreement.slot.end else { throw .visitOver(at: agreement.slot.end) }
        let reported = readiness.reporting(report, by: side)
        let event: HandshakeEvent =
            report == .notReady ? .notReady : reported.isComplete ? .ready : .sideReady
        return step(
            message, .agreed(agreement, reported),
            [.emit(reported == readiness ? .repeated : event)])
    }

    private func checkedOffer(
        _ proposal: Proposal, _ message: HandshakeMessage, by side: Side, now: Instant,
        notAfter agreedStart: Instant? = nil
    ) throws(HandshakeRefusal) -> Offer {
        guard now < proposal.deadline else { throw .deadlineInThePast }
        let start = min(proposal.slot.start, agreedStart ?? proposal.slot.start)
        guard proposal.deadline <= start else { throw .deadlineAfterStart(start: start) }
        let answered = try? now.adding(seconds: answerSeconds)
        let earliest = answered.map { min($0, start) } ?? start
        guard earliest <= proposal.deadline else { throw .deadlineTooSoon(earliest: earliest) }
        return Offer(by: side, proposal: proposal, sequence: message.sequence, madeAt: now)
    }

    private func checkCause(_ message: HandshakeMessage) throws(HandshakeRefusal) {
        let cause = message.cause ?? ""
        guard cause.count <= HandshakeMessage.longestCause,
            cause.utf8.count <= 4 * HandshakeMessage.longestCause
        else { throw .causeTooLong(limit: HandshakeMessage.longestCause) }
        switch message.body {
        case .decline, .withdraw, .notReady:
            guard cause.contains(where: { !$0.isWhitespace }) else { throw .causeMissing }
        case .propose, .accept, .counter, .expire, .ready, .move: break
        }
    }

    private func deadlineAction(_ offer: Offer) -> HandshakeAction {
        .scheduleDeadline(at: offer.proposal.deadline, sequence: offer.sequence + 1)
    }

    private func step(
        _ message: HandshakeMessage, _ phase: Phase, _ actions: [HandshakeAction]
    ) -> HandshakeStep {
        let handshake = Handshake(
            booked: booked, answerSeconds: answerSeconds, phase: phase,
            sequence: message.sequence, last: message)
        return HandshakeStep(handshake: handshake, actions: actions)
    }
}
