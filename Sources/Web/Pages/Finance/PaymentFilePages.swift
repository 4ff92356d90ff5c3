import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// One payment file: its payments, its approval, and what the bank answered.
enum PaymentFilePages {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(
            visitor, PaymentFileID(inPath: parameter), errors: FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ id: PaymentFileID, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let file = try await visitor.market.paymentFile(
            visitor.asking("getPaymentFile"), id
        ).body
        let state = file["state"]?.text ?? ""
        let address = "/payment-files/\(id)"
        var fields: [String: Any] = [
            "address": address,
            "name": file["message_id"]?.text ?? "",
            "state": visitor.say("payment_file_\(state)"),
            "day": try visitor.day(file["execution_on"]),
            "iban": file["iban"]?.text ?? "",
            "total": visitor.figure(file["total"]),
            "proposed": visitor.say(
                "payment_by", file["proposed_by_name"]?.text ?? "–",
                try visitor.moment(file["proposed_at"])),
            "rows": (file["payments"]?.elements ?? []).map { row($0, visitor) },
        ]
        if file["approved_at"]?.text != nil {
            fields["approved"] = [
                "text": visitor.say(
                    "payment_by", file["approved_by_name"]?.text ?? "–",
                    try visitor.moment(file["approved_at"])),
                "document": "\(address)/pain001",
            ]
        }
        let mayApprove = !login.roles.isDisjoint(with: [.finance, .admin])
        if state == "proposed", mayApprove { fields["approve"] = ["action": "\(address)/approve"] }
        if state == "proposed" || state == "approved", mayApprove {
            fields["withdraw"] = ["action": "\(address)/withdraw"]
        }
        if state == "approved" || state == "answered", login.roles.contains(.finance) {
            let answer: [String: Any] = [
                "action": "\(address)/status",
                "input": TypedField(
                    id: "file", label: "payment_answer", kind: .file, value: "",
                    hint: "payment_answer_hint"
                ).fields(visitor, errors),
            ]
            fields["answer"] = answer
        }
        if let done = visitor.request.query.text("done"),
            ["proposed", "approved", "withdrawn", "answered"].contains(done)
        {
            fields["done"] = ["text": visitor.say("payment_file_done_\(done)")]
        }
        return try visitor.page(
            "payment_file", title: visitor.say("payment_file"), fields, status: status,
            errors: errors)
    }

    private static func row(_ order: JSON, _ visitor: Visitor) -> [String: Any] {
        let state = order["state"]?.text ?? ""
        return [
            "invoice": "/invoices/\(order["invoice"]?.text ?? "")",
            "number": order["invoice_number"]?.text ?? "",
            "seller": order["seller_name"]?.text ?? "",
            "amount": visitor.figure(order["amount"]),
            "state": visitor.say("payment_\(state)"),
            "is_live": state == "accepted",
            "is_late": state == "rejected" || state == "returned",
            "again": order["paid_before"] == true ? visitor.say("payment_again") : "",
            "why": [order["code"]?.text, order["words"]?.text].compactMap { $0 }
                .joined(separator: " "),
        ]
    }

    static func approve(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance, .admin])
        let id = try PaymentFileID(inPath: parameter)
        do {
            _ = try await visitor.market.approvePaymentFile(
                visitor.asking("approvePaymentFile"), id)
            return .see("/payment-files/\(id)?done=approved")
        } catch let refusal as Refusal
            where [.secondPersonNeeded, .notPayable, .paymentFileApproved, .paymentFileWithdrawn]
            .contains(refusal.code)
        {
            var errors = FieldErrors()
            errors.add(nil, "refusal_payment_\(refusal.code.rawValue)")
            let status = refusal.code == .secondPersonNeeded ? 403 : 409
            return try await show(visitor, id, errors: errors, status: status)
        }
    }

    static func withdraw(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance, .admin])
        let id = try PaymentFileID(inPath: parameter)
        do {
            _ = try await visitor.market.withdrawPaymentFile(
                visitor.asking("withdrawPaymentFile"), id)
        } catch let refusal as Refusal
            where [.paymentFileWithdrawn, .paymentFileAnswered].contains(refusal.code)
        {
            // the page says what became of it meanwhile
            return .see("/payment-files/\(id)")
        }
        return .see("/payment-files/\(id)?done=withdrawn")
    }

    static func download(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await .file(
            visitor.market.paymentFileDocument(
                visitor.asking("getPaymentFileDocument"), PaymentFileID(inPath: parameter)))
    }

    static func importStatus(
        _ visitor: Visitor, _ parameter: String
    ) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try PaymentFileID(inPath: parameter)
        var errors = FieldErrors()
        guard let bytes = visitor.request.file("file") else {
            errors.add("file", "error_file")
            return try await show(visitor, id, errors: errors, status: 422)
        }
        do {
            _ = try await visitor.market.importPaymentStatus(
                visitor.asking("importPaymentStatus"), id, bytes)
            return .see("/payment-files/\(id)?done=answered")
        } catch let refusal as Refusal
            where [
                .bankFileRefused, .answerToAnother, .paymentFileNotApproved, .paymentFileWithdrawn,
            ].contains(refusal.code)
        {
            errors.add("file", "refusal_payment_\(refusal.code.rawValue)")
            return try await show(visitor, id, errors: errors, status: 422)
        }
    }
}
