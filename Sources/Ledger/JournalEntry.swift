import MoneyAndTime

/// One amount on one side of one account.
package struct Posting: Hashable, Sendable {
    package let account: Account
    package let side: PostingSide
    /// Always above zero; `side` is the direction.
    package let amount: Money

    package init(account: Account, side: PostingSide, amount: Money) {
        self.account = account
        self.side = side
        self.amount = amount
    }

    /// The same amount on the other side.
    package var reversed: Posting {
        Posting(account: account, side: side.opposite, amount: amount)
    }
}

/// One event in the two mirrored books of a seller and a buyer. A value of this type is in order:
/// whatever is not is refused when it is made (`LedgerRefusal`).
package struct JournalEntry: Hashable, Sendable {
    package let id: EntryID
    package let kind: EntryKind
    package let seller: OrganisationID
    package let buyer: OrganisationID
    /// The day on which the event counts, in the seller's zone; not the moment of writing.
    package let effectiveOn: CalendarDate
    package let subject: EntrySubject
    /// Seller's book first, in the order in which the builder wrote them.
    package let postings: [Posting]

    package init(
        id: EntryID, kind: EntryKind, seller: OrganisationID, buyer: OrganisationID,
        effectiveOn: CalendarDate, subject: EntrySubject, postings: [Posting]
    ) throws(LedgerRefusal) {
        self.id = id
        self.kind = kind
        self.seller = seller
        self.buyer = buyer
        self.effectiveOn = effectiveOn
        self.subject = subject
        self.postings = postings
        try checkParties()
        try checkPostings()
        try checkBalance()
        try checkMirror()
    }

    /// Which part the book plays here; `nil` for a stranger's.
    package func party(of book: OrganisationID) -> EntryParty? {
        book == seller ? .seller : book == buyer ? .buyer : nil
    }
}

extension JournalEntry {
    private func checkParties() throws(LedgerRefusal) {
        guard seller != buyer else { throw LedgerRefusal.oneBook }
        guard subject.suits(kind) else { throw LedgerRefusal.wrongSubject(kind) }
        guard !postings.isEmpty else { throw LedgerRefusal.empty }
    }

    private func checkPostings() throws(LedgerRefusal) {
        let allowed = kind.allowed
        for posting in postings {
            let account = posting.account
            guard let party = party(of: account.book) else {
                throw LedgerRefusal.foreignBook(account.book)
            }
            guard account.counterparty == (party == .seller ? buyer : seller) else {
                throw LedgerRefusal.foreignBook(account.counterparty)
            }
            guard posting.amount.minorUnits > 0 else {
                throw LedgerRefusal.amountNotPositive(account.code)
            }
            let use = EntryKind.Allowed(party: party, account: account.code, side: posting.side)
            guard allowed.contains(use) else {
                throw LedgerRefusal.notAllowed(kind, party, account.code, posting.side)
            }
        }
        for party in EntryParty.allCases
        where !postings.contains(where: { self.party(of: $0.account.book) == party }) {
            throw LedgerRefusal.bookMissing(party)
        }
    }

    /// Debits equal credits, in each book and each currency (invariant 14).
    private func checkBalance() throws(LedgerRefusal) {
        for party in EntryParty.allCases {
            let own = postings.filter { self.party(of: $0.account.book) == party }
            for currency in Set(own.map(\.amount.currency)) {
                let same = own.filter { $0.amount.currency == currency }
                guard same.netDebit == 0 else {
                    throw LedgerRefusal.unbalanced(party)
                }
            }
        }
    }

    /// What one book claims the other owes, to the cent and in the same entry (invariant 19).
    private func checkMirror() throws(LedgerRefusal) {
        for currency in Set(postings.map(\.amount.currency)) {
            let same = postings.filter { $0.amount.currency == currency }
            for account in Set(same.map(\.account)) {
                guard let mirror = account.mirror else { continue }
                let here = same.filter { $0.account == account }.netDebit
                let there = same.filter { $0.account == mirror }.netDebit
                guard here + there == 0 else {
                    // named by the claim, whichever of the two books is looked at first
                    throw LedgerRefusal.mirrorBroken(
                        AccountCode.claims.contains(account.code)
                            ? account.code : mirror.code)
                }
            }
        }
    }
}
