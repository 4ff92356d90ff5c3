import MoneyAndTime

/// Why a person's wish to apply a bank entry cannot be.
package enum HandAllocationRefusal: Error, Hashable, Sendable {
    /// It is applied or set aside already.
    case nothingLeft
    /// Not in euros, or a part of a cent: it can only be set aside.
    case notOurMoney
    /// More than what is left of the entry.
    case aboveEntry(left: Money)
    /// More than what is open of an invoice.
    case aboveInvoice(InvoiceID, open: Money)
    case amountNotPositive
}

/// A bank entry that a person applies by hand, with what is left of it.
package struct HandAllocation: Hashable, Sendable {
    package let left: Money

    /// `allocated` is what of the entry was applied before.
    package init(
        of amount: BankAmount, allocated: Money, isOpen: Bool
    ) throws(HandAllocationRefusal) {
        guard isOpen else { throw .nothingLeft }
        guard let whole = amount.money else { throw .notOurMoney }
        let left = whole.minorUnits - allocated.minorUnits
        guard left > 0 else { throw .nothingLeft }
        self.left = Money(minorUnits: left, currency: whole.currency)
    }

    /// What is settled of each invoice afterwards, in the order of `wanted`.
    package func applying(
        _ wanted: [Allocation], to settlements: [InvoiceID: Settlement]
    ) throws(HandAllocationRefusal) -> [Settlement] {
        var settlements = settlements
        var after: [Settlement] = []
        var rest = left.minorUnits
        for part in wanted {
            guard part.amount.minorUnits > 0 else { throw .amountNotPositive }
            guard part.amount.minorUnits <= rest else { throw .aboveEntry(left: left) }
            rest -= part.amount.minorUnits
            guard var settlement = settlements[part.invoice] else { continue }
            let open = settlement.open
            do { try settlement.apply(part.amount) } catch {
                throw .aboveInvoice(part.invoice, open: open)
            }
            settlements[part.invoice] = settlement
            after.append(settlement)
        }
        return after
    }
}

/// What a person says that the bank took back of one payment.
package struct HandReturn: Hashable, Sendable {
    /// Of the payment as it came.
    package let amount: BankAmount
    /// What of it settles something.
    package let inForce: Money
    /// What of that is to settle nothing more.
    package let parts: [Money]

    package init(amount: BankAmount, inForce: Money, parts: [Money]) {
        self.amount = amount
        self.inForce = inForce
        self.parts = parts
    }

    /// Whether the money that went is exactly what had settled; or the payments as they came,
    /// whole, with what of them was too much and settled nothing.
    package static func fits(
        _ returns: [HandReturn], _ gone: Money
    ) throws(ArithmeticFailure) -> Bool {
        if try Money.sum(of: returns.flatMap(\.parts)) == gone { return true }
        let whole = returns.compactMap(\.amount.money)
        guard whole.count == returns.count else { return false }
        for each in returns {
            guard try Money.sum(of: each.parts) == each.inForce else { return false }
        }
        return try Money.sum(of: whole) == gone
    }
}
