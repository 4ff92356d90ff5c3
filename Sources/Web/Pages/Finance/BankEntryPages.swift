import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Payments that wait for a person: each with what may be meant by it, to be confirmed or decided
/// by hand.
enum BankEntryPages {
    /// Suggestions are computed for as many as fit on a screen or two.
    private static let mostSuggested = 25

    static func list(_ visitor: Visitor) async throws -> PageReply {
        let open = try await visitor.market.listOpenAmounts(
            visitor.asking("listOpenAmounts")
        ).body
        let invoices = try await Invoices.all(visitor)
        var rows: [[String: Any]] = []
        for (index, entry) in (open["bank_entries"]?.elements ?? []).enumerated() {
            let id = entry["id"]?.text ?? ""
            var row: [String: Any] = [
                "address": "/bank-entries/\(id)",
                "payer": entry["payer"]?.text ?? visitor.say("payer_unknown"),
                "day": try day(of: entry, visitor),
                "why": visitor.say("entry_\(entry["reason"]?.text ?? "")"),
                "left": visitor.figure(entry["left"]),
            ]
            if index < mostSuggested {
                let whole = try await visitor.market.bankEntry(
                    visitor.asking("getBankEntry"), BankEntryID(inPath: id)
                ).body
                if let best = whole["suggestions"]?.elements?.first {
                    row["best"] = ["text": invoices.names(in: best, visitor)]
                }
            }
            rows.append(row)
        }
        var fields: [String: Any] = [:]
        if !rows.isEmpty { fields["entries"] = ["rows": rows] }
        return try visitor.page(
            "bank_entries", title: visitor.say("bank_entries_waiting"), fields)
    }

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(
            visitor, BankEntryID(inPath: parameter), errors: FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ id: BankEntryID, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let entry = try await visitor.market.bankEntry(visitor.asking("getBankEntry"), id).body
        let invoices = try await Invoices.all(visitor)
        let fate = entry["fate"]?.text ?? ""
        let reason = entry["reason"]?.text
        let isIn = entry["direction"]?.text == "credit"
        var fields: [String: Any] = [
            "payer": entry["payer"]?.text ?? "–",
            "day": try day(of: entry, visitor),
            "reference": entry["reference"]?.text ?? "–",
            "message": entry["message"]?.text ?? "–",
            "direction": visitor.say(isIn ? "money_in" : "money_out"),
            "amount": visitor.figure(entry["amount"]),
            "left": visitor.figure(entry["left"]),
            "fate": visitor.say("fate_\(fate)"),
            "is_live": fate == "matched",
            "is_late": fate == "waiting",
            "why": reason.map { visitor.say("entry_\($0)") } ?? "",
            "address": "/bank-entries/\(id)",
            "file": "/bank-files/\(entry["file"]?.text ?? "")",
        ]
        let waits = fate == "waiting" || reason == "overpaid"
        if waits, try visitor.signedIn.roles.contains(.finance) {
            fields["decide"] = decision(entry, invoices, isIn: isIn, visitor, errors)
        }
        let isInForce = entry["reported"]?.flag == true && isIn && reason != "report_taken_back"
        if isInForce, try visitor.signedIn.roles.contains(.finance) {
            fields["may_take_back"] = ["text": visitor.say("report_take_back_text")]
        }
        switch visitor.request.query.text("done") {
        case "taken_back": fields["done"] = ["text": visitor.say("report_done_taken_back")]
        case "applied": fields["done"] = ["text": visitor.say("entry_done_applied")]
        case "aside": fields["done"] = ["text": visitor.say("entry_done_aside")]
        default: break
        }
        return try visitor.page(
            "bank_entry", title: visitor.say("bank_entry_title"), fields, status: status,
            errors: errors)
    }

    private static func day(of entry: JSON, _ visitor: Visitor) throws -> String {
        entry["booked_on"]?.text == nil ? "–" : try visitor.day(entry["booked_on"])
    }

