import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Billing runs: beginning one, and how far it has come with each contract.
enum BillingRunPages {
    private static let field = "month"

    static func list(_ visitor: Visitor) async throws -> PageReply {
        try await list(visitor, errors: FieldErrors(), status: 200)
    }

    private static func list(
        _ visitor: Visitor, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let runs = try await visitor.market.listBillingRuns(
            visitor.asking("listBillingRuns"), page: Page(after: nil, limit: 60)
        ).body["items"]?.elements
        var fields: [String: Any] = [:]
        if let runs, !runs.isEmpty {
            fields["runs"] = ["rows": try runs.map { try row($0, visitor) }]
        }
        if try visitor.signedIn.roles.contains(.finance) {
            fields["may_start"] = [
                "month": TypedField(
                    id: field, label: "hours_month", kind: .text,
                    value: try visitor.request.form.text(field) ?? HoursPage.usual(visitor).key,
                    hint: "hours_month_hint"
                ).fields(visitor, errors)
            ]
        }
        return try visitor.page(
            "billing_runs", title: visitor.say("billing_runs_title"), fields, status: status,
            errors: errors)
    }

    private static func row(_ run: JSON, _ visitor: Visitor) throws -> [String: Any] {
        [
            "address": "/billing-runs/\(run["id"]?.text ?? "")",
            "begun": try visitor.moment(run["begun_at"]),
            "month": try visitor.month(run["period"]),
            "state": visitor.say(state(of: run)),
            "is_live": run["under_way"]?.flag == true,
            "statements": figure(run["statements"], visitor),
            "invoices": figure(run["invoices"], visitor),
            "refused": figure(run["refused"], visitor),
        ]
    }

    private static func state(of run: JSON) -> String {
        run["under_way"]?.flag == true ? "billing_run_under_way" : "billing_run_ended"
    }

    private static func figure(_ count: JSON?, _ visitor: Visitor) -> String {
        visitor.language.number("\(count?.integer ?? 0)")
    }

    static func start(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.finance])
        var errors = FieldErrors()
        let typed = visitor.request.form.text(field) ?? ""
        guard
            let month = errors.read(
                field, "error_month_typed", { try StatementPeriod(key: typed) })
        else { return try await list(visitor, errors: errors, status: 422) }
        do {
            let run = try await visitor.market.startBillingRun(
                visitor.asking("startBillingRun"), through: month)
            return .see("/billing-runs/\(run.body["id"]?.text ?? "")")
        } catch let refusal as Refusal
            where [.periodNotOver, .billingRunUnderWay].contains(refusal.code)
        {
            errors.add(field, "refusal_\(refusal.code.rawValue)")
            return try await list(visitor, errors: errors, status: 409)
        }
    }

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BillingRunID(inPath: parameter)
        let run = try await visitor.market.billingRun(
            visitor.asking("getBillingRun"), id
        ).body
        let contracts = try await ContractList.all(visitor)
        let (steps, waiting) = (run["steps"]?.integer ?? 0, run["waiting"]?.integer ?? 0)
        var fields = try row(run, visitor)
        fields["stated"] = visitor.figure(run["stated"])
        fields["invoiced"] = visitor.figure(run["invoiced"])
        fields["progress"] = [
            "most": "\(max(1, steps))", "value": "\(steps == 0 ? 1 : steps - waiting)",
            "text": visitor.say(
                "billing_run_progress", figure(JSON(steps - waiting), visitor),
                figure(JSON(steps), visitor)),
        ]
        if waiting > 0 { fields["goes_on"] = ["address": "/billing-runs/\(id)"] }
        let work = try (run["work"]?.elements ?? []).map { try step($0, visitor, contracts) }
        if !work.isEmpty { fields["work"] = ["rows": work] }
        return try visitor.page(
            "billing_run",
            title: visitor.say("billing_run_title", try visitor.month(run["period"])), fields)
    }

    private static func step(
        _ step: JSON, _ visitor: Visitor, _ contracts: ContractList
    ) throws -> [String: Any] {
        let (kind, state) = (step["kind"]?.text ?? "", step["state"]?.text ?? "")
        var fields: [String: Any] = [
            "contract": contracts[step["contract"]]?.name ?? "",
            "what": visitor.say("billing_step_\(kind)"),
            "outcome": state == "refused"
                ? reason(step["refusal"]?.text ?? "", visitor)
                : visitor.say("billing_step_\(state)"),
            "is_live": state == "done",
            "net": state == "done" ? visitor.figure(step["net"]) : "",
        ]
        if let statement = step["statement"]?.text {
            fields["link"] = ["address": "/statements/\(statement)"]
        }
        return fields
    }

    /// In the words that the same refusal has elsewhere.
    private static func reason(_ code: String, _ visitor: Visitor) -> String {
        let known: [RefusalCode] = [
            .nothingToState, .nothingToInvoice, .alreadyInvoiced, .invoiceMalformed,
            .periodNotOver, .statementNotAccepted, .invoicedBySeller,
            .invoicedByBuyer, .settledInternally,
        ]
        return known.map(\.rawValue).contains(code)
            ? visitor.say("refusal_\(code)") : visitor.say("billing_step_refused", code)
    }
}
