import Billing
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// The seller reminds the buyer of what is open of an overdue invoice: dated and numbered, once
    /// a day, without a fee. What is in a round of netting or on its way to be paid is left alone.
    package func remindOfInvoice(_ request: Request, _ id: InvoiceID) async throws -> Answer {
        try await change(request) { transaction, caller in
            let (invoice, payable) = try await transaction.ownInvoice(
                id, of: caller.organisation)
            let today = try await payable.clock.date(of: transaction.now())
            let facts = try await transaction.query(StoredReminder.facts(of: id)).only()
            if let obstacle = try ReminderFacts(row: facts).obstacle(on: today) {
                throw Refusal(.reminderNotDue, figures: ["reason": JSON(obstacle.rawValue)])
            }
            let sent = try facts["sent", Int64.self]
            let reminder = try await StoredReminder(
                row: transaction.query(
                    StoredReminder.insert(
                        number: sent + 1, of: invoice, open: payable.invoice.settlement.open,
                        on: today)
                ).only())
            try await transaction.record(
                .init(
                    .invoice, id, "invoice.reminded", revision: payable.revision + 1,
                    counterparty: invoice.buyer,
                    facts: [
                        "number": JSON(reminder.number), "open": JSON(reminder.open.decimal),
                    ]),
                by: caller)
            return Answer(reminder.json, location: "/v1/invoices/\(id)")
        }
    }
}

extension StoredReminder {
    var json: JSON {
        [
            "number": JSON(number), "sent_on": JSON(sentOn.iso), "open": JSON(open.decimal),
        ]
    }
}
