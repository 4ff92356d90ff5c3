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
        fields["disputes"] = ["address": "/disputes"]
        if !statements.isEmpty {
            let newest = statements.reversed().sorted {
                ($0["period"]?.text ?? "") > ($1["period"]?.text ?? "")
            }
            fields["statements"] = [
                "rows": try newest.map { try row($0, visitor, contracts) }
            ]
        }
        let sold = contracts.entries.filter { $0.isSeller && !$0.isDraft }
        let isSelfBilling = statements.contains {
            ($0["documents"]?.elements ?? []).contains { $0.text == "self_billing" }
        }
        if !sold.isEmpty || isSelfBilling { fields["runs"] = ["address": "/billing-runs"] }
        if !sold.isEmpty {
            fields["hours"] = [
                "month": TypedField(
                    id: HoursPage.field, label: "hours_month", kind: .text,
                    value: try HoursPage.usual(visitor).key, hint: "hours_month_hint"
                ).fields(visitor, FieldErrors())
            ]
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
                let commitments = try await visitor.market.commitmentsToState(
                    visitor.asking("listOpenAmounts"))
                let waiting =
                    unstated.map { ($0["contract"]?.text ?? "", $0["period"]?.text ?? "") }
                    + commitments.map { ($0.contract.description, $0.period.key) }
                if let question = try form(visitor, contracts, waiting, errors) {
                    fields["make"] = question
                } else {
                    fields["nothing_to_make"] = true
                }
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

    /// Each contract and month that is over and of which something waits, the newest month first;
    /// nil where there is none.
    private static func form(
        _ visitor: Visitor, _ contracts: ContractList,
        _ unstated: [(contract: String, period: String)], _ errors: FieldErrors
    ) throws -> [String: Any]? {
        let login = try visitor.signedIn
        let thisMonth = StatementPeriod(of: login.zone.date(of: login.now).firstOfMonth).key
        let waiting = Dictionary(grouping: unstated.filter { $0.period < thisMonth }) {
            "\($0.contract) \($0.period)"
        }.sorted { ($0.value[0].period, $1.key) > ($1.value[0].period, $0.key) }
        guard !waiting.isEmpty || !errors.isEmpty else { return nil }
        let choices = try waiting.map { key, charges in
            let name = contracts[JSON(charges[0].contract)]?.name ?? ""
            return Choice(key, "\(name), \(try visitor.month(JSON(charges[0].period)))")
        }
        return [
            "of": Choice.field(
                "of", visitor.say("statement_of"), choices,
                selected: visitor.request.form.text("of"),
                error: errors.message(of: "of").map { visitor.say($0) })
        ]
    }

    static func create(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.finance])
        let form = visitor.request.form
        var errors = FieldErrors()
        let parts = (form.text("of") ?? "").split(separator: " ").map(String.init)
        let chosen = errors.read("of", "error_statement_of") {
            try (
                contract: ContractID(typeID: parts.first ?? ""),
                period: StatementPeriod(key: parts.last ?? "")
            )
        }
        guard let (contract, period) = chosen else {
            return try await list(visitor, errors: errors, status: 422)
        }
        do {
            let made = try await visitor.market.createStatement(
                visitor.asking("createStatement"), contract: contract, period: period)
            return .see("/statements/\(made.body["id"]?.text ?? "")?done=made")
        } catch let refusal as Refusal
            where [.periodNotOver, .nothingToState].contains(refusal.code)
        {
            errors.add("of", "refusal_\(refusal.code.rawValue)")
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

    /// With why what was asked for on it is refused.
    static func show(
        _ visitor: Visitor, _ id: StatementID, refused text: String
    ) async throws -> PageReply {
        var errors = FieldErrors()
        errors.add(nil, text)
        return try await show(visitor, id, errors: errors, status: 409)
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
        let version = try await SoldInContract.newestVersion(
            of: ContractID(typeID: statement["contract"]?.text ?? ""), visitor)
        let lastDay = isOpen ? try end(of: statement, under: version, visitor) : nil
        var fields = try facts(statement, visitor, contracts)
        fields["accept_by"] = lastDay.map { ["text": $0] }
        let mayAct = login.roles.contains(.finance)
        let mayDispute = !isSeller && isOpen && mayAct
        fields["lines"] = try lines(statement, under: version, mayDispute: mayDispute, visitor)
        let invoices = try await invoices(statement, visitor)
        if !invoices.isEmpty { fields["invoices"] = ["links": invoices] }
        let hasMore = try Money(decimal: statement["to_invoice"]?.text ?? "0") > .zero
        let documents = Set((statement["documents"]?.elements ?? []).compactMap(\.text))
        fields.merge(otherwise(statement, documents, mayAct: isSeller && mayAct)) { $1 }
        switch (isSeller, isOpen) {
        case (false, true) where mayAct:
            var form: [String: Any] = [
                "total_as_seen": statement["undisputed"]?.text ?? "",
                "text": visitor.say(
                    "statement_accept_text", try visitor.euros(statement["undisputed"]),
                    counterparty),
            ]
            form["otherwise"] = lastDay.map { day -> [String: Any] in
                ["text": visitor.say("statement_disagree", day)]
            }
            fields["may_accept"] = form
        case (true, true): fields["waits"] = visitor.say("statement_waits_for", counterparty)
        case (false, false) where mayAct && hasMore && documents.contains("self_billing"):
            fields["may_invoice"] = true
        case (true, false) where hasMore && documents == ["self_billing"]:
            fields["waits"] = visitor.say("statement_waits_for_invoice", counterparty)
        case (false, false) where invoices.isEmpty && hasMore && documents != ["internal"]:
            fields["waits"] = visitor.say("statement_waits_for_invoice", counterparty)
        case (true, false) where mayAct && hasMore && documents.contains("invoice"):
            fields["may_invoice"] = true
        default: break
        }
        if statement["to_carry"]?.text != "0.00" {
            fields["to_carry"] = [
                "text": visitor.say("statement_to_carry", try visitor.euros(statement["to_carry"]))
            ]
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

    /// What is made of it in the place of an invoice of this market.
    private static func otherwise(
        _ statement: JSON, _ documents: Set<String>, mayAct: Bool
    ) -> [String: Any] {
        let open = statement["to_invoice"]?.text ?? "0.00"
        let settled = (statement["internal_charges"]?.elements ?? []).map {
            "/internal-charges/\($0.text ?? "")"
        }
        var fields: [String: Any] = [:]
        if !settled.isEmpty { fields["settled"] = ["links": settled.map { ["link": $0] }] }
        guard statement["state"]?.text == "accepted", open != "0.00" else { return fields }
        if documents.contains("invoice_basis") {
            fields["basis"] = ["link": "/statements/\(statement["id"]?.text ?? "")/invoice-basis"]
        }
        if documents.contains("internal"), mayAct {
            fields["may_settle"] = ["total_as_seen": open]
        }
        return fields
    }

    private static func facts(
        _ statement: JSON, _ visitor: Visitor, _ contracts: ContractList
    ) throws -> [String: Any] {
        let isAccepted = statement["accepted_at"]?.text != nil
        return [
            "address": "/statements/\(statement["id"]?.text ?? "")",
            "contract": contracts[statement["contract"]]?.title ?? "",
            "contract_address": "/contracts/\(statement["contract"]?.text ?? "")",
            "again_address": "/contracts/\(statement["contract"]?.text ?? "")/rating-again?month="
                + (statement["period"]?.text ?? ""),
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
            "undisputed": visitor.figure(statement["undisputed"]),
            "has_disputes": statement["undisputed"] != statement["total"],
        ]
    }

    /// The day until which the contract lets the buyer accept an open statement.
    private static func end(
        of statement: JSON, under version: JSON?, _ visitor: Visitor
    ) throws -> String? {
        let terms = version?["document"]?["billing"]?["statement"]
        guard let days = terms?["acceptance_days"]?.integer else { return nil }
        let made = try Instant(rfc3339: statement["created_at"]?.text ?? "")
        let zone = try visitor.signedIn.zone
        return visitor.language.date(try zone.date(of: made).adding(days: Int(days)))
    }

    private static func lines(
        _ statement: JSON, under version: JSON?, mayDispute: Bool, _ visitor: Visitor
    ) throws -> [[String: Any]] {
        let form = "/statements/\(statement["id"]?.text ?? "")/disputes"
        let isSeller = try statement["seller"]?.text == visitor.signedIn.organisation.description
        let sold = version.map { SoldInContract.all(of: $0, in: visitor.language) } ?? []
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
            for way in ["carried_from", "carried_to"] {
                guard let other = line[way]?.text else { continue }
                fields[way] = ["link": "/statements/\(other)"]
            }
            if let dispute = line["dispute"]?.text {
                fields["dispute"] = [
                    "link": "/disputes/\(dispute)",
                    "text": visitor.say(disputed(line, isSeller: isSeller)),
                    "standing": visitor.figure(line["standing"]),
                ]
            } else if line["standing"] != line["net"] {
                fields["rated_again"] = ["text": visitor.say("statement_rated_again")]
            } else if mayDispute, line["carried_from"]?.text == nil {
                fields["may_dispute"] = [
                    "link": "\(form)?charge=\(line["charge"]?.text ?? "")"
                ]
            }
            return fields
        }
    }

    private static func disputed(_ line: JSON, isSeller: Bool) -> String {
        switch line["dispute_state"]?.text {
        case "settled": "dispute_settled"
        case "claimed" where isSeller, "explained" where !isSeller, "proposed" where !isSeller:
            "dispute_waits_for_us"
        default: "dispute_waits_for_them"
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
            return try await show(visitor, id, refused: "refusal_total_differs")
        }
    }

    static func issueInvoice(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try StatementID(inPath: parameter)
        do {
            let issued = try await visitor.market.issueInvoice(
                visitor.asking("issueInvoice"), of: id)
            let first = issued.body["invoices"]?.elements?.first?["id"]?.text ?? ""
            return .see("/invoices/\(first)?done=issued")
        } catch let refusal as Refusal where refusal.code == .invoicedBySeller {
            return .see("/statements/\(id)/invoice-basis")
        } catch let refusal as Refusal where refusal.code == .invoiceMalformed {
            var errors = FieldErrors()
            errors.add(nil, "refusal_invoice_malformed")
            var told: Set<String> = []
            for problem in refusal.figures["problems"]?.elements ?? [] {
                let check = problem["check"]?.text ?? ""
                if told.insert(check).inserted { errors.add(nil, "invoice_check_\(check)") }
            }
            return try await show(visitor, id, errors: errors, status: 422)
        }
    }
}
