import MoneyAndTime

/// Where the payment of an invoice stands. The raw values are the words in SQL and JSON.
package enum InvoiceState: String, Hashable, Sendable, CaseIterable {
    case issued
    case partlyPaid = "partly_paid"
    case paid
    /// Taken back whole by credit notes.
    case credited
}

/// What was paid of an invoice, and what credit notes took of it: neither is ever more than was
/// invoiced (invariants 22, 24).
package struct Settlement: Hashable, Sendable {
    /// The invoice's total with VAT; zero or above.
    package let total: Money
    package private(set) var settled: Money
    /// With VAT.
    package let credited: Money

    /// Throws `aboveOpenAmount` for an amount that cannot be.
    package init(
        total: Money, settled: Money? = nil, credited: Money? = nil
    ) throws(BillingRefusal) {
        let none = Money(minorUnits: 0, currency: total.currency)
        let settled = settled ?? none
        let credited = credited ?? none
        guard total >= none, settled >= none, credited >= none else { throw .amountNotPositive }
        guard settled <= total, credited <= total else { throw .aboveOpenAmount(open: total) }
        self.total = total
        self.settled = settled
        self.credited = credited
    }

    /// `total` − `settled` − `credited`. All are zero or above, and the two last ones at most the
    /// first: it cannot overflow.
    private var left: Int64 { total.minorUnits - settled.minorUnits - credited.minorUnits }

    /// What is neither paid nor credited yet; zero or above.
    package var open: Money { Money(minorUnits: max(0, left), currency: total.currency) }

    /// What was paid beyond what credit notes have left; zero or above.
    package var owedBack: Money { Money(minorUnits: max(0, -left), currency: total.currency) }

    /// An invoice of nothing is paid when it is issued.
    package var state: InvoiceState {
        if credited == total, total.minorUnits > 0 { return .credited }
        if left <= 0 { return .paid }
        return settled.minorUnits == 0 ? .issued : .partlyPaid
    }

    /// Applies a payment: issued → partly paid → paid, or a refusal and no change.
    package mutating func apply(_ amount: Money) throws(BillingRefusal) {
        guard left > 0 else { throw .invoiceIs(state) }
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
