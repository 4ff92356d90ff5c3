import Billing
import Contracts
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
            do {
                _ = try stored.statement(lines).receiving(
                    .accept(by: caller.organisation, total: total))
            } catch {
                throw Refusal(refusingStatement: error) ?? error
            }
            return try await transaction.answer(
                transaction.accept(stored, bySilence: false))
        }
    }

    /// The buyer's days are over, and its contract takes silence for consent: what is undisputed is
    /// accepted. A statement that was accepted meanwhile stays as it is.
    func acceptBySilence(_ id: StatementID, in transaction: Transaction) async throws {
        let stored = try await StoredStatement(
            row: transaction.query(StoredStatement.lock(id)).only())
        let lines = try await transaction.statementLines(of: id)
        guard (try? stored.statement(lines).receiving(.silence)) != nil else { return }
        _ = try await transaction.accept(stored, bySilence: true)
    }
}

extension StoredStatement {
    /// The statement as its rules see it.
    func statement(_ lines: [StoredStatementLine]) throws -> Statement {
        try Statement(
            id: id, contract: contract, seller: seller, buyer: buyer,
            period: StatementPeriod(key: period), lines: lines.map(\.line), state: state,
            disputed: Set(lines.filter(\.isDisputed).map(\.line.charge)))
    }
}

extension Refusal {
    /// The market's word for what the life of a statement refuses; nil for a fault.
    init?(refusingStatement error: any Error) {
        switch error as? BillingRefusal {
        case .unknownCharge: self.init(.lineNotOnStatement)
        case .repeatedCharge: self.init(.alreadyDisputed)
        case .notTheBuyer: self.init(.notYourSide)
        case .anotherTotal(let total):
            self.init(.totalDiffers, figures: ["total": JSON(total.decimal)])
        case .statementIs: self.init(.statementSettled)
        default: return nil
        }
    }
}

extension Transaction {
    /// As the buyer, who said so or let its days pass.
    fileprivate func accept(
        _ statement: StoredStatement, bySilence: Bool
    ) async throws -> StoredStatement {
        let accepted = try await StoredStatement(
            row: query(StoredStatement.accept(statement.id)).only())
        try await record(
            .init(
                .statement, accepted.id, "statement.accepted", revision: accepted.revision,
                counterparty: accepted.seller,
                facts: [
                    "period": JSON(accepted.period),
                    "total": JSON(accepted.undisputed.decimal), "silence": JSON(bySilence),
                ]), for: accepted.buyer)
        return accepted
    }

    func statementLines(of id: StatementID) async throws -> [StoredStatementLine] {
        try await query(StoredStatementLine.all(of: id)).map(StoredStatementLine.init(row:))
    }

    /// The statement whole: with its lines, and the invoices that were made of it.
    func answer(_ statement: StoredStatement) async throws -> Answer {
        let lines = try await statementLines(of: statement.id)
        let invoices = try await query(StoredInvoice.ids(of: statement.id))
            .map { try $0["id", InvoiceID.self] }
        let settled = try await query(StoredInternalCharge.ids(of: statement.id))
            .map { try $0["id", InternalChargeID.self] }
        let details: [(String, JSON)] = [
            ("invoices", .array(invoices.map { JSON($0.description) })),
            ("internal_charges", .array(settled.map { JSON($0.description) })),
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
            ("undisputed", JSON(undisputed.decimal)),
            ("to_invoice", JSON(toInvoice.decimal)),
            ("documents", .array(documents.map { JSON($0.rawValue) })),
            ("to_carry", JSON(toCarry.decimal)),
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
            "dispute": JSON(dispute?.description),
            "dispute_state": JSON(disputeState?.rawValue),
            "standing": JSON(line.standing.decimal),
            "carried_from": JSON(line.carriedFrom?.description),
            "carried_to": JSON(carriedTo?.description),
        ]
    }
}
