import Billing
import Crypto
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// What becomes of a payment that the seller's own system reported: a bank's file has it, too, or it
// was wrong.

extension Market {
    /// Says that a payment that waits is one that was reported, of the same sum on the same
    /// account: nothing is posted.
    package func applyBankEntry(
        _ request: Request, _ id: BankEntryID, asReport report: BankEntryID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(StoredBankFile.claim(caller.organisation))
            let entry = try await transaction.bankEntry(id)
            let reported = try await transaction.bankEntry(report)
            guard entry.fate == .waiting, entry.direction == .credit, !entry.isReport else {
                throw Refusal(.bankEntryUsedUp)
            }
            let inForce = try await transaction.query(
                StoredReportedPayment.find(report, of: caller.organisation))
            guard !inForce.isEmpty, entry.amount == reported.amount, entry.iban == reported.iban
            else { throw Refusal(.reportDiffers) }
            try await transaction.query(
                StoredReportedPayment.see(id, as: report, of: caller.organisation))
            try await transaction.note(
                .init(
                    .bankFile, entry.file, "bank_entry.applied", revision: 1,
                    facts: ["entry": JSON(id.description), "report": JSON(report.description)]),
                by: caller)
            return try await transaction.answer(transaction.bankEntry(id), of: caller)
        }
    }

    /// Takes a reported payment back that was wrong: once, whole, and on its own day, in both
    /// books. What a bank's file has confirmed stays.
    package func takeBackReport(_ request: Request, _ id: BankEntryID) async throws -> Answer {
        try await change(request) { transaction, caller in
            let own = caller.organisation
            try await transaction.query(StoredBankFile.claim(own))
            let entry = try await transaction.bankEntry(id)
            let inForce = try await transaction.query(StoredReportedPayment.find(id, of: own))
            let parts = try await transaction.query(StoredReceived.all(of: own, entry: id))
                .map(StoredReceived.init(row:))
            guard !inForce.isEmpty, let part = parts.first, parts.count == 1 else {
                throw Refusal(.nothingToTakeBack)
            }
            let invoice = part.allocation.invoice
            try await transaction.query(StoredPayable.own([invoice]))
            let payables = try await transaction.query(
                StoredPayable.issued(by: own, references: [], invoices: [invoice])
            ).map(StoredPayable.init(row:))
            guard var settlement = payables.first?.invoice.settlement else {
                throw Refusal(.notFound)
            }
            try settlement.takeBack(part.allocation.amount)
            let back = try await takenBack(entry, of: invoice, for: own, in: transaction)
            var plan = SettlingPlan(of: own, payables, now: try await transaction.now())
            try plan.takeBack(
                part.allocation, of: StoredReceivedKey(entry: id, ledger: part.entry), by: back,
                bookedOn: entry.bookedOn, after: settlement, as: newID(), isReport: true)
            try await transaction.settle(plan, by: caller)
            try await transaction.note(
                .init(
                    .bankFile, entry.file, "bank_entry.report_taken_back", revision: 1,
                    facts: ["entry": JSON(id.description)]),
                by: caller)
            return try await transaction.answer(transaction.bankEntry(id), of: caller)
        }
    }

    /// The entry that takes a reported one back, in a file of its own.
    private func takenBack(
        _ entry: StoredBankEntry, of invoice: InvoiceID, for organisation: OrganisationID,
        in transaction: Transaction
    ) async throws -> BankEntryID {
        let name = "taken back \(entry.id)"
        let digest = [UInt8](SHA256.hash(data: Array(name.utf8)))
        let file = NewBankFile(
            id: newID(), organisation: organisation, digest: digest, content: digest,
            messageID: nil, balancesAgree: true, isReport: true)
        let back = NewBankEntry(
            id: newID(),
            transaction: BankTransaction(
                account: try IBAN(entry.iban), key: name, direction: .debit, isReversal: true,
                amount: entry.amount, bookedOn: entry.bookedOn, reference: entry.reference),
            fate: .waiting, reason: WaitingReason.reversal.code, invoice: invoice)
        try await transaction.query(file.insert())
        try await transaction.each(NewBankEntry.insert([back], of: file))
        return back.id
    }
}
