import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import Visits

// One "ready" covers a block: its visits start agreed, and people handle what is an exception.

extension Market {
    /// The caller's side is ready for every visit of a block that is agreed on and not over; each
    /// handshake hears it as a message of its own. What one refuses, such as while a counter is to
    /// be answered, is answered beside the others, which stand.
    package func sayBlockReady(
        _ request: Request, _ id: BlockID, _ checks: ReadyChecks
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard try await transaction.query(StoredBlock.find(id)).atMostOne() != nil else {
                throw Refusal(.notFound)
            }
            guard checks.allPassed else {
                throw Refusal(.checksFailed, figures: ["checks": checks.json])
            }
            let visits = try await transaction.query(StoredBlock.visits(of: [id]))
                .map(StoredBooking.init(row:))
            let ids = visits.map(\.id).sorted()
            try await transaction.query(StoredAbsence.lockBudgets(of: ids))
            try await transaction.query(StoredAbsence.lock(ids))
            var items: [JSON] = []
            for visit in ids {
                items.append(
                    try await ready(visit, checks, for: caller.organisation, in: transaction))
            }
            return Answer(["items": .array(items)])
        }
    }

    private func ready(
        _ id: BookingID, _ checks: ReadyChecks, for organisation: OrganisationID,
        in transaction: Transaction
    ) async throws -> JSON {
        var item: JSONObject = [
            "booking": JSON(id.description), "state": .null, "refusal": .null,
        ]
        do {
            var (meeting, now) = try await meet(id, for: organisation, in: transaction)
            let side = meeting.stored.side(of: organisation)
            if !meeting.handshake.isReady(side) {
                meeting = try await hear(
                    HandshakeMessage(
                        sender: .side(side), sequence: meeting.handshake.sequence + 1,
                        body: .ready(checks), cause: nil),
                    at: now, of: meeting, for: organisation, in: transaction)
            }
            item["state"] = JSON(meeting.handshake.state.rawValue)
        } catch let refusal as Refusal {
            item["refusal"] = refusal.json
        }
        return .object(item)
    }
}

extension Handshake {
    /// Whether this side has said so, and what it was said of still stands.
    fileprivate func isReady(_ side: Side) -> Bool {
        guard case .agreed(_, let readiness) = phase else { return false }
        return (side == .seller ? readiness.seller : readiness.buyer) == .ready
    }
}
