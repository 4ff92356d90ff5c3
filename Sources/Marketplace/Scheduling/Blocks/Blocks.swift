import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

// Reading blocks: what is placed in them, what is free, and what stays unused would cost.

extension Market {
    package func listBlocks(
        _ request: Request, contract: ContractID?, from: Instant?, until: Instant?,
        page: Page<BlockID>
    ) async throws -> Answer {
        try await view(request) { transaction, _ in
            let blocks = try await transaction.query(
                StoredBlock.page(
                    contract: contract, from: from, until: until, after: page.after,
                    limit: page.limit + 1)
            ).map(StoredBlock.init(row:))
            let visits = try await visits(of: blocks, in: transaction)
            return try .page(
                blocks, limit: page.limit, cursor: { $0.id.description },
                item: { .object(JSONObject(try $0.head(visits[$0.id] ?? []))) })
        }
    }

    package func block(_ request: Request, _ id: BlockID) async throws -> Answer {
        try await view(request) { transaction, _ in
            try await blockSheet(of: id, in: transaction)
        }
    }

    /// The block with its visits, its free places and what its unused time would cost.
    func blockSheet(of id: BlockID, in transaction: Transaction) async throws -> Answer {
        guard let row = try await transaction.query(StoredBlock.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        let block = try StoredBlock(row: row)
        let visits = try await visits(of: [block], in: transaction)[id] ?? []
        let (unused, rated) = try await unusedTime(of: block, in: transaction)
        let charge = try await transaction.query(
            "select id from charge where block = \(id)"
        ).atMostOne().map { try $0["id", ChargeID.self] }
        let details: [(String, JSON)] = [
            (
                "visits",
                .array(
                    visits.map {
                        [
                            "booking": JSON($0.id.description),
                            "starts": JSON($0.planned.start.rfc3339),
                            "ends": JSON($0.planned.end.rfc3339),
                            "state": JSON($0.state.rawValue),
                        ]
                    })
            ),
            ("free", try block.block(taken: visits.map(\.planned)).free().json),
            ("unused", unused.json),
            ("unused_cost", JSON(rated.total.decimal)),
            ("currency", JSON(Currency.eur.rawValue)),
            ("charge", JSON(charge?.description)),
        ]
        return Answer(
            .object(JSONObject(try block.head(visits) + details)), location: "/v1/blocks/\(id)")
    }

    /// The stretches of a block that no visit pays, and what they cost: nothing once it is free.
    func unusedTime(
        of block: StoredBlock, in transaction: Transaction
    ) async throws -> (stretches: [TimeSlot], rated: RatedVisit) {
        let stretches = try await transaction.query(StoredBlock.unused(of: block.id)).map { row in
            try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
        }
        let terms = try await terms(
            of: block.contract, version: block.version, in: transaction)
        let charged = block.state == .withdrawn ? [] : stretches
        return (
            stretches,
            try Rating.unused(terms, service: block.service, fee: block.unusedFee, charged)
        )
    }

    private func visits(
        of blocks: [StoredBlock], in transaction: Transaction
    ) async throws -> [BlockID: [StoredBooking]] {
        guard !blocks.isEmpty else { return [:] }
        let rows = try await transaction.query(StoredBlock.visits(of: blocks.map(\.id)))
        var visits: [BlockID: [StoredBooking]] = [:]
        for booking in try rows.map(StoredBooking.init(row:)) {
            guard let block = booking.block else { continue }
            visits[block, default: []].append(booking)
        }
        return visits
    }
}

extension StoredBlock {
    /// What a list shows of it.
    fileprivate func head(_ visits: [StoredBooking]) throws -> [(String, JSON)] {
        let free = try block(taken: visits.map(\.planned)).free()
        return [
            ("id", JSON(id.description)),
            ("contract", JSON(contract.description)),
            ("version", JSON(version)),
            ("block", JSON(term)),
            ("service", JSON(service)),
            ("seller", JSON(seller.description)),
            ("buyer", JSON(buyer.description)),
            ("specialist", JSON(specialist.description)),
            ("specialist_label", JSON(specialistLabel)),
            ("from", JSON(during.start.rfc3339)),
            ("until", JSON(during.end.rfc3339)),
            ("period", JSON(period)),
            ("room", JSON(room)),
            ("nurse", JSON(nurse)),
            ("place_until", JSON(placeUntil.rfc3339)),
            ("unused_fee_percent", JSON(unusedFee.decimal)),
            ("reoffer", JSON(reoffer)),
            ("state", JSON(state.rawValue)),
            ("on_sale", JSON(isOnSale)),
            ("settled_at", JSON(settledAt?.rfc3339)),
            ("placed", JSON(visits.count)),
            ("free_minutes", JSON(free.reduce(0) { $0 + $1.seconds / 60 })),
            ("revision", JSON(revision)),
        ]
    }
}
