import Billing
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    package static let longestWriteOffReason = 1_000

    /// The seller gives up what is open of an invoice, or a part of it: posted in both books, and
    /// never reversed. A payment that comes later finds less open, and what is too much waits.
    package func writeOffInvoice(
        _ request: Request, _ id: InvoiceID, amount: Money, reason: String
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let seller = caller.organisation
            let (_, payable) = try await transaction.ownInvoice(id, of: seller)
            var settlement = payable.invoice.settlement
            try Refusal.ofCredit { try settlement.writeOff(amount) }
            let writeOff: WriteOffID = newID()
            let stored = try await StoredWriteOff(
                row: transaction.query(
                    StoredWriteOff.insert(
                        writeOff, of: id, seller: seller, buyer: payable.buyer, amount,
                        reason: reason, subject: EntrySubject.writeOff(id, writeOff).text)
                ).only())
            let entry = try await JournalEntry.writeOff(
                id: newID(), invoice: id, writeOff: writeOff, amount: amount, seller: seller,
                buyer: payable.buyer, effectiveOn: payable.clock.date(of: transaction.now()))
            try await transaction.query(StoredEntry.post([entry]))
            try await transaction.record(
                .init(
                    .invoice, id, "invoice.written_off", revision: payable.revision + 1,
                    counterparty: payable.buyer,
                    facts: [
                        "amount": JSON(amount.decimal), "open": JSON(settlement.open.decimal),
                        "reason": JSON(reason),
                    ]),
                by: caller)
            return Answer(stored.json, location: "/v1/invoices/\(id)")
        }
    }
}

extension StoredWriteOff {
    var json: JSON {
        [
            "id": JSON(id.description),
            "invoice": JSON(invoice.description),
            "amount": JSON(amount.decimal),
            "reason": JSON(reason),
            "written_off_at": JSON(recordedAt.rfc3339),
        ]
    }
}
