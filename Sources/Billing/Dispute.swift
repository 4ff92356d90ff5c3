import MoneyAndTime

/// One line of a statement that the buyer disputes: what was charged, what the buyer says it should
/// be, and where the two sides are. Nothing of it is invoiced until it is settled (invariant 13).
package struct Dispute: Hashable, Sendable {
    /// What is wrong. The raw values here and below are the words in SQL and JSON.
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        /// The price, the supplements, or that it costs anything at all.
        case rate
        /// The minutes.
        case volume
    }

    package enum State: String, Hashable, Sendable, CaseIterable {
        /// The buyer named its figure; the seller answers.
        case claimed
        /// The seller stays with what it charged, and said why; the buyer answers.
        case explained
        /// The seller offers a figure between the two; the buyer answers.
        case proposed
        case settled
    }

    package enum Side: String, Hashable, Sendable, CaseIterable {
        case seller
        case buyer
    }

    /// How it ended.
    package enum Outcome: String, Hashable, Sendable, CaseIterable {
        /// As the statement has it.
        case charged
        /// At another figure.
        case corrected
        /// Not at all.
        case notCharged = "not_charged"
    }

    /// What one side says the line comes to.
    package struct Figure: Hashable, Sendable {
        /// Without VAT.
        package let net: Money
        /// The minutes that it is rated for, where they are what is in dispute.
        package let minutes: Int64?

        package init(net: Money, minutes: Int64? = nil) {
            self.net = net
            self.minutes = minutes
        }
    }

    package let reason: Reason
    package let charged: Money
    package let claimed: Figure
    /// What the seller offered last.
    package internal(set) var proposed: Figure?
    package internal(set) var state: State
    /// Whether an answer was not there in time: then the seller may make offers out of its turn.
    package internal(set) var isEscalated: Bool
    package internal(set) var outcome: Outcome?
    /// What is charged in the end; there when it is settled.
    package internal(set) var agreed: Figure?

    /// A line is disputed because it charges too much. Differences up to `tolerance` are not
    /// disputed, by the contract.
    package init(
        reason: Reason, charged: Money, claimed: Figure, tolerance: Money = .zero
    ) throws {
        // What is charged is never disputed into something that the seller owes.
        guard claimed.net < charged, charged <= .zero || claimed.net >= .zero,
            (claimed.minutes ?? 0) >= 0
        else { throw DisputeRefusal.figureNotBelow(charged) }
        guard try charged.subtracting(claimed.net) > tolerance else {
            throw DisputeRefusal.withinTolerance(tolerance)
        }
        self.reason = reason
        self.charged = charged
        self.claimed = claimed
        state = .claimed
        isEscalated = false
    }

    /// As it was stored.
    package init(
        reason: Reason, charged: Money, claimed: Figure, proposed: Figure?, state: State,
        isEscalated: Bool, outcome: Outcome?, agreed: Figure?
    ) {
        self.reason = reason
        self.charged = charged
        self.claimed = claimed
        self.proposed = proposed
        self.state = state
        self.isEscalated = isEscalated
        self.outcome = outcome
        self.agreed = agreed
    }

    /// Who answers next; nobody when it is settled.
    package var turn: Side? {
        switch state {
        case .claimed: .seller
        case .explained, .proposed: .buyer
        case .settled: nil
        }
    }
}

/// Why a line cannot be disputed, or a dispute not be answered like that.
package enum DisputeRefusal: Error, Hashable, Sendable {
    /// A claim must be below what was charged, and an offer between the two: below this.
    case figureNotBelow(Money)
    case withinTolerance(Money)
    case notTheirAnswer
    case notYourTurn
    case nothingProposed
    case settled
}
