import Billing
import Logging
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Billing runs: one order, by which all contracts of a seller go as far as they can. What is not
// stated is stated, and what is accepted is invoiced, each by the worker of deadlines in a
// transaction of its own: whatever stops it, it goes on where it was, and makes nothing twice.

extension Market {
    package func listBillingRuns(
        _ request: Request, page: Page<BillingRunID>
    ) async throws -> Answer {
        let rows = try await read(
            request, StoredBillingRun.page(after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredBillingRun.init(row:)), limit: page.limit,
            cursor: { $0.id.description }, item: { .object(JSONObject($0.head)) })
    }

    package func billingRun(_ request: Request, _ id: BillingRunID) async throws -> Answer {
        try await view(request) { transaction, _ in
            guard let row = try await transaction.query(StoredBillingRun.find(id)).atMostOne()
            else { throw Refusal(.notFound) }
            return try await transaction.answer(StoredBillingRun(row: row))
        }
    }

    /// Begins a run over what is of this month or an earlier one; its steps are done by and by.
    package func startBillingRun(
        _ request: Request, through period: StatementPeriod
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let end = try await transaction.query(StoredPeriodClose.end(of: period.first)).only()
            guard try end["is_over", Bool.self] else {
                throw try Refusal(
                    .periodNotOver, figures: ["ends": JSON(end["ends", Instant.self].rfc3339)])
            }
            let id: BillingRunID = newID()
            for query in StoredBillingRun.begin(id, through: period, by: caller) {
                try await transaction.query(query)
            }
            let run = try await transaction.billingRun(id)
            try await transaction.record(
                .init(
                    .billingRun, id, "billing_run.begun", revision: 1,
                    facts: ["period": JSON(period.key), "steps": JSON(run.steps)]),
                by: caller)
            if run.steps == 0 {
                try await transaction.record(run.ended, by: caller)
            }
            return try await transaction.answer(run)
        }
    }

    // MARK: - By the worker of deadlines

    /// States one contract, or invoices one statement.
    func bill(
        _ id: BillingStepID, for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        let step = try await transaction.billingStep(id)
        guard step.state == .waiting else { return }
        let (statement, made, net): (StatementID, Int, Money)
        switch (step.kind, step.statement) {
        case (.invoice, let accepted?):
            let (_, _, invoices) = try await invoice(
                accepted, for: organisation, in: transaction)
            (statement, made) = (accepted, invoices.count)
            net = try invoices.reduce(.zero) { try $0.adding($1.calculation.net) }
        default:
            let stated = try await state(
                step.contract, through: step.period, for: organisation, in: transaction)
            (statement, made, net) = (stated.id, 1, stated.total)
        }
        try await transaction.end(
            step, StoredBillingStep.done(id, statement: statement, made: made, net: net),
            for: organisation)
    }

    /// What was refused is undone, and the step ends with the reason; a fault is in the log, and
    /// holds up neither this run nor the next.
    func end(
        _ id: BillingStepID, refusedBy error: any Error, for deadline: Deadline
    ) async throws {
        let code = (error as? Refusal)?.code.rawValue ?? "internal_error"
        if !(error is Refusal) {
            logger.error(
                "a step of a billing run failed",
                metadata: ["step": "\(id)", "error": "\(error)"])
        }
        try await asRefusals {
            try await database.transaction { transaction in
                try await transaction.query(deadline.enter)
                let step = try await transaction.billingStep(id)
                if step.state == .waiting {
                    try await transaction.end(
                        step, StoredBillingStep.refuse(id, code),
                        for: deadline.organisation)
                }
                try await transaction.query(deadline.drop)
            }
        }
    }
}

extension Transaction {
    fileprivate func billingRun(_ id: BillingRunID) async throws -> StoredBillingRun {
        try await StoredBillingRun(row: query(StoredBillingRun.find(id)).only())
    }

    fileprivate func billingStep(_ id: BillingStepID) async throws -> StoredBillingStep {
        try await StoredBillingStep(row: query(StoredBillingStep.find(id)).only())
    }

    /// Ends a step, and with the last one its run.
    fileprivate func end(
        _ step: StoredBillingStep, _ change: Query, for seller: OrganisationID
    ) async throws {
        try await query(StoredBillingRun.claimEnd(of: step.run))
        try await query(change)
        let run = try await billingRun(step.run)
        if run.waiting == 0 { try await record(run.ended, for: seller) }
    }

    fileprivate func answer(_ run: StoredBillingRun) async throws -> Answer {
        let steps = try await query(StoredBillingStep.all(of: run.id))
            .map { try StoredBillingStep(row: $0).json }
        return Answer(
            .object(JSONObject(run.head + [("work", .array(steps))])),
            location: "/v1/billing-runs/\(run.id)")
    }
}

extension StoredBillingRun {
    fileprivate var head: [(String, JSON)] {
        [
            ("id", JSON(id.description)),
            ("period", JSON(period.key)),
            ("begun_by", JSON(begunBy?.description)),
            ("begun_at", JSON(begunAt.rfc3339)),
            ("under_way", JSON(waiting > 0)),
            ("steps", JSON(steps)),
            ("waiting", JSON(waiting)),
            ("refused", JSON(refused)),
            ("statements", JSON(statements)),
            ("stated", JSON(stated.decimal)),
            ("invoices", JSON(invoices)),
            ("invoiced", JSON(invoiced.decimal)),
            ("currency", JSON(stated.currency.rawValue)),
        ]
    }

    fileprivate var ended: Happening {
        Happening(
            .billingRun, id, "billing_run.ended", revision: 2,
            facts: [
                "period": JSON(period.key), "statements": JSON(statements),
                "invoices": JSON(invoices), "refused": JSON(refused),
            ])
    }
}

extension StoredBillingStep {
    fileprivate var json: JSON {
        [
            "kind": JSON(kind.rawValue),
            "contract": JSON(contract.description),
            "statement": JSON(statement?.description),
            "state": JSON(state.rawValue),
            "made": JSON(made),
            "net": JSON(net.decimal),
            "refusal": JSON(refusal),
        ]
    }
}
