import MoneyAndTime

/// The balances of all accounts, and whether each book sums to zero.
package struct TrialBalance: Sendable {
    private struct Key: Hashable {
        let account: Account
        let currency: Currency
    }

    private var sums: [Key: Balance] = [:]

    package init(_ entries: some Sequence<JournalEntry> = []) {
        for entry in entries { add(entry) }
    }

    /// From stored postings, which need not be whole entries: an organisation sees its own half.
    package init(postings: some Sequence<Posting>) {
        for posting in postings { add(posting) }
    }

    package mutating func add(_ entry: JournalEntry) {
        for posting in entry.postings { add(posting) }
    }

    private mutating func add(_ posting: Posting) {
        let key = Key(account: posting.account, currency: posting.amount.currency)
        let empty = Balance(account: key.account, currency: key.currency)
        sums[key, default: empty].add(posting)
    }

    /// Every account that was ever posted to, in the order of the chart.
    package var balances: [Balance] {
        sums.values.sorted {
            ($0.account, $0.currency.rawValue) < ($1.account, $1.currency.rawValue)
        }
    }

    package var books: [OrganisationID] { Set(sums.keys.map(\.account.book)).sorted() }

    /// The balance of one account, zero when nothing was posted to it.
    package func balance(of account: Account, in currency: Currency = .eur) -> Balance {
        sums[Key(account: account, currency: currency)]
            ?? Balance(account: account, currency: currency)
    }

    /// Debits less credits of one book: zero, or something was changed behind the ledger's back.
    package func netDebit(of book: OrganisationID, in currency: Currency = .eur) -> Int128 {
        sums.values.reduce(0) { sum, balance in
            let counts = balance.account.book == book && balance.currency == currency
            return counts ? sum + balance.netDebit : sum
        }
    }

    /// Whether each book sums to zero in each currency.
    package var isZero: Bool {
        var nets: [OrganisationID: [Currency: Int128]] = [:]
        for balance in sums.values {
            nets[balance.account.book, default: [:]][balance.currency, default: 0] +=
                balance.netDebit
        }
        return nets.values.allSatisfy { $0.values.allSatisfy { $0 == 0 } }
    }
}
