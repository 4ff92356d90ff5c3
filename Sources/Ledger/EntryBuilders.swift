import MoneyAndTime

/// The one way to make an entry: one function for each kind. `docs/ledger.md` draws them.
extension JournalEntry {
    /// A sealed charge of `net` (without VAT): one of nothing is not posted, and below zero it is a
    /// compensation, which the seller owes.
    package static func accrual(
        id: EntryID, charge: ChargeID, net: Money,
        seller: OrganisationID, buyer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        let books = Books(seller: seller, buyer: buyer)
        let isOwed = net < .zero
        let size = isOwed ? try net.negated() : net
        let earned = [
            books.seller(.debit, .unbilledReceivable, size),
            books.seller(.credit, .revenue, size),
            books.buyer(.debit, .expense, size),
            books.buyer(.credit, .unbilledPayable, size),
        ]
        return try JournalEntry(
            id: id, kind: isOwed ? .compensation : .accrual, seller: seller, buyer: buyer,
            effectiveOn: effectiveOn, subject: .charge(charge),
            postings: isOwed ? earned.map(\.reversed) : earned)
    }

    /// An issued invoice: `net` leaves the unbilled accounts, and `net` + `vat` becomes due.
    /// `vat` is zero or above; without VAT there is no VAT posting.
    package static func invoicing(
        id: EntryID, invoice: InvoiceID, net: Money, vat: Money,
        seller: OrganisationID, buyer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        let books = Books(seller: seller, buyer: buyer)
        let gross = try net.adding(vat)
        var sold = [
            books.seller(.debit, .receivable, gross),
            books.seller(.credit, .unbilledReceivable, net),
        ]
        var bought = [books.buyer(.debit, .unbilledPayable, net)]
        if vat.minorUnits != 0 {
            sold.append(books.seller(.credit, .vatPayable, vat))
            bought.append(books.buyer(.debit, .vatDeductible, vat))
        }
        bought.append(books.buyer(.credit, .payable, gross))
        return try JournalEntry(
            id: id, kind: .invoicing, seller: seller, buyer: buyer, effectiveOn: effectiveOn,
            subject: .invoice(invoice), postings: sold + bought)
    }

    /// A credit note of `net` + `vat`: what was earned and taxed is taken back, and no longer due.
    package static func credit(
        id: EntryID, creditNote: CreditNoteID, net: Money, vat: Money,
        seller: OrganisationID, buyer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        let books = Books(seller: seller, buyer: buyer)
        let gross = try net.adding(vat)
        var sold = [books.seller(.credit, .receivable, gross)]
        var bought = [books.buyer(.debit, .payable, gross)]
        if net.minorUnits != 0 {
            sold.append(books.seller(.debit, .revenue, net))
            bought.append(books.buyer(.credit, .expense, net))
        }
        if vat.minorUnits != 0 {
            sold.append(books.seller(.debit, .vatPayable, vat))
            bought.append(books.buyer(.credit, .vatDeductible, vat))
        }
        return try JournalEntry(
            id: id, kind: .credit, seller: seller, buyer: buyer, effectiveOn: effectiveOn,
            subject: .creditNote(creditNote), postings: sold + bought)
    }

    /// Money for one invoice, seen on the seller's bank statement and posted in both books.
    package static func payment(
        id: EntryID, invoice: InvoiceID, bankEntry: BankEntryID, amount: Money,
        seller: OrganisationID, buyer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        let books = Books(seller: seller, buyer: buyer)
        return try JournalEntry(
            id: id, kind: .payment, seller: seller, buyer: buyer, effectiveOn: effectiveOn,
            subject: .payment(invoice, bankEntry),
            postings: [
                books.seller(.debit, .bank, amount),
                books.seller(.credit, .receivable, amount),
                books.buyer(.debit, .payable, amount),
                books.buyer(.credit, .bank, amount),
            ])
    }

    /// What is open of an invoice and given up: the seller's loss, and the buyer's debt no longer.
    package static func writeOff(
        id: EntryID, invoice: InvoiceID, writeOff: WriteOffID, amount: Money,
        seller: OrganisationID, buyer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        let books = Books(seller: seller, buyer: buyer)
        return try JournalEntry(
            id: id, kind: .writeOff, seller: seller, buyer: buyer, effectiveOn: effectiveOn,
            subject: .writeOff(invoice, writeOff),
            postings: [
                books.seller(.debit, .creditLoss, amount),
                books.seller(.credit, .receivable, amount),
                books.buyer(.debit, .payable, amount),
                books.buyer(.credit, .debtForgiven, amount),
            ])
    }

    /// What a credit note takes of what was given up of its invoice: the loss is none any more.
    package static func writeOffCut(
        id: EntryID, creditNote: CreditNoteID, amount: Money,
        seller: OrganisationID, buyer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        let books = Books(seller: seller, buyer: buyer)
        return try JournalEntry(
            id: id, kind: .writeOffCut, seller: seller, buyer: buyer, effectiveOn: effectiveOn,
            subject: .creditNote(creditNote),
            postings: [
                books.seller(.debit, .receivable, amount),
                books.seller(.credit, .creditLoss, amount),
                books.buyer(.debit, .debtForgiven, amount),
                books.buyer(.credit, .payable, amount),
            ])
    }

