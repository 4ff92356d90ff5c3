import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The form by which a seller says that money of an invoice moved: on which day, and how much.
struct MovedSum {
    /// Before the names of its texts.
    let words: String
    /// Under the invoice's.
    let address: String
    /// The member of the invoice that says how much there is: `open` or `owed_back`.
    let sum: String
    let amountHint: String

    func page(
        _ visitor: Visitor, _ id: InvoiceID, _ errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let invoice = try await visitor.market.invoice(visitor.asking("getInvoice"), id).body
        guard try invoice["seller"]?.text == visitor.signedIn.organisation.description else {
            throw Refusal(.notYourSide)
        }
        let form = visitor.request.form
        return try visitor.page(
            "moved_sum", title: visitor.say("\(words)_title", invoice["number"]?.text ?? ""),
            [
                "lead": visitor.say("\(words)_lead"),
                "action": "/invoices/\(id)/\(address)",
                "address": "/invoices/\(id)",
                "sum": visitor.say("invoice_\(sum)"),
                "amount": try visitor.euros(invoice[sum]),
                "button": visitor.say("\(words)_button"),
                "inputs": [
                    TypedField(
                        id: "paid_on", label: "\(words)_day", kind: .date,
                        value: form.text("paid_on") ?? ""
                    ).fields(visitor, errors),
                    TypedField(
                        id: "amount", label: "\(words)_amount", kind: .text,
                        value: form.text("amount") ?? visitor.typed(invoice[sum]),
                        hint: amountHint
                    ).fields(visitor, errors),
                ],
            ], status: status, errors: errors)
    }

    /// What was typed; nil where something of it is wrong.
    static func read(
        _ form: FormFields, _ errors: inout FieldErrors
    ) -> (day: CalendarDate, amount: Money)? {
        let day = errors.read("paid_on", "error_date") {
            try CalendarDate(iso: form.text("paid_on") ?? "")
        }
        let amount = errors.amount("amount", form.text("amount"), "error_credit_amount")
        guard errors.isEmpty, let day, let amount else { return nil }
        return (day, amount)
    }
}
