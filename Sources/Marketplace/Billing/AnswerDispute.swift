import Billing
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// The words that answer a dispute. The raw values are the words in JSON.
    package enum DisputeAct: String, Hashable, Sendable, CaseIterable {
        case concede, explain, propose, accept, hold, withdraw
    }

    /// What a side says to a dispute; when that settles it, the line is charged as it stands, or
    /// corrected in the same transaction.
    package func answerDispute(
        _ request: Request, _ id: DisputeID, _ act: DisputeAct, _ said: DisputeWords
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let stored = try await transaction.lock(id)
            let side: Dispute.Side = caller.organisation == stored.seller ? .seller : .buyer
            guard let line = try await transaction.charges(StoredCharge.find(stored.charge)).first
            else { throw Refusal(.notFound) }
            let terms = try await terms(
                of: stored.contract, version: Int64(line.charge.versionNumber), in: transaction)
            var offer: Dispute.Figure?
            if act == .propose, side == .seller, stored.dispute.state != .settled {
                offer = try await figure(
                    said, for: line, stored.dispute.reason, under: terms, in: transaction)
            }
            let next: Dispute
            do throws(DisputeRefusal) {
                next = try stored.dispute.receiving(act.answer(offering: offer), by: side)
            } catch {
                throw Refusal(error)
            }
            if [.explain, .propose, .hold].contains(act) { try said.requireWords() }
            let now = try await transaction.now()
            let answerBy = try terms.answerBy(from: now)
            let correction = next.needsCorrection ? newID() as ChargeID : nil
            try await transaction.query(
                stored.move(to: next, correction: correction, at: now, answerBy: answerBy))
            try await transaction.say(
                said, in: id, seller: stored.seller, buyer: stored.buyer, by: side,
                act: act.rawValue, figure: offer)
            if let correction {
                try await correct(
                    line, as: correction, to: next, under: terms, now: now,
                    for: caller.organisation, in: transaction)
            }
            if next.state != .settled {
                try await transaction.awaitAnswer(
                    to: id, until: answerBy, stored.seller, stored.buyer)
            }
            return try await transaction.told(
                id, next.event, by: caller.organisation)
        }
    }

    /// Nobody has answered in time: both sides are told. What was answered meanwhile has another
    /// clock.
    func escalateDispute(
        _ id: DisputeID, for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        let stored = try await transaction.lock(id)
        let now = try await transaction.now()
        guard stored.dispute.state != .settled, stored.escalatedAt == nil, stored.answerBy <= now
        else { return }
        try await transaction.query(stored.escalate(at: now))
        _ = try await transaction.told(id, "dispute.escalated", by: organisation)
    }
}

extension Market.DisputeAct {
    /// Without a figure an offer is of nothing, which is below every claim.
    fileprivate func answer(offering figure: Dispute.Figure?) -> Dispute.Answer {
        switch self {
        case .concede: .concede
        case .explain: .explain
        case .propose: .propose(figure ?? Dispute.Figure(net: .zero))
        case .accept: .accept
        case .hold: .hold
        case .withdraw: .withdraw
        }
    }
}

extension Dispute {
    fileprivate var needsCorrection: Bool { outcome == .corrected || outcome == .notCharged }

    fileprivate var event: String {
        switch state {
        case .claimed: "dispute.held"
        case .explained: "dispute.explained"
        case .proposed: "dispute.proposed"
        case .settled: "dispute.settled"
        }
    }
}

extension Transaction {
    fileprivate func lock(_ id: DisputeID) async throws -> StoredDispute {
        guard let row = try await each(StoredDispute.lock(id)).last?.atMostOne() else {
            throw Refusal(.notFound)
        }
        return try StoredDispute(row: row)
    }
}
