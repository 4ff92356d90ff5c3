import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// For a seller that invoices from its own system: the agreed lines of a statement, to be taken
/// there, the form by which number and dates come back, and that by which a payment does.
enum InvoiceBasisPages {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try StatementID(inPath: parameter)
        do {
            return try await show(visitor, id, FieldErrors(), status: 200)
        } catch let refusal as Refusal
            where [.invoicedHere, .settledInternally].contains(refusal.code)
        {
            return try await StatementPages.show(
                visitor, id, refused: "refusal_\(refusal.code.rawValue)")
        }
    }

    private static func show(
        _ visitor: Visitor, _ id: StatementID, _ errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let basis = try await visitor.market.invoiceBasis(
            visitor.asking("getInvoiceBasis"), of: id
        ).body
        let login = try visitor.signedIn
        let isSeller = basis["seller"]?.text == login.organisation.description
        let mayRecord = isSeller && login.roles.contains(.finance)
        let parts = basis["parts"]?.elements ?? []
        var fields: [String: Any] = [
            "address": "/statements/\(id)",
            "parts": try parts.enumerated().map { index, part -> [String: Any] in
                var fields = try self.part(part, number: index + 1, of: parts.count, visitor)
                if mayRecord {
                    fields["inputs"] = [
                        "fields": inputs(number: index + 1, visitor, errors)
                    ]
                }
                return fields
            },
        ]
        if mayRecord, !parts.isEmpty { fields["may_record"] = true }
        if parts.isEmpty { fields["is_done"] = true }
        return try visitor.page(
            "invoice_basis",
            title: visitor.say("basis_title", try visitor.month(basis["period"])), fields,
            status: status, errors: errors)
    }

    private static func part(
        _ part: JSON, number: Int, of count: Int, _ visitor: Visitor
    ) throws -> [String: Any] {
        [
            "id": "part-\(number)",
            "title": count == 1
                ? visitor.say("basis_lines") : visitor.say("basis_part", "\(number)"),
            "buyer_reference": part["buyer_reference"]?.text ?? "",
            "cost_centre": part["cost_centre"]?.text ?? "–",
            "days": "\(part["payment_days"]?.integer ?? 0)",
            "rows": try (part["lines"]?.elements ?? []).map { line -> [String: Any] in
                [
                    "day": try visitor.day(line["served_on"]),
                    "address": "/charges/\(line["charge"]?.text ?? "")",
                    "text": line["text"]?.text ?? "",
                    "quantity": visitor.figure(line["quantity"]),
                    "price": visitor.figure(line["price"]),
                    "net": visitor.figure(line["net"]),
                ]
            },
            "net": visitor.figure(part["net"]),
            "vat": visitor.figure(part["vat_amount"]),
            "rate": visitor.percent(part["vat"]?["rate"]),
            "total": visitor.figure(part["total"]),
            "total_as_seen": part["total"]?.text ?? "",
            "total_name": "total-\(number)",
        ]
    }

    private static func inputs(
        number: Int, _ visitor: Visitor, _ errors: FieldErrors
    ) -> [[String: Any]] {
        let form = visitor.request.form
        return [
            ("number", TypedField.Kind.text), ("issued", .date), ("due", .date),
            ("reference", .text),
        ].map { name, kind in
            TypedField(
                id: "\(name)-\(number)", label: "basis_\(name)", kind: kind,
                value: form.text("\(name)-\(number)") ?? "", hint: "basis_\(name)_hint"
            ).fields(visitor, errors)
        }
    }

    static func record(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try StatementID(inPath: parameter)
        var errors = FieldErrors()
        var invoices: [RecordedInvoice] = []
        for number in 1...10 where visitor.request.form.text("total-\(number)") != nil {
            if let invoice = try recorded(number, visitor.request.form, &errors) {
                invoices.append(invoice)
            }
        }
        guard errors.isEmpty, !invoices.isEmpty else {
            return try await show(visitor, id, errors, status: 422)
        }
        do {
            let made = try await visitor.market.recordInvoices(
                visitor.asking("recordInvoices"), of: id, invoices)
            let first = made.body["invoices"]?.elements?.first?["id"]?.text ?? ""
            return .see("/invoices/\(first)?done=recorded")
        } catch let refusal as Refusal
            where [.nameTaken, .timeInTheFuture, .totalDiffers, .datesNotAgreed]
            .contains(refusal.code)
        {
            let field =
                switch refusal.code {
                case .nameTaken: "number-1"
                case .timeInTheFuture: "issued-1"
                case .datesNotAgreed: "due-1"
                default: String?.none
                }
            errors.add(field, "basis_refused_\(refusal.code.rawValue)")
            return try await show(visitor, id, errors, status: 409)
        }
    }

    /// One invoice as it was typed; nil where something of it is wrong.
    private static func recorded(
        _ number: Int, _ form: FormFields, _ errors: inout FieldErrors
    ) throws -> RecordedInvoice? {
        guard let total = form.text("total-\(number)").flatMap({ try? Money(decimal: $0) }) else {
            throw InvalidLink()
        }
        let name = errors.words(
            "number-\(number)", form.text("number-\(number)"),
            max: RecordedInvoice.longestNumber, tooLong: "error_basis_number",
            missing: "error_basis_number")
        let issued = errors.read("issued-\(number)", "error_date") {
            try CalendarDate(iso: form.text("issued-\(number)") ?? "")
        }
        let due = errors.read("due-\(number)", "error_basis_due") { () throws -> CalendarDate in
            let due = try CalendarDate(iso: form.text("due-\(number)") ?? "")
            guard issued.map({ due >= $0 }) != false else { throw InvalidLink() }
            return due
        }
        let reference = errors.read("reference-\(number)", "error_basis_reference") {
            try ReferenceNumber((form.text("reference-\(number)") ?? "").filter { $0 != " " })
        }
        guard let name, let issued, let due, let reference else { return nil }
        guard RecordedInvoice.isNumber(name) else {
            errors.add("number-\(number)", "error_basis_number")
            return nil
        }
        return try RecordedInvoice(
            number: name, issuedOn: issued, dueOn: due, reference: reference, total: total)
    }

    /// As it was agreed on, for the seller's own system.
    static func download(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await .file(
            visitor.market.invoiceBasisTable(
                visitor.asking("getInvoiceBasisTable"), of: StatementID(inPath: parameter)))
    }
}

