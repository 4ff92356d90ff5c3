import MoneyAndTime

extension Sequence<Posting> {
    /// Debits less credits in minor units. 128 bits hold the sum of any number of 64-bit amounts
    /// that fits in a machine; it is narrowed, checked, only where it becomes `Money`.
    package var netDebit: Int128 {
        reduce(into: 0) { sum, posting in
            let amount = Int128(posting.amount.minorUnits)
            sum += posting.side == .debit ? amount : -amount
        }
    }
}

/// What one account holds: the sum of its postings in one currency (invariant 18).
package struct Balance: Hashable, Sendable {
    package let account: Account
    package let currency: Currency
    package private(set) var debits: Int128
    package private(set) var credits: Int128

    package init(account: Account, currency: Currency, debits: Int128 = 0, credits: Int128 = 0) {
        self.account = account
        self.currency = currency
        self.debits = debits
        self.credits = credits
    }

    mutating func add(_ posting: Posting) {
        switch posting.side {
        case .debit: debits += Int128(posting.amount.minorUnits)
        case .credit: credits += Int128(posting.amount.minorUnits)
        }
    }

    package var netDebit: Int128 { debits - credits }

    /// The balance on the account's normal side: what is owed on a claim, what was earned on
    /// revenue. Below zero when the account stands on its other side.
    package var amount: Money {
        get throws(ArithmeticFailure) {
            let sum = account.code.normalSide == .debit ? netDebit : -netDebit
            guard let units = Int64(exactly: sum) else { throw .overflow }
            return Money(minorUnits: units, currency: currency)
        }
    }
}
