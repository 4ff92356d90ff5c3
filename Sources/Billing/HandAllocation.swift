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
