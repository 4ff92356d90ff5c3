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

/// What remains to be paid of a round of netting, as the matcher sees it. Paid ones belong to the
/// list too.
package struct PayableNet: Hashable, Sendable {
    package let id: NetPaymentID
    package let reference: ReferenceNumber
    package let iban: IBAN
    package let amount: Money
    package fileprivate(set) var isPaid: Bool

    package init(
        id: NetPaymentID, reference: ReferenceNumber, iban: IBAN, amount: Money, isPaid: Bool
    ) {
        self.id = id
        self.reference = reference
        self.iban = iban
        self.amount = amount
        self.isPaid = isPaid
    }
}

/// What a seller's own system reported as paid, and no bank's file has shown yet.
package struct ReportInForce: Hashable, Sendable {
    /// Its entry.
    package let id: BankEntryID
    package let invoice: InvoiceID
    package let amount: Money
    package let paidOn: CalendarDate?

    /// How many days the bank's day may be from the reported one.
    package static let nearDays = 7

    package init(id: BankEntryID, invoice: InvoiceID, amount: Money, paidOn: CalendarDate?) {
        self.id = id
        self.invoice = invoice
        self.amount = amount
        self.paidOn = paidOn
    }

    /// Whether so much, booked on a day near it, may be the same money.
    func mayBe(_ paid: Money, of invoice: InvoiceID, on day: CalendarDate?) -> Bool {
        guard self.invoice == invoice, amount == paid else { return false }
        guard let day, let paidOn else { return true }
        return abs(day.days(since: paidOn)) <= Self.nearDays
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

/// A payment that was applied, and can be taken back by the bank.
package struct ReceivedPayment: Hashable, Sendable {
    /// The key of its transaction.
    package let key: String
    package let account: IBAN
    package let amount: BankAmount
    package let references: Set<ReferenceNumber>
    package let endToEndID: String?
    /// What of it is in force.
    package let allocations: [Allocation]

    package init(
        key: String, account: IBAN, amount: BankAmount, references: Set<ReferenceNumber>,
        endToEndID: String?, allocations: [Allocation]
    ) {
        self.key = key
        self.account = account
        self.amount = amount
        self.references = references
        self.endToEndID = endToEndID
        self.allocations = allocations
    }

    /// Whether `transaction` gives back exactly this: the whole amount, under the payer's own
    /// name of the payment where both have one, else under the same reference.
    func isReturned(by transaction: BankTransaction) -> Bool {
        guard account == transaction.account, amount == transaction.amount else { return false }
        if let ours = endToEndID, let theirs = transaction.endToEndID { return ours == theirs }
        guard let named = transaction.namedReferences else { return false }
        return !named.isDisjoint(with: references)
    }
}

/// What became of one bank transaction.
package enum PaymentResult: Hashable, Sendable {
    /// Exactly the open amount: the invoice is paid.
    case matched(Allocation)
    /// Exactly what was open of several invoices, all of which it names: each is paid.
    case matchedSeveral([Allocation])
    /// An allocation that leaves something over, on the invoice or on the transaction.
    case partlyMatched(Allocation, Leftover)
    /// It takes an earlier payment back, whole: what that one had settled is open again.
    case returned(ReceivedPayment)
    /// It may be ours, and a person must look at it. Nothing was applied.
    case waiting(WaitingReason)
    /// Exactly what remains to us of a round of netting.
    case paidNet(NetPaymentID)
    /// Nothing to do with our invoices.
    case notOurs(NotOursReason)

    /// What is applied to invoices.
    package var allocations: [Allocation] {
        switch self {
        case .matched(let allocation), .partlyMatched(let allocation, _): [allocation]
        case .matchedSeveral(let allocations): allocations
        case .returned, .waiting, .paidNet, .notOurs: []
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
    /// It names several invoices, and is not what is open of them together.
    case ambiguousReference
    case alreadyPaid(InvoiceID)
    /// A payment of the same sum and a near day was reported: it may be that one, or another.
    case reportedAlready(InvoiceID)
    /// The invoice asked for payment to another of our accounts.
    case wrongAccount(InvoiceID)
    case currencyMismatch(InvoiceID)
    /// A part of a cent.
    case notWholeCents(InvoiceID)
    /// It names what remains of a round of netting, and is not exactly that, once.
    case netPaymentDiffers
    case amountNotPositive
    /// The bank took a payment back, and it is not clear which.
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
    private var received: [ReceivedPayment]
    private var nets: [ReferenceNumber: PayableNet]
    private let reports: [ReportInForce]
    private var seen: Set<String>

    /// `accounts` are the seller's own; `received` are earlier payments that may be taken back;
    /// `reports` what may come again in the bank's file; `seen` are the keys of transactions stored
    /// earlier.
    package init(
        accounts: Set<IBAN>, invoices: [PayableInvoice], received: [ReceivedPayment] = [],
        nets: [PayableNet] = [], reports: [ReportInForce] = [], seen: Set<String> = []
    ) {
        self.nets = Dictionary(nets.map { ($0.reference, $0) }, uniquingKeysWith: { $1 })
        self.accounts = accounts
        self.received = received
        self.reports = reports
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
        // A payment taken back is money out; one of our own transfers that failed is money in.
        guard !transaction.isReturn else { return takeBack(transaction) }
        guard transaction.direction == .credit else { return .notOurs(.outgoing) }
        let result = apply(transaction)
        if !result.allocations.isEmpty {
            received.append(
                ReceivedPayment(
                    key: transaction.key, account: transaction.account,
                    amount: transaction.amount, references: transaction.namedReferences ?? [],
                    endToEndID: transaction.endToEndID, allocations: result.allocations))
        }
        return result
    }

    private mutating func apply(_ transaction: BankTransaction) -> PaymentResult {
        guard let named = transaction.namedReferences else { return .waiting(.unknownReference) }
        guard !named.isEmpty else {
            return .waiting(transaction.isUnsplitBatch ? .unsplitBatch : .noReference)
        }
        if let net = named.compactMap({ nets[$0] }).first {
            return pay(net, by: transaction, alone: named.count == 1)
        }
        let known = named.filter { byReference[$0] != nil }
        let invoices = known.flatMap { byReference[$0] ?? [] }
        // Free text may hold numbers that are nobody's; a structured reference is meant.
        let isClear = transaction.references.isEmpty ? !known.isEmpty : known.count == named.count
        if transaction.isUnsplitBatch || invoices.count > 1 {
            let several = isClear ? applyToAll(transaction, invoices) : nil
            return several
                ?? .waiting(transaction.isUnsplitBatch ? .unsplitBatch : .ambiguousReference)
        }
        guard isClear, let only = invoices.first else { return .waiting(.unknownReference) }
        return apply(transaction, to: only)
    }

    /// What remains of a round is one sum: another one would be a guess.
    private mutating func pay(
        _ net: PayableNet, by transaction: BankTransaction, alone isAlone: Bool
    ) -> PaymentResult {
        guard isAlone, !net.isPaid, net.iban == transaction.account,
            transaction.amount.currency == net.amount.currency.rawValue,
            transaction.amount.money == net.amount
        else { return .waiting(.netPaymentDiffers) }
        nets[net.reference]?.isPaid = true
        return .paidNet(net.id)
    }

    /// Several invoices are paid by one transaction when it is exactly what is open of them: to
    /// share out another amount would be a guess.
    private mutating func applyToAll(
        _ transaction: BankTransaction, _ invoices: [PayableInvoice]
    ) -> PaymentResult? {
        guard let paid = transaction.amount.money,
            invoices.allSatisfy({ $0.iban == transaction.account })
        else { return nil }
        let parts = invoices.compactMap { invoice -> Allocation? in
            guard let open = settlements[invoice.id]?.open, open > .zero else { return nil }
            return Allocation(invoice: invoice.id, amount: open)
        }.sorted { $0.invoice < $1.invoice }
        guard !parts.isEmpty, (try? Money.sum(of: parts.map(\.amount))) == paid else {
            return nil
        }
        for part in parts { try? settlements[part.invoice]?.apply(part.amount) }
        return parts.count == 1 ? .matched(parts[0]) : .matchedSeveral(parts)
    }

    /// Only where one earlier payment alone can be meant.
    private mutating func takeBack(_ transaction: BankTransaction) -> PaymentResult {
        guard transaction.direction == .debit else { return .waiting(.reversal) }
        let meant = received.indices.filter { received[$0].isReturned(by: transaction) }
        guard meant.count == 1, let place = meant.first else { return .waiting(.reversal) }
        let payment = received.remove(at: place)
        for part in payment.allocations { try? settlements[part.invoice]?.takeBack(part.amount) }
        return .returned(payment)
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
        let day = transaction.bookedOn
        guard !reports.contains(where: { $0.mayBe(paid, of: invoice.id, on: day) }) else {
            return .waiting(.reportedAlready(invoice.id))
        }
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
