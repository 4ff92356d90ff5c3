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
                VisitSheet(of: booking, under: terms, now: caller.now, in: transaction).json)
        }
    }

    /// A side's word on the minutes, once the visit is over. The first word fixes what was
    /// measured; when both say the same figure the visit is charged and closed (invariant 13).
    package func attestMinutes(
        _ request: Request, _ id: BookingID, _ word: Attestation.Word
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let booking = try await lock(id, in: transaction)
            let now = try await transaction.now()
            let terms = try await terms(of: booking, in: transaction)
            let visit = try await VisitSheet(
                of: booking, under: terms, now: now, in: transaction)
            // a session is shared by those who have a place when it begins
            let hasBegun = booking.groupSession == nil || now >= booking.planned.start
            guard hasBegun, visit.presence.isOver || visit.areKept else {
                throw Refusal(
                    .visitNotOver, figures: ["closes": JSON(visit.window.end.rfc3339)])
            }
            let side: Visits.Side = caller.organisation == booking.seller ? .seller : .buyer
            let attestation = try visit.saying(word, by: side)
            guard attestation != visit.attestation else { return Answer(visit.json) }
            guard booking.state == .booked else {
                throw Refusal(
                    .illegalTransition, figures: ["state": JSON(booking.state.rawValue)])
            }
            if !visit.areKept {
                try await transaction.query(StoredMinutes.insert(visit.billable, of: booking))
            }
            try await transaction.query(
                StoredAttestation.insert(
                    word, number: (visit.words[side]?.number ?? 0) + 1, of: booking, by: caller))
            try await tell(attestation, of: booking, by: caller, in: transaction)
            if case .agreed(let seconds) = attestation.state {
                try await close(
                    visit, under: terms, billableSeconds: seconds, by: caller, in: transaction)
            }
            return try await Answer(
                VisitSheet(
                    of: StoredBooking(row: transaction.query(StoredBooking.find(id)).only()),
                    under: terms, now: now, in: transaction
                ).json)
        }
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
        _ visit: VisitSheet, under terms: Terms, billableSeconds: Int64, by caller: Caller,
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
            of: booking.planned, billableSeconds: billableSeconds)
        let facts = VisitFacts(
            starts: booking.planned.start, plannedMinutes: booking.planned.seconds / 60,
            secondsBefore: before, outcome: outcome,
            share: try await share(of: booking, in: transaction))
        _ = try await recordCharge(
            Rating.rate(terms, service: booking.service, facts), of: booking, under: terms,
            cause: outcome.cause, billableSeconds: billableSeconds, secondsBefore: before,
            for: caller.organisation, in: transaction)
        _ = try await told(
            "booking.closed", of: booking.id, for: caller.organisation, in: transaction)
    }
}

extension Attendance {
    /// What happened, by the minutes that both sides have agreed on and by who was there when.
    func outcome(of planned: TimeSlot, billableSeconds: Int64) throws -> VisitFacts.Outcome {
        guard billableSeconds == 0 else {
            var held = HeldVisit(billableSeconds: billableSeconds)
            if let waiting = try waiting(from: planned.start) {
                held.waiting = .init(by: .init(waiting.side), seconds: waiting.seconds)
            }
            return .held(held)
        }
        guard let absence = try absence(in: planned) else {
            return .held(HeldVisit(billableSeconds: 0))
        }
        return .noShow(by: .init(absence.side), waitedSeconds: absence.otherSeconds)
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

extension Contracts.Side {
    fileprivate init(_ side: Visits.Side) { self = side == .seller ? .seller : .buyer }
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
            case .alreadyAgreed: throw Refusal(.minutesAgreed)
            case .minutesDiffer(let computed, let other):
                throw Refusal(
                    .minutesDiffer,
                    figures: ["measured": JSON(computed), "other": other.map { JSON($0) } ?? .null])
            case .reasonMissing: throw Refusal(.reasonMissing)
            case .reasonTooLong(let limit):
                throw Refusal(.reasonTooLong, figures: ["limit": JSON(limit)])
            case .contestWithoutDifference: throw Refusal(.contestWithoutDifference)
            }
        }
    }
}
