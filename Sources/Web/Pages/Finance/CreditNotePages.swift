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
            "written_here": note["recorded"]?.flag != true,
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
        if let done = visitor.request.query.text("done"), ["made", "recorded"].contains(done) {
            let isSeller = try note["seller"]?.text == visitor.signedIn.organisation.description
            let other = note[isSeller ? "buyer_name" : "seller_name"]?.text ?? ""
            fields["done"] = [
                "text": visitor.say("credit_done_\(done)", other)
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

    /// What can be taken back: all that remains, or one line of it. What the seller's own system
    /// took back has its number, day and total there, and may be an amount of the whole.
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
        let isRecorded = invoice["recorded"]?.flag == true
        let wholes = isRecorded ? ["all", "net"] : ["all"]
        return try visitor.page(
            "credit_new",
            title: visitor.say("credit_new_title", invoice["number"]?.text ?? ""),
            [
                "address": "/invoices/\(id)",
                "lead": visitor.say(isRecorded ? "credit_record_lead" : "credit_new_lead"),
                "button": visitor.say(isRecorded ? "credit_record_button" : "credit_new_button"),
                "recorded": isRecorded
                    ? recordedFields.map { name, kind, hint in
                        TypedField(
                            id: name, label: "credit_record_\(name)", kind: kind,
                            value: form.text(name) ?? "", hint: hint
                        ).fields(visitor, errors)
                    } : [],
                "what": Choice.field(
                    "what", visitor.say("credit_what"),
                    wholes.map { Choice($0, visitor.say("credit_\($0)")) } + lines,
                    selected: form.text("what"),
                    error: errors.message(of: "what").map { visitor.say($0) }),
                "amount": TypedField(
                    id: "amount", label: isRecorded ? "credit_record_amount" : "credit_amount",
                    kind: .text, value: form.text("amount") ?? "", hint: "credit_amount_hint"
                ).fields(visitor, errors),
                "reason": TypedField(
                    id: "reason", label: "credit_reason", kind: .text,
                    value: form.text("reason") ?? "",
                    hint: isRecorded ? "credit_record_reason_hint" : "credit_reason_hint"
                ).fields(visitor, errors),
            ], status: status, errors: errors)
    }

    private static let recordedFields: [(name: String, kind: TypedField.Kind, hint: String)] = [
        ("number", .text, "basis_number_hint"), ("issued", .date, "basis_issued_hint"),
        ("total", .text, "credit_record_total_hint"),
    ]

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
        let isRecorded = invoice["recorded"]?.flag == true
        var extent = RecordedCreditNote.Extent.all
        if let number = form.text("what").flatMap({ Int64($0) }) {
            let line = (invoice["lines"]?.elements ?? []).first {
                $0["number"]?.integer == number
            }
            let net = errors.read("amount", "error_credit_amount") {
                try form.text("amount").map { try Money(typed: $0) }
                    ?? remaining(of: line ?? .null)
            }
            if let net { extent = .lines([Credit.Part(number: number, net: net)]) }
        } else if isRecorded, form.text("what") == "net",
            let net = errors.amount("amount", form.text("amount"), "error_credit_amount")
        {
            extent = .net(net)
        }
        let recorded = isRecorded ? try self.recorded(form, extent, &errors) : nil
        guard errors.isEmpty, let reason else {
            return try await self.form(visitor, id, errors, status: 422)
        }
        do {
            let made: Answer
            if let recorded {
                made = try await visitor.market.recordCreditNote(
                    visitor.asking("recordCreditNote"), of: id, recorded, reason: reason)
            } else {
                var parts: [Credit.Part]?
                if case .lines(let lines) = extent { parts = lines }
                made = try await visitor.market.creditInvoice(
                    visitor.asking("creditInvoice"), id, reason: reason, parts: parts)
            }
            return .see(
                "/credit-notes/\(made.body["id"]?.text ?? "")?done="
                    + (isRecorded ? "recorded" : "made"))
        } catch let refusal as Refusal {
            guard let (field, text) = place(of: refusal) else { throw refusal }
            errors.add(field, text)
            return try await self.form(visitor, id, errors, status: 409)
        }
    }

    /// The field that a refusal is about, and its words.
    private static func place(of refusal: Refusal) -> (field: String, text: String)? {
        switch refusal.code {
        case .aboveRemaining: ("amount", "refusal_above_remaining")
        case .nothingRemains: ("what", "refusal_nothing_remains")
        case .nameTaken: ("number", "credit_refused_name_taken")
        case .timeInTheFuture: ("issued", "basis_refused_time_in_the_future")
        case .datesNotAgreed: ("issued", "credit_refused_dates_not_agreed")
        case .totalDiffers: ("total", "credit_refused_total_differs")
        default: nil
        }
    }

    /// What the seller's own system gave its credit note; nil where something of it is wrong.
    private static func recorded(
        _ form: FormFields, _ extent: RecordedCreditNote.Extent, _ errors: inout FieldErrors
    ) throws -> RecordedCreditNote? {
        let number = errors.words(
            "number", form.text("number"), max: RecordedInvoice.longestNumber,
            tooLong: "error_basis_number", missing: "error_basis_number")
        let issued = errors.read("issued", "error_date") {
            try CalendarDate(iso: form.text("issued") ?? "")
        }
        let total = errors.amount("total", form.text("total"), "error_credit_amount")
        guard let number, let issued, let total else { return nil }
        guard RecordedInvoice.isNumber(number) else {
            errors.add("number", "error_basis_number")
            return nil
        }
        return try RecordedCreditNote(
            number: number, issuedOn: issued, extent: extent, total: total)
    }
}
