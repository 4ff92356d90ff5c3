import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// The organisation's own book: its trial balance, now or at a day, and what is open in it.
enum BookPages {
    static func trialBalance(_ visitor: Visitor) async throws -> PageReply {
        var errors = FieldErrors()
        var day: CalendarDate?
        if let text = visitor.request.query.text("on") {
            day = errors.read("on", "error_date") { try CalendarDate(iso: text) }
        }
        let balance = try await visitor.market.trialBalance(
            visitor.asking("getTrialBalance"), on: day
        ).body
        let names = try await ContractPages.organisationNames(visitor)
        let groups = try groups(of: balance["accounts"]?.elements ?? [], names, visitor)
        let moment = try visitor.moment(balance["as_of"])
        var fields: [String: Any] = [
            "on": TypedField(
                id: "on", label: "trial_balance_on", kind: .date,
                value: visitor.request.query.text("on") ?? "", hint: "trial_balance_hint"
            ).fields(visitor, errors),
            "as_of": try day.map { _ in
                visitor.say("trial_balance_at_day", try visitor.day(balance["on"]), moment)
            } ?? visitor.say("trial_balance_now", moment),
            "debits": visitor.figure(balance["debits"]),
            "credits": visitor.figure(balance["credits"]),
            "verdict": visitor.say(
                balance["balanced"]?.flag == true ? "trial_balance_even" : "trial_balance_uneven"),
        ]
        if !groups.isEmpty { fields["accounts"] = ["groups": groups] }
        fields.merge(tabs(visitor)) { $1 }
        return try visitor.page(
            "trial_balance", title: visitor.say("books_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    /// The rows of each account, one for each counterparty, and what several come to together.
    private static func groups(
        of accounts: [JSON], _ names: [String: String], _ visitor: Visitor
    ) throws -> [[String: Any]] {
        var codes: [String] = []
        var rows: [String: [JSON]] = [:]
        for account in accounts {
            let code = account["code"]?.text ?? ""
            if rows[code] == nil { codes.append(code) }
            rows[code, default: []].append(account)
        }
        return try codes.map { code in
            let own = rows[code] ?? []
            let name = visitor.say("account_\(code)")
            var group: [String: Any] = [
                "rows": own.map { account -> [String: Any] in
                    [
                        "account": name,
                        "counterparty": names[account["counterparty"]?.text ?? ""] ?? "",
                        "debits": visitor.figure(account["debits"]),
                        "credits": visitor.figure(account["credits"]),
                        "balance": visitor.figure(account["balance"]),
                        "side": normalSide(of: account, visitor),
                    ]
                }
            ]
            if own.count > 1, let first = own.first {
                func sum(_ key: String) throws -> String {
                    let amounts = try own.map { try Money(decimal: $0[key]?.text ?? "") }
                    return visitor.language.number(try Money.sum(of: amounts).decimal)
                }
                group["sum"] = [
                    "name": visitor.say("account_sum", name), "debits": try sum("debits"),
                    "credits": try sum("credits"), "balance": try sum("balance"),
                    "side": normalSide(of: first, visitor),
                ]
            }
            return group
        }
    }

    /// The side on which the balance of an account normally is.
    private static func normalSide(of account: JSON, _ visitor: Visitor) -> String {
        visitor.say("normal_\(account["normal_side"]?.text ?? "")")
    }

    static func openAmounts(_ visitor: Visitor) async throws -> PageReply {
        let open = try await visitor.market.listOpenAmounts(
            visitor.asking("listOpenAmounts")
        ).body
        let contracts = try await ContractList.all(visitor)
        var fields: [String: Any] = [
            "as_of": visitor.say("open_as_of", try visitor.moment(open["as_of"])),
            "verdict": visitor.say(
                open["explained"]?.flag == true ? "open_explained" : "open_unexplained"),
            "accounts": (open["accounts"]?.elements ?? []).map { account -> [String: Any] in
                [
                    "account": visitor.say("account_\(account["code"]?.text ?? "")"),
                    "explained": visitor.figure(account["explained"]),
                    "ledger": visitor.figure(account["ledger"]),
                ]
            },
        ]
        let invoices = try (open["invoices"]?.elements ?? []).map {
            try invoice($0, contracts, visitor)
        }
        if !invoices.isEmpty { fields["invoices"] = ["rows": invoices] }
        let names = try await ContractPages.organisationNames(visitor)
        let nets = try (open["net_payments"]?.elements ?? []).map { try net($0, names, visitor) }
        if !nets.isEmpty { fields["net_payments"] = ["rows": nets] }
        let unbilled = try (open["unbilled"]?.elements ?? []).map { charges -> [String: Any] in
            [
                "month": try visitor.month(charges["period"]),
                "contract": contracts[charges["contract"]]?.name ?? "",
                "side": side(of: charges, visitor),
                "waits": visitor.say("waits_for_\(charges["waits_for"]?.text ?? "")"),
                "count": "\(charges["charges"]?.integer ?? 0)",
                "amount": visitor.figure(charges["amount"]),
            ]
        }
        if !unbilled.isEmpty { fields["unbilled"] = ["rows": unbilled] }
        let entries = (open["bank_entries"]?.elements ?? []).map { entry -> [String: Any] in
            [
                "address": "/bank-entries/\(entry["id"]?.text ?? "")",
                "payer": entry["payer"]?.text ?? "–",
                "why": visitor.say("entry_\(entry["reason"]?.text ?? "")"),
                "left": visitor.figure(entry["left"]),
            ]
        }
        if !entries.isEmpty { fields["bank_entries"] = ["rows": entries] }
        fields.merge(tabs(visitor)) { $1 }
        return try visitor.page("open_amounts", title: visitor.say("open_title"), fields)
    }

    /// A book's pages, one beside the other.
    static func tabs(_ visitor: Visitor) -> [String: Any] {
        let pages = [
            ("/trial-balance", "trial_balance"), ("/open-amounts", "open_title"),
            ("/month", "month_title"), ("/ageing", "age_title"), ("/periods", "periods_title"),
        ]
        return [
            "label_of_tabs": visitor.say("books_title"),
            "tabs": pages.map { address, key -> [String: Any] in
                var tab: [String: Any] = ["address": address, "text": visitor.say(key)]
                if visitor.request.path == address { tab["current"] = true }
                return tab
            },
        ]
    }

    private static func invoice(
        _ invoice: JSON, _ contracts: ContractList, _ visitor: Visitor
    ) throws -> [String: Any] {
        let isOverdue = (invoice["days_overdue"]?.integer ?? 0) > 0
        return [
            "address": "/invoices/\(invoice["invoice"]?.text ?? "")",
            "number": invoice["number"]?.text ?? "",
            "counterparty": contracts.name(of: invoice["counterparty"]),
            "side": side(of: invoice, visitor),
            "due": try visitor.day(invoice["due_on"]),
            "state": visitor.say(isOverdue ? "invoice_overdue" : "invoice_not_due"),
            "is_late": isOverdue,
            "open": visitor.figure(invoice["open"]),
        ]
    }

    private static func net(
        _ payment: JSON, _ names: [String: String], _ visitor: Visitor
    ) throws -> [String: Any] {
        let isOverdue = (payment["days_overdue"]?.integer ?? 0) > 0
        return [
            "address": "/netting/\(payment["round"]?.text ?? "")",
            "counterparty": names[payment["counterparty"]?.text ?? ""] ?? "",
            "side": visitor.say("netting_\(payment["side"]?.text ?? "")"),
            "reference": payment["reference"]?.text ?? "",
            "due": try visitor.day(payment["due_on"]),
            "state": visitor.say(isOverdue ? "invoice_overdue" : "invoice_not_due"),
            "is_late": isOverdue,
            "amount": visitor.figure(payment["amount"]),
        ]
    }

    private static func side(of thing: JSON, _ visitor: Visitor) -> String {
        visitor.say(thing["side"]?.text == "seller" ? "side_seller" : "side_buyer")
    }
}
