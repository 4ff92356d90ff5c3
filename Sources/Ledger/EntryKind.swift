/// The kinds of entries that may be posted, and nothing else may: the allow-list of the ledger.
/// Each kind names the accounts that it may touch, in whose book, and on which side.
package enum EntryKind: String, CaseIterable, Hashable, Sendable {
    /// A sealed charge: earned, and not yet invoiced.
    case accrual
    /// A sealed charge that the seller owes, such as for its own cancellation: taken off what is
    /// not yet invoiced.
    case compensation
    /// An issued invoice: the claim becomes due, and VAT arises.
    case invoicing
    /// Money seen on the seller's bank statement.
    case payment
    /// The difference between charges rounded one by one and an invoice line rounded once.
    case rounding
    /// A credit note: an invoice, or a part of it, is taken back with its VAT.
    case credit
    /// Interest on an invoice that was paid late, when the seller charges it.
    case lateInterest = "late_interest"
    /// What the seller gives up of an invoice.
    case writeOff = "write_off"
    /// What a credit note takes of what was given up: it is not owed any more, and so not lost.
    case writeOffCut = "write_off_cut"
    /// What was paid of an invoice beyond what credit notes left of it, and went back.
    case refund
    /// What is open of an invoice, in a round of netting: the claim becomes one on the round.
    case setOff = "set_off"
    /// What remains of a round between two of its members.
    case netClaim = "net_claim"
    /// Money for what remains of a round, seen on the payee's bank statement.
    case netPayment = "net_payment"
    /// What units of one legal person owe each other, settled without an invoice.
    case internalCharge = "internal_charge"
    /// The exact mirror of one earlier entry.
    case reversal

    /// What one kind may touch.
    package struct Allowed: Hashable, Sendable {
        package let party: EntryParty
        package let account: AccountCode
        package let side: PostingSide
    }

    /// Every posting that an entry of this kind may have.
    package var allowed: Set<Allowed> {
        switch self {
        case .accrual:
            [
                .init(.seller, debit: .unbilledReceivable), .init(.seller, credit: .revenue),
                .init(.buyer, debit: .expense), .init(.buyer, credit: .unbilledPayable),
            ]
        case .compensation:
            [
                .init(.seller, debit: .revenue), .init(.seller, credit: .unbilledReceivable),
                .init(.buyer, debit: .unbilledPayable), .init(.buyer, credit: .expense),
            ]
        case .invoicing:
            [
                .init(.seller, debit: .receivable),
                .init(.seller, credit: .unbilledReceivable), .init(.seller, credit: .vatPayable),
                .init(.buyer, debit: .unbilledPayable), .init(.buyer, debit: .vatDeductible),
                .init(.buyer, credit: .payable),
            ]
        case .payment:
            [
                .init(.seller, debit: .bank), .init(.seller, credit: .receivable),
                .init(.buyer, debit: .payable), .init(.buyer, credit: .bank),
            ]
        case .rounding:
            [
                .init(.seller, debit: .unbilledReceivable), .init(.seller, credit: .rounding),
                .init(.buyer, debit: .rounding), .init(.buyer, credit: .unbilledPayable),
                .init(.seller, debit: .rounding), .init(.seller, credit: .unbilledReceivable),
                .init(.buyer, debit: .unbilledPayable), .init(.buyer, credit: .rounding),
            ]
        case .credit:
            [
                .init(.seller, debit: .revenue), .init(.seller, debit: .vatPayable),
                .init(.seller, credit: .receivable), .init(.buyer, debit: .payable),
                .init(.buyer, credit: .expense), .init(.buyer, credit: .vatDeductible),
            ]
        case .lateInterest:
            [
                .init(.seller, debit: .interestReceivable),
                .init(.seller, credit: .interestIncome),
                .init(.buyer, debit: .interestExpense),
                .init(.buyer, credit: .interestPayable),
            ]
        case .writeOff:
            [
                .init(.seller, debit: .creditLoss), .init(.seller, credit: .receivable),
                .init(.buyer, debit: .payable), .init(.buyer, credit: .debtForgiven),
            ]
        case .writeOffCut: Set(EntryKind.writeOff.allowed.map(\.reversed))
        case .refund: Set(EntryKind.payment.allowed.map(\.reversed))
        case .setOff:
            [
                .init(.seller, debit: .clearing), .init(.seller, credit: .receivable),
                .init(.buyer, debit: .payable), .init(.buyer, credit: .clearing),
            ]
        case .netClaim:
            [
                .init(.seller, debit: .clearingReceivable), .init(.seller, credit: .clearing),
                .init(.buyer, debit: .clearing), .init(.buyer, credit: .clearingPayable),
            ]
        case .netPayment:
            [
                .init(.seller, debit: .bank), .init(.seller, credit: .clearingReceivable),
                .init(.buyer, debit: .clearingPayable), .init(.buyer, credit: .bank),
            ]
        case .internalCharge:
            [
                .init(.seller, debit: .internalSettlement),
                .init(.seller, credit: .unbilledReceivable),
                .init(.buyer, debit: .unbilledPayable),
                .init(.buyer, credit: .internalSettlement),
            ]
        case .reversal:
            EntryKind.reversible.reduce(into: []) { all, kind in
                all.formUnion(kind.allowed.map(\.reversed))
            }
        }
    }

    /// A reversal is never reversed: the original is posted again, as a new entry. Nor is a credit,
    /// whose credit note stays, nor what was given up, paid back or set off.
    package static let reversible: [EntryKind] = [
        .accrual, .compensation, .invoicing, .payment, .rounding, .lateInterest,
    ]
}

extension EntryKind.Allowed {
    fileprivate init(_ party: EntryParty, debit account: AccountCode) {
        self.init(party: party, account: account, side: .debit)
    }

    fileprivate init(_ party: EntryParty, credit account: AccountCode) {
        self.init(party: party, account: account, side: .credit)
    }

    fileprivate var reversed: EntryKind.Allowed {
        .init(party: party, account: account, side: side.opposite)
    }
}
