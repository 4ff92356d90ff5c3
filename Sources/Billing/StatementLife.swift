import MoneyAndTime

/// What can be said about a statement.
package enum StatementMessage: Hashable, Sendable {
    /// The buyer agrees to what is not disputed; it names the sum that it saw, so that it accepts
    /// nothing unseen.
    case accept(by: OrganisationID, total: Money)
    /// The buyer disputes one line. What becomes of it is the life of its `Dispute`.
    case dispute(by: OrganisationID, charge: ChargeID)
    /// The buyer said nothing in the time that the contract gives, and that is consent there.
    case silence
}

/// What follows from a message.
package enum StatementAction: Hashable, Sendable {
    /// These charges may now be invoiced.
    case invoice([ChargeID])
    /// This line is not invoiced until the dispute is over.
    case hold(ChargeID)
}

extension Statement {
    /// The life of a statement: state and message in, state and actions out, or a refusal
    /// (`BillingRefusal`, or `ArithmeticFailure` of a sum).
    package func receiving(
        _ message: StatementMessage
    ) throws -> (statement: Statement, actions: [StatementAction]) {
        var next = self
        switch message {
        case .accept(let member, let seen):
            try check(member)
            let due = try undisputed
            guard seen == due else { throw BillingRefusal.anotherTotal(due) }
            next.state = .accepted
        case .silence:
            guard state == .open else { throw BillingRefusal.statementIs(state) }
            next.state = .accepted
        case .dispute(let member, let charge):
            try check(member)
            guard let line = lines.first(where: { $0.charge == charge }) else {
                throw BillingRefusal.unknownCharge(charge)
            }
            // it was accepted where it was carried from
            guard line.carriedFrom == nil else { throw BillingRefusal.statementIs(.accepted) }
            guard !disputed.contains(charge) else { throw BillingRefusal.repeatedCharge(charge) }
            next.disputed.insert(charge)
            return (next, [.hold(charge)])
        }
        let agreed = lines.map(\.charge).filter { !disputed.contains($0) }
        return (next, [.invoice(agreed)])
    }

    private func check(_ member: OrganisationID) throws(BillingRefusal) {
        guard member == buyer else { throw .notTheBuyer }
        guard state == .open else { throw .statementIs(state) }
    }
}
