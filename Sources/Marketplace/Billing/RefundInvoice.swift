import Billing
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// The seller has paid back what is owed back of an invoice, or a part of it, from its own
    /// bank: posted in both books, and never reversed.
    package func refundInvoice(
        _ request: Request, _ id: InvoiceID, amount: Money, paidOn: CalendarDate
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let (invoice, payable) = try await transaction.ownInvoice(
                id, of: caller.organisation)
            let today = try await payable.clock.date(of: transaction.now())
            guard paidOn >= invoice.issuedOn, paidOn <= today else {
                throw InvalidInput(
                    pointer: "/paid_on", code: "out_of_range",
                    message: "must be from the invoice's date on, and not later than today")
            }
            var settlement = payable.invoice.settlement
            try Refusal.ofCredit { try settlement.refund(amount) }
            let refund: RefundID = newID()
            let stored = try await StoredRefund(
                row: transaction.query(
                    StoredRefund.insert(
                        refund, of: id, seller: invoice.seller, buyer: invoice.buyer, amount,
                        paidOn: paidOn, subject: EntrySubject.refund(id, refund).text)
                ).only())
            let entry = try JournalEntry.refund(
                id: newID(), invoice: id, refund: refund, amount: amount, seller: invoice.seller,
                buyer: invoice.buyer, effectiveOn: paidOn)
            try await transaction.query(StoredEntry.post([entry]))
            try await transaction.record(
                .init(
                    .invoice, id, "invoice.refunded", revision: payable.revision + 1,
                    counterparty: invoice.buyer,
                    facts: [
                        "amount": JSON(amount.decimal), "paid_on": JSON(paidOn.iso),
                        "owed_back": JSON(settlement.owedBack.decimal),
                    ]),
                by: caller)
            return Answer(stored.json, location: "/v1/invoices/\(id)")
        }
    }
}

extension StoredRefund {
    var json: JSON {
        [
            "id": JSON(id.description),
            "invoice": JSON(invoice.description),
            "amount": JSON(amount.decimal),
            "paid_on": JSON(paidOn.iso),
            "recorded_at": JSON(recordedAt.rfc3339),
        ]
    }
}
