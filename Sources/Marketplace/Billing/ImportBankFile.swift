import Billing
import Documents
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// Takes a bank's statement: each payment settles the invoice that it names, exactly once,
    /// in both books; what cannot be applied waits with its reason. The same file again changes
    /// nothing.
    package func importBankFile(_ request: Request, _ bytes: [UInt8]) async throws -> Answer {
        // Nobody's file is read before it is known who asks, and none inside a transaction.
        _ = try await read(request, "select 1")
        let reading = try BankFileReading(bytes)
        return try await change(request) { transaction, caller in
            try await transaction.query(StoredBankFile.claim(caller.organisation))
            let earlier = try await transaction.query(
                StoredBankFile.find(
                    digest: reading.digest, content: reading.content, of: caller.organisation))
            if let row = try earlier.atMostOne() {
                return try await transaction.answer(StoredBankFile(row: row))
            }
            let match = try await BankFileMatch(
                reading, id: newID(), for: caller, makeID: { newID() }, in: transaction)
            try await transaction.query(match.file.insert())
            try await transaction.query(NewBankEntry.insert(match.entries, of: match.file))
            try await apply(match.payments, by: caller, in: transaction)
            try await transaction.record(
                .init(
                    .bankFile, match.file.id, "bank_file.imported", revision: 1,
                    facts: [
                        "entries": JSON(match.entries.count),
                        "payments": JSON(match.payments.count),
                        "balances_agree": JSON(match.file.balancesAgree),
                    ]),
                by: caller)
            let stored = try await transaction.query(StoredBankFile.find(match.file.id)).only()
            return try await transaction.answer(StoredBankFile(row: stored))
        }
    }

    /// Payments to their invoices, and in both books.
    private func apply(
        _ payments: [BankFileMatch.Payment], by caller: Caller, in transaction: Transaction
    ) async throws {
        guard !payments.isEmpty else { return }
        try await transaction.each(StoredPayable.settle(payments.map(\.stored)))
        let entries = try payments.map { payment in
            try JournalEntry.payment(
                id: newID(), invoice: payment.stored.invoice,
                bankEntry: payment.stored.bankEntry, amount: payment.stored.amount,
                seller: payment.stored.seller, buyer: payment.stored.buyer,
                effectiveOn: payment.effectiveOn)
        }
        try await transaction.query(StoredEntry.post(entries))
        for payment in payments {
            try await transaction.record(
                .init(
                    .invoice, payment.stored.invoice, "invoice.\(payment.after.state.rawValue)",
                    revision: payment.revision, counterparty: payment.stored.buyer,
                    facts: [
                        "amount": JSON(payment.stored.amount.decimal),
                        "open": JSON(payment.after.open.decimal),
                    ]),
                by: caller)
        }
    }
}
