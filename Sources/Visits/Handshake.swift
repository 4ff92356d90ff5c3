import MoneyAndTime

/// The agreement of two sides on one video session (`docs/handshake.md`): a value. What happens
/// to it is in `HandshakeProtocol`.
package struct Handshake: Hashable, Sendable {
    /// Where the booking stands now; a counter-proposal holds no time until it is accepted.
    package let booked: TimeSlot
    /// How long an offer must stand before silence counts against the side that was asked: else
    /// an offer with a deadline in two seconds would make anyone the one who did not answer.
    package let answerSeconds: Int64
    package let phase: Phase
    /// Of the last message that was applied; zero before the first.
    package let sequence: Int64
    /// Kept so that its exact repeat changes nothing.
    package let last: HandshakeMessage?

    package enum Phase: Hashable, Sendable {
        /// Nothing was proposed yet; `deadline` is the last chance to.
        case none(deadline: Instant)
        case proposed(Offer)
        case countered(Offer)
        /// Also "ready", once both have said so.
        case agreed(Agreement, Readiness)
        /// A counter on an agreed visit; until it is accepted, the agreement stands.
        case rescheduling(Offer, Agreement, Readiness)
        case declined(by: Side)
        case withdrawn(by: Side)
        /// `owing` is the side that did not answer, or that left the other no time to; nil when
        /// neither had proposed.
        case expired(owing: Side?)
    }

    /// The words stored and shown.
    package enum StateName: String, Hashable, Sendable, CaseIterable {
        case none, proposed, countered, agreed, ready, rescheduling, declined, withdrawn, expired

        package var isTerminal: Bool {
            self == .declined || self == .withdrawn || self == .expired
        }
    }

    package struct Offer: Hashable, Sendable {
        package let by: Side
        package let proposal: Proposal
        /// Of the message that made it.
        package let sequence: Int64
        package let madeAt: Instant

        package init(by: Side, proposal: Proposal, sequence: Int64, madeAt: Instant) {
            self.by = by
            self.proposal = proposal
            self.sequence = sequence
            self.madeAt = madeAt
        }
    }

    package struct Agreement: Hashable, Sendable {
        package let slot: TimeSlot
        package let room: Room
        package let needs: Set<Proposal.Need>
        package let consent: Consent

        /// How both sides came to consent.
        package enum Consent: Hashable, Sendable {
            /// The contract accepts its published time in advance; both signed it.
            case inAdvance
            /// One side's offer, by its message's sequence, accepted by the other side's.
            case exchanged(offeredBy: Side, offer: Int64, acceptance: Int64)
        }

        package init(
            slot: TimeSlot, room: Room, needs: Set<Proposal.Need>, consent: Consent
        ) {
            self.slot = slot
            self.room = room
            self.needs = needs
            self.consent = consent
        }
    }

    package struct Readiness: Hashable, Sendable {
        package let seller: Report?
        package let buyer: Report?

        package enum Report: String, Hashable, Sendable {
            case ready
            case notReady = "not_ready"
        }

        package init(seller: Report? = nil, buyer: Report? = nil) {
            self.seller = seller
            self.buyer = buyer
        }

        package var isComplete: Bool { seller == .ready && buyer == .ready }

        func reporting(_ report: Report, by side: Side) -> Readiness {
            switch side {
            case .seller: Readiness(seller: report, buyer: buyer)
            case .buyer: Readiness(seller: seller, buyer: report)
            }
        }
    }

    /// A handshake as it was kept.
    package init(
        booked: TimeSlot, answerSeconds: Int64, phase: Phase, sequence: Int64,
        last: HandshakeMessage?
    ) {
        self.booked = booked
        self.answerSeconds = answerSeconds
        self.phase = phase
        self.sequence = sequence
        self.last = last
    }

    package var state: StateName {
        switch phase {
        case .none: .none
        case .proposed: .proposed
        case .countered: .countered
        case .agreed(_, let readiness): readiness.isComplete ? .ready : .agreed
        case .rescheduling: .rescheduling
        case .declined: .declined
        case .withdrawn: .withdrawn
        case .expired: .expired
        }
    }

    /// The first instant at which what is open expires; nil when nothing is.
    package var deadline: Instant? {
        switch phase {
        case .none(let deadline): deadline
        case .proposed, .countered, .rescheduling: phase.offer?.proposal.deadline
        case .agreed, .declined, .withdrawn, .expired: nil
        }
    }

    /// The side whose answer is awaited; nil when either may speak or nothing is open.
    package var awaited: Side? { phase.offer?.by.other }

    /// The message of the clock that is due at `now`, to be applied before anything else is.
    package func due(at now: Instant) -> HandshakeMessage? {
        guard let deadline, deadline <= now else { return nil }
        return HandshakeMessage(sender: .clock, sequence: sequence + 1, body: .expire)
    }
}

extension Handshake.Phase {
    /// What stands agreed, also while another time is offered.
    package var agreement: Handshake.Agreement? {
        switch self {
        case .agreed(let agreement, _), .rescheduling(_, let agreement, _): agreement
        case .none, .proposed, .countered, .declined, .withdrawn, .expired: nil
        }
    }

    /// What is to be answered.
    package var offer: Handshake.Offer? {
        switch self {
        case .proposed(let offer), .countered(let offer), .rescheduling(let offer, _, _): offer
        case .none, .agreed, .declined, .withdrawn, .expired: nil
        }
    }
}
