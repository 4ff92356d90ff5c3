import Billing
import Contracts
import Documents
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// What units of one legal person owe each other: settled in both books without an invoice, with a
// list of charges for cost accounting.

extension Market {
    /// What stands of an accepted statement is settled: posted in both books, at the total that
    /// the seller saw.
    package func settleInternally(
        _ request: Request, _ id: StatementID, total: Money
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let statement = try await transaction.lockAccepted(id, of: caller.organisation)
            let charges = try await transaction.charges(StoredCharge.toInvoice(of: id))
                .map(\.charge)
            let sum = try Money.sum(of: charges.map(\.net))
            guard sum > .zero, let version = charges.map(\.versionNumber).max() else {
                throw Refusal(.nothingToInvoice)
            }
            let terms = try await transaction.internalTerms(of: statement, version: version)
            guard sum == total else {
                throw Refusal(.totalDiffers, figures: ["total": JSON(sum.decimal)])
            }
            let day = try await terms.clock.date(of: transaction.now())
            let settled: InternalChargeID = newID()
            let run = try await transaction.query(StoredInternalCharge.nextRun(of: id))
                .only()["run", Int64.self]
            try await transaction.each(
                StoredInternalCharge.insert(
                    settled, of: statement, run: run, version: version, on: day, total: sum,
                    charges: charges.map(\.id), subject: EntrySubject.internalCharge(settled).text))
            let entry = try JournalEntry.internalCharge(
                id: newID(), internalCharge: settled, amount: sum, seller: statement.seller,
                buyer: statement.buyer, effectiveOn: day)
            try await transaction.query(StoredEntry.post([entry]))
            try await transaction.record(
                .init(
                    .internalCharge, settled, "internal_charge.settled", revision: 1,
                    counterparty: statement.buyer, facts: ["total": JSON(sum.decimal)]),
                by: caller)
            return try await transaction.internalCharge(settled)
        }
    }

    package func internalCharge(_ request: Request, _ id: InternalChargeID) async throws -> Answer {
        try await view(request) { transaction, _ in try await transaction.internalCharge(id) }
    }

    /// The same as a table for cost accounting (RFC 4180, UTF-8): a row for each charge.
    package func internalChargeTable(
        _ request: Request, _ id: InternalChargeID
    ) async throws -> Document {
        let (settled, billing, lines) = try await view(request) { transaction, _ in
            try await transaction.internalLines(id)
        }
        var table = CSVWriter(columns: Self.internalChargeColumns)
        for line in lines {
            table.add([
                settled.id.description, settled.statement.description, settled.period,
                line.charge.description, line.servedOn.iso, line.service, line.cause,
                "\(line.billableSeconds)", line.net.decimal, billing.costCentre ?? "",
                billing.buyerReference,
            ])
        }
        return Document(table, fileName: "internal-charge-\(settled.period)-\(settled.run).csv")
    }

    static let internalChargeColumns = [
        "internal_charge_id", "statement_id", "period", "charge_id", "date", "service", "cause",
        "billable_seconds", "net", "cost_centre", "buyer_reference",
    ]
}

extension Transaction {
    /// The terms of a version, which must be between units of one legal person.
    fileprivate func internalTerms(
        of statement: StoredStatement, version: Int
    ) async throws -> Terms {
        let all = try await terms(of: statement.contract, versions: [version])
        guard let terms = all[version], terms.billing.document == .internalSettlement else {
            throw Refusal(.notInternal)
        }
        return terms
    }

    fileprivate func internalLines(
        _ id: InternalChargeID
    ) async throws -> (StoredInternalCharge, BillingTerms, [StoredInternalChargeLine]) {
        guard let row = try await query(StoredInternalCharge.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        let settled = try StoredInternalCharge(row: row)
        let version = Int(settled.version)
        guard let terms = try await terms(of: settled.contract, versions: [version])[version] else {
            throw Refusal(.notFound)
        }
        let lines = try await query(StoredInternalChargeLine.all(of: id))
            .map(StoredInternalChargeLine.init(row:))
        return (settled, terms.billing, lines)
    }

    fileprivate func internalCharge(_ id: InternalChargeID) async throws -> Answer {
        let (settled, billing, lines) = try await internalLines(id)
        return Answer(
            [
                "id": JSON(id.description),
                "statement": JSON(settled.statement.description),
                "period": JSON(settled.period),
                "seller": JSON(settled.seller.description),
                "buyer": JSON(settled.buyer.description),
                "contract": JSON(settled.contract.description),
                "settled_on": JSON(settled.settledOn.iso),
                "cost_centre": JSON(billing.costCentre),
                "buyer_reference": JSON(billing.buyerReference),
                "lines": .array(lines.map(\.json)),
                "total": JSON(settled.total.decimal),
                "currency": JSON(settled.total.currency.rawValue),
                "settled_at": JSON(settled.recordedAt.rfc3339),
            ], location: "/v1/internal-charges/\(id)")
    }
}

extension StoredInternalChargeLine {
    fileprivate var json: JSON {
        [
            "charge": JSON(charge.description),
            "service": JSON(service),
            "cause": JSON(cause),
            "served_on": JSON(servedOn.iso),
            "billable_seconds": JSON(billableSeconds),
            "net": JSON(net.decimal),
        ]
    }
}
