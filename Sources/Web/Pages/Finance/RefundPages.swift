import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The form by which a seller says that it has paid back what was paid too much of an invoice.
enum RefundPages {
    static func showForm(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        return try await form(visitor, InvoiceID(inPath: parameter), FieldErrors(), status: 200)
    }

    private static func form(
        _ visitor: Visitor, _ id: InvoiceID, _ errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let invoice = try await visitor.market.invoice(visitor.asking("getInvoice"), id).body
        guard try invoice["seller"]?.text == visitor.signedIn.organisation.description else {
            throw Refusal(.notYourSide)
        }
        let form = visitor.request.form
        return try visitor.page(
            "refund_new", title: visitor.say("refund_title", invoice["number"]?.text ?? ""),
            [
                "address": "/invoices/\(id)",
                "owed_back": try visitor.euros(invoice["owed_back"]),
                "inputs": [
                    TypedField(
                        id: "paid_on", label: "refund_day", kind: .date,
                        value: form.text("paid_on") ?? ""
                    ).fields(visitor, errors),
                    TypedField(
                        id: "amount", label: "refund_amount", kind: .text,
                        value: form.text("amount") ?? visitor.typed(invoice["owed_back"]),
                        hint: "refund_amount_hint"
                    ).fields(visitor, errors),
                ],
            ], status: status, errors: errors)
    }

    static func refund(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try InvoiceID(inPath: parameter)
        let form = visitor.request.form
        var errors = FieldErrors()
        let day = errors.read("paid_on", "error_date") {
            try CalendarDate(iso: form.text("paid_on") ?? "")
        }
        let amount = errors.amount("amount", form.text("amount"), "error_credit_amount")
        guard errors.isEmpty, let day, let amount else {
            return try await self.form(visitor, id, errors, status: 422)
        }
        do {
            _ = try await visitor.market.refundInvoice(
                visitor.asking("refundInvoice"), id, amount: amount, paidOn: day)
            return .see("/invoices/\(id)?done=refunded")
        } catch let refusal as Refusal
            where [.nothingRemains, .aboveRemaining].contains(refusal.code)
        {
            errors.add("amount", "refusal_\(refusal.code.rawValue)")
            return try await self.form(visitor, id, errors, status: 409)
        } catch is InvalidInput {
            errors.add("paid_on", "error_refund_day")
            return try await self.form(visitor, id, errors, status: 422)
        }
    }
}
