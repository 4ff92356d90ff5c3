import MoneyAndTime

/// What can be said about a statement.
package enum StatementMessage: Hashable, Sendable {
    /// The buyer agrees; it names the total that it saw, so that it accepts nothing unseen.
    case accept(by: OrganisationID, total: Money)
    case dispute(by: OrganisationID, charges: Set<ChargeID>, reason: String)
    /// The buyer takes its dispute back; the statement is open again.
    case withdrawDispute(by: OrganisationID)
}

/// What follows from a message.
package enum StatementAction: Hashable, Sendable {
    /// These charges may now be invoiced.
    case invoice([ChargeID])
    /// Nothing of this statement is invoiced until the dispute is over.
    case hold(Set<ChargeID>)
}

extension Statement {
    /// The life of a statement: state and message in, state and actions out, or a refusal.
    package func receiving(
        _ message: StatementMessage
    ) throws(BillingRefusal) -> (statement: Statement, actions: [StatementAction]) {
        var next = self
        switch message {
        case .accept(let member, let seen):
            try check(member, is: .open)
            guard seen == total else { throw .anotherTotal(total) }
            next.state = .accepted
            return (next, [.invoice(lines.map(\.charge))])
        case .dispute(let member, let charges, let reason):
            try check(member, is: .open)
            guard !charges.isEmpty else { throw .noLines }
            guard reason.contains(where: { !$0.isWhitespace }) else { throw .noReason }
            let known = Set(lines.map(\.charge))
            if let stranger = charges.subtracting(known).min() { throw .unknownCharge(stranger) }
            next.state = .disputed
            next.disputed = charges
            return (next, [.hold(charges)])
        case .withdrawDispute(let member):
            try check(member, is: .disputed)
            next.state = .open
            next.disputed = []
            return (next, [])
        }
    }

    private func check(
        _ member: OrganisationID, is expected: StatementState
    ) throws(BillingRefusal) {
        guard member == buyer else { throw .notTheBuyer }
        guard state == expected else { throw .statementIs(state) }
    }
}
