import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The bank's files: one is imported by a form, and what became of each of its entries is told.
enum BankFilePages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        try await list(visitor, errors: FieldErrors(), status: 200)
    }

    private static func list(
        _ visitor: Visitor, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let files = try await visitor.every {
            try await visitor.market.listBankFiles(visitor.asking("listBankFiles"), page: $0)
        }
        var fields: [String: Any] = [:]
        if !files.isEmpty {
            fields["files"] = [
                "rows": try files.reversed().map { file -> [String: Any] in
                    [
                        "address": "/bank-files/\(file["id"]?.text ?? "")",
                        "imported": try visitor.moment(file["imported_at"]),
                        "name": file["message_id"]?.text ?? "–",
                        "matched": count(file["matched"]),
                        "partly": count(file["partly_matched"]),
                        "waiting": count(file["waiting"]),
                    ]
                }
            ]
        }
        if try visitor.signedIn.roles.contains(.finance) {
            fields["upload"] = [
                "input": TypedField(
                    id: "file", label: "bank_file", kind: .file, value: "", hint: "bank_file_hint"
                ).fields(visitor, errors)
            ]
        }
        return try visitor.page(
            "bank_files", title: visitor.say("bank_files_title"), fields, status: status,
            errors: errors)
    }

    private static func count(_ tally: JSON?) -> String { "\(tally?["count"]?.integer ?? 0)" }

    static func importFile(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.finance])
        var errors = FieldErrors()
        guard let bytes = visitor.request.file("file") else {
            errors.add("file", "error_file")
            return try await list(visitor, errors: errors, status: 422)
        }
        do {
            let file = try await visitor.market.importBankFile(
                visitor.asking("importBankFile"), bytes
            ).body
            let imported = try Instant(rfc3339: file["imported_at"]?.text ?? "")
            let done = try imported < visitor.signedIn.now ? "again" : "imported"
            return .see("/bank-files/\(file["id"]?.text ?? "")?done=\(done)")
        } catch let refusal as Refusal where refusal.code == .bankFileRefused {
            errors.add("file", reason(of: refusal, visitor))
            return try await list(visitor, errors: errors, status: 422)
        }
    }

    /// What is wrong with the file, and in which of its lines.
    private static func reason(of refusal: Refusal, _ visitor: Visitor) -> String {
        let text = visitor.say("bank_file_\(refusal.figures["reason"]?.text ?? "")")
        guard let line = refusal.figures["line"]?.integer, line > 0 else { return text }
        return text + " " + visitor.say("bank_file_line", "\(line)")
    }
}

// MARK: - One file

extension BankFilePages {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let file = try await visitor.market.bankFile(
            visitor.asking("getBankFile"), BankFileID(inPath: parameter)
        ).body
        let invoices = try await visitor.every {
            try await visitor.market.listInvoices(
                visitor.asking("listInvoices"), contract: nil, state: nil, page: $0)
        }
        let byID = Dictionary(
            invoices.map { ($0["id"]?.text ?? "", $0) }, uniquingKeysWith: { first, _ in first })
        let entries = file["entries"]?.elements ?? []
        var fields: [String: Any] = [
            "name": file["message_id"]?.text ?? "–",
            "imported": try visitor.moment(file["imported_at"]),
            "tallies": [
                "matched", "partly_matched", "waiting", "others",
            ].map { tally($0, file[$0], visitor) },
            "repeated": "\(file["repeated"]?.integer ?? 0)",
            "not_booked": "\(file["not_booked"]?.integer ?? 0)",
        ]
        if file["balances_agree"]?.flag == false { fields["disagree"] = true }
        let statements = file["statements"]?.elements ?? []
        if !statements.isEmpty {
            fields["statements"] = ["rows": statements.map { statement($0, visitor) }]
        }
        if !entries.isEmpty {
            fields["entries"] = ["rows": try entries.map { try entry($0, byID, visitor) }]
        }
        switch visitor.request.query.text("done") {
        case "imported": fields["done"] = ["text": visitor.say("bank_file_done_imported")]
        case "again": fields["done"] = ["text": visitor.say("bank_file_done_again")]
        default: break
        }
        return try visitor.page("bank_file", title: visitor.say("bank_file"), fields)
    }

    /// One account's statement: what does not add up in it stays in view.
    private static func statement(_ statement: JSON, _ visitor: Visitor) -> [String: Any] {
        let difference = statement["difference"]?.text
        let isEven = difference == "0.00"
        let balance =
            difference.map {
                isEven
                    ? visitor.say("balances_even")
                    : visitor.say("balances_off", visitor.language.number($0))
            } ?? visitor.say("balances_unknown")
        let isRepeated = statement["repeated"]?.flag == true
        return [
            "iban": statement["iban"]?.text ?? "",
            "name": statement["name"]?.text ?? "–",
            "balance": isRepeated ? visitor.say("statement_repeated") : balance,
            "is_late": difference != nil && !isEven,
        ]
    }

    private static func tally(_ fate: String, _ tally: JSON?, _ visitor: Visitor) -> [String: Any] {
        [
            "fate": visitor.say("fate_\(fate)"), "count": count(tally),
            "amount": visitor.figure(tally?["amount"]),
        ]
    }

    private static func entry(
        _ entry: JSON, _ invoices: [String: JSON], _ visitor: Visitor
    ) throws -> [String: Any] {
        let fate = entry["fate"]?.text ?? ""
        let reason = entry["reason"]?.text
        let isDated = entry["booked_on"]?.text != nil
        let currency = entry["currency"]?.text ?? ""
        var fields: [String: Any] = [
            "address": "/bank-entries/\(entry["id"]?.text ?? "")",
            "day": isDated ? try visitor.day(entry["booked_on"]) : "–",
            "payer": entry["payer"]?.text ?? "–",
            "reference": entry["reference"]?.text ?? "–",
            "amount": visitor.figure(entry["amount"])
                + (currency == Currency.eur.rawValue ? "" : "\(noBreakSpace)\(currency)"),
            "fate": visitor.say("fate_\(fate)"),
            "is_live": fate == "matched",
            "is_late": fate == "waiting",
            "why": reason.map { visitor.say("entry_\($0)") }
                ?? visitor.say(
                    entry["invoice"]?.text == nil
                        ? "entry_paid_net"
                        : entry["direction"]?.text == "debit"
                            ? "entry_took_back" : "entry_matched"),
        ]
        if let invoice = entry["invoice"]?.text {
            fields["invoice"] = [
                "link": "/invoices/\(invoice)",
                "number": invoices[invoice]?["number"]?.text ?? visitor.say("invoice"),
            ]
        }
        return fields
    }
}
