import API
import MoneyAndTime
import Postgres
import StrictJSON
import TestMarket

extension Trade {
    /// What is taken back of invoices, and how they reach their buyers. Their order is that of the
    /// operations: what the operator refuses is sent again.
    var invoiceAttacks: [Attack] {
        [
            Attack(
                operation: .creditInvoice, path: [invoice],
                body: .json([
                    "reason": "Another price was agreed.", "lines": [["line": 1, "net": "1.00"]],
                ])),
            Attack(operation: .listCreditNotes, by: .buyer, outsider: .ownOnly),
            Attack(operation: .getCreditNote, by: .buyer, path: [creditNote]),
            Attack(operation: .getCreditNoteDocument, path: [creditNote]),
            Attack(
                operation: .writeOffInvoice, path: [invoice],
                body: .json(["amount": "0.01", "reason": "Not worth a reminder."])),
            Attack(operation: .getInvoiceReception, by: .buyer, outsider: .ownOnly),
            Attack(
                operation: .updateInvoiceReception, by: .buyer,
                body: .json(["way": "operator", "form": "ubl"]), revision: "\"0\"",
                outsider: .ownOnly),
            Attack(operation: .listInvoiceDeliveries, by: .buyer, path: [invoice]),
            Attack(
                operation: .answerInvoiceDelivery, path: [invoice, delivery],
                body: .json(["taken": false, "problem": "Another address"])),
            Attack(operation: .sendInvoice, path: [invoice]),
        ]
    }
}

extension World {
    /// A delivery of an invoice that its seller's operator has, and does not answer.
    func sentDelivery(of invoice: String) async throws -> String {
        let id = try InvoiceID(typeID: invoice)
        let made = try await test.owner.write([
            """
            insert into invoice_delivery (invoice, seller, buyer, way, form, state, sent_at)
            select id, seller, buyer, 'operator', 'ubl', 'sent', market_now()
            from invoice where id = \(id) returning id
            """
        ]).only()
        return try made["id", DeliveryID.self].description
    }
}
