import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import Visits

extension Market {
    /// What a version says that another one does not, and what it does to prices: to the worked
    /// examples of both, and to the visits of the last whole month, by the clock of the contract,
    /// that were charged under it. Without `from` the other one is the one signed last before it,
    /// else the one before it that the caller may see.
    package func compareContractVersions(
        _ request: Request, _ id: ContractID, number: Int64, from: Int64?
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            let sheet = try await sheet(of: id, by: StoredContract.find(id), in: transaction)
            guard let new = sheet.version(number),
                let old = from.map(sheet.version) ?? sheet.reference(for: new)
            else { throw Refusal(.notFound) }
            let terms = new.document.terms
            let period = try BudgetPeriod(containing: caller.now, in: terms.clock).previous()
            let visits = try await VisitsOfPeriod(of: id, in: period, transaction: transaction)
            return Answer([
                "contract": JSON(id.description),
                "number": JSON(number),
                "from": JSON(old.number),
                "changes": .array(
                    ContractChanges.between(old.document.json, new.document.json).map(\.json)),
                "worked_examples": .array(
                    try ComparedExample.all(from: old.document.terms, to: terms).map {
                        try $0.json
                    }),
                "visits": try visits.json(under: terms),
            ])
        }
    }
}

extension ContractSheet {
    /// What a version is compared with where nobody says.
    fileprivate func reference(for version: StoredContractVersion) -> StoredContractVersion? {
        let earlier = versions.filter { $0.number < version.number }
        return earlier.last { $0.signedAt != nil } ?? earlier.last
    }
}

/// The visits of a period that both sides attested and that were charged, in the order of their
/// charges; cancellations are not among them.
private struct VisitsOfPeriod {
    /// More are not rated at once: the answer says that there were more.
    static let most = 200

    private let period: BudgetPeriod
    private let rows: [StoredChargedVisit]
    private let visits: [ChargedVisit]
    private let thereAreMore: Bool

    init(
        of contract: ContractID, in period: BudgetPeriod, transaction: Transaction
    ) async throws {
        self.period = period
        let found = try await transaction.query(
            StoredChargedVisit.all(of: contract, period: period.key, limit: Self.most + 1)
        ).map(StoredChargedVisit.init(row:))
        thereAreMore = found.count > Self.most
        rows = Array(found.prefix(Self.most))
        visits = try zip(rows, await transaction.facts(of: rows)).map { row, facts in
            ChargedVisit(service: row.service, facts: facts, charged: row.net)
        }
    }

    /// Visits that the terms cannot price are named, and are in neither sum.
    func json(under terms: Terms) throws -> JSON {
        let effects = try ChargedVisit.effects(of: visits, under: terms)
        var (before, after) = (Money.zero, Money.zero)
        for effect in effects {
            guard let charged = effect.before, let priced = effect.after else { continue }
            before = try before.adding(charged)
            after = try after.adding(priced)
        }
        let items = try zip(rows, effects).map { row, effect -> JSON in
            var members: JSONObject = [
                "charge": JSON(row.charge.description),
                "booking": JSON(row.booking.description), "service": JSON(row.service),
                "served_on": JSON(row.servedOn.iso),
                "billable_seconds": JSON(row.figures.seconds),
            ]
            for (key, value) in try effect.members { members[key] = value }
            return .object(members)
        }
        let sums = PriceEffect(before: before, after: after)
        var members: JSONObject = [
            "period": JSON(period.key), "items": .array(items), "more": JSON(thereAreMore),
            "unpriced": JSON(effects.filter { $0.after == nil }.count),
        ]
        for (key, value) in try sums.members { members[key] = value }
        return .object(members)
    }
}

extension Transaction {
    /// What happened in visits that were charged, as both sides attested it.
    func facts(of visits: [StoredChargedVisit]) async throws -> [VisitFacts] {
        let observations = try await query(StoredObservation.all(of: visits.map(\.booking)))
            .map(StoredObservation.observation(row:))
        let observed = Dictionary(grouping: observations, by: \.visit)
        return try visits.map { visit in
            let attendance = try Attendance.fold(
                observed[visit.booking] ?? [], of: visit.booking,
                shift: DutyTime.Shift(visit.planned))
            return VisitFacts(
                starts: visit.planned.start, plannedMinutes: visit.planned.seconds / 60,
                outcome: try attendance.outcome(
                    of: visit.planned, visit.figures, overrunAgreed: visit.overrunAgreed),
                share: visit.places.map {
                    GroupShare(places: 1, placesBefore: $0.before, placesInAll: $0.inAll)
                })
        }
    }
}

extension PriceEffect {
    fileprivate var members: JSONObject {
        get throws {
            [
                "before": JSON(before?.decimal), "after": JSON(after?.decimal),
                "difference": JSON(try difference()?.decimal),
            ]
        }
    }
}

extension ComparedExample {
    fileprivate var json: JSON {
        get throws {
            var members: JSONObject = [
                "title": JSON(example.title), "service": JSON(example.subject.service),
                "origin": JSON(origin.rawValue),
            ]
            for (key, value) in try effect.members { members[key] = value }
            return .object(members)
        }
    }
}

extension ContractChange {
    fileprivate var json: JSON {
        [
            "pointer": JSON(pointer), "kind": JSON(kind.rawValue), "from": from ?? .null,
            "to": to ?? .null,
        ]
    }
}