    /// What is suggested, each with its button, and the form to say something else.
    private static func decision(
        _ entry: JSON, _ invoices: Invoices, isIn: Bool, _ visitor: Visitor, _ errors: FieldErrors
    ) -> [String: Any] {
        var fields: [String: Any] = [:]
        let suggestions = (entry["suggestions"]?.elements ?? []).map { each -> [String: Any] in
            [
                "what": invoices.names(in: each, visitor),
                "why": (each["reasons"]?.elements ?? [])
                    .map { visitor.say("because_\($0.text ?? "")") }.joined(separator: ", "),
                "value": each["net_payment"]?["id"]?.text ?? each["report"]?["id"]?.text
                    ?? (each["allocations"]?.elements ?? [])
                    .map { "\($0["invoice"]?.text ?? "")=\($0["amount"]?.text ?? "")" }
                    .joined(separator: " "),
            ]
        }
        if !suggestions.isEmpty { fields["suggestions"] = ["rows": suggestions] }
        let choices = invoices.choices(isIn: isIn, visitor)
        if !choices.isEmpty {
            let form = visitor.request.form
            fields["by_hand"] = [
                "invoice": Choice.field(
                    "invoice", visitor.say("invoice"), choices, selected: form.text("invoice"),
                    error: errors.message(of: "invoice").map { visitor.say($0) }),
                "sum": TypedField(
                    id: "amount", label: "amount_euros", kind: .text,
                    value: form.text("amount") ?? entry["left"]?.text ?? "",
                    hint: "entry_amount_hint"
                ).fields(visitor, errors),
            ]
        }
        return fields
    }
}

// MARK: - Deciding

extension BankEntryPages {
    static func apply(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try BankEntryID(inPath: parameter)
        var errors = FieldErrors()
        let form = visitor.request.form
        let net = NetPaymentID(form.text("suggestion") ?? form.text("invoice") ?? "")
        let report = BankEntryID(form.text("suggestion") ?? "")
        let wanted = net == nil && report == nil ? try wanted(form, &errors) : []
        if net != nil, form.text("suggestion") == nil {
            let left = try await visitor.market.bankEntry(visitor.asking("getBankEntry"), id)
                .body["left"]?.text
            let typed = errors.amount(
                "amount", form.text("amount")?.filter { !$0.isWhitespace }, "error_entry_amount")
            if let typed, typed.decimal != left {
                errors.add("amount", "refusal_net_payment_differs")
            }
            guard errors.isEmpty else {
                return try await show(visitor, id, errors: errors, status: 422)
            }
        }
        guard let wanted else { return try await show(visitor, id, errors: errors, status: 422) }
        do {
            if let net {
                _ = try await visitor.market.applyBankEntry(
                    visitor.asking("applyBankEntry"), id, to: net)
            } else if let report {
                _ = try await visitor.market.applyBankEntry(
                    visitor.asking("applyBankEntry"), id, asReport: report)
            } else {
                _ = try await visitor.market.applyBankEntry(
                    visitor.asking("applyBankEntry"), id, wanted)
            }
            return .see("/bank-entries/\(id)?done=applied")
        } catch let refusal as Refusal
            where [
                .bankEntryUsedUp, .settledAboveInvoiced, .nothingToTakeBack, .netPaymentDiffers,
                .netPaymentReceived, .reportDiffers,
            ].contains(refusal.code)
        {
            errors.add("amount", "refusal_\(refusal.code.rawValue)")
            return try await show(visitor, id, errors: errors, status: 409)
        }
    }

    /// What a suggestion's button sends, or what was chosen and typed.
    private static func wanted(
        _ form: FormFields, _ errors: inout FieldErrors
    ) throws -> [Allocation]? {
        if let chosen = form.text("suggestion") {
            let parts = chosen.split(separator: " ").compactMap { part -> Allocation? in
                let halves = part.split(separator: "=").map(String.init)
                guard halves.count == 2, let invoice = InvoiceID(halves[0]),
                    let amount = try? Money(decimal: halves[1]), amount > .zero
                else { return nil }
                return Allocation(invoice: invoice, amount: amount)
            }
            return parts.isEmpty ? nil : parts
        }
        let invoice = errors.read("invoice", "error_entry_invoice") {
            try InvoiceID(typeID: form.text("invoice") ?? "")
        }
        let amount = errors.amount(
            "amount", form.text("amount")?.filter { !$0.isWhitespace }, "error_entry_amount")
        guard let invoice, let amount else { return nil }
        return [Allocation(invoice: invoice, amount: amount)]
    }

