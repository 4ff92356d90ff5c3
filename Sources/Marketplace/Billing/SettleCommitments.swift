import Billing
import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// What is missing of a commitment is charged once, with the first statement that is made when its
// period is over. Visits that are charged later give back what was billed for their minutes.

extension Market {
    /// For the seller, which has claimed the contract's statements.
    func settleCommitments(
        of contract: ContractID, through period: StatementPeriod, for seller: OrganisationID,
        in transaction: Transaction
    ) async throws {
        for row in try await transaction.query(
            StoredCommitment.due(contract, through: period.key))
        {
            let due = try StoredCommitment(row: row)
            let terms = try await terms(of: contract, version: due.version, in: transaction)
            let rated = try due.shortfall(terms)
            let charged: Money? = try row.decode("charged")
            let text = "Shortfall of the agreed capacity, \(due.period.key)"
            let lines =
                if let charged {
                    [
                        try Charge.Line(
                            returned: charged.subtracting(rated.total), text: "\(text), returned")
                    ]
                } else {
                    try rated.lines.map {
                        try Charge.Line(rated: $0, text: text, rounding: terms.rounding.mode)
                    }
                }
            _ = try await seal(
                Charge(
                    id: newID(), of: .commitment, contract: contract,
                    versionNumber: Int(due.version), seller: seller, buyer: row.decode("buyer"),
                    service: Charge.Subject.commitmentService,
                    cause: charged == nil ? .shortfall : .shortfallReturned,
                    servedOn: due.period.last, period: due.period.key,
                    secondsBefore: due.billedSeconds.adding(due.sellerSeconds), lines: lines,
                    trace: rated.trace(after: charged)),
                billableSeconds: 0, for: seller, in: transaction)
        }
    }

    /// How much is taken of the commitment of the period that runs now; null where there is none.
    package func commitment(_ request: Request, of id: ContractID) async throws -> Answer {
        try await view(request) { transaction, _ in
            _ = try await transaction.seller(of: id)
            let row = try await transaction.query(StoredCommitment.now(id)).atMostOne()
            return Answer([
                "contract": JSON(id.description), "now": try row.map { try Self.json($0) } ?? .null,
            ])
        }
    }

    private static func json(_ row: Row) throws -> JSON {
        let now = try StoredCommitment(row: row)
        let committed = try row["committed", Int64.self].multiplied(by: 60)
        let taken = try now.billedSeconds.adding(now.sellerSeconds)
        return [
            "period": JSON(now.period.key), "version": JSON(now.version),
            "ruled_days": JSON(now.ruledDays), "days_of_period": JSON(now.daysOfPeriod),
            "committed_seconds": JSON(committed), "billed_seconds": JSON(now.billedSeconds),
            "seller_seconds": JSON(now.sellerSeconds),
            "missing_seconds": JSON(max(0, try committed.subtracting(taken))),
        ]
    }

    /// Contracts that the caller sells under, with the periods of which the commitment waits for a
    /// statement.
    package func commitmentsToState(
        _ request: Request
    ) async throws -> [(contract: ContractID, period: StatementPeriod)] {
        try await read(request, StoredCommitment.unsettled).map {
            try ($0.decode("contract"), StatementPeriod(key: $0.decode("period")))
        }
    }
}

extension StoredCommitment {
    /// What is missing of it.
    fileprivate func shortfall(_ terms: Terms) throws -> RatedVisit {
        try Rating.shortfall(
            terms, billedSeconds: billedSeconds, ofSeller: sellerSeconds,
            in: RuledDays(ruled: ruledDays, all: daysOfPeriod))
    }
}

extension RatedVisit {
    /// With what of an earlier charge is given back by it.
    fileprivate func trace(after charged: Money?) throws -> JSON {
        guard let charged, var members = trace.json.members else { return trace.json }
        let less = try charged.subtracting(total)
        members["steps"] = .array(
            (members["steps"]?.elements ?? []) + [
                [
                    "code": "shortfall_returned",
                    "figures": [
                        "charged": JSON(charged.decimal), "due": JSON(total.decimal),
                        "amount": JSON(less.decimal),
                    ],
                    "words": JSON(
                        "\(charged.decimal) euros were charged and \(total.decimal) are due: "
                            + "\(less.decimal) are given back."),
                ]
            ])
        return .object(members)
    }
}

extension Charge.Line {
    /// One piece less, at what is given back.
    fileprivate init(returned amount: Money, text: String) throws {
        try self.init(
            kind: Charge.Cause.shortfallReturned.rawValue, text: text, quantity: .oneLess,
            price: UnitPrice(tenThousandths: amount.minorUnits.multiplied(by: 100)))
    }
}
