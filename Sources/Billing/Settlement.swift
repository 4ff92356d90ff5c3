import MoneyAndTime

/// Where the payment of an invoice stands. The raw values are the words in SQL and JSON.
package enum InvoiceState: String, Hashable, Sendable, CaseIterable {
    case issued
    case partlyPaid = "partly_paid"
    case paid
    /// Taken back whole by credit notes.
    case credited
    /// Nothing is open, and what was neither paid nor credited was given up.
    case writtenOff = "written_off"
}

/// What was paid of an invoice, what credit notes took of it, and what its seller gave up and no
/// credit note took: none is ever more than was invoiced, nor the last two together (invariants 22,
/// 24). What was paid beyond what is left is owed back until it is paid back.
package struct Settlement: Hashable, Sendable {
    /// The invoice's total with VAT; zero or above.
    package let total: Money
    package private(set) var settled: Money
    /// With VAT.
    package private(set) var credited: Money
    package private(set) var writtenOff: Money
    /// Paid back by the seller.
    package private(set) var refunded: Money

    /// Throws `aboveOpenAmount` for an amount that cannot be.
    package init(
        total: Money, settled: Money? = nil, credited: Money? = nil, writtenOff: Money? = nil,
        refunded: Money? = nil
    ) throws(BillingRefusal) {
        let none = Money(minorUnits: 0, currency: total.currency)
        let settled = settled ?? none
        let credited = credited ?? none
        let writtenOff = writtenOff ?? none
        let refunded = refunded ?? none
        guard total >= none, settled >= none, credited >= none, writtenOff >= none,
            refunded >= none
        else {
            throw .amountNotPositive
        }
        guard settled <= total, credited <= total, refunded <= total,
            writtenOff.minorUnits <= total.minorUnits - credited.minorUnits
        else { throw .aboveOpenAmount(open: total) }
        self.total = total
        self.settled = settled
        self.credited = credited
        self.writtenOff = writtenOff
        self.refunded = refunded
    }

    /// `total` − `settled` − `credited` − `writtenOff` + `refunded`. All are zero or above, and at
    /// most the first, as are `credited` and `writtenOff` together: it cannot overflow.
    private var left: Int64 {
        creditable.minorUnits - writtenOff.minorUnits - (settled.minorUnits - refunded.minorUnits)
    }

    /// What a credit note can still take, with VAT: what was paid and what was given up, too. Zero
    /// or above.
    package var creditable: Money {
        Money(minorUnits: total.minorUnits - credited.minorUnits, currency: total.currency)
    }

    /// What is neither paid, credited nor written off yet; zero or above.
    package var open: Money { Money(minorUnits: max(0, left), currency: total.currency) }

    /// What was paid beyond what credit notes have left, and not paid back; zero or above.
    package var owedBack: Money { Money(minorUnits: max(0, -left), currency: total.currency) }

    /// An invoice of nothing is paid when it is issued.
    package var state: InvoiceState {
        if credited == total, total.minorUnits > 0 { return .credited }
        if left <= 0 { return writtenOff.minorUnits > 0 ? .writtenOff : .paid }
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

    /// The seller gives up what is open, or a part of it.
    package mutating func writeOff(_ amount: Money) throws(BillingRefusal) {
        guard amount.minorUnits > 0 else { throw .amountNotPositive }
        guard left > 0 else { throw .nothingRemains }
        guard amount <= open else { throw .aboveRemaining(open) }
        writtenOff = Money(
            minorUnits: writtenOff.minorUnits + amount.minorUnits, currency: total.currency)
    }

    /// A credit note takes what is open, then what was given up, and only then what was paid, which
    /// is owed back. Returns by how much it cuts what was given up; zero or above.
    package mutating func credit(_ amount: Money) throws(BillingRefusal) -> Money {
        guard amount.minorUnits > 0 else { throw .amountNotPositive }
        guard amount <= creditable else { throw .aboveRemaining(creditable) }
        let beyond = amount.minorUnits - open.minorUnits
        let cut = min(max(0, beyond), writtenOff.minorUnits)
        credited = Money(
            minorUnits: credited.minorUnits + amount.minorUnits, currency: total.currency)
        writtenOff = Money(minorUnits: writtenOff.minorUnits - cut, currency: total.currency)
        return Money(minorUnits: cut, currency: total.currency)
    }

    /// The seller pays back what is owed back, or a part of it.
    package mutating func refund(_ amount: Money) throws(BillingRefusal) {
        guard amount.minorUnits > 0 else { throw .amountNotPositive }
        guard left < 0 else { throw .nothingRemains }
        guard amount <= owedBack else { throw .aboveRemaining(owedBack) }
        refunded = Money(
            minorUnits: refunded.minorUnits + amount.minorUnits, currency: total.currency)
    }

    /// A payment that the bank took back: what it had settled is open again.
    package mutating func takeBack(_ amount: Money) throws(BillingRefusal) {
        guard amount.minorUnits > 0 else { throw .amountNotPositive }
        guard amount <= settled else { throw .aboveOpenAmount(open: settled) }
        settled = Money(
            minorUnits: settled.minorUnits - amount.minorUnits, currency: total.currency)
    }
}
