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
        try Books(seller: seller, buyer: buyer).entry(
            id, .payment, .payment(invoice, bankEntry), amount, effectiveOn,
            seller: (debit: .bank, credit: .receivable),
            buyer: (debit: .payable, credit: .bank))
    }

    /// What was owed back of an invoice, paid back by the seller.
    package static func refund(
        id: EntryID, invoice: InvoiceID, refund: RefundID, amount: Money,
        seller: OrganisationID, buyer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        try Books(seller: seller, buyer: buyer).entry(
            id, .refund, .refund(invoice, refund), amount, effectiveOn,
            seller: (debit: .receivable, credit: .bank),
            buyer: (debit: .bank, credit: .payable))
    }

    /// What is open of an invoice and given up: the seller's loss, and the buyer's debt no longer.
    package static func writeOff(
        id: EntryID, invoice: InvoiceID, writeOff: WriteOffID, amount: Money,
        seller: OrganisationID, buyer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        try Books(seller: seller, buyer: buyer).entry(
            id, .writeOff, .writeOff(invoice, writeOff), amount, effectiveOn,
            seller: (debit: .creditLoss, credit: .receivable),
            buyer: (debit: .payable, credit: .debtForgiven))
    }

    /// What a credit note takes of what was given up of its invoice: the loss is none any more.
    package static func writeOffCut(
        id: EntryID, creditNote: CreditNoteID, amount: Money,
        seller: OrganisationID, buyer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        try Books(seller: seller, buyer: buyer).entry(
            id, .writeOffCut, .creditNote(creditNote), amount, effectiveOn,
            seller: (debit: .receivable, credit: .creditLoss),
            buyer: (debit: .debtForgiven, credit: .payable))
    }

    /// Interest on an invoice that was paid late, charged by the seller.
    package static func lateInterest(
        id: EntryID, interest: LateInterestID, amount: Money,
        seller: OrganisationID, buyer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        try Books(seller: seller, buyer: buyer).entry(
            id, .lateInterest, .interest(interest), amount, effectiveOn,
            seller: (debit: .interestReceivable, credit: .interestIncome),
            buyer: (debit: .interestExpense, credit: .interestPayable))
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
        try Books(seller: seller, buyer: buyer).entry(
            id, .internalCharge, .internalCharge(internalCharge), amount, effectiveOn,
            seller: (debit: .internalSettlement, credit: .unbilledReceivable),
            buyer: (debit: .unbilledPayable, credit: .internalSettlement))
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
        try Books(seller: seller, buyer: buyer).entry(
            id, .setOff, .setOff(invoice, round), amount, effectiveOn,
            seller: (debit: .clearing, credit: .receivable),
            buyer: (debit: .payable, credit: .clearing))
    }

    /// What remains of the round between two members: `payee` is the seller of the entry.
    package static func netClaim(
        id: EntryID, payment: NetPaymentID, amount: Money, payee: OrganisationID,
        payer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        try Books(seller: payee, buyer: payer).entry(
            id, .netClaim, .netClaim(payment), amount, effectiveOn,
            seller: (debit: .clearingReceivable, credit: .clearing),
            buyer: (debit: .clearing, credit: .clearingPayable))
    }

    /// Money for it, seen on the payee's bank statement and posted in both books.
    package static func netPayment(
        id: EntryID, payment: NetPaymentID, bankEntry: BankEntryID, amount: Money,
        payee: OrganisationID, payer: OrganisationID, effectiveOn: CalendarDate
    ) throws -> JournalEntry {
        try Books(seller: payee, buyer: payer).entry(
            id, .netPayment, .netPayment(payment, bankEntry), amount, effectiveOn,
            seller: (debit: .bank, credit: .clearingReceivable),
            buyer: (debit: .clearingPayable, credit: .bank))
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

    /// One amount, from one account to another in each book.
    func entry(
        _ id: EntryID, _ kind: EntryKind, _ subject: EntrySubject, _ amount: Money,
        _ effectiveOn: CalendarDate, seller own: (debit: AccountCode, credit: AccountCode),
        buyer other: (debit: AccountCode, credit: AccountCode)
    ) throws -> JournalEntry {
        try JournalEntry(
            id: id, kind: kind, seller: seller, buyer: buyer, effectiveOn: effectiveOn,
            subject: subject,
            postings: [
                seller(.debit, own.debit, amount), seller(.credit, own.credit, amount),
                buyer(.debit, other.debit, amount), buyer(.credit, other.credit, amount),
            ])
    }
}