    static func takeBack(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try BankEntryID(inPath: parameter)
        do {
            _ = try await visitor.market.takeBackReport(visitor.asking("takeBackReport"), id)
            return .see("/bank-entries/\(id)?done=taken_back")
        } catch let refusal as Refusal where refusal.code == .nothingToTakeBack {
            var errors = FieldErrors()
            errors.add(nil, "report_refused_nothing_to_take_back")
            return try await show(visitor, id, errors: errors, status: 409)
        }
    }

    static func setAside(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try BankEntryID(inPath: parameter)
        do {
            _ = try await visitor.market.setBankEntryAside(
                visitor.asking("setBankEntryAside"), id)
        } catch let refusal as Refusal where refusal.code == .bankEntryUsedUp {
            // somebody else decided meanwhile: the page says what
            return .see("/bank-entries/\(id)")
        }
        return .see("/bank-entries/\(id)?done=aside")
    }
}

/// One's own invoices, by their names on the page, and what remained for one of rounds of netting.
private struct Invoices {
    private let all: [JSON]
    private let byID: [String: JSON]
    private let nets: [Choice]

    static func all(_ visitor: Visitor) async throws -> Invoices {
        let own = try visitor.signedIn.organisation.description
        let found = try await visitor.every {
            try await visitor.market.listInvoices(
                visitor.asking("listInvoices"), contract: nil, state: nil, page: $0)
        }
        let open = try await visitor.market.listOpenAmounts(
            visitor.asking("listOpenAmounts")
        ).body
        let names = try await ContractPages.organisationNames(visitor)
        let nets = (open["net_payments"]?.elements ?? []).filter { $0["side"] == "payee" }
        return Invoices(
            found.filter { $0["seller"]?.text == own },
            nets.map { net in
                Choice(
                    net["id"]?.text ?? "",
                    visitor.say(
                        "entry_suggestion_net", names[net["counterparty"]?.text ?? ""] ?? "",
                        visitor.figure(net["amount"])))
            })
    }

    private init(_ invoices: [JSON], _ nets: [Choice]) {
        all = invoices
        self.nets = nets
        byID = Dictionary(
            invoices.map { ($0["id"]?.text ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Number and buyer of each invoice that a suggestion names, with its amount.
    func names(in suggestion: JSON, _ visitor: Visitor) -> String {
        if let net = suggestion["net_payment"], net != .null {
            return visitor.say(
                "entry_suggestion_net", net["payer_name"]?.text ?? "",
                visitor.figure(net["amount"]))
        }
        if let report = suggestion["report"], report != .null {
            let invoice = byID[report["invoice"]?.text ?? ""]
            return visitor.say(
                "entry_suggestion_report", invoice?["number"]?.text ?? "",
                visitor.figure(report["amount"]))
        }
        return (suggestion["allocations"]?.elements ?? []).map { part in
            let invoice = byID[part["invoice"]?.text ?? ""]
            return visitor.say(
                "entry_suggestion", invoice?["number"]?.text ?? "",
                invoice?["buyer_name"]?.text ?? "", visitor.figure(part["amount"]))
        }.joined(separator: "; ")
    }

    /// Those of which something is open, or was paid where money goes back.
    func choices(isIn: Bool, _ visitor: Visitor) -> [Choice] {
        all.filter { $0[isIn ? "open" : "settled"]?.text != "0.00" }.map { invoice in
            Choice(
                invoice["id"]?.text ?? "",
                visitor.say(
                    "entry_suggestion", invoice["number"]?.text ?? "",
                    invoice["buyer_name"]?.text ?? "",
                    visitor.figure(invoice[isIn ? "open" : "settled"])))
        } + (isIn ? nets : [])
    }
}
