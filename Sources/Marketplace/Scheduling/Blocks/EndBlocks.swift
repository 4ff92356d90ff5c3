import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

// How a block ends: given back, withdrawn, closed when placing ends, and settled when it is over.

extension Market {
    /// The buyer gives back what it has not placed, at the cost that it has seen: that of its
    /// unused time, unless somebody else takes it. Another cost by now is a refusal that shows it.
    package func giveBackBlock(
        _ request: Request, _ id: BlockID, expectedCost: Money
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let block = try await lockBlock(id, in: transaction)
            guard block.buyer == caller.organisation else { throw Refusal(.notYourSide) }
            let (stretches, rated) = try await unusedTime(of: block, in: transaction)
            guard !stretches.isEmpty else { throw Refusal(.nothingUnplaced) }
            guard rated.total == expectedCost else {
                throw Refusal(
                    .cancellationCostDiffers,
                    figures: [
                        "fee": JSON(rated.total.decimal),
                        "currency": JSON(rated.total.currency.rawValue),
                    ])
            }
            try await endPlacing(of: id, as: .givenBack, for: caller.organisation, in: transaction)
            return try await blockSheet(of: id, in: transaction)
        }
    }

    /// The seller takes back a block in which nothing is placed: it costs nobody anything.
    package func withdrawBlock(_ request: Request, _ id: BlockID) async throws -> Answer {
        try await change(request) { transaction, caller in
            _ = try await lockBlock(id, in: transaction)
            try await endPlacing(of: id, as: .withdrawn, for: caller.organisation, in: transaction)
            return try await blockSheet(of: id, in: transaction)
        }
    }

    /// The time in which visits are placed is over: what no visit takes goes back on sale where the
    /// contract says so.
    func closeBlock(
        _ id: BlockID, for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        let block = try await lockBlock(id, in: transaction)
        guard block.state == .open else { return }
        try await endPlacing(of: id, as: .closed, for: organisation, in: transaction)
    }

    /// The block is over, and the minutes of its visits are known: what stayed unused is charged,
    /// once.
    func settleBlock(
        _ id: BlockID, for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        // where the worker was away for long, placing ends first
        try await closeBlock(id, for: organisation, in: transaction)
        let block = try await lockBlock(id, in: transaction)
        guard block.settledAt == nil,
            try await !transaction.query(StoredBlock.waitsForMinutes(id)).only()["waits", Bool.self]
        else { return }
        let (stretches, rated) = try await unusedTime(of: block, in: transaction)
        var charge: ChargeID?
        if !stretches.isEmpty, rated.total != .zero {
            let terms = try await terms(
                of: block.contract, version: block.version, in: transaction)
            charge = try await recordCharge(
                rated, of: block, under: terms, for: organisation, in: transaction)
        }
        let revision = try await transaction.query(StoredBlock.settle(id))
            .only()["revision", Int64.self]
        try await transaction.record(
            .init(
                .block, id, "block.settled", revision: revision, counterparty: block.buyer,
                facts: ["charge": JSON(charge?.description)]),
            for: organisation)
    }

    private func lockBlock(
        _ id: BlockID, in transaction: Transaction
    ) async throws -> StoredBlock {
        try await StoredBlock(row: transaction.query(StoredBlock.lock(id)).only())
    }

    /// Tells both sides how it ended, which may be otherwise than was asked: a contract that opened
    /// no booking makes it free.
    private func endPlacing(
        of id: BlockID, as state: Block.State, for organisation: OrganisationID,
        in transaction: Transaction
    ) async throws {
        let block = try await StoredBlock(
            row: transaction.query(StoredBlock.endPlacing(id, as: state)).only())
        let other = block.seller == organisation ? block.buyer : block.seller
        try await transaction.record(
            .init(
                .block, id, "block.\(block.state.rawValue)", revision: block.revision,
                counterparty: other, facts: ["on_sale": JSON(block.isOnSale)]),
            for: organisation)
    }
}
