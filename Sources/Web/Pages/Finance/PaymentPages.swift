import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Payments of what the organisation owes: invoices are approved, put into a file, and the file is
/// approved by a second person and given to the bank.
enum PaymentPages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        try await list(visitor, errors: FieldErrors(), status: 200)
    }

    private static func list(
        _ visitor: Visitor, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let payables = try await visitor.market.listPayables(visitor.asking("listPayables")).body
        let files = try await visitor.every {
            try await visitor.market.listPaymentFiles(
                visitor.asking("listPaymentFiles"), page: $0)
        }
        let mayApprove = !login.roles.isDisjoint(with: [.finance, .admin])
        let invoices = payables["invoices"]?.elements ?? []
        var fields: [String: Any] = [
            "limit_text": visitor.say(
                "payment_limit_text", visitor.figure(payables["second_person_above"]))
        ]
        if !invoices.isEmpty {
            fields["invoices"] = ["rows": try invoices.map { try row($0, mayApprove, visitor) }]
        }
        if !files.isEmpty {
            fields["files"] = [
                "rows": try files.reversed().map { file -> [String: Any] in
                    [
                        "address": "/payment-files/\(file["id"]?.text ?? "")",
                        "name": file["message_id"]?.text ?? "",
                        "day": try visitor.day(file["execution_on"]),
                        "state": visitor.say("payment_file_\(file["state"]?.text ?? "")"),
                        "total": visitor.figure(file["total"]),
                    ]
                }
            ]
        }
        let free = invoices.filter(isFree)
        if login.roles.contains(.finance), !free.isEmpty || !errors.isEmpty {
            let proposal: [String: Any] = [
                "text": visitor.say(
                    "payment_propose_text", "\(free.count)",
                    visitor.figure(JSON(try Money.sum(of: free.map(amount)).decimal))),
                "on": TypedField(
                    id: "on", label: "payment_day", kind: .date,
                    value: visitor.request.form.text("on")
                        ?? login.zone.date(of: login.now).iso
                ).fields(visitor, errors),
            ]
            fields["propose"] = proposal
        }
        if login.roles.contains(.admin) {
            fields["limit"] = [
                "input": TypedField(
                    id: "above", label: "payment_limit", kind: .text,
                    value: visitor.request.form.text("above")
                        ?? payables["second_person_above"]?.text ?? "",
                    hint: "payment_limit_hint"
                ).fields(visitor, errors)
            ]
        }
        switch visitor.request.query.text("done") {
        case "approved": fields["done"] = ["text": visitor.say("payment_done_approved")]
        case "limit": fields["done"] = ["text": visitor.say("payment_done_limit")]
        default: break
        }
        return try visitor.page(
            "payments", title: visitor.say("payments_title"), fields, status: status,
            errors: errors)
    }

    private static func isFree(_ invoice: JSON) -> Bool {
        invoice["approved_at"]?.text != nil && invoice["payment_file"]?.text == nil
    }

    private static func amount(_ invoice: JSON) throws -> Money {
        try Money(decimal: invoice["open"]?.text ?? "")
    }

    private static func row(
        _ invoice: JSON, _ mayApprove: Bool, _ visitor: Visitor
    ) throws -> [String: Any] {
        let id = invoice["invoice"]?.text ?? ""
        let isApproved = invoice["approved_at"]?.text != nil
        let state =
            invoice["state"]?.text.map { "payment_\($0)" }
            ?? invoice["rejection"]?.text.map {
                $0 == PaymentOrder.State.returned.rawValue
                    ? "payment_returned" : "payment_rejected"
            }
            ?? (isApproved ? "payment_approved" : "payment_open")
        var fields: [String: Any] = [
            "address": "/invoices/\(id)",
            "number": invoice["number"]?.text ?? "",
            "seller": invoice["seller_name"]?.text ?? "",
            "due": try visitor.day(invoice["due_on"]),
            "state": visitor.say(state),
            "is_late": ["payment_rejected", "payment_returned"].contains(state),
            "is_live": state == "payment_accepted",
            "open": visitor.figure(invoice["open"]),
        ]
        if !isApproved, mayApprove {
            fields["approve"] = ["action": "/invoices/\(id)/payment-approval"]
        }
        return fields
    }

    static func approveInvoice(
        _ visitor: Visitor, _ parameter: String
    ) async throws -> PageReply {
        try visitor.require([.finance, .admin])
        _ = try await visitor.market.approveInvoicePayment(
            visitor.asking("approveInvoicePayment"), InvoiceID(inPath: parameter))
        return .see("/payments?done=approved")
    }

    static func setLimit(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin])
        var errors = FieldErrors()
        let above = errors.read("above", "error_entry_amount") {
            let typed = (visitor.request.form.text("above") ?? "").filter { !$0.isWhitespace }
            let amount = try Money(typed: typed)
            guard amount >= .zero else { throw ArithmeticFailure.overflow }
            return amount
        }
        guard let above else { return try await list(visitor, errors: errors, status: 422) }
        _ = try await visitor.market.setPaymentLimit(
            visitor.asking("setPaymentLimit"), above: above)
        return .see("/payments?done=limit")
    }

    /// Every approved invoice that is in no file goes into the new one.
    static func propose(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.finance])
        var errors = FieldErrors()
        let day = errors.read("on", "error_date") {
            try CalendarDate(iso: visitor.request.form.text("on") ?? "")
        }
        guard let day else { return try await list(visitor, errors: errors, status: 422) }
        let payables = try await visitor.market.listPayables(visitor.asking("listPayables")).body
        let free = (payables["invoices"]?.elements ?? []).filter(isFree)
            .prefix(Market.mostPayments)
        let invoices = try free.map { try InvoiceID(typeID: $0["invoice"]?.text ?? "") }
        guard !invoices.isEmpty else {
            errors.add("on", "error_nothing_to_pay")
            return try await list(visitor, errors: errors, status: 422)
        }
        do {
            let file = try await visitor.market.proposePaymentFile(
                visitor.asking("proposePaymentFile"), invoices: invoices, on: day
            ).body
            return .see("/payment-files/\(file["id"]?.text ?? "")?done=proposed")
        } catch is InvalidInput {
            errors.add("on", "error_payment_day")
            return try await list(visitor, errors: errors, status: 422)
        } catch let refusal as Refusal
            where [.notPayable, .partyDataMissing].contains(refusal.code)
        {
            errors.add("on", "refusal_payment_\(refusal.code.rawValue)")
            return try await list(visitor, errors: errors, status: 409)
        }
    }
}
