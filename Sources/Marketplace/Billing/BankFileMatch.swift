import Billing
import Documents
import Ledger
import MoneyAndTime
import Postgres
import Storage

/// What a bank's file comes to: which of its payments are new and ours, and what they settle.
struct BankFileMatch {
    /// A part of a bank entry that settles an invoice.
    struct Payment {
        let stored: NewPayment
        /// The day that the bank booked it.
        let effectiveOn: CalendarDate
        /// Of the invoice's events: one for its issue, one for each payment.
        let revision: Int64
        let after: Settlement
    }

    private(set) var file: NewBankFile
    private(set) var entries: [NewBankEntry] = []
    private(set) var payments: [Payment] = []

    init(
        _ reading: BankFileReading, id: BankFileID, for caller: Caller,
        makeID: () -> BankEntryID, in transaction: Transaction
    ) async throws {
        let organisation = caller.organisation
        file = NewBankFile(
            id: id, organisation: organisation, digest: reading.digest,
            content: reading.content, messageID: reading.file.messageID,
            balancesAgree: reading.balancesAgree)
        let transactions = reading.file.transactions
        let found = try await transaction.each([
            StoredPayable.accounts(of: organisation),
            StoredPayable.issued(by: organisation, references: reading.references.sorted()),
            StoredBankEntry.known(transactions.map(\.key), of: organisation),
        ])
        let accounts = found[0].compactMap { try? IBAN($0["iban", String.self]) }
        let payables = try found[1].map(StoredPayable.init(row:))
        let known = try found[2].map { try $0["bank_key", String.self] }
        let now = try await transaction.now()

        var match = PaymentMatch(
            accounts: Set(accounts), invoices: payables.map(\.invoice), seen: Set(known))
        var counts = Dictionary(
            uniqueKeysWithValues: payables.map { ($0.invoice.id, $0.payments) })
        let byID = Dictionary(uniqueKeysWithValues: payables.map { ($0.invoice.id, $0) })
        for transaction in transactions {
            let result = match.match(transaction)
            guard let entry = try take(transaction, result, as: makeID()),
                let allocation = result.allocation, let payable = byID[allocation.invoice],
                let after = match.settlement(of: allocation.invoice)
            else { continue }
            counts[allocation.invoice, default: 0] += 1
            payments.append(
                Payment(
                    stored: NewPayment(
                        bankEntry: entry.id, invoice: allocation.invoice, seller: organisation,
                        buyer: payable.buyer, amount: allocation.amount,
                        bookedOn: transaction.bookedOn,
                        subject: EntrySubject.payment(allocation.invoice, entry.id).text),
                    effectiveOn: transaction.bookedOn ?? payable.clock.date(of: now),
                    revision: 1 + counts[allocation.invoice, default: 1], after: after))
        }
    }

    /// Counts the payment, or keeps it as an entry that is returned.
    private mutating func take(
        _ transaction: BankTransaction, _ result: PaymentResult, as id: BankEntryID
    ) throws -> NewBankEntry? {
        let fate: BankEntryFate
        let reason: String?
        switch result {
        case .matched: (fate, reason) = (.matched, nil)
        case .partlyMatched(_, .underpaid): (fate, reason) = (.partlyMatched, "underpaid")
        case .partlyMatched(_, .overpaid): (fate, reason) = (.partlyMatched, "overpaid")
        case .waiting(.notBooked):
            file.notBooked += 1
            return nil
        case .waiting(let why): (fate, reason) = (.waiting, why.code)
        case .notOurs(.repeated):
            file.repeated += 1
            return nil
        case .notOurs(.foreignAccount), .notOurs(.outgoing):
            file.othersCount += 1
            if transaction.amount.currency == Currency.eur.rawValue {
                file.othersSum = try file.othersSum.adding(transaction.amount.hundredThousandths)
            }
            return nil
        }
        let entry = NewBankEntry(
            id: id, transaction: transaction, fate: fate, reason: reason,
            invoice: result.allocation?.invoice ?? result.waitingFor)
        entries.append(entry)
        return entry
    }
}

extension PaymentResult {
    /// The invoice that a waiting payment names, where one is known.
    fileprivate var waitingFor: InvoiceID? {
        if case .waiting(let reason) = self { reason.invoice } else { nil }
    }
}
