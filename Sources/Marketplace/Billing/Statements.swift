import Billing
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Reading statements; the buyer's acceptance.

extension Market {
    package func listStatements(
        _ request: Request, contract: ContractID?, state: StatementState?,
        page: Page<StatementID>
    ) async throws -> Answer {
        let rows = try await read(
            request,
            StoredStatement.page(
                contract: contract, state: state, after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredStatement.init(row:)), limit: page.limit,
            cursor: { $0.id.description }, item: { .object(JSONObject($0.head)) })
    }

    package func statement(_ request: Request, _ id: StatementID) async throws -> Answer {
        try await view(request) { transaction, _ in
            guard let row = try await transaction.query(StoredStatement.find(id)).atMostOne()
            else { throw Refusal(.notFound) }
            return try await transaction.answer(StoredStatement(row: row)).withoutRevision
        }
    }

    /// The buyer agrees to the total that it saw; then the seller may invoice.
    package func acceptStatement(
        _ request: Request, _ id: StatementID, total: Money
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard let row = try await transaction.query(StoredStatement.lock(id)).atMostOne()
            else { throw Refusal(.notFound) }
            let stored = try StoredStatement(row: row)
            let lines = try await transaction.statementLines(of: id)
            let statement = try Statement(
                id: id, contract: stored.contract, seller: stored.seller, buyer: stored.buyer,
                period: StatementPeriod(key: stored.period), lines: lines.map(\.line),
                state: stored.state)
            do throws(BillingRefusal) {
                _ = try statement.receiving(.accept(by: caller.organisation, total: total))
            } catch {
                throw Refusal(refusing: error) ?? error
            }
            let accepted = try await StoredStatement(
                row: transaction.query(StoredStatement.accept(id)).only())
            try await transaction.record(
                .init(
                    .statement, id, "statement.accepted", revision: accepted.revision,
                    counterparty: accepted.seller,
                    facts: ["period": JSON(accepted.period), "total": JSON(total.decimal)]),
                by: caller)
            return try await transaction.answer(accepted)
        }
    }
}

extension Refusal {
    /// The market's word for what the life of a statement refuses; nil for a fault.
    fileprivate init?(refusing refusal: BillingRefusal) {
        switch refusal {
        case .notTheBuyer: self.init(.notYourSide)
        case .anotherTotal(let total):
            self.init(.totalDiffers, figures: ["total": JSON(total.decimal)])
        case .statementIs: self.init(.statementSettled)
        default: return nil
        }
    }
}

extension Transaction {
    func statementLines(of id: StatementID) async throws -> [StoredStatementLine] {
        try await query(StoredStatementLine.all(of: id)).map(StoredStatementLine.init(row:))
    }

    /// The statement whole: with its lines, and the invoices that were made of it.
    func answer(_ statement: StoredStatement) async throws -> Answer {
        let lines = try await statementLines(of: statement.id)
        let invoices = try await query(StoredInvoice.ids(of: statement.id))
            .map { try $0["id", InvoiceID.self] }
        let details: [(String, JSON)] = [
            ("invoices", .array(invoices.map { JSON($0.description) })),
            ("lines", .array(lines.map(\.json))),
        ]
        return Answer(
            .object(JSONObject(statement.head + details)), revision: statement.revision,
            location: "/v1/statements/\(statement.id)")
    }
}

extension StoredStatement {
    /// What a list shows of a statement.
    fileprivate var head: [(String, JSON)] {
        [
            ("id", JSON(id.description)),
            ("contract", JSON(contract.description)),
            ("seller", JSON(seller.description)),
            ("buyer", JSON(buyer.description)),
            ("period", JSON(period)),
            ("run", JSON(run)),
            ("state", JSON(state.rawValue)),
            ("total", JSON(total.decimal)),
            ("currency", JSON(total.currency.rawValue)),
            ("created_at", JSON(createdAt.rfc3339)),
            ("accepted_at", JSON(acceptedAt?.rfc3339)),
            ("invoiced", JSON(isInvoiced)),
            ("revision", JSON(revision)),
        ]
    }
}

extension StoredStatementLine {
    fileprivate var json: JSON {
        [
            "charge": JSON(line.charge.description),
            "booking": JSON(line.subject.booking?.description),
            "block": JSON(line.subject.block?.description),
            "group_session": JSON(groupSession?.description),
            "service": JSON(line.service),
            "cause": JSON(line.cause.rawValue),
            "served_on": JSON(line.servedOn.iso),
            "period": JSON(period),
            "billable_seconds": JSON(billableSeconds),
            "net": JSON(line.net.decimal),
            "late": JSON(line.isLate),
        ]
    }
}
