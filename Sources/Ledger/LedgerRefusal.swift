import MoneyAndTime

/// Why an entry cannot stand. Arithmetic that overflows is `ArithmeticFailure`, not a case here.
package enum LedgerRefusal: Error, Hashable, Sendable {
    /// An entry without postings.
    case empty
    /// Seller and buyer are the same organisation: there is no second book.
    case oneBook
    /// A posting of zero or below; the side says the direction, never the sign.
    case amountNotPositive(AccountCode)
    /// A posting in the book of somebody who is not a party, or with the wrong counterparty.
    case foreignBook(OrganisationID)
    /// One of the two books has no postings.
    case bookMissing(EntryParty)
    /// The kind does not allow this account of this party on this side.
    case notAllowed(EntryKind, EntryParty, AccountCode, PostingSide)
    /// Debits and credits differ within one book.
    case unbalanced(EntryParty)
    /// A claim is not the same in both books.
    case mirrorBroken(AccountCode)
    /// The subject is not what entries of this kind are about.
    case wrongSubject(EntryKind)
    /// A reversal of a reversal.
    case notReversible(EntryID)
}
