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
            let found = try await transaction.query(StoredInvoice.find(id))
            guard let row = try found.atMostOne() else { throw Refusal(.notFound) }
            guard try StoredInvoice(row: row).seller == caller.organisation else {
                throw Refusal(.notYourSide)
            }
            try await transaction.query(StoredPayable.own([id]))
            let invoice = try await StoredInvoice(
                row: transaction.query(StoredInvoice.find(id)).only())
            let payable = try await StoredPayable(
                row: transaction.query(
                    StoredPayable.issued(by: invoice.seller, references: [], invoices: [id])
                ).only())
            let today = try await payable.clock.date(of: transaction.now())
            let facts = try await transaction.query(StoredReminder.facts(of: id)).only()
            if let obstacle = try ReminderFacts(row: facts).obstacle(on: today) {
                throw Refusal(.reminderNotDue, figures: ["reason": JSON(obstacle.rawValue)])
            }
            let sent = try facts["sent", Int64.self]
            let reminder = try await StoredReminder(
                row: transaction.query(
                    StoredReminder.insert(number: sent + 1, of: invoice, on: today)
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
