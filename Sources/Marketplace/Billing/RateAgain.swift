import Billing
import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Charges of a month priced again, where both parties signed a version after the visits whose days
// hold them: a wrong price that was found too late.

extension Market {
    /// What each charge of the month comes to by the version that rules its day now, and what
    /// becomes of it; nothing is changed.
    package func ratingAgain(
        _ request: Request, of contract: ContractID, period: StatementPeriod
    ) async throws -> Answer {
        try await view(request) { transaction, _ in
            _ = try await transaction.seller(of: contract)
            let found = try await ratable(contract, period, in: transaction)
            let made = try await transaction.query(
                StoredRatingAgain.all(of: contract, period: period.key)
            ).map(StoredRatingAgain.init(row:))
            return Answer(try found.json(made))
        }
    }

    /// Does it, at the difference that the seller saw: what is on an invoice is credited in full,
    /// what is on none has its accrual reversed, and what stands in their place is accrued today
    /// and goes on the next statement.
    package func rateAgain(
        _ request: Request, _ contract: ContractID, period: StatementPeriod, difference: Money
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let seller = try await transaction.seller(of: contract)
            guard seller == caller.organisation else { throw Refusal(.notYourSide) }
            try await transaction.query(StoredStatement.claim(contract))
            try await transaction.query(
                StoredRatingAgain.lockStatements(of: contract, period: period.key))
            let found = try await ratable(contract, period, in: transaction)
            guard let first = found.rating.priced.first else {
                throw Refusal(.nothingToRateAgain)
            }
            let now = try found.rating.difference
            guard now == difference else {
                throw Refusal(.differenceDiffers, figures: ["difference": JSON(now.decimal)])
            }
            let id = try await replace(
                found, buyer: first.charge.buyer, by: caller, in: transaction)
            let made = try await transaction.query(
                StoredRatingAgain.all(of: contract, period: period.key)
            ).map(StoredRatingAgain.init(row:))
            guard let own = made.first(where: { $0.id == id }) else { throw Refusal(.notFound) }
            return Answer(
                try own.json,
                location: "/v1/contracts/\(contract)/ratings-again?period=\(period.key)")
        }
    }

    private func ratable(
        _ contract: ContractID, _ period: StatementPeriod, in transaction: Transaction
    ) async throws -> RatableMonth {
        let rows = try await transaction.query(
            StoredRatable.all(of: contract, period: period.key)
        ).map(StoredRatable.init(row:))
        let charges = try await transaction.charges(
            StoredCharge.standing(contract: contract, period: period.key))
        let standing = Dictionary(uniqueKeysWithValues: charges.map { ($0.charge.id, $0) })
        let visits = try await transaction.query(
            StoredChargedVisit.all(of: contract, period: period.key, limit: Int(Int32.max))
        ).map(StoredChargedVisit.init(row:))
        let facts = Dictionary(
            uniqueKeysWithValues: try await zip(
                visits.map(\.charge), transaction.facts(of: visits)))
        var terms: [Int: Terms] = [:]
        let ruled = Set(rows.filter { $0.version != nil }.map(\.charge))
        let pricedBy = charges.map(\.charge).filter { ruled.contains($0.id) }.map(\.versionNumber)
        for version in Set(rows.compactMap(\.version) + pricedBy) {
            terms[version] = try await self.terms(
                of: contract, version: Int64(version), in: transaction)
        }
        let subjects = rows.compactMap { row -> RatingAgain.Subject? in
            guard let stored = standing[row.charge] else { return nil }
            return RatingAgain.Subject(
                charge: stored.charge,
                visit: stored.groupSession?.description ?? row.charge.description,
                version: row.version, facts: facts[row.charge] ?? row.cancellation(stored.charge),
                obstacle: row.obstacle(to: stored.charge),
                invoice: row.isRecorded ? nil : row.invoice, invoiced: row.invoiced)
        }
        let remaining = rows.compactMap { row in row.invoice.map { ($0, row.remaining) } }
        return RatableMonth(
            contract: contract, period: period, standing: standing,
            invoices: Dictionary(uniqueKeysWithValues: rows.map { ($0.charge, $0.invoice) }),
            recorded: Dictionary(
                uniqueKeysWithValues: try rows.filter(\.isRecorded).map {
                    ($0.charge, try $0.invoiced.subtracting($0.credited))
                }),
            terms: terms,
            rating: try RatingAgain(
                of: subjects, under: terms,
                remaining: Dictionary(remaining, uniquingKeysWith: { first, _ in first })))
    }

    /// Credits, reverses and charges anew, in this order; told to both.
    private func replace(
        _ found: RatableMonth, buyer: OrganisationID, by caller: Caller,
        in transaction: Transaction
    ) async throws -> RatingAgainID {
        let id: RatingAgainID = newID()
        let priced = found.rating.priced
        try await creditInvoices(of: found, for: caller.organisation, in: transaction)
        let pairs = priced.map { (replaced: $0.charge.id, charge: newID() as ChargeID) }
        let (before, after) = try (found.rating.before, found.rating.after)
        try await transaction.each(
            StoredRatingAgain.insert(
                id, of: found.contract, period: found.period.key, seller: caller.organisation,
                buyer: buyer, before: before, after: after, replacing: pairs))
        let now = try await transaction.now()
        for (item, pair) in zip(priced, pairs) {
            guard let old = found.standing[pair.replaced], let terms = found.terms[item.version],
                let charge = try item.charge(as: pair.charge, under: terms)
            else { continue }
            try await replace(
                old, by: charge, effectiveOn: terms.clock.date(of: now),
                isInvoiced: found.invoice(of: item) != nil, for: caller.organisation,
                in: transaction)
        }
        try await transaction.record(
            .init(
                .ratingAgain, id, "rating_again.made", revision: 1, counterparty: buyer,
                facts: [
                    "contract": JSON(found.contract.description),
                    "period": JSON(found.period.key), "charges": JSON(priced.count),
                    "before": JSON(before.decimal), "after": JSON(after.decimal),
                ]),
            by: caller)
        return id
    }

    /// One credit note of each invoice, with all lines of its charges that are replaced; what the
    /// seller's own system wrote was taken back there.
    private func creditInvoices(
        of found: RatableMonth, for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        let replaced = Set(found.rating.priced.map(\.charge.id))
        let versions = Set(found.rating.priced.map(\.version)).sorted()
        let named = versions.map { "\($0)" }.joined(separator: ", ")
        let written = found.rating.priced.filter { found.recorded[$0.charge.id] == nil }
        for id in Set(written.compactMap { found.invoice(of: $0) }).sorted() {
            let parts = try await transaction.query(StoredInvoiceLine.all(of: id))
                .map(StoredInvoiceLine.init(row:))
                .filter { replaced.contains($0.charge) && $0.net != .zero }
                .map { Credit.Part(number: $0.number, net: $0.net) }
            _ = try await credit(
                id, reason: "Priced again by version \(named) of the contract.",
                parts: parts, for: organisation, in: transaction)
        }
    }
}

