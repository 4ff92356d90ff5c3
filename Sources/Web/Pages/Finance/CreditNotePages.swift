import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Credit notes: those that the organisation has made and received, one of them, and the form by
/// which a seller takes an invoice back.
enum CreditNotePages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        let notes = try await visitor.every {
            try await visitor.market.listCreditNotes(
                visitor.asking("listCreditNotes"), contract: nil, invoice: nil, page: $0)
        }
        var fields: [String: Any] = [:]
        let rows = try notes.reversed().map { try row($0, visitor) }
        if !rows.isEmpty { fields["credit_notes"] = ["rows": rows] }
        return try visitor.page("credit_notes", title: visitor.say("credit_notes_title"), fields)
    }

    static func row(_ note: JSON, _ visitor: Visitor) throws -> [String: Any] {
        let own = try visitor.signedIn.organisation.description
        let isSeller = note["seller"]?.text == own
        return [
            "address": "/credit-notes/\(note["id"]?.text ?? "")",
            "number": note["number"]?.text ?? "",
            "invoice": note["invoice_number"]?.text ?? "",
            "counterparty": note[isSeller ? "buyer_name" : "seller_name"]?.text ?? "",
            "day": try visitor.day(note["issued_on"]),
            "total": visitor.figure(note["total"]),
        ]
    }

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try CreditNoteID(inPath: parameter)
        let note = try await visitor.market.creditNote(
            visitor.asking("getCreditNote"), id
        ).body
        var fields: [String: Any] = [
            "address": "/credit-notes/\(id)",
            "invoice_address": "/invoices/\(note["invoice"]?.text ?? "")",
            "invoice": note["invoice_number"]?.text ?? "",
            "seller": note["seller_name"]?.text ?? "",
            "buyer": note["buyer_name"]?.text ?? "",
            "day": try visitor.day(note["issued_on"]),
            "reason": note["reason"]?.text ?? "",
            "net": visitor.figure(note["net"]),
            "vat_amount": visitor.figure(note["vat_amount"]),
            "total": visitor.figure(note["total"]),
            "lines": (note["lines"]?.elements ?? []).map { line -> [String: Any] in
                [
                    "number": "\(line["invoice_line"]?.integer ?? 0)",
                    "text": line["text"]?.text ?? "",
                    "link": "/charges/\(line["charge"]?.text ?? "")",
                    "net": visitor.figure(line["net"]),
                ]
            },
        ]
        if visitor.request.query.text("done") == "made" {
            let isSeller = try note["seller"]?.text == visitor.signedIn.organisation.description
            let other = note[isSeller ? "buyer_name" : "seller_name"]?.text ?? ""
            fields["done"] = [
                "text": visitor.say("credit_done_made", other)
            ]
        }
        return try visitor.page(
            "credit_note",
            title: visitor.say("credit_note_title", note["number"]?.text ?? ""), fields)
    }

    /// The document byte for byte as it was issued, under its number.
    static func download(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await .file(
            visitor.market.creditNoteDocument(
                visitor.asking("getCreditNoteDocument"), CreditNoteID(inPath: parameter)))
    }

    // MARK: The form

    static func showForm(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        return try await form(visitor, InvoiceID(inPath: parameter), FieldErrors(), status: 200)
    }

    /// What can be taken back: all that remains, or one line of it.
    private static func form(
        _ visitor: Visitor, _ id: InvoiceID, _ errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let invoice = try await visitor.market.invoice(visitor.asking("getInvoice"), id).body
        let isSelfBilled = invoice["self_billed"]?.flag == true
        let issuer = invoice[isSelfBilled ? "buyer" : "seller"]?.text
        guard try issuer == visitor.signedIn.organisation.description else {
            throw Refusal(.notYourSide)
        }
        let lines = try (invoice["lines"]?.elements ?? []).compactMap { line -> Choice? in
            let left = try remaining(of: line)
            guard left > .zero else { return nil }
            return Choice(
                "\(line["number"]?.integer ?? 0)",
                visitor.say(
                    "credit_line", "\(line["number"]?.integer ?? 0)", line["text"]?.text ?? "",
                    visitor.language.money(left)))
        }
        let form = visitor.request.form
        return try visitor.page(
            "credit_new",
            title: visitor.say("credit_new_title", invoice["number"]?.text ?? ""),
            [
                "address": "/invoices/\(id)",
                "what": Choice.field(
                    "what", visitor.say("credit_what"),
                    [Choice("all", visitor.say("credit_all"))] + lines,
                    selected: form.text("what"),
                    error: errors.message(of: "what").map { visitor.say($0) }),
                "amount": TypedField(
                    id: "amount", label: "credit_amount", kind: .text,
                    value: form.text("amount") ?? "", hint: "credit_amount_hint"
                ).fields(visitor, errors),
                "reason": TypedField(
                    id: "reason", label: "credit_reason", kind: .text,
                    value: form.text("reason") ?? "", hint: "credit_reason_hint"
                ).fields(visitor, errors),
            ], status: status, errors: errors)
    }

    private static func remaining(of line: JSON) throws -> Money {
        try Money(decimal: line["net"]?.text ?? "")
            .subtracting(Money(decimal: line["credited"]?.text ?? ""))
    }

    static func credit(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try InvoiceID(inPath: parameter)
        let form = visitor.request.form
        let invoice = try await visitor.market.invoice(visitor.asking("getInvoice"), id).body
        var errors = FieldErrors()
        let reason = errors.words(
            "reason", form.text("reason"), max: Market.longestCreditReason,
            tooLong: "error_words_long", missing: "error_credit_reason")
        var parts: [Credit.Part]?
        if let number = form.text("what").flatMap({ Int64($0) }) {
            let line = (invoice["lines"]?.elements ?? []).first {
                $0["number"]?.integer == number
            }
            let net = errors.read("amount", "error_credit_amount") {
                try form.text("amount").map { try Money(typed: $0) }
                    ?? remaining(of: line ?? .null)
            }
            parts = net.map { [Credit.Part(number: number, net: $0)] }
        }
        guard errors.isEmpty, let reason else {
            return try await self.form(visitor, id, errors, status: 422)
        }
        do {
            let made = try await visitor.market.creditInvoice(
                visitor.asking("creditInvoice"), id, reason: reason, parts: parts)
            return .see("/credit-notes/\(made.body["id"]?.text ?? "")?done=made")
        } catch let refusal as Refusal
            where [.nothingRemains, .aboveRemaining].contains(refusal.code)
        {
            errors.add(
                refusal.code == .aboveRemaining ? "amount" : "what",
                "refusal_\(refusal.code.rawValue)")
            return try await self.form(visitor, id, errors, status: 409)
        }
    }
}
