import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

extension Market {
    /// A colleague holds the whole session instead, at the same time and price, where the contracts
    /// of all who have a place allow it. Each buyer is told, and who had a link into a visit needs
    /// another one.
    package func substituteGroupSession(
        _ request: Request, _ id: GroupSessionID, by colleague: SpecialistID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let (session, bookings) = try await lockOpenSession(id, in: transaction)
            for booking in bookings {
                let terms = try await terms(of: booking, in: transaction)
                guard terms.substitution == .sameField else {
                    throw Refusal(
                        .substitutionNotAgreed,
                        figures: ["contract": JSON(booking.contract.description)])
                }
            }
            let revision = try await transaction.query(
                StoredGroupSession.substitute(id, by: colleague, reservation: newID())
            ).only()["revision", Int64.self]
            let now = try await transaction.now()
            for booking in bookings {
                try await transaction.query(JoinTokenDigest.revokeAll(of: booking.id))
                _ = try await told(
                    "booking.substituted", of: booking.id, for: caller.organisation,
                    facts: [
                        "from": JSON(session.specialist.description),
                        "to": JSON(colleague.description),
                    ], in: transaction)
                try await withdrawReadiness(
                    of: booking.id, because: nil, at: now, for: caller.organisation,
                    in: transaction)
            }
            try await transaction.record(
                .init(.groupSession, id, "group_session.substituted", revision: revision),
                by: caller)
            return try await groupSessionSheet(
                of: id, for: caller.organisation, in: transaction)
        }
    }
}
