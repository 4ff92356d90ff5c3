import Billing
import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// What a contract's period comes to, for the buyer to accept: every sealed charge of the
    /// period that no statement has, what is missing of its commitment, those of earlier periods
    /// that came late, and what earlier statements leave to be set against it. What comes later
    /// still goes to the next run.
    package func createStatement(
        _ request: Request, contract: ContractID, period: StatementPeriod
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.answer(
                state(contract, through: period, for: caller.organisation, in: transaction))
        }
    }

    /// The same in a transaction of the seller's.
    func state(
        _ contract: ContractID, through period: StatementPeriod, for party: OrganisationID,
        in transaction: Transaction
    ) async throws -> StoredStatement {
        let seller = try await transaction.seller(of: contract)
        guard seller == party else { throw Refusal(.notYourSide) }
        try await transaction.query(StoredStatement.claim(contract))
        try await transaction.requireOver(period, of: contract)
        // before the counters of commitments, as disputes do
        try await transaction.query(StoredStatement.lockAccepted(contract))
        try await settleCommitments(of: contract, through: period, for: seller, in: transaction)
        let own = try await transaction.charges(
            StoredCharge.unstated(contract: contract, through: period.key)
        ).map(\.charge)
        guard let first = own.first else { throw Refusal(.nothingToState) }
        let carried = try await transaction.toCarry(of: contract, through: period)
        let charges =
            try await own
            + transaction.charges(StoredCharge.all(carried.keys.sorted())).map(\.charge)
        let statement = try Statement(
            id: newID(), contract: contract, seller: seller, buyer: first.buyer, period: period,
            charges: charges, carried: carried)
        try await transaction.requireEnough(on: statement, of: charges)
        try await transaction.query(StoredStatement.insert(statement))
        try await transaction.query(StoredStatement.insertLines(statement))
        let stored = try await StoredStatement(
            row: transaction.query(StoredStatement.find(statement.id)).only())
        try await awaitSilence(
            on: statement, from: stored.createdAt, version: charges.map(\.versionNumber).max(),
            in: transaction)
        try await transaction.record(
            .init(
                .statement, statement.id, "statement.created", revision: 1,
                counterparty: statement.buyer,
                facts: ["period": JSON(period.key), "total": JSON(statement.total.decimal)]),
            for: seller)
        return stored
    }

    /// Where the contract takes silence for consent, the buyer's days are counted.
    private func awaitSilence(
        on statement: Statement, from now: Instant, version: Int?, in transaction: Transaction
    ) async throws {
        guard let version else { return }
        let terms = try await terms(
            of: statement.contract, version: Int64(version), in: transaction)
        guard terms.billing.silenceAccepts else { return }
        try await transaction.query(
            StoredStatement.silence(of: statement, at: terms.answerBy(from: now)))
    }
}

extension Transaction {
    func seller(of contract: ContractID) async throws -> OrganisationID {
        let rows = try await query("select seller from contract where id = \(contract)")
        guard let row = try rows.atMostOne() else { throw Refusal(.notFound) }
        return try row.decode("seller")
    }

    /// What came to nothing or less on accepted statements, and where it is; they are locked.
    fileprivate func toCarry(
        of contract: ContractID, through period: StatementPeriod
    ) async throws -> [ChargeID: StatementID] {
        let rows = try await query(StoredStatement.toCarry(of: contract, through: period.key))
        return Dictionary(
            uniqueKeysWithValues: try rows.map {
                try ($0["charge", ChargeID.self], $0["statement", StatementID.self])
            })
    }

    /// What the seller owes is taken off the next statement on which there is enough: none is made
    /// that comes to less than nothing, but for one of which something can be invoiced.
    fileprivate func requireEnough(
        on statement: Statement, of charges: [Charge]
    ) async throws {
        guard statement.total < .zero else { return }
        let terms = try await terms(
            of: statement.contract, versions: Set(charges.map(\.versionNumber)))
        guard try InvoiceSource.split(charges, under: terms).isEmpty else { return }
        throw Refusal(.nothingToState, figures: ["total": JSON(statement.total.decimal)])
    }

    /// A period ends at midnight in the contract's zone; versions may name different zones, and
    /// the last one decides.
    fileprivate func requireOver(_ period: StatementPeriod, of contract: ContractID) async throws {
        let rows = try await query(
            """
            select time_zone, market_now() as now from contract_version
            where contract = \(contract) and signed_at is not null order by number desc limit 1
            """)
        guard let row = try rows.atMostOne() else { throw Refusal(.nothingToState) }
        let clock = try WallClock(zone: row.decode("time_zone"))
        let now: Instant = try row.decode("now")
        guard let month = BudgetPeriod(key: period.key) else {
            throw BillingRefusal.periodMalformed(period.key)
        }
        let end = try month.slot(in: clock).end
        guard end <= now else {
            throw Refusal(
                .periodNotOver, figures: ["ends": JSON(end.rfc3339), "now": JSON(now.rfc3339)])
        }
    }
}
