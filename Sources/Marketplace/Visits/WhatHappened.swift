import Contracts
import MoneyAndTime
import Storage
import StrictJSON
import Visits

// What did not go as planned, by its name, and what the contract says to it: in words, never in
// euros.

extension Attendance {
    /// What happened, by the figures that both sides have agreed on and by who was there when.
    func outcome(
        of planned: TimeSlot, _ figures: Attestation.Figures, overrunAgreed: Bool = false,
        cutSeconds: Int64 = 0
    ) throws -> VisitFacts.Outcome {
        if figures.lineFailed { return .failed(afterSeconds: figures.seconds) }
        guard figures.seconds == 0 else {
            var held = HeldVisit(billableSeconds: figures.seconds)
            // who is on duty waits for nobody
            if duty.isEmpty, let waiting = try waiting(from: planned.start) {
                held.waiting = .init(by: .init(waiting.side), seconds: waiting.seconds)
            }
            held.cutSeconds = cutSeconds
            held.overrunAgreed = overrunAgreed
            held.preparationMinutes = figures.extra.preparation
            held.recordWritingMinutes = figures.extra.recordWriting
            return .held(held)
        }
        guard let absence = try absence(in: planned) else {
            return .held(HeldVisit(billableSeconds: 0))
        }
        return .noShow(by: .init(absence.side), waitedSeconds: absence.otherSeconds)
    }
}

extension Contracts.Side {
    fileprivate init(_ side: Visits.Side) { self = side == .seller ? .seller : .buyer }
}

extension VisitSheet {
    var outcome: VisitFacts.Outcome {
        get throws {
            try attendance.outcome(
                of: booking.planned, figures, overrunAgreed: overrunIsAgreed,
                cutSeconds: minutes.cut.seconds)
        }
    }

    /// The members of a visit's sheet that name what happened.
    func whatHappened() throws -> JSONObject {
        let outcome = try outcome
        return [
            "outcome": JSON(isOver ? outcome.name : "not_over"),
            "late_start": try lateStart(outcome),
            "no_show": try noShow(outcome),
            "overrun": try overrun(outcome),
            "technical_failure": technicalFailure,
        ]
    }

    private func lateStart(_ outcome: VisitFacts.Outcome) throws -> JSON {
        guard case .held(let held) = outcome, let waiting = held.waiting else { return .null }
        let tolerance = try terms.lateStart?.toleranceMinutes.multiplied(by: 60)
        var follows = "nothing"
        if let late = terms.lateStart, let tolerance, waiting.seconds > tolerance {
            if waiting.side == .seller, late.waitingIsBilled { follows = "waiting_billed" }
            if waiting.side == .buyer, late.reduction.basisPoints > 0 { follows = "price_reduced" }
        }
        return [
            "waited": JSON(waiting.side.rawValue), "seconds": JSON(waiting.seconds),
            "tolerance_seconds": JSON(whole: tolerance), "follows": JSON(follows),
        ]
    }

    private func noShow(_ outcome: VisitFacts.Outcome) throws -> JSON {
        guard isOver, case .noShow(let side, let waited) = outcome else { return .null }
        let wait = try terms.noShow?.waitMinutes.multiplied(by: 60)
        let fee = side == .seller ? terms.noShow?.sellerFee : terms.noShow?.buyerFee
        let owes = wait.map { waited >= $0 } ?? false && (fee?.basisPoints ?? 0) > 0
        return [
            "absent": JSON(side.rawValue), "waited_seconds": JSON(waited),
            "wait_seconds": JSON(whole: wait), "follows": owes ? "fee" : "nothing",
        ]
    }

    private func overrun(_ outcome: VisitFacts.Outcome) throws -> JSON {
        guard case .held(let held) = outcome else { return .null }
        let beyond = try max(0, held.billableSeconds.subtracting(booking.planned.seconds))
        let term = terms.rateCard.service(booking.service)?.price.overrun
        guard beyond > 0 || minutes.cut.seconds > 0 || term != nil else { return .null }
        let follows =
            switch (term, overrunIsAgreed) {
            case (nil, _): "billed_as_visit"
            case (_?, true): "billed_apart"
            case (_?, false): "not_billed"
            }
        return [
            "seconds": JSON(beyond), "agreed": JSON(overrunIsAgreed),
            "ceiling_minutes": JSON(whole: term?.maximumMinutes),
            "cut_seconds": JSON(minutes.cut.seconds), "cut_at": JSON(minutes.cut.at?.rfc3339),
            "follows": beyond > 0 ? JSON(follows) : "nothing",
        ]
    }

    private var technicalFailure: JSON {
        let report = reports.failure
        guard report != nil || figures.lineFailed else { return .null }
        var reason: String?
        if case .lineFailed(let why) = report?.report { reason = why }
        let isHeld = terms.technicalFailure?.charge == .timeHeld
        return [
            "reported_by": JSON(report?.side.rawValue), "reason": JSON(reason),
            "at": JSON(report?.recordedAt.rfc3339),
            "follows": isHeld ? "time_held_billed" : "nothing",
        ]
    }
}

extension VisitFacts.Outcome {
    var name: String {
        switch self {
        case .held(let held) where held.billableSeconds == 0: "not_held"
        case .held: "held"
        case .failed: "technical_failure"
        case .noShow: "no_show"
        case .cancelled: "cancelled"
        case .unused: "unused"
        }
    }
}

extension JSON {
    /// Null where there is no such number.
    fileprivate init(whole number: Int64?) { self = number.map { JSON($0) } ?? .null }
}
