import Billing
import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The invoices that the organisation has made and received; one of them, as its reader needs it
/// and as it is printed; and the same as the e-invoice that was sent.
enum InvoicePages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        let invoices = try await visitor.every {
            try await visitor.market.listInvoices(
                visitor.asking("listInvoices"), contract: nil, state: nil, page: $0)
        }
        let today = login.zone.date(of: login.now)
        let own = login.organisation.description
        let rows = try invoices.reversed().map { invoice -> [String: Any] in
            let isSeller = invoice["seller"]?.text == own
            let state = try state(of: invoice, today: today)
            return [
                "address": "/invoices/\(invoice["id"]?.text ?? "")",
                "number": invoice["number"]?.text ?? "",
                "counterparty": invoice[isSeller ? "buyer_name" : "seller_name"]?.text ?? "",
                "side": visitor.say(isSeller ? "side_seller" : "side_buyer"),
                "month": try visitor.month(invoice["period"]),
                "due": try visitor.day(invoice["due_on"]),
                "state": visitor.say(state),
                "is_live": state == "invoice_paid",
                "is_late": state == "invoice_overdue",
                "total": visitor.figure(invoice["total"]),
                "open": visitor.figure(invoice["open"]),
            ]
        }
        var fields: [String: Any] = [:]
        if !rows.isEmpty { fields["invoices"] = ["rows": rows] }
        return try visitor.page("invoices", title: visitor.say("invoices_title"), fields)
    }

    static func state(of invoice: JSON, today: CalendarDate) throws -> String {
        let due = try CalendarDate(iso: invoice["due_on"]?.text ?? "")
        let state = invoice["state"]?.text ?? ""
        let isOpen = state == "issued" || state == "partly_paid"
        return isOpen && due < today ? "invoice_overdue" : "invoice_\(state)"
    }

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let login = try visitor.signedIn
        let id = try InvoiceID(inPath: parameter)
        let invoice = try await visitor.market.invoice(visitor.asking("getInvoice"), id).body
        let version = try await visitor.market.contractVersion(
            visitor.asking("getContractVersion"),
            ContractID(typeID: invoice["contract"]?.text ?? ""),
            number: invoice["version"]?.integer ?? 1
        ).body
        var fields = try InvoiceSheet(invoice, of: version, visitor).fields
        fields["address"] = "/invoices/\(id)"
        fields["statement_address"] = "/statements/\(invoice["statement"]?.text ?? "")"
        let state = try state(of: invoice, today: login.zone.date(of: login.now))
        fields["state"] = visitor.say(state)
        fields["is_live"] = state == "invoice_paid"
        fields["is_late"] = state == "invoice_overdue"
        fields["open"] = try visitor.euros(invoice["open"])
        if try Money(decimal: invoice["open"]?.text ?? "0") > .zero { fields["is_open"] = true }
        fields["written_here"] = invoice["recorded"]?.flag != true
        if visitor.market.makesPDF { fields["may_have_pdf"] = true }
        if let due = try? CalendarDate(iso: invoice["due_on"]?.text ?? ""),
            due < login.zone.date(of: login.now)
        {
            fields["interest"] = ["of": invoice["number"]?.text ?? ""]
        }
        let isSeller = invoice["seller"]?.text == login.organisation.description
        let isIssuer = isSeller != (invoice["self_billed"]?.flag == true)
        fields.merge(
            try takenOff(invoice, id, isSeller: isSeller, isIssuer: isIssuer, visitor)
        ) { $1 }
        let delivered = try await InvoiceReceptionPages.deliveries(
            of: id, isIssuer: isIssuer, visitor)
        fields.merge(delivered) { $1 }
        let payments = try (invoice["payments"]?.elements ?? []).map { payment -> [String: Any] in
            let isDated = payment["booked_on"]?.text != nil
            var fields: [String: Any] = [
                "day": isDated ? try visitor.day(payment["booked_on"]) : "–",
                "amount": visitor.figure(payment["amount"]),
            ]
            if isSeller {
                fields["entry"] = ["link": "/bank-entries/\(payment["bank_entry"]?.text ?? "")"]
            }
            return fields
        }
        if !payments.isEmpty { fields["payments"] = ["rows": payments] }
        fields.merge(try done(invoice, isSeller: isSeller, visitor)) { $1 }
        return try visitor.page(
            "invoice", title: visitor.say("invoice_title", invoice["number"]?.text ?? ""), fields)
    }

    /// What was just done; else what comes next of an invoice that is open.
    private static func done(
        _ invoice: JSON, isSeller: Bool, _ visitor: Visitor
    ) throws -> [String: Any] {
        let text: String
        switch visitor.request.query.text("done") {
        case "issued":
            text = visitor.say(
                "invoice_done_issued", invoice[isSeller ? "buyer_name" : "seller_name"]?.text ?? "")
        case "written_off": text = visitor.say("write_off_done")
        case "refunded": text = visitor.say("refund_done")
        case "sent": text = visitor.say("delivery_done_sent")
        case .some(let done) where ["recorded", "paid"].contains(done):
            text = visitor.say("basis_done_\(done)")
        case .some(let done)
        where done == "reminded" || ReminderFacts.Obstacle(rawValue: done) != nil:
            text = visitor.say("reminder_\(done)")
        default:
            guard ["issued", "partly_paid"].contains(invoice["state"]?.text) else { return [:] }
            let next = visitor.say(
                isSeller ? "invoice_next_seller" : "invoice_next_buyer",
                try visitor.day(invoice["due_on"]))
            return ["next": ["text": next]]
        }
        return ["done": ["text": text]]
    }

    /// What credit notes took of it, what was given up and paid back, and what may still be.
    private static func takenOff(
        _ invoice: JSON, _ id: InvoiceID, isSeller: Bool, isIssuer: Bool, _ visitor: Visitor
    ) throws -> [String: Any] {
        var fields: [String: Any] = [:]
        func amount(_ name: String) throws -> Money {
            try Money(decimal: invoice[name]?.text ?? "0")
        }
        let notes = try (invoice["credit_notes"]?.elements ?? []).map {
            try CreditNotePages.row($0, visitor)
        }
        if !notes.isEmpty { fields["credit_notes"] = ["rows": notes] }
        var writeOffs = try (invoice["write_offs"]?.elements ?? []).map { one -> [String: Any] in
            [
                "day": try visitor.moment(one["written_off_at"]),
                "reason": one["reason"]?.text ?? "",
                "amount": visitor.figure(one["amount"]),
            ]
        }
        for note in invoice["credit_notes"]?.elements ?? [] {
            let cut = try Money(decimal: note["write_off_cut"]?.text ?? "0")
            guard cut > .zero else { continue }
            writeOffs.append([
                "day": try visitor.day(note["issued_on"]),
                "reason": visitor.say("write_off_cut_by", note["number"]?.text ?? ""),
                "amount": visitor.figure(JSON(try cut.negated().decimal)),
            ])
        }
        let reminders = try (invoice["reminders"]?.elements ?? []).map { one -> [String: Any] in
            [
                "number": "\(one["number"]?.integer ?? 0)",
                "day": try visitor.day(one["sent_on"]), "open": visitor.figure(one["open"]),
            ]
        }
        if !reminders.isEmpty { fields["reminders"] = ["rows": reminders] }
        if !writeOffs.isEmpty { fields["write_offs"] = ["rows": writeOffs] }
        let refunds = try (invoice["refunds"]?.elements ?? []).map { one -> [String: Any] in
            ["day": try visitor.day(one["paid_on"]), "amount": visitor.figure(one["amount"])]
        }
        if !refunds.isEmpty { fields["refunds"] = ["rows": refunds] }
        if try amount("owed_back") > .zero {
            fields["owed_back"] = ["text": try visitor.euros(invoice["owed_back"])]
        }
        guard try visitor.signedIn.roles.contains(.finance) else { return fields }
        if isSeller, fields["owed_back"] != nil {
            fields["may_refund"] = ["link": "/invoices/\(id)/refunds"]
        }
        let creditable = try amount("total").subtracting(amount("credited"))
        let isRecorded = invoice["recorded"]?.flag == true
        if isIssuer, creditable > .zero {
            fields["may_credit"] = [
                "link": "/invoices/\(id)/credit-notes",
                "text": visitor.say(isRecorded ? "credit_record_link" : "credit_link"),
            ]
        }
        if try isSeller && amount("open") > .zero {
            let login = try visitor.signedIn
            if try state(of: invoice, today: login.zone.date(of: login.now)) == "invoice_overdue" {
                fields["may_remind"] = ["action": "/invoices/\(id)/reminders"]
            }
            fields["may_write_off"] = ["link": "/invoices/\(id)/write-offs"]
            if isRecorded { fields["may_report"] = ["link": "/invoices/\(id)/reported-payments"] }
        }
        return fields
    }

    /// The document byte for byte as it was issued, under its number.
    static func download(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await .file(
            visitor.market.invoiceDocument(
                visitor.asking("getInvoiceDocument"), InvoiceID(inPath: parameter)))
    }

    /// To be read, with the document inside.
    static func pdf(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await .file(
            visitor.market.invoicePDF(
                visitor.asking("getInvoicePDF"), InvoiceID(inPath: parameter),
                in: TemplateLanguage(rawValue: visitor.language.rawValue) ?? .english))
    }

    /// The same, as banks in Finland take it.
    static func finvoice(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await .file(
            visitor.market.invoiceFinvoice(
                visitor.asking("getInvoiceFinvoice"), InvoiceID(inPath: parameter)))
    }
}
