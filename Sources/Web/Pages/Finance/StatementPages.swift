import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Statements: what months come to. The seller makes one, the buyer accepts it, and the seller
/// makes the invoice of it.
enum StatementPages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        try await list(visitor, errors: FieldErrors(), status: 200)
    }

    private static func list(
        _ visitor: Visitor, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let statements = try await visitor.every {
            try await visitor.market.listStatements(
                visitor.asking("listStatements"), contract: nil, state: nil, page: $0)
        }
        let contracts = try await ContractList.all(visitor)
        var fields: [String: Any] = [:]
        if !statements.isEmpty {
            let newest = statements.reversed().sorted {
                ($0["period"]?.text ?? "") > ($1["period"]?.text ?? "")
            }
            fields["statements"] = [
                "rows": try newest.map { try row($0, visitor, contracts) }
            ]
        }
        let sold = contracts.entries.filter { $0.isSeller && !$0.isDraft }
        if !sold.isEmpty {
            let open = try await visitor.market.listOpenAmounts(
                visitor.asking("listOpenAmounts")
            ).body
            let unstated = (open["unbilled"]?.elements ?? []).filter {
                $0["side"]?.text == "seller" && $0["waits_for"]?.text == "statement"
            }
            if !unstated.isEmpty {
                fields["unstated"] = [
                    "rows": try unstated.map { charges -> [String: Any] in
                        [
                            "month": try visitor.month(charges["period"]),
                            "contract": contracts[charges["contract"]]?.name ?? "",
                            "count": "\(charges["charges"]?.integer ?? 0)",
                            "amount": visitor.figure(charges["amount"]),
                        ]
                    }
                ]
            }
            if login.roles.contains(.finance) {
                fields["make"] = try form(visitor, sold, unstated: unstated, errors)
            }
        }
        return try visitor.page(
            "statements", title: visitor.say("statements_title"), fields, status: status,
            errors: errors)
    }

    private static func row(
        _ statement: JSON, _ visitor: Visitor, _ contracts: ContractList
    ) throws -> [String: Any] {
        let contract = contracts[statement["contract"]]
        return [
            "address": "/statements/\(statement["id"]?.text ?? "")",
            "month": try visitor.month(statement["period"]),
            "contract": contract?.name ?? "",
            "side": visitor.say(contract?.isSeller == true ? "side_seller" : "side_buyer"),
            "state": visitor.say(state(of: statement)),
            "is_live": statement["state"]?.text == "accepted",
            "total": visitor.figure(statement["total"]),
        ]
    }

    private static func state(of statement: JSON) -> String {
        statement["invoiced"]?.flag == true
            ? "statement_invoiced" : "statement_\(statement["state"]?.text ?? "")"
    }

    /// The contract of which something waits, and the month before this one, unless something else
    /// was chosen.
    private static func form(
        _ visitor: Visitor, _ sold: [ContractList.Entry], unstated: [JSON], _ errors: FieldErrors
    ) throws -> [String: Any] {
        let login = try visitor.signedIn
        let thisMonth = login.zone.date(of: login.now).firstOfMonth
        let months = try (1...12).map { try StatementPeriod(of: thisMonth.adding(months: -$0)) }
        let form = visitor.request.form
        let waiting = unstated.first { $0["period"]?.text == months[0].key } ?? unstated.first
        return [
            "choices_of_form": [
                Choice.field(
                    "contract", visitor.say("contract_name"),
                    sold.map { Choice($0.id, $0.name) },
                    selected: form.text("contract") ?? waiting?["contract"]?.text,
                    error: errors.message(of: "contract").map { visitor.say($0) }),
                Choice.field(
                    "period", visitor.say("month"),
                    months.map { Choice($0.key, visitor.language.month(of: $0.first)) },
                    selected: form.text("period") ?? months[0].key,
                    error: errors.message(of: "period").map { visitor.say($0) }),
            ]
        ]
    }

    static func create(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.finance])
        let form = visitor.request.form
        var errors = FieldErrors()
        let contract = errors.read("contract", "error_contract") {
            try ContractID(typeID: form.text("contract") ?? "")
        }
        let period = errors.read("period", "error_month") {
            try StatementPeriod(key: form.text("period") ?? "")
        }
        guard let contract, let period else {
            return try await list(visitor, errors: errors, status: 422)
        }
        do {
            let made = try await visitor.market.createStatement(
                visitor.asking("createStatement"), contract: contract, period: period)
            return .see("/statements/\(made.body["id"]?.text ?? "")?done=made")
        } catch let refusal as Refusal
            where [.periodNotOver, .nothingToState].contains(refusal.code)
        {
            errors.add("period", "refusal_\(refusal.code.rawValue)")
            return try await list(visitor, errors: errors, status: 409)
        }
    }
}

// MARK: - One statement