    /// Interest on an invoice that was paid late, charged by the seller.
    package static func lateInterest(
        id: EntryID, interest: LateInterestID, amount: Money,
        seller: OrganisationID, buyer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        let books = Books(seller: seller, buyer: buyer)
        return try JournalEntry(
            id: id, kind: .lateInterest, seller: seller, buyer: buyer, effectiveOn: effectiveOn,
            subject: .interest(interest),
            postings: [
                books.seller(.debit, .interestReceivable, amount),
                books.seller(.credit, .interestIncome, amount),
                books.buyer(.debit, .interestExpense, amount),
                books.buyer(.credit, .interestPayable, amount),
            ])
    }

    /// The difference, not zero, between an invoice's net and the charges that it bills
    /// (`invoiced` − `charged`): above zero the claim grows, below zero it shrinks.
    package static func rounding(
        id: EntryID, invoice: InvoiceID, difference: Money,
        seller: OrganisationID, buyer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        let books = Books(seller: seller, buyer: buyer)
        let grows = difference.minorUnits >= 0
        let amount = grows ? difference : try difference.negated()
        let claimSide: PostingSide = grows ? .debit : .credit
        return try JournalEntry(
            id: id, kind: .rounding, seller: seller, buyer: buyer, effectiveOn: effectiveOn,
            subject: .invoice(invoice),
            postings: [
                books.seller(claimSide, .unbilledReceivable, amount),
                books.seller(claimSide.opposite, .rounding, amount),
                books.buyer(claimSide, .rounding, amount),
                books.buyer(claimSide.opposite, .unbilledPayable, amount),
            ])
    }

    /// The exact mirror of `original` (invariant 25): the same accounts and amounts, sides
    /// exchanged.
    package static func reversal(
        id: EntryID, of original: JournalEntry, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        guard EntryKind.reversible.contains(original.kind) else {
            throw LedgerRefusal.notReversible(original.id)
        }
        return try JournalEntry(
            id: id, kind: .reversal, seller: original.seller, buyer: original.buyer,
            effectiveOn: effectiveOn, subject: .entry(original.id),
            postings: original.postings.map(\.reversed))
    }
}

/// What units of one legal person post.
extension JournalEntry {
    /// Unbilled charges are settled in both books, and nothing is left to be paid.
    package static func internalCharge(
        id: EntryID, internalCharge: InternalChargeID, amount: Money, seller: OrganisationID,
        buyer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        let books = Books(seller: seller, buyer: buyer)
        return try JournalEntry(
            id: id, kind: .internalCharge, seller: seller, buyer: buyer, effectiveOn: effectiveOn,
            subject: .internalCharge(internalCharge),
            postings: [
                books.seller(.debit, .internalSettlement, amount),
                books.seller(.credit, .unbilledReceivable, amount),
                books.buyer(.debit, .unbilledPayable, amount),
                books.buyer(.credit, .internalSettlement, amount),
            ])
    }
}

/// What a round of netting posts.
extension JournalEntry {
    /// What is open of an invoice is set off: neither has the claim on the other any more, and each
    /// has it on the round.
    package static func setOff(
        id: EntryID, invoice: InvoiceID, round: NettingRoundID, amount: Money,
        seller: OrganisationID, buyer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        let books = Books(seller: seller, buyer: buyer)
        return try JournalEntry(
            id: id, kind: .setOff, seller: seller, buyer: buyer, effectiveOn: effectiveOn,
            subject: .setOff(invoice, round),
            postings: [
                books.seller(.debit, .clearing, amount),
                books.seller(.credit, .receivable, amount),
                books.buyer(.debit, .payable, amount),
                books.buyer(.credit, .clearing, amount),
            ])
    }

    /// What remains of the round between two members: `payee` is the seller of the entry.
    package static func netClaim(
        id: EntryID, payment: NetPaymentID, amount: Money, payee: OrganisationID,
        payer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        let books = Books(seller: payee, buyer: payer)
        return try JournalEntry(
            id: id, kind: .netClaim, seller: payee, buyer: payer, effectiveOn: effectiveOn,
            subject: .netClaim(payment),
            postings: [
                books.seller(.debit, .clearingReceivable, amount),
                books.seller(.credit, .clearing, amount),
                books.buyer(.debit, .clearing, amount),
                books.buyer(.credit, .clearingPayable, amount),
            ])
    }

    /// Money for it, seen on the payee's bank statement and posted in both books.
    package static func netPayment(
        id: EntryID, payment: NetPaymentID, bankEntry: BankEntryID, amount: Money,
        payee: OrganisationID, payer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        let books = Books(seller: payee, buyer: payer)
        return try JournalEntry(
            id: id, kind: .netPayment, seller: payee, buyer: payer, effectiveOn: effectiveOn,
            subject: .netPayment(payment, bankEntry),
            postings: [
                books.seller(.debit, .bank, amount),
                books.seller(.credit, .clearingReceivable, amount),
                books.buyer(.debit, .clearingPayable, amount),
                books.buyer(.credit, .bank, amount),
            ])
    }
}

/// The two books of one entry, so that no builder can mix up whose account it writes.
private struct Books {
    let seller: OrganisationID
    let buyer: OrganisationID

    func seller(_ side: PostingSide, _ code: AccountCode, _ amount: Money) -> Posting {
        Posting(
            account: Account(book: seller, code: code, counterparty: buyer), side: side,
            amount: amount)
    }

    func buyer(_ side: PostingSide, _ code: AccountCode, _ amount: Money) -> Posting {
        Posting(
            account: Account(book: buyer, code: code, counterparty: seller), side: side,
            amount: amount)
    }
}
