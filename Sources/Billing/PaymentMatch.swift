import MoneyAndTime

/// An issued invoice as the matcher sees it. Paid ones belong to the list too: a second payment
/// of one must be recognised, and wait.
package struct PayableInvoice: Hashable, Sendable {
    package let id: InvoiceID
    package let reference: ReferenceNumber
    /// The account that the invoice asks the payment to.
    package let iban: IBAN
    package let settlement: Settlement

    package init(
        id: InvoiceID, reference: ReferenceNumber, iban: IBAN, settlement: Settlement
    ) {
        self.id = id
        self.reference = reference
        self.iban = iban
        self.settlement = settlement
    }
}

/// A part of a bank transaction given to an invoice: what is posted as a payment.
package struct Allocation: Hashable, Sendable {
    package let invoice: InvoiceID
    package let amount: Money

    package init(invoice: InvoiceID, amount: Money) {
        self.invoice = invoice
        self.amount = amount
    }
}

/// What became of one bank transaction.
package enum PaymentResult: Hashable, Sendable {
    /// Exactly the open amount: the invoice is paid.
    case matched(Allocation)
    /// An allocation that leaves something over, on the invoice or on the transaction.
    case partlyMatched(Allocation, Leftover)
    /// It may be ours, and a person must look at it. Nothing was applied.
    case waiting(WaitingReason)
    /// Nothing to do with our invoices.
    case notOurs(NotOursReason)

    package var allocation: Allocation? {
        switch self {
        case .matched(let allocation), .partlyMatched(let allocation, _): allocation
        case .waiting, .notOurs: nil
        }
    }
}

package enum Leftover: Hashable, Sendable {
    /// The invoice still waits for this much.
    case underpaid(stillOpen: Money)
    /// The payer is owed this much: never applied beyond the open amount (invariant 24).
    case overpaid(excess: Money)
}

package enum WaitingReason: Hashable, Sendable {
    case noReference
    /// Several payments in one sum, without their references.
    case unsplitBatch
    /// A reference that belongs to none of our invoices, or has a wrong check digit.
    case unknownReference
    /// The free text names several invoices.
    case ambiguousReference
    case alreadyPaid(InvoiceID)
    /// The invoice asked for payment to another of our accounts.
    case wrongAccount(InvoiceID)
    case currencyMismatch(InvoiceID)
    /// A part of a cent.
    case notWholeCents(InvoiceID)
    case amountNotPositive
    /// The bank took a payment back.
    case reversal
    /// Pending or for information only: it comes again when it is booked.
    case notBooked
}

package enum NotOursReason: Hashable, Sendable {
    /// A statement of an account that is not ours.
    case foreignAccount
    /// Money that left the account.
    case outgoing
    /// The same transaction came before, in this file or an earlier one.
    case repeated
}

/// Matches bank transactions to invoices by reference, one after another, so that two payments
/// of one invoice see each other.
package struct PaymentMatch: Sendable {
    private let accounts: Set<IBAN>
    private let byReference: [ReferenceNumber: [PayableInvoice]]
    private var settlements: [InvoiceID: Settlement]
    private var seen: Set<String>

    /// `accounts` are the seller's own; `seen` are the keys of transactions stored earlier.
    package init(accounts: Set<IBAN>, invoices: [PayableInvoice], seen: Set<String> = []) {
        self.accounts = accounts
        self.seen = seen
        byReference = Dictionary(grouping: invoices, by: \.reference)
        settlements = Dictionary(
            invoices.map { ($0.id, $0.settlement) }, uniquingKeysWith: { first, _ in first })
    }

    /// What is open and settled of an invoice now.
    package func settlement(of invoice: InvoiceID) -> Settlement? { settlements[invoice] }

    /// Matches the next transaction and applies it.
    package mutating func match(_ transaction: BankTransaction) -> PaymentResult {
        guard accounts.contains(transaction.account) else { return .notOurs(.foreignAccount) }
        guard transaction.isBooked else { return .waiting(.notBooked) }
        guard seen.insert(transaction.key).inserted else { return .notOurs(.repeated) }
        // A reversal of a payment is money out, and one of our own transfers money in.
        guard !transaction.isReversal else { return .waiting(.reversal) }
        guard transaction.direction == .credit else { return .notOurs(.outgoing) }
        guard !transaction.isUnsplitBatch else { return .waiting(.unsplitBatch) }
        switch invoice(of: transaction) {
        case .failure(let reason): return .waiting(reason)
        case .success(let invoice): return apply(transaction, to: invoice)
        }
    }

    private enum Found {
        case success(PayableInvoice)
        case failure(WaitingReason)
    }

    /// The structured reference counts alone when there is one; free text is read without it.
    private func invoice(of transaction: BankTransaction) -> Found {
        let references: Set<ReferenceNumber>
        if let text = transaction.reference {
            guard let reference = PaymentReference.structured(text) else {
                return .failure(.unknownReference)
            }
            references = [reference]
        } else if let message = transaction.message {
            references = PaymentReference.candidates(inMessage: message)
        } else {
            return .failure(.noReference)
        }
        let invoices = references.flatMap { byReference[$0] ?? [] }
        guard let only = invoices.first else {
            return .failure(references.isEmpty ? .noReference : .unknownReference)
        }
        return invoices.count == 1 ? .success(only) : .failure(.ambiguousReference)
    }

    private mutating func apply(
        _ transaction: BankTransaction, to invoice: PayableInvoice
    ) -> PaymentResult {
        guard invoice.iban == transaction.account else {
            return .waiting(.wrongAccount(invoice.id))
        }
        guard var settlement = settlements[invoice.id] else { return .waiting(.unknownReference) }
        let open = settlement.open
        guard transaction.amount.currency == open.currency.rawValue else {
            return .waiting(.currencyMismatch(invoice.id))
        }
        guard let paid = transaction.amount.money else {
            return .waiting(.notWholeCents(invoice.id))
        }
        guard paid.minorUnits > 0 else { return .waiting(.amountNotPositive) }
        let allocation = Allocation(invoice: invoice.id, amount: min(paid, open))
        do { try settlement.apply(allocation.amount) } catch {
            return .waiting(.alreadyPaid(invoice.id))
        }
        settlements[invoice.id] = settlement
        if paid > open {
            let excess = Money(
                minorUnits: paid.minorUnits - open.minorUnits, currency: open.currency)
            return .partlyMatched(allocation, .overpaid(excess: excess))
        }
        return settlement.open.minorUnits == 0
            ? .matched(allocation)
            : .partlyMatched(allocation, .underpaid(stillOpen: settlement.open))
    }
}
