import MoneyAndTime

extension Dispute {
    /// What a side can say once a line is disputed.
    package enum Answer: Hashable, Sendable {
        // the seller's
        /// The buyer is right: its figure is charged.
        case concede
        /// The charge is right, and why.
        case explain
        /// Half-way: a figure between the two.
        case propose(Figure)
        // the buyer's
        /// The offer is taken; of an explanation, the charge is.
        case accept
        /// The claim stays, and the seller answers again.
        case hold
        /// The line is charged as it stands.
        case withdraw
    }

    /// The life of a dispute: an answer in, what it has become out, or a refusal. A side may end it
    /// to its own loss at any time; what asks for an answer keeps to the turns, which SQL holds,
    /// too (`dispute_rules` in `0044_disputes`).
    package func receiving(
        _ answer: Answer, by side: Side
    ) throws(DisputeRefusal) -> Dispute {
        guard state != .settled else { throw .settled }
        guard answer.side == side else { throw .notTheirAnswer }
        var next = self
        switch answer {
        case .concede: next.settle(at: claimed)
        case .explain:
            guard turn == .seller else { throw .notYourTurn }
            next.state = .explained
        case .propose(let figure):
            guard turn == .seller || isEscalated else { throw .notYourTurn }
            guard figure.net > claimed.net, figure.net < charged else {
                throw .figureNotBelow(charged)
            }
            next.state = .proposed
            next.proposed = figure
        case .accept:
            switch (state, proposed) {
            case (.proposed, .some(let figure)): next.settle(at: figure)
            case (.explained, _): next.settle(at: Figure(net: charged))
            default: throw .nothingProposed
            }
        case .hold:
            guard turn == .buyer else { throw .notYourTurn }
            next.state = .claimed
        case .withdraw: next.settle(at: Figure(net: charged))
        }
        return next
    }

    /// Nobody answered in time. What is settled stays so.
    package func escalated() throws(DisputeRefusal) -> Dispute {
        guard state != .settled else { throw .settled }
        var next = self
        next.isEscalated = true
        return next
    }

    private mutating func settle(at figure: Figure) {
        state = .settled
        agreed = figure
        if figure.net == charged {
            outcome = .charged
        } else {
            outcome = figure.net == .zero ? .notCharged : .corrected
        }
    }
}

extension Dispute.Answer {
    /// Whose word it is.
    package var side: Dispute.Side {
        switch self {
        case .concede, .explain, .propose: .seller
        case .accept, .hold, .withdraw: .buyer
        }
    }

    /// The stable word in SQL and JSON.
    package var code: String {
        switch self {
        case .concede: "concede"
        case .explain: "explain"
        case .propose: "propose"
        case .accept: "accept"
        case .hold: "hold"
        case .withdraw: "withdraw"
        }
    }
}

/// The time that a contract gives, counted in whole days of its clock.
package enum ReviewTime {
    /// The first instant after so many days, of which the one after `instant`'s is the first.
    package static func end(
        of days: Int64, from instant: Instant, in clock: WallClock
    ) throws -> Instant {
        guard let days = Int(exactly: days) else { throw ArithmeticFailure.overflow }
        let last = try clock.date(of: instant).adding(days: days)
        return try clock.instant(last.adding(days: 1), TimeOfDay(minuteOfDay: 0))
    }
}
