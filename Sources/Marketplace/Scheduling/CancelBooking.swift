import Billing
import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

extension Market {
    /// What cancelling would cost the caller now, and how that is reached.
    package func cancellationCost(_ request: Request, _ id: BookingID) async throws -> Answer {
        try await view(request) { transaction, caller in
            let rows = try await transaction.query(StoredBooking.find(id))
            guard let row = try rows.atMostOne() else { throw Refusal(.notFound) }
            let booking = try StoredBooking(row: row)
            _ = try applying(.cancel, to: booking, now: caller.now)
            try booking.requireLeavable(at: caller.now)
            try await requireNotRunOut(booking, now: caller.now, in: transaction)
            let side = booking.side(of: caller.organisation)
            let terms = try await terms(of: booking, in: transaction)
            let cost = try await cancellationCost(
                of: booking, by: side, at: caller.now, under: terms, in: transaction)
            return Answer([
                "booking": JSON(id.description),
                "side": JSON(side.rawValue),
                "fee": JSON(try cost.fee().decimal),
                "currency": JSON(Currency.eur.rawValue),
                "free_until": JSON(cost.freeUntil?.rfc3339),
                "trace": cost.trace.json,
                "as_of": JSON(caller.now.rfc3339),
            ])
        }
    }

    /// Cancels at the cost that the caller has seen; another cost by now is
    /// a refusal that shows it.
    package func cancelBooking(
        _ request: Request, _ id: BookingID, expectedFee: Money, reason: String?
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let booking = try await lock(id, in: transaction)
            try await requireNotRunOut(booking, now: transaction.now(), in: transaction)
            let side = booking.side(of: caller.organisation)
            let charge = try await cancel(
                booking, by: side, cause: .ordinary, reason: reason, expectedFee: expectedFee,
                for: caller.organisation, in: transaction)
            let sheet = try await told(
                "booking.cancelled", of: id, for: caller.organisation,
                facts: ["by": JSON(side.rawValue)], in: transaction)
            return sheet.answer(adding: ("charge", JSON(charge?.description)))
        }
    }

    /// A booking whose handshake has run out is cancelled by that, whether or not the worker has
    /// been there: nobody cancels it once more at another price.
    func requireNotRunOut(
        _ booking: StoredBooking, now: Instant, in transaction: Transaction
    ) async throws {
        if try await hasRunOut(booking, now: now, in: transaction) {
            throw Refusal(.illegalTransition, figures: ["state": "cancelled"])
        }
    }

    func hasRunOut(
        _ booking: StoredBooking, now: Instant, in transaction: Transaction
    ) async throws -> Bool {
        guard
            let row = try await transaction.query(StoredHandshake.find(booking.id)).atMostOne()
        else { return false }
        let sheet = try await HandshakeSheet(
            StoredHandshake(row: row), transaction.messages(of: booking.id), now: now)
        return sheet.handshake.state == .expired
    }

    /// Cancels a booking that the caller has locked, behind its counter: the fee by the contract's
    /// terms at `instant` (now, where none is given) is charged, and the time is free again. `side`
    /// nil is neither side and costs nothing. `share` is the place's in its group session as it was
    /// before others were cancelled with it. The event of the booking is to be told (`told`).
    func cancel(
        _ booking: StoredBooking, by side: Contracts.Side?, cause: CancellationCause,
        at instant: Instant? = nil, reason: String?, expectedFee: Money? = nil,
        share given: GroupShare? = nil, for organisation: OrganisationID,
        in transaction: Transaction
    ) async throws -> ChargeID? {
        let now = if let instant { instant } else { try await transaction.now() }
        _ = try applying(.cancel, to: booking, now: now)
        try booking.requireLeavable(at: now)
        let terms = try await terms(of: booking, in: transaction)
        var cost: CancellationCost?
        if let side {
            cost = try await cancellationCost(
                of: booking, by: side, at: now, cause: cause, under: terms, share: given,
                in: transaction)
        }
        let fee = try cost?.fee() ?? .zero
        if let expectedFee, expectedFee != fee {
            throw Refusal(
                .cancellationCostDiffers,
                figures: ["fee": JSON(fee.decimal), "currency": JSON(fee.currency.rawValue)])
        }
        let canceller = side.map { $0 == .buyer ? booking.buyer : booking.seller }
        try await transaction.query(
            StoredBooking.cancel(booking.id, by: canceller, fee: fee, reason: reason))
        try await transaction.query(StoredBooking.freeReservation(of: booking.id))
        guard let cost, fee > .zero else { return nil }
        return try await recordCharge(
            RatedVisit(cancellation: cost), of: booking, under: terms,
            cause: side == .seller ? .sellerCancellation : .lateCancellation,
            billableSeconds: 0, for: organisation, in: transaction)
    }
}

extension Market {
    /// What a side's cancellation costs by the terms frozen on the booking, at an instant. A place
    /// in a block is its buyer's until placing ends, and is paid for from then on. A place in a
    /// group session costs its share: the one that is given, or the one of now.
    func cancellationCost(
        of booking: StoredBooking, by side: Contracts.Side, at instant: Instant,
        cause: CancellationCause = .ordinary, under terms: Terms, share given: GroupShare? = nil,
        in transaction: Transaction
    ) async throws -> CancellationCost {
        if side == .buyer, cause == .ordinary, let id = booking.block {
            let block = try await StoredBlock(
                row: transaction.query(StoredBlock.find(id)).only())
            if block.state != .withdrawn {
                return try Rating.cancellation(
                    terms, service: booking.service,
                    booking.facts(
                        .cancelled(
                            by: side, at: instant, cause: cause)), at: instant,
                    inBlock: block.unusedFee, placeUntil: block.placeUntil,
                    takesVisits: block.block(taken: []).takesVisits(at: instant))
            }
        }
        let share =
            if let given { given } else { try await share(of: booking, in: transaction) }
        return try booking.cancellationCost(
            by: side, at: instant, cause: cause, under: terms, share: share)
    }
}

extension StoredBooking {
    /// The side that a party of this booking has.
    func side(of organisation: OrganisationID) -> Contracts.Side {
        organisation == seller ? .seller : .buyer
    }

    /// By the bands of the terms frozen on the booking, at an instant.
    func cancellationCost(
        by side: Contracts.Side, at instant: Instant, cause: CancellationCause = .ordinary,
        under terms: Terms, share: GroupShare?
    ) throws -> CancellationCost {
        try Rating.cancellation(
            terms, service: service,
            facts(.cancelled(by: side, at: instant, cause: cause), share: share),
            by: side, at: instant, cause: cause)
    }

    fileprivate func facts(
        _ outcome: VisitFacts.Outcome, share: GroupShare? = nil
    ) -> VisitFacts {
        VisitFacts(
            starts: planned.start, plannedMinutes: planned.seconds / 60, outcome: outcome,
            share: share)
    }
}