// MARK: - What was paid

extension InvoiceBasisPages {
    private static let reportForm = MovedSum(
        words: "report", address: "reported-payments", sum: "open",
        amountHint: "write_off_amount_hint")

    static func showReport(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        return try await reportForm.page(
            visitor, InvoiceID(inPath: parameter), FieldErrors(), status: 200)
    }

    static func report(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try InvoiceID(inPath: parameter)
        var errors = FieldErrors()
        guard let (day, amount) = MovedSum.read(visitor.request.form, &errors) else {
            return try await reportForm.page(visitor, id, errors, status: 422)
        }
        do {
            _ = try await visitor.market.reportPayments(
                visitor.asking("reportPayments"),
                [ReportedPayment(of: .invoice(id), paidOn: day, amount: amount)])
            return .see("/invoices/\(id)?done=paid")
        } catch let refusal as Refusal
            where [.aboveRemaining, .timeInTheFuture, .bankEntryWaits].contains(refusal.code)
        {
            switch refusal.code {
            case .aboveRemaining: errors.add("amount", "refusal_above_remaining")
            case .bankEntryWaits: errors.add("amount", "refusal_bank_entry_waits")
            default: errors.add("paid_on", "basis_refused_time_in_the_future")
            }
            return try await reportForm.page(visitor, id, errors, status: 409)
        }
    }
}