extension StatementPages {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(
            visitor, StatementID(inPath: parameter), errors: FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ id: StatementID, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let statement = try await visitor.market.statement(
            visitor.asking("getStatement"), id
        ).body
        let contracts = try await ContractList.all(visitor)
        let isSeller = statement["seller"]?.text == login.organisation.description
        let isOpen = statement["state"]?.text == "open"
        let counterparty = contracts.name(of: statement[isSeller ? "buyer" : "seller"])
        var fields = try facts(statement, visitor, contracts)
        fields["lines"] = try await lines(statement, visitor)
        let invoices = try await invoices(statement, visitor)
        if !invoices.isEmpty { fields["invoices"] = ["links": invoices] }
        let mayAct = login.roles.contains(.finance)
        switch (isSeller, isOpen) {
        case (false, true) where mayAct:
            fields["may_accept"] = [
                "total_as_seen": statement["total"]?.text ?? "",
                "text": visitor.say(
                    "statement_accept_text", try visitor.euros(statement["total"]), counterparty),
            ]
        case (true, true): fields["waits"] = visitor.say("statement_waits_for", counterparty)
        case (false, false) where invoices.isEmpty:
            fields["waits"] = visitor.say("statement_waits_for_invoice", counterparty)
        case (true, false) where mayAct && invoices.isEmpty: fields["may_invoice"] = true
        default: break
        }
        switch visitor.request.query.text("done") {
        case "made": fields["done"] = ["text": visitor.say("statement_done_made", counterparty)]
        case "accepted":
            fields["done"] = ["text": visitor.say("statement_done_accepted", counterparty)]
        default: break
        }
        return try visitor.page(
            "statement",
            title: visitor.say("statement_title", try visitor.month(statement["period"])), fields,
            status: status, errors: errors)
    }

    private static func facts(
        _ statement: JSON, _ visitor: Visitor, _ contracts: ContractList
    ) throws -> [String: Any] {
        let isAccepted = statement["accepted_at"]?.text != nil
        return [
            "address": "/statements/\(statement["id"]?.text ?? "")",
            "contract": contracts[statement["contract"]]?.title ?? "",
            "contract_address": "/contracts/\(statement["contract"]?.text ?? "")",
            "seller": contracts.name(of: statement["seller"]),
            "buyer": contracts.name(of: statement["buyer"]),
            "state": visitor.say(state(of: statement)),
            "is_live": statement["state"]?.text == "accepted",
            "made": try visitor.moment(statement["created_at"]),
            "accepted": isAccepted
                ? try visitor.moment(statement["accepted_at"])
                : visitor.say("statement_not_yet"),
            "total": visitor.figure(statement["total"]),
            "total_with_unit": try visitor.euros(statement["total"]),
        ]
    }

    private static func lines(
        _ statement: JSON, _ visitor: Visitor
    ) async throws -> [[String: Any]] {
        let contract = try ContractID(typeID: statement["contract"]?.text ?? "")
        let sold = try await SoldInContract.all(under: contract, visitor)
        return try (statement["lines"]?.elements ?? []).map { line in
            let isVisit = line["cause"]?.text == "visit"
            var fields: [String: Any] = [
                "address": "/charges/\(line["charge"]?.text ?? "")",
                "day": try visitor.day(line["served_on"]),
                "service": visitor.serviceName(line["service"], in: sold),
                "time": isVisit
                    ? visitor.language.length(seconds: line["billable_seconds"]?.integer ?? 0)
                    : visitor.say("line_\(line["cause"]?.text ?? "")"),
                "amount": visitor.figure(line["net"]),
            ]
            if line["late"]?.flag == true {
                fields["late"] = [
                    "text": visitor.say("statement_late", try visitor.month(line["period"]))
                ]
            }
            return fields
        }
    }

    private static func invoices(
        _ statement: JSON, _ visitor: Visitor
    ) async throws -> [[String: Any]] {
        var links: [[String: Any]] = []
        for id in statement["invoices"]?.elements ?? [] {
            let invoice = try await visitor.market.invoice(
                visitor.asking("getInvoice"), InvoiceID(typeID: id.text ?? "")
            ).body
            links.append([
                "number": invoice["number"]?.text ?? "", "address": "/invoices/\(id.text ?? "")",
            ])
        }
        return links
    }

    static func accept(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try StatementID(inPath: parameter)
        guard let total = visitor.request.form.text("total").flatMap({ try? Money(decimal: $0) })
        else { throw InvalidLink() }
        do {
            _ = try await visitor.market.acceptStatement(
                visitor.asking("acceptStatement"), id, total: total)
            return .see("/statements/\(id)?done=accepted")
        } catch let refusal as Refusal where refusal.code == .totalDiffers {
            var errors = FieldErrors()
            errors.add(nil, "refusal_total_differs")
            return try await show(visitor, id, errors: errors, status: 409)
        }
    }

    static func issueInvoice(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let issued = try await visitor.market.issueInvoice(
            visitor.asking("issueInvoice"), of: StatementID(inPath: parameter))
        let first = issued.body["invoices"]?.elements?.first?["id"]?.text ?? ""
        return .see("/invoices/\(first)?done=issued")
    }
}

extension Visitor {
    /// The name of a service in the reader's language; its code where the contract names it no
    /// longer.
    func serviceName(_ code: JSON?, in sold: [SoldInContract]) -> String {
        sold.first { $0.code == code?.text }?.name ?? code?.text ?? ""
    }
}
