import MoneyAndTime

/// Where the payment of an invoice stands. The raw values are the words in SQL and JSON.
package enum InvoiceState: String, Hashable, Sendable, CaseIterable {
    case issued
    case partlyPaid = "partly_paid"
    case paid
}

/// What was paid of an invoice: never more than was invoiced (invariant 24).
package struct Settlement: Hashable, Sendable {
    /// The invoice's total with VAT; zero or above.
    package let total: Money
    package private(set) var settled: Money

    /// Throws `aboveOpenAmount` for a settled amount that cannot be.
    package init(
        total: Money, settled: Money? = nil
    ) throws(BillingRefusal) {
        let none = Money(minorUnits: 0, currency: total.currency)
        let settled = settled ?? none
        guard total >= none, settled >= none else { throw .amountNotPositive }
        guard settled <= total else { throw .aboveOpenAmount(open: total) }
        self.total = total
        self.settled = settled
    }

    /// What is not paid yet; zero or above.
    package var open: Money {
        // Both are zero or above and settled ≤ total: the difference cannot overflow.
        Money(minorUnits: total.minorUnits - settled.minorUnits, currency: total.currency)
    }

    /// An invoice of nothing is paid when it is issued.
    package var state: InvoiceState {
        if settled == total { return .paid }
        return settled.minorUnits == 0 ? .issued : .partlyPaid
    }

    /// Applies a payment: issued → partly paid → paid, or a refusal and no change.
    package mutating func apply(_ amount: Money) throws(BillingRefusal) {
        guard state != .paid else { throw .invoiceIs(.paid) }
        guard amount.minorUnits > 0 else { throw .amountNotPositive }
        guard amount <= open else { throw .aboveOpenAmount(open: open) }
        settled = Money(
            minorUnits: settled.minorUnits + amount.minorUnits, currency: total.currency)
    }

    /// A payment that the bank took back: what it had settled is open again.
    package mutating func takeBack(_ amount: Money) throws(BillingRefusal) {
        guard amount.minorUnits > 0 else { throw .amountNotPositive }
        guard amount <= settled else { throw .aboveOpenAmount(open: settled) }
        settled = Money(
            minorUnits: settled.minorUnits - amount.minorUnits, currency: total.currency)
    }
}
