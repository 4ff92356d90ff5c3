import Billing
import Contracts
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import Visits

// A charge in the place of another: the old one stays as it was sealed, and its accrual is
// reversed; the new one is accrued on the day on which both agreed.

extension Market {
    /// The line of a settled dispute at the figure that both agreed to.
    func correct(
        _ line: StoredCharge, as id: ChargeID, to dispute: Dispute, under terms: Terms,
        now: Instant, for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        guard let agreed = dispute.agreed else { return }
        var lines: [Charge.Line] = []
        var (trace, billedSeconds): (JSON, Int64) = (.null, 0)
        if let minutes = agreed.minutes,
            let rated = try await ratedAgain(line, minutes: minutes, under: terms, in: transaction)
        {
            lines = try rated.lines.map {
                try Charge.Line(rated: $0, of: line.charge.service, in: terms)
            }
            (trace, billedSeconds) = (rated.trace.json, rated.billedSeconds)
        } else {
            if agreed.net != .zero {
                lines = [try Charge.Line(agreed: agreed.net, of: line.charge.service, in: terms)]
                billedSeconds = line.charge.billedSeconds
            }
            trace = Charge.agreedTrace(charged: dispute.charged, agreed: agreed.net)
        }
        try await replace(
            line,
            by: Charge(
                id: id, of: line.charge.subject, contract: line.charge.contract,
                versionNumber: line.charge.versionNumber, seller: line.charge.seller,
                buyer: line.charge.buyer, service: line.charge.service, cause: line.charge.cause,
                servedOn: line.charge.servedOn, period: line.charge.period,
                secondsBefore: line.charge.secondsBefore, billedSeconds: billedSeconds,
                lines: lines, trace: trace),
            effectiveOn: terms.clock.date(of: now), for: organisation, in: transaction)
    }

    /// Seals `charge` in the place of `old`, whose accrual is reversed if no invoice has it.
    func replace(
        _ old: StoredCharge, by charge: Charge, effectiveOn: CalendarDate,
        isInvoiced: Bool = false, for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        if old.charge.net != .zero, !isInvoiced {
            let accrual = try await JournalEntry.accrual(
                id: transaction.accrual(of: old.charge), charge: old.charge.id,
                net: old.charge.net, seller: old.charge.seller, buyer: old.charge.buyer,
                effectiveOn: old.charge.servedOn)
            let reversal = try JournalEntry.reversal(
                id: newID(), of: accrual, effectiveOn: effectiveOn)
            try await transaction.query(StoredEntry.post([reversal]))
        }
        _ = try await seal(
            charge, billableSeconds: old.billableSeconds, replacing: old.charge.id,
            effectiveOn: effectiveOn, for: organisation, in: transaction)
    }

    /// What a visit comes to with other minutes than both attested, by the same terms and at the
    /// same place in its period; nil of no minutes at all, which cost nothing. Refuses what has no
    /// minutes of its own, and minutes that are not fewer.
    func ratedAgain(
        _ line: StoredCharge, minutes: Int64, under terms: Terms, in transaction: Transaction
    ) async throws -> RatedVisit? {
        guard line.charge.cause == .visit, line.groupSession == nil,
            let id = line.charge.subject.booking
        else { throw Refusal(.volumeNotDisputable) }
        let seconds = try minutes.multiplied(by: 60)
        guard seconds < line.billableSeconds else {
            throw Refusal(
                .figureNotBelow, figures: ["billable_seconds": JSON(line.billableSeconds)])
        }
        guard seconds > 0 else { return nil }
        let booking = try await StoredBooking(
            row: transaction.query(StoredBooking.find(id)).only())
        let visit = try await VisitSheet(
            of: booking, under: terms, now: transaction.now(), in: transaction)
        let figures = Attestation.Figures(
            seconds: seconds, extra: visit.figures.extra, lineFailed: visit.figures.lineFailed)
        return try Rating.rate(
            terms, service: line.charge.service,
            VisitFacts(
                starts: booking.planned.start, plannedMinutes: booking.planned.seconds / 60,
                secondsBefore: line.charge.secondsBefore,
                outcome: visit.attendance.outcome(
                    of: booking.planned, figures, overrunAgreed: visit.overrunIsAgreed)))
    }
}

extension Transaction {
    /// The entry that a charge was accrued by. Both parties see it, each its own postings.
    fileprivate func accrual(of charge: Charge) async throws -> EntryID {
        let kind: EntryKind = charge.net < .zero ? .compensation : .accrual
        return try await query(
            """
            select id from entry
            where kind = \(kind.rawValue) and subject = \(charge.id.description)
            """
        ).only().decode("id")
    }
}

extension Charge.Line {
    /// One piece at what both sides agreed to: no rate says it.
    fileprivate init(agreed net: Money, of code: String, in terms: Terms) throws {
        let isLess = net < .zero
        let size = isLess ? try net.negated() : net
        try self.init(
            kind: "agreed",
            text: "\(terms.rateCard.service(code)?.name.english ?? code), agreed after a dispute",
            quantity: isLess ? .oneLess : .one,
            price: UnitPrice(tenThousandths: size.minorUnits.multiplied(by: 100)))
    }
}

extension Charge {
    /// In the form of a rating's trace, though nothing was rated.
    fileprivate static func agreedTrace(charged: Money, agreed: Money) -> JSON {
        [
            "format": "aikatori.trace/1",
            "steps": [
                [
                    "code": "agreed",
                    "figures": [
                        "charged": JSON(charged.decimal), "amount": JSON(agreed.decimal),
                    ],
                    "words": JSON(
                        "charged \(charged.decimal), disputed, and agreed at \(agreed.decimal)"),
                ]
            ],
        ]
    }
}
