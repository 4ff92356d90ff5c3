import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// How an organisation gets its invoices, and what became of one on its way.
enum InvoiceReceptionPages {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.finance, .admin, .auditor])
        return try await show(visitor, typed: nil, FieldErrors())
    }

    private static func show(
        _ visitor: Visitor, typed: FormFields?, _ errors: FieldErrors
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let wish = try await visitor.market.invoiceReception(
            visitor.asking("getInvoiceReception")
        ).body
        let way = typed?.text("way") ?? wish["way"]?.text
        let form = typed?.text("form") ?? wish["form"]?.text
        var fields: [String: Any] = [
            "revision": "\(wish["revision"]?.integer ?? 0)",
            "choices_of_form": [
                Choice.field(
                    "way", visitor.say("delivery_way"),
                    DeliveryWay.allCases.map {
                        Choice($0.rawValue, visitor.say("delivery_by_\($0.rawValue)"))
                    }, selected: way),
                Choice.field(
                    "form", visitor.say("delivery_form"),
                    DeliveryForm.sent.map {
                        Choice($0.rawValue, visitor.say("delivery_form_\($0.rawValue)"))
                    }, selected: form),
            ],
            "typed": [
                TypedField(
                    id: "email", label: "delivery_address", kind: .email,
                    value: typed?.text("email") ?? wish["address"]?.text ?? ""
                ).fields(visitor, errors)
            ],
        ]
        let roles = login.roles
        if roles.contains(.finance) || roles.contains(.admin) { fields["may_save"] = true }
        if visitor.request.query.text("done") == "saved" {
            fields["done"] = ["text": visitor.say("delivery_done_saved")]
        }
        return try visitor.page(
            "invoice_reception", title: visitor.say("delivery_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    static func save(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.finance, .admin])
        let form = visitor.request.form
        guard let revision = form.text("revision").flatMap({ Int64($0) }),
            let way = form.text("way").flatMap(DeliveryWay.init(rawValue:)),
            let kind = form.text("form").flatMap(DeliveryForm.init(rawValue:))
        else { throw InvalidLink() }
        var errors = FieldErrors()
        var address: EmailAddress?
        if way == .mail {
            address = errors.read("email", "error_email") {
                try EmailAddress(form.text("email") ?? "")
            }
        }
        guard errors.isEmpty else { return try await show(visitor, typed: form, errors) }
        do {
            _ = try await visitor.market.updateInvoiceReception(
                visitor.asking("updateInvoiceReception"), revision: revision, way: way, form: kind,
                address: address)
            return .see("/settings/invoices?done=saved")
        } catch let refusal as Refusal where refusal.code == .revisionDiffers {
            errors.add(nil, "refusal_revision_differs")
            return try await show(visitor, typed: form, errors)
        }
    }

    /// What the page of an invoice shows of its deliveries.
    static func deliveries(
        of id: InvoiceID, isIssuer: Bool, _ visitor: Visitor
    ) async throws -> [String: Any] {
        let login = try visitor.signedIn
        let all =
            try await visitor.market.invoiceDeliveries(
                visitor.asking("listInvoiceDeliveries"), of: id
            ).body["deliveries"]?.elements ?? []
        var fields: [String: Any] = [:]
        let rows = try all.map { delivery -> [String: Any] in
            let state = delivery["state"]?.text ?? ""
            let at = delivery["ended_at"]?.text ?? delivery["sent_at"]?.text
            var row: [String: Any] = [
                "at": visitor.language.moment(
                    try Instant(rfc3339: at ?? delivery["made_at"]?.text ?? ""), in: login.zone),
                "way": visitor.say("delivery_by_\(delivery["way"]?.text ?? "")"),
                "form": visitor.say("delivery_form_\(delivery["form"]?.text ?? "")"),
                "state": visitor.say("delivery_\(state)"),
                "is_live": state == "acknowledged", "is_late": state == "failed",
            ]
            if let address = delivery["address"]?.text { row["address"] = ["text": address] }
            if let problem = delivery["problem"]?.text { row["problem"] = ["text": problem] }
            return row
        }
        if !rows.isEmpty { fields["deliveries"] = ["rows": rows] }
        let sent = all.filter { $0["way"] != "download" }
        if isIssuer, login.roles.contains(.finance), sent.allSatisfy({ $0["state"] == "failed" }),
            !sent.isEmpty
        {
            fields["may_send_again"] = true
        }
        return fields
    }

    static func send(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try InvoiceID(inPath: parameter)
        _ = try await visitor.market.sendInvoice(visitor.asking("sendInvoice"), id)
        return .see("/invoices/\(id)?done=sent")
    }
}
