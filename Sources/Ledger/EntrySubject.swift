import MoneyAndTime

/// What an entry is about. Kind and subject together are unique: no charge is accrued twice, no
/// invoice posted twice, no bank entry applied twice to one invoice, no entry reversed twice.
package enum EntrySubject: Hashable, Sendable {
    case charge(ChargeID)
    case invoice(InvoiceID)
    /// A payment: the invoice that it settles, and the line of the bank statement that shows it.
    case payment(InvoiceID, BankEntryID)
    case interest(LateInterestID)
    case entry(EntryID)
    case creditNote(CreditNoteID)
    /// What is given up of an invoice.
    case writeOff(InvoiceID, WriteOffID)
    /// What was paid too much of an invoice and went back.
    case refund(InvoiceID, RefundID)
    case setOff(InvoiceID, NettingRoundID)
    case netClaim(NetPaymentID)
    case netPayment(NetPaymentID, BankEntryID)
    case internalCharge(InternalChargeID)

    /// The subject as one word: a TypeID, or two joined by `/`.
    package var text: String {
        switch self {
        case .charge(let id): "\(id)"
        case .invoice(let id): "\(id)"
        case .payment(let invoice, let bankEntry): "\(invoice)/\(bankEntry)"
        case .interest(let id): "\(id)"
        case .entry(let id): "\(id)"
        case .creditNote(let id): "\(id)"
        case .writeOff(let invoice, let id): "\(invoice)/\(id)"
        case .refund(let invoice, let id): "\(invoice)/\(id)"
        case .setOff(let invoice, let round): "\(invoice)/\(round)"
        case .netClaim(let id): "\(id)"
        case .netPayment(let id, let bankEntry): "\(id)/\(bankEntry)"
        case .internalCharge(let id): "\(id)"
        }
    }

    /// Reads `text` of an entry of `kind`; `nil` when it is no such subject.
    package init?(_ text: String, of kind: EntryKind) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch (kind, parts.count) {
        case (.accrual, 1), (.compensation, 1):
            guard let id = ChargeID(text) else { return nil }
            self = .charge(id)
        case (.invoicing, 1), (.rounding, 1):
            guard let id = InvoiceID(text) else { return nil }
            self = .invoice(id)
        case (.payment, 2):
            guard let invoice = InvoiceID(parts[0]), let bankEntry = BankEntryID(parts[1]) else {
                return nil
            }
            self = .payment(invoice, bankEntry)
        case (.writeOff, 2):
            guard let invoice = InvoiceID(parts[0]), let id = WriteOffID(parts[1]) else {
                return nil
            }
            self = .writeOff(invoice, id)
        case (.refund, 2):
            guard let invoice = InvoiceID(parts[0]), let id = RefundID(parts[1]) else {
                return nil
            }
            self = .refund(invoice, id)
        case (.setOff, 2):
            guard let invoice = InvoiceID(parts[0]), let round = NettingRoundID(parts[1]) else {
                return nil
            }
            self = .setOff(invoice, round)
        case (.netClaim, 1):
            guard let id = NetPaymentID(text) else { return nil }
            self = .netClaim(id)
        case (.netPayment, 2):
            guard let id = NetPaymentID(parts[0]), let bankEntry = BankEntryID(parts[1]) else {
                return nil
            }
            self = .netPayment(id, bankEntry)
        case (.internalCharge, 1):
            guard let id = InternalChargeID(text) else { return nil }
            self = .internalCharge(id)
        case (.credit, 1), (.writeOffCut, 1):
            guard let id = CreditNoteID(text) else { return nil }
            self = .creditNote(id)
        case (.lateInterest, 1):
            guard let id = LateInterestID(text) else { return nil }
            self = .interest(id)
        case (.reversal, 1):
            guard let id = EntryID(text) else { return nil }
            self = .entry(id)
        default: return nil
        }
    }

    /// Whether entries of `kind` are about such a thing.
    func suits(_ kind: EntryKind) -> Bool {
        switch (kind, self) {
        case (.accrual, .charge), (.compensation, .charge), (.invoicing, .invoice),
            (.payment, .payment), (.rounding, .invoice), (.lateInterest, .interest),
            (.reversal, .entry), (.credit, .creditNote), (.writeOff, .writeOff),
            (.writeOffCut, .creditNote), (.setOff, .setOff), (.netClaim, .netClaim),
            (.netPayment, .netPayment), (.internalCharge, .internalCharge), (.refund, .refund):
            true
        default: false
        }
    }
}
