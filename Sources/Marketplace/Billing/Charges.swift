import Billing
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Reading charges: what visits cost, with the trace of how that was reached.

extension Market {
    package func listCharges(
        _ request: Request, contract: ContractID?, period: StatementPeriod?, page: Page<ChargeID>
    ) async throws -> Answer {
        try await view(request) { transaction, _ in
            let charges = try await transaction.charges(
                StoredCharge.page(
                    contract: contract, period: period?.key, after: page.after,
                    limit: page.limit + 1))
            let places = try await transaction.places(of: charges)
            return .page(
                charges, limit: page.limit, cursor: { $0.charge.id.description },
                item: { .object(JSONObject($0.head(places[$0.charge.id]))) })
        }
    }

    /// For the buyer with what the visit took of its own rooms and staff, and what both cost.
    package func charge(_ request: Request, _ id: ChargeID) async throws -> Answer {
        try await view(request) { transaction, caller in
            let charges = try await transaction.charges(StoredCharge.find(id))
            guard let charge = charges.first else { throw Refusal(.notFound) }
            let places = try await transaction.places(of: charges)
            var own: OwnCost?
            let visit = charge.charge.subject.booking
            if charge.charge.buyer == caller.organisation, let visit {
                let rows = try await transaction.query(StoredOwnTime.all(of: visit))
                own = try OwnCost(rows.map(StoredOwnTime.init(row:)))
            }
            return try Answer(charge.json(places[id], own: own))
        }
    }
}

extension Transaction {
    /// The charges that a query finds, whole.
    func charges(_ query: Query) async throws -> [StoredCharge] {
        try await chargesIfReadable(query).map { try $0.charge.get() }
    }

    /// The same, with what is wrong in place of each that is not as this program writes it.
    func chargesIfReadable(
        _ query: Query
    ) async throws -> [(id: ChargeID, charge: Result<StoredCharge, any Error>)] {
        let rows = try await self.query(query)
        let ids = try rows.map { try $0["id", ChargeID.self] }
        let lines = Dictionary(
            grouping: try await self.query(StoredCharge.lines(of: ids)),
            by: { try? $0["charge", ChargeID.self] })
        return zip(rows, ids).map { row, id in
            let charge = Result {
                try StoredCharge(row: row, lines: lines[id] ?? [])
            }
            return (id, charge)
        }
    }

    /// On which statement and invoice charges are.
    func places(of charges: [StoredCharge]) async throws -> [ChargeID: ChargePlace] {
        let rows = try await query(ChargePlace.all(of: charges.map(\.charge.id)))
        let pairs = try rows.map { row in
            try (row["id", ChargeID.self], ChargePlace(row: row))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }
}

extension StoredCharge {
    /// What a list shows of a charge.
    func head(_ place: ChargePlace?) -> [(String, JSON)] {
        [
            ("id", JSON(charge.id.description)),
            ("booking", JSON(charge.subject.booking?.description)),
            ("block", JSON(charge.subject.block?.description)),
            ("group_session", JSON(groupSession?.description)),
            ("contract", JSON(charge.contract.description)),
            ("version", JSON(charge.versionNumber)),
            ("seller", JSON(charge.seller.description)),
            ("buyer", JSON(charge.buyer.description)),
            ("service", JSON(charge.service)),
            ("cause", JSON(charge.cause.rawValue)),
            ("served_on", JSON(charge.servedOn.iso)),
            ("period", JSON(charge.period)),
            ("billable_seconds", JSON(billableSeconds)),
            ("billed_seconds", JSON(charge.billedSeconds)),
            ("seconds_before", JSON(charge.secondsBefore)),
            ("net", JSON(charge.net.decimal)),
            ("currency", JSON(charge.net.currency.rawValue)),
            ("digest", JSON(digest.hexadecimal)),
            ("recorded_at", JSON(recordedAt.rfc3339)),
            ("statement", JSON(place?.statement?.description)),
            ("invoice", JSON(place?.invoice?.description)),
            ("replaces", JSON(replaces?.description)),
            ("replaced_by", JSON(replacedBy?.description)),
        ]
    }

    fileprivate func json(_ place: ChargePlace?, own: OwnCost?) throws -> JSON {
        let lines = charge.lines.enumerated().map { index, line in line.json(number: index + 1) }
        let details: [(String, JSON)] = [
            ("lines", .array(lines)),
            ("trace", charge.trace),
            ("own_cost", try own?.json(beside: charge.net) ?? .null),
        ]
        return .object(JSONObject(head(place) + details))
    }
}

/// What a visit took of its buyer's own.
private struct OwnCost {
    let times: [StoredOwnTime]

    /// Nil where it took nothing whose cost is known.
    init?(_ times: [StoredOwnTime]) {
        guard !times.isEmpty else { return nil }
        self.times = times
    }

    func json(beside net: Money) throws -> JSON {
        let costs = try times.map { try $0.time.cost }
        let total = try costs.reduce(Money.zero) { try $0.adding($1) }
        let items = zip(times, costs).map { each, cost -> JSON in
            var item = each.resource.json.members ?? [:]
            item["seconds"] = JSON(each.time.seconds)
            item["cost_per_minute"] = JSON(each.time.minuteCost.decimal)
            item["cost"] = JSON(cost.decimal)
            return .object(item)
        }
        return [
            "items": .array(items), "total": JSON(total.decimal),
            "with_charge": JSON(try total.adding(net).decimal),
        ]
    }
}

extension Charge.Line {
    fileprivate func json(number: Int) -> JSON {
        [
            "number": JSON(number),
            "kind": JSON(kind),
            "code": JSON(code),
            "text": JSON(text),
            "quantity": JSON(quantity.decimal),
            "unit": JSON(quantity.unit.rawValue),
            "price": JSON(price.decimal),
            "base_quantity": JSON(baseQuantity),
            "net": JSON(net.decimal),
        ]
    }
}
