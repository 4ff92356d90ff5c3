import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

extension Market {
    /// A side tells what was not observed: that the visit went on by telephone, what the specialist
    /// did before and after, that the buyer lets it go on, or that the line failed. Telling the
    /// same again changes nothing.
    package func reportVisit(
        _ request: Request, _ id: BookingID, _ report: VisitReport
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let booking = try await lock(id, in: transaction)
            let now = try await transaction.now()
            let terms = try await terms(of: booking, in: transaction)
            let visit = try await VisitSheet(
                of: booking, under: terms, now: now, in: transaction)
            let side = visit.side(of: caller.organisation)
            if visit.hasHeard(report, from: side) {
                return try Answer(visit.json(for: caller.organisation))
            }
            try visit.check(report, by: side)
            try await requireAgreed(booking, in: transaction, now: now)
            try await transaction.query(
                StoredReport.insert(report, by: side, of: booking, caller))
            let next = try await transaction.query(StoredAttestation.nextRevision(of: id)).only()
            try await transaction.record(
                .init(
                    .visit, id, "visit.\(report.kind.rawValue)",
                    revision: next["revision", Int64.self],
                    counterparty: side == .seller ? booking.buyer : booking.seller),
                by: caller)
            return try await Answer(
                VisitSheet(of: booking, under: terms, now: now, in: transaction)
                    .json(for: caller.organisation))
        }
    }

    /// Nobody tells anything of a visit on which both sides had not agreed.
    private func requireAgreed(
        _ booking: StoredBooking, in transaction: Transaction, now: Instant
    ) async throws {
        guard
            let row = try await transaction.query(StoredHandshake.find(booking.id)).atMostOne()
        else { throw Refusal(.notFound) }
        let handshake = try await HandshakeSheet(
            StoredHandshake(row: row), transaction.messages(of: booking.id), now: now
        ).handshake
        guard booking.state == .booked, handshake.state.letsIn else {
            throw Refusal(.visitNotAgreed, figures: ["state": JSON(handshake.state.rawValue)])
        }
    }
}

extension VisitSheet {
    /// Whether this is what the side told last of its kind.
    fileprivate func hasHeard(_ report: VisitReport, from side: Visits.Side) -> Bool {
        let told = reports.filter { $0.side == side && $0.report.kind == report.kind }
        guard case .telephone = report else { return told.last?.report == report }
        return told.contains { $0.report == report }
    }

    /// The rule's answer, or its refusal as the market's own.
    fileprivate func check(_ report: VisitReport, by side: Visits.Side) throws {
        do throws(VisitReport.Refusal) {
            try report.check(by: side, bounds)
        } catch {
            throw Refusal(
                RefusalCode(rawValue: error.code) ?? .illegalTransition, figures: told(of: error))
        }
    }

    private func told(of refusal: VisitReport.Refusal) -> JSON {
        switch refusal {
        case .aboveCeiling(let ceiling): ceiling.json
        case .outsideWindow, .joinNotYetOpen, .visitNotOver:
            ["opens": JSON(window.start.rfc3339), "closes": JSON(window.end.rfc3339)]
        case .inTheFuture: ["now": JSON(now.rfc3339)]
        case .reasonTooLong(let limit): ["limit": JSON(limit)]
        case .notYourSide, .minutesAgreed, .visitOver, .overrunNotSold, .reasonMissing:
            .object([:])
        }
    }
}

extension ExtraTime {
    /// As figures of a refusal.
    var json: JSON {
        [
            "preparation_minutes": JSON(preparation),
            "record_writing_minutes": JSON(recordWriting),
        ]
    }
}