/// The charges of a month that stand, and what they come to.
private struct RatableMonth {
    let contract: ContractID
    let period: StatementPeriod
    let standing: [ChargeID: StoredCharge]
    let invoices: [ChargeID: InvoiceID?]
    /// What is still to be taken back of charges on invoices of the seller's own system.
    let recorded: [ChargeID: Money]
    let terms: [Int: Terms]
    let rating: RatingAgain

    func invoice(of item: RatingAgain.Item) -> InvoiceID? { invoices[item.charge.id] ?? nil }

    func json(_ made: [StoredRatingAgain]) throws -> JSON {
        [
            "contract": JSON(contract.description),
            "period": JSON(period.key),
            "currency": JSON(Currency.eur.rawValue),
            "before": JSON(try rating.before.decimal),
            "after": JSON(try rating.after.decimal),
            "difference": JSON(try rating.difference.decimal),
            "charges": .array(try rating.items.map(json)),
            "made": .array(try made.map { try $0.json }),
        ]
    }

    private func json(_ item: RatingAgain.Item) throws -> JSON {
        let (charge, invoice) = (item.charge, invoice(of: item))
        var reason: RatingAgain.Obstacle?
        if case .leftOut(let obstacle) = item.outcome { reason = obstacle }
        return [
            "charge": JSON(charge.id.description),
            "booking": JSON(charge.subject.booking?.description),
            "block": JSON(charge.subject.block?.description),
            "service": JSON(charge.service),
            "cause": JSON(charge.cause.rawValue),
            "served_on": JSON(charge.servedOn.iso),
            "version": JSON(charge.versionNumber),
            "by_version": JSON(item.version),
            "before": JSON(charge.net.decimal),
            "after": JSON(item.after?.decimal),
            "difference": JSON(try item.after?.subtracting(charge.net).decimal),
            "other_vat": JSON(item.hasOtherVAT),
            "invoice": JSON(invoice?.description),
            "becomes": JSON(item.becomes(isInvoiced: invoice != nil)),
            "reason": JSON(reason?.rawValue),
            "take_back": JSON(reason == .recorded ? recorded[charge.id]?.decimal : nil),
        ]
    }
}

extension RatingAgain.Item {
    fileprivate func becomes(isInvoiced: Bool) -> String {
        switch outcome {
        case .leftOut: "left_out"
        case .stays: "stays"
        case .priced: isInvoiced ? "credited" : "replaced"
        }
    }

    /// The charge in the place of this one.
    fileprivate func charge(as id: ChargeID, under terms: Terms) throws -> Charge? {
        guard case .priced(let rated, let secondsBefore) = outcome else { return nil }
        return try Charge(
            id: id, of: charge.subject, contract: charge.contract, versionNumber: version,
            seller: charge.seller, buyer: charge.buyer, service: charge.service,
            cause: charge.cause, servedOn: charge.servedOn, period: charge.period,
            secondsBefore: secondsBefore, billedSeconds: rated.billedSeconds,
            lines: rated.lines.map {
                try Charge.Line(rated: $0, of: charge.service, in: terms)
            },
            trace: rated.trace.json)
    }
}

extension StoredRatable {
    /// What happened, of a fee for cancelling that was a share of nothing else.
    fileprivate func cancellation(_ charge: Charge) -> VisitFacts? {
        guard charge.cause == .lateCancellation, !isShared,
            let instant = charge.cancelled(beginningAt: starts)
        else { return nil }
        return VisitFacts(
            starts: starts, plannedMinutes: plannedMinutes,
            outcome: .cancelled(by: .buyer, at: instant, cause: .ordinary))
    }

    fileprivate func obstacle(to charge: Charge) -> RatingAgain.Obstacle? {
        if charge.cause == .unusedBlock { return .unusedBlock }
        if charge.cause.isOwedBySeller { return .owedBySeller }
        if isDisputed { return .disputed }
        if isAgreed { return .agreed }
        if isSettledInternally { return .settledInternally }
        if isRecorded, charge.net != .zero { return isTakenBack ? nil : .recorded }
        return invoice != nil && (isCredited || charge.net == .zero) ? .credited : nil
    }
}

extension StoredRatingAgain {
    fileprivate var json: JSON {
        get throws {
            [
                "id": JSON(id.description),
                "charges": JSON(charges),
                "before": JSON(before.decimal),
                "after": JSON(after.decimal),
                "difference": JSON(try after.subtracting(before).decimal),
                "rated_at": JSON(ratedAt.rfc3339),
            ]
        }
    }
}
