import MoneyAndTime

/// What a seller says that it is owed, beside what the buyer says that it owes, claim by claim
/// (invariant 19). One direction of trade; a pair that trades both ways has two comparisons.
package struct BooksComparison: Hashable, Sendable {
    package struct Line: Hashable, Sendable {
        /// The seller's account of the claim.
        package let claim: AccountCode
        package let sellerClaims: Money
        package let buyerOwes: Money

        package var agrees: Bool { sellerClaims == buyerOwes }
    }

    package let seller: OrganisationID
    package let buyer: OrganisationID
    /// One for each of `AccountCode.claims`, in that order.
    package let lines: [Line]

    package init(
        seller: OrganisationID, buyer: OrganisationID, in balances: TrialBalance,
        currency: Currency = .eur
    ) throws(ArithmeticFailure) {
        self.seller = seller
        self.buyer = buyer
        var lines: [Line] = []
        for claim in AccountCode.claims {
            let account = Account(book: seller, code: claim, counterparty: buyer)
            guard let mirror = account.mirror else { continue }
            lines.append(
                Line(
                    claim: claim,
                    sellerClaims: try balances.balance(of: account, in: currency).amount,
                    buyerOwes: try balances.balance(of: mirror, in: currency).amount))
        }
        self.lines = lines
    }

    package var agrees: Bool { lines.allSatisfy(\.agrees) }
}

extension TrialBalance {
    /// Every pair of organisations with a claim between them, in both directions: each must agree.
    package func comparisons(
        currency: Currency = .eur
    ) throws(ArithmeticFailure) -> [BooksComparison] {
        var pairs: Set<Pair> = []
        for account in balances.map(\.account) {
            guard account.code.mirror != nil else { continue }
            let owed = AccountCode.claims.contains(account.code)
            pairs.insert(
                owed
                    ? Pair(seller: account.book, buyer: account.counterparty)
                    : Pair(seller: account.counterparty, buyer: account.book))
        }
        let ordered = pairs.sorted { ($0.seller, $0.buyer) < ($1.seller, $1.buyer) }
        var comparisons: [BooksComparison] = []
        for pair in ordered {
            comparisons.append(
                try BooksComparison(
                    seller: pair.seller, buyer: pair.buyer, in: self, currency: currency))
        }
        return comparisons
    }
}

private struct Pair: Hashable {
    let seller: OrganisationID
    let buyer: OrganisationID
}
