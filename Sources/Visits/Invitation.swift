import MoneyAndTime

/// What calendars hear of a handshake (RFC 5546): one invitation for each booking, and what every
/// message makes of it. It is made from what was recorded and nothing else, so it is the same
/// whenever, and wherever, it is made again.
///
/// The side that proposed is the organiser; where the contract accepts its published time in
/// advance, that is the seller. The sequence never falls. The table is in `docs/handshake.md`.
package struct Invitation: Sendable {
    package enum Method: String, Hashable, Sendable, CaseIterable {
        case request = "REQUEST"
        case reply = "REPLY"
        case counter = "COUNTER"
        case declineCounter = "DECLINECOUNTER"
        case cancel = "CANCEL"
    }

    package enum Status: String, Hashable, Sendable {
        case tentative = "TENTATIVE"
        case confirmed = "CONFIRMED"
        case cancelled = "CANCELLED"
    }

    package enum Participation: String, Hashable, Sendable {
        case needsAction = "NEEDS-ACTION"
        case accepted = "ACCEPTED"
    }

    /// One calendar message, as one side gets it.
    package struct Message: Hashable, Sendable {
        package let method: Method
        package let sequence: Int64
        /// When what it says was recorded.
        package let at: Instant
        package let slot: TimeSlot
        package let room: Room
        package let status: Status
        package let organiser: Side
        /// Whose word it is; nil where it is the clock's, or comes with the booking.
        package let speaker: Side?
        package let seller: Participation
        package let buyer: Participation

        package func participation(of side: Side) -> Participation {
            side == .seller ? seller : buyer
        }

        /// Whether a side's calendar does not know it yet: nobody is told its own answer again.
        package func isNews(to side: Side) -> Bool {
            speaker != side || method == .request || method == .cancel
        }
    }

    /// What the visit is now, as a plain calendar shows it.
    package struct Event: Hashable, Sendable {
        package let sequence: Int64
        package let at: Instant
        package let slot: TimeSlot
        package let room: Room
        package let status: Status

        package init(
            sequence: Int64, at instant: Instant, slot: TimeSlot, room: Room, status: Status
        ) {
            self.sequence = sequence
            at = instant
            self.slot = slot
            self.room = room
            self.status = status
        }
    }

    /// What happens to a booking outside of its handshake.
    package enum Change: Hashable, Sendable {
        /// Another specialist of the seller's holds the visit.
        case substituted
        case cancelled
    }

    /// The invitation that stands in both calendars.
    private struct Standing: Hashable {
        var organiser: Side
        var sequence: Int64
        var slot: TimeSlot
        var room: Room
        var status: Status
        var accepted: Set<Side>
    }

    private var handshake: Handshake
    private var standing: Standing?
    private var isOver = false
    private var changedAt: Instant
    private var newest: [Side: Message] = [:]

    /// `opened` is the handshake before its first message, and `at` when it was opened.
    package init(of opened: Handshake, at instant: Instant) {
        handshake = opened
        changedAt = instant
        if let agreement = opened.phase.agreement {
            standing = Standing(
                organiser: .seller, sequence: 0, slot: agreement.slot, room: agreement.room,
                status: .confirmed, accepted: [.seller, .buyer])
            tell(.request, at: instant, by: nil)
        }
    }

    /// The newest calendar message for a side; nil as long as there is none.
    package func message(for side: Side) -> Message? { newest[side] }

    package var event: Event {
        let status: Status =
            isOver ? .cancelled : handshake.phase.agreement == nil ? .tentative : .confirmed
        return Event(
            sequence: standing?.sequence ?? (isOver ? 1 : 0), at: changedAt,
            slot: handshake.booked,
            room: handshake.phase.agreement?.room ?? standing?.room ?? .builtIn, status: status)
    }

    /// A message that was recorded at `now`. Throws what the protocol refuses, and is as it was.
    package mutating func hear(
        _ message: HandshakeMessage, at now: Instant
    ) throws(HandshakeRefusal) {
        let before = handshake
        let after = try before.apply(message, now: now).handshake
        guard !isOver, after.sequence > before.sequence else { return }
        handshake = after
        let speaker: Side? = if case .side(let side) = message.sender { side } else { nil }
        switch message.body {
        case .propose(let proposal):
            request(proposal.slot, proposal.room, acceptedBy: speaker, organiser: speaker, at: now)
        case .counter(let proposal):
            counter(proposal, by: speaker, at: now)
        case .accept:
            accept(before.phase, by: speaker, at: now)
        case .decline, .withdraw, .expire:
            end(by: speaker, at: now)
        case .move(let move):
            let room =
                after.phase.agreement?.room ?? before.phase.agreement?.room ?? standing?.room
            request(
                move.slot, room ?? .builtIn, acceptedBy: move.reply == nil ? nil : speaker,
                organiser: standing?.organiser ?? speaker, at: now)
        case .ready, .notReady:
            break
        }
    }

    /// What has run out by `now` has run out, whether or not the worker was there.
    package mutating func runOut(by now: Instant) throws(HandshakeRefusal) {
        guard !isOver, let due = handshake.due(at: now), let deadline = handshake.deadline
        else { return }
        try hear(due, at: deadline)
    }

    /// What was done to the booking at `instant` without the handshake.
    package mutating func note(_ change: Change, at instant: Instant) {
        guard !isOver else { return }
        changedAt = instant
        switch change {
        case .cancelled: cancel(at: instant, by: nil)
        case .substituted:
            guard standing != nil else { return }
            standing?.sequence += 1
            tell(.request, at: instant, by: nil)
        }
    }

    // MARK: What each message makes of it

    /// A new invitation, or the same one with another time: `acceptedBy` nil is both sides.
    private mutating func request(
        _ slot: TimeSlot, _ room: Room, acceptedBy side: Side?, organiser: Side?, at now: Instant
    ) {
        standing = Standing(
            organiser: organiser ?? .seller, sequence: (standing?.sequence ?? -1) + 1, slot: slot,
            room: room, status: side == nil ? .confirmed : .tentative,
            accepted: side.map { [$0] } ?? [.seller, .buyer])
        tell(.request, at: now, by: side ?? organiser)
    }

    /// The whole event at the other time. What stands in the calendars stays until it is accepted,
    /// whoever asks: also the organiser's side is one of the two that attend.
    private mutating func counter(_ proposal: Proposal, by side: Side?, at now: Instant) {
        guard let standing else { return }
        changedAt = now
        let message = Message(
            method: .counter, sequence: standing.sequence, at: now, slot: proposal.slot,
            room: proposal.room, status: .tentative, organiser: standing.organiser, speaker: side,
            seller: side == .seller ? .accepted : .needsAction,
            buyer: side == .buyer ? .accepted : .needsAction)
        newest = [.seller: message, .buyer: message]
    }

    private mutating func accept(
        _ before: Handshake.Phase, by side: Side?, at now: Instant
    ) {
        guard let agreement = handshake.phase.agreement, let side, standing != nil else { return }
        standing?.slot = agreement.slot
        standing?.room = agreement.room
        standing?.status = .confirmed
        standing?.accepted = [.seller, .buyer]
        guard case .proposed = before else {
            // a counter was accepted: the organiser invites anew
            standing?.sequence += 1
            tell(.request, at: now, by: side)
            return
        }
        // who accepts sees it confirmed, and the organiser gets the answer
        tell(.request, at: now, by: side)
        answer(by: side, at: now)
    }

    /// An offer that came to nothing, or what was agreed and is called off.
    private mutating func end(by side: Side?, at now: Instant) {
        if handshake.phase.agreement != nil {
            // the counter is off, and what was agreed stands
            tell(.declineCounter, at: now, by: side)
            return
        }
        // a declined answer would leave the time in the calendar of who proposed it
        cancel(at: now, by: side)
    }

    private mutating func cancel(at now: Instant, by side: Side?) {
        isOver = true
        changedAt = now
        guard standing != nil else { return }
        standing?.sequence += 1
        standing?.status = .cancelled
        tell(.cancel, at: now, by: side)
    }

    /// The same to both.
    private mutating func tell(_ method: Method, at now: Instant, by speaker: Side?) {
        guard let standing else { return }
        changedAt = now
        func participation(_ side: Side) -> Participation {
            standing.accepted.contains(side) ? .accepted : .needsAction
        }
        let message = Message(
            method: method, sequence: standing.sequence, at: now, slot: standing.slot,
            room: standing.room, status: standing.status, organiser: standing.organiser,
            speaker: speaker, seller: participation(.seller), buyer: participation(.buyer))
        newest = [.seller: message, .buyer: message]
    }

    /// The answer to the organiser's proposal, for the organiser: of the sequence that is answered.
    private mutating func answer(by side: Side, at now: Instant) {
        guard let standing, let told = newest[side.other] else { return }
        newest[side.other] = Message(
            method: .reply,
            sequence: standing.sequence, at: now, slot: told.slot, room: told.room,
            status: told.status, organiser: standing.organiser, speaker: side, seller: .accepted,
            buyer: .accepted)
    }
}

extension Invitation {
    /// One thing that was recorded of a booking.
    package enum Fact: Hashable, Sendable {
        case said(HandshakeMessage)
        case done(Change)
    }

    /// From all that was recorded, in the order in which it happened.
    package init(
        of opened: Handshake, at instant: Instant, _ facts: [(fact: Fact, at: Instant)]
    ) throws(HandshakeRefusal) {
        self.init(of: opened, at: instant)
        for (fact, instant) in facts {
            switch fact {
            case .said(let message): try hear(message, at: instant)
            case .done(let change): note(change, at: instant)
            }
        }
    }
}
