/// The two sides of an account. The raw values are the words in SQL and JSON.
package enum PostingSide: String, CaseIterable, Hashable, Sendable {
    case debit
    case credit

    package var opposite: PostingSide { self == .debit ? .credit : .debit }
}

/// The part that a book plays in one entry: who sold, and who bought.
package enum EntryParty: String, CaseIterable, Hashable, Sendable {
    case seller
    case buyer
}
