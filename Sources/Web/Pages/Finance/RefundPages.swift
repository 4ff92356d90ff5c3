import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The form by which a seller says that it has paid back what was paid too much of an invoice.
enum RefundPages {
    private static let form = MovedSum(
        words: "refund", address: "refunds", sum: "owed_back", amountHint: "refund_amount_hint")

    static func showForm(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        return try await form.page(
            visitor, InvoiceID(inPath: parameter), FieldErrors(), status: 200)
    }

    static func refund(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try InvoiceID(inPath: parameter)
        var errors = FieldErrors()
        guard let (day, amount) = MovedSum.read(visitor.request.form, &errors) else {
            return try await form.page(visitor, id, errors, status: 422)
        }
        do {
            _ = try await visitor.market.refundInvoice(
                visitor.asking("refundInvoice"), id, amount: amount, paidOn: day)
            return .see("/invoices/\(id)?done=refunded")
        } catch let refusal as Refusal
            where [.nothingRemains, .aboveRemaining].contains(refusal.code)
        {
            errors.add("amount", "refusal_\(refusal.code.rawValue)")
            return try await form.page(visitor, id, errors, status: 409)
        } catch is InvalidInput {
            errors.add("paid_on", "error_refund_day")
            return try await form.page(visitor, id, errors, status: 422)
        }
    }
}
