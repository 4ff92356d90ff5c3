import MoneyAndTime

/// What is open of one invoice when a netting round is made.
package struct NettingClaim: Hashable, Sendable {
    package let invoice: InvoiceID
    /// Whose invoice it is.
    package let creditor: OrganisationID
    package let debtor: OrganisationID
    /// Above zero.
    package let open: Money

    package init(
        invoice: InvoiceID, creditor: OrganisationID, debtor: OrganisationID, open: Money
    ) throws(BillingRefusal) {
        guard open.minorUnits > 0 else { throw .amountNotPositive }
        self.invoice = invoice
        self.creditor = creditor
        self.debtor = debtor
        self.open = open
    }
}

/// What remains to be paid after all claims of a round are set off.
package struct NetPayment: Hashable, Sendable {
    package let payer: OrganisationID
    package let payee: OrganisationID
    /// Above zero.
    package let amount: Money

    package init(payer: OrganisationID, payee: OrganisationID, amount: Money) {
        self.payer = payer
        self.payee = payee
        self.amount = amount
    }
}

/// Claims between organisations that are set off all at once: each stays the invoice that it was,
/// gross, and what every member owes or is owed in all stays the same to the cent. A round of two
/// is netting in a pair. Who is owed nothing has nothing to set off: a claim that is in no circle
/// stays as it is.
package struct NettingRound: Hashable, Sendable {
    package let claims: [NettingClaim]
    /// What each member receives in all; below zero, what it pays.
    package let figures: [OrganisationID: Money]

    package init(_ claims: [NettingClaim]) throws(ArithmeticFailure) {
        let owes = Dictionary(grouping: claims, by: \.debtor).mapValues { Set($0.map(\.creditor)) }
        func reached(from start: OrganisationID) -> Set<OrganisationID> {
            var (seen, next): (Set<OrganisationID>, [OrganisationID]) = ([], [start])
            while let organisation = next.popLast() {
                next += owes[organisation, default: []].filter { seen.insert($0).inserted }
            }
            return seen
        }
        let reach = Dictionary(uniqueKeysWithValues: owes.keys.map { ($0, reached(from: $0)) })
        self.claims = claims.filter {
            $0.creditor != $0.debtor && reach[$0.creditor]?.contains($0.debtor) == true
        }
        var figures: [OrganisationID: Money] = [:]
        for claim in self.claims {
            figures[claim.creditor] = try figures[claim.creditor, default: .zero].adding(claim.open)
            figures[claim.debtor] = try figures[claim.debtor, default: .zero]
                .adding(claim.open.negated())
        }
        self.figures = figures
    }

    /// At most one fewer than there are members: whoever owes most pays whoever is owed most, until
    /// one of them is even. Equal sums go in the order of the organisations, so that it is the same
    /// everywhere.
    package var payments: [NetPayment] {
        func ranked(_ sign: Int64) -> [(who: OrganisationID, left: Int64)] {
            figures.map { (who: $0.key, left: sign * $0.value.minorUnits) }
                .filter { $0.left > 0 }
                .sorted { ($1.left, $0.who) < ($0.left, $1.who) }
        }
        var (owing, owed) = (ranked(-1)[...], ranked(1)[...])
        var payments: [NetPayment] = []
        while var payer = owing.popFirst(), var payee = owed.popFirst() {
            let amount = min(payer.left, payee.left)
            payments.append(
                NetPayment(
                    payer: payer.who, payee: payee.who, amount: Money(minorUnits: amount)))
            payer.left -= amount
            payee.left -= amount
            if payer.left > 0 { owing = [payer] + owing }
            if payee.left > 0 { owed = [payee] + owed }
        }
        return payments
    }
}
