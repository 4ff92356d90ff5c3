import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The form by which a seller gives up what is open of an invoice, and the button by which it
/// reminds the buyer of that.
enum WriteOffPages {
    static func remind(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try InvoiceID(inPath: parameter)
        do {
            _ = try await visitor.market.remindOfInvoice(visitor.asking("remindOfInvoice"), id)
            return .see("/invoices/\(id)?done=reminded")
        } catch let refusal as Refusal where refusal.code == .reminderNotDue {
            return .see("/invoices/\(id)?done=\(refusal.figures["reason"]?.text ?? "")")
        }
    }

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
            "write_off_new",
            title: visitor.say("write_off_title", invoice["number"]?.text ?? ""),
            [
                "address": "/invoices/\(id)",
                "open": try visitor.euros(invoice["open"]),
                "amount": TypedField(
                    id: "amount", label: "write_off_amount", kind: .text,
                    value: form.text("amount") ?? visitor.typed(invoice["open"]),
                    hint: "write_off_amount_hint"
                ).fields(visitor, errors),
                "reason": TypedField(
                    id: "reason", label: "credit_reason", kind: .text,
                    value: form.text("reason") ?? "", hint: "write_off_reason_hint"
                ).fields(visitor, errors),
            ], status: status, errors: errors)
    }

    static func writeOff(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try InvoiceID(inPath: parameter)
        let form = visitor.request.form
        var errors = FieldErrors()
        let amount = errors.amount("amount", form.text("amount"), "error_credit_amount")
        let reason = errors.words(
            "reason", form.text("reason"), max: Market.longestWriteOffReason,
            tooLong: "error_words_long", missing: "error_credit_reason")
        guard errors.isEmpty, let amount, let reason else {
            return try await self.form(visitor, id, errors, status: 422)
        }
        do {
            _ = try await visitor.market.writeOffInvoice(
                visitor.asking("writeOffInvoice"), id, amount: amount, reason: reason)
            return .see("/invoices/\(id)?done=written_off")
        } catch let refusal as Refusal
            where [.nothingRemains, .aboveRemaining].contains(refusal.code)
        {
            errors.add("amount", "refusal_\(refusal.code.rawValue)")
            return try await self.form(visitor, id, errors, status: 409)
        }
    }
}
