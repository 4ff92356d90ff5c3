import Billing
import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

extension Market {
    package func visit(_ request: Request, _ id: BookingID) async throws -> Answer {
        try await view(request) { transaction, caller in
            guard let row = try await transaction.query(StoredBooking.find(id)).atMostOne()
            else { throw Refusal(.notFound) }
            let booking = try StoredBooking(row: row)
            let terms = try await terms(of: booking, in: transaction)
            return try await Answer(
                VisitSheet(of: booking, under: terms, now: caller.now, in: transaction)
                    .json(for: caller.organisation))
        }
    }

    /// A side's word on the minutes, once the visit is over. The first word fixes what was
    /// measured; when both say the same figures the visit is charged and closed (invariant 13).
    package func attestMinutes(
        _ request: Request, _ id: BookingID, _ word: Attestation.Word
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let booking = try await lock(id, in: transaction)
            let heard = try await hear(
                word, of: booking, now: transaction.now(), by: caller, in: transaction)
            return try await Answer(
                carryOut(heard, by: caller, in: transaction).json(for: caller.organisation))
        }
    }

    /// A word that may be said, and what it makes of the visit.
    struct HeardWord {
        let visit: VisitSheet
        let side: Visits.Side
        let word: Attestation.Word
        let attestation: Attestation

        /// Whether it was said before.
        var changesNothing: Bool { attestation == visit.attestation }
    }

    /// Whether a word may be said; nothing is changed yet. The booking and its budget counter are
    /// locked.
    func hear(
        _ word: Attestation.Word, of booking: StoredBooking, now: Instant, by caller: Caller,
        in transaction: Transaction
    ) async throws -> HeardWord {
        let terms = try await terms(of: booking, in: transaction)
        let visit = try await VisitSheet(of: booking, under: terms, now: now, in: transaction)
        guard visit.isOver else {
            throw Refusal(.visitNotOver, figures: ["closes": JSON(visit.window.end.rfc3339)])
        }
        let side = visit.side(of: caller.organisation)
        let heard = HeardWord(
            visit: visit, side: side, word: word,
            attestation: try visit.saying(word, by: side))
        guard heard.changesNothing || booking.state == .booked else {
            throw Refusal(
                .illegalTransition, figures: ["state": JSON(booking.state.rawValue)])
        }
        return heard
    }

    /// Writes the word down, and charges the visit when both sides agree. The visit as it is then.
    func carryOut(
        _ heard: HeardWord, by caller: Caller, in transaction: Transaction
    ) async throws -> VisitSheet {
        let (visit, booking) = (heard.visit, heard.visit.booking)
        guard !heard.changesNothing else { return visit }
        if !visit.areKept {
            try await transaction.query(visit.minutes.insert(for: booking))
        }
        try await transaction.query(
            StoredAttestation.insert(
                heard.word, number: (visit.words[heard.side]?.number ?? 0) + 1, of: booking,
                by: caller))
        try await tell(heard.attestation, of: booking, by: caller, in: transaction)
        if case .agreed(let figures) = heard.attestation.state {
            try await close(visit, figures, by: caller, in: transaction)
        }
        return try await VisitSheet(
            of: StoredBooking(
                row: transaction.query(StoredBooking.find(booking.id)).only()),
            under: visit.terms, now: visit.now, in: transaction)
    }

    /// The visit's events are numbered with those of who came and went.
    private func tell(
        _ attestation: Attestation, of booking: StoredBooking, by caller: Caller,
        in transaction: Transaction
    ) async throws {
        let next = try await transaction.query(StoredAttestation.nextRevision(of: booking.id))
            .only()
        let other = booking.seller == caller.organisation ? booking.buyer : booking.seller
        try await transaction.record(
            .init(
                .visit, booking.id, "visit.\(attestation.state.name.rawValue)",
                revision: next["revision", Int64.self], counterparty: other),
            by: caller)
    }

    private func close(
        _ visit: VisitSheet, _ figures: Attestation.Figures, by caller: Caller,
        in transaction: Transaction
    ) async throws {
        let booking = visit.booking
        try await transaction.query(StoredBooking.move(booking.id, to: .closed))
        let before = try await transaction.query(
            StoredCharge.secondsBefore(
                contract: booking.contract, period: booking.period, service: booking.service,
                in: booking.groupSession)
        ).only()["seconds", Int64.self]
        let outcome = try visit.attendance.outcome(
            of: booking.planned, figures, overrunAgreed: visit.overrunIsAgreed,
            cutSeconds: figures.seconds == visit.minutes.billable.seconds
                ? visit.minutes.cut.seconds : 0)
        let facts = VisitFacts(
            starts: booking.planned.start, plannedMinutes: booking.planned.seconds / 60,
            secondsBefore: before, outcome: outcome,
            share: try await share(of: booking, in: transaction))
        _ = try await recordCharge(
            Rating.rate(visit.terms, service: booking.service, facts), of: booking,
            under: visit.terms, cause: outcome.cause, billableSeconds: figures.seconds,
            secondsBefore: before, for: caller.organisation, in: transaction)
        _ = try await told(
            "booking.closed", of: booking.id, for: caller.organisation, in: transaction)
    }
}

extension VisitFacts.Outcome {
    fileprivate var cause: Charge.Cause {
        switch self {
        case .noShow(.seller, _): .sellerNoShow
        case .noShow(.buyer, _): .noShow
        case .held, .failed, .cancelled, .unused: .visit
        }
    }
}

extension VisitSheet {
    /// The rule's answer, or its refusal as the market's own.
    fileprivate func saying(
        _ word: Attestation.Word, by side: Visits.Side
    ) throws -> Attestation {
        do throws(Attestation.Refusal) {
            return try attestation.saying(word, by: side)
        } catch {
            switch error {
            case .figureOutOfRange(let limit):
                throw Refusal(.figureOutOfRange, figures: ["elapsed_seconds": JSON(limit)])
            case .aboveCeiling(let ceiling):
                throw Refusal(.aboveCeiling, figures: ceiling.json)
            case .alreadyAgreed: throw Refusal(.minutesAgreed)
            case .minutesDiffer(let computed, let other):
                throw Refusal(
                    .minutesDiffer,
                    figures: [
                        "measured": JSON(computed.seconds),
                        "preparation_minutes": JSON(computed.extra.preparation),
                        "record_writing_minutes": JSON(computed.extra.recordWriting),
                        "technical_failure": JSON(computed.lineFailed),
                        "other": other.map { JSON($0.seconds) } ?? .null,
                    ])
            case .reasonMissing: throw Refusal(.reasonMissing)
            case .reasonTooLong(let limit):
                throw Refusal(.reasonTooLong, figures: ["limit": JSON(limit)])
            case .contestWithoutDifference: throw Refusal(.contestWithoutDifference)
            }
        }
    }
}
