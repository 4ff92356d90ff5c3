import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

extension Market {
    /// What the cancellation of one place costs the seller, by its share of now.
    struct WithdrawnPlace: Sendable {
        let booking: StoredBooking
        let share: GroupShare?
        let fee: Money
    }

    func withdrawal(
        of bookings: [StoredBooking], at now: Instant, in transaction: Transaction
    ) async throws -> [WithdrawnPlace] {
        var places: [WithdrawnPlace] = []
        for booking in bookings where booking.state == .booked {
            let share = try await share(of: booking, in: transaction)
            let cost = try booking.cancellationCost(
                by: .seller, at: now, under: try await terms(of: booking, in: transaction),
                share: share)
            places.append(WithdrawnPlace(booking: booking, share: share, fee: try cost.fee()))
        }
        return places
    }

    /// The seller does not hold the session, before it begins: its time is on sale again, and each
    /// place is cancelled at the seller's cost, which it has seen. Another cost by now is a refusal
    /// that shows it.
    package func withdrawGroupSession(
        _ request: Request, _ id: GroupSessionID, expectedCost: Money, reason: String?
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let (session, bookings) = try await lockOpenSession(id, in: transaction)
            let now = try await transaction.now()
            guard now < session.during.start else { throw Refusal(.visitStarted) }
            let places = try await withdrawal(of: bookings, at: now, in: transaction)
            let cost = try Money.sum(of: places.map(\.fee))
            guard cost == expectedCost else {
                throw Refusal(
                    .cancellationCostDiffers,
                    figures: [
                        "fee": JSON(cost.decimal), "currency": JSON(cost.currency.rawValue),
                    ])
            }
            for place in places {
                _ = try await cancel(
                    place.booking, by: .seller, cause: .ordinary, at: now, reason: reason,
                    expectedFee: place.fee, share: place.share, for: caller.organisation,
                    in: transaction)
                _ = try await told(
                    "booking.cancelled", of: place.booking.id, for: caller.organisation,
                    facts: ["by": "seller"], in: transaction)
            }
            let revision = try await transaction.query(StoredGroupSession.end(id))
                .only()["revision", Int64.self]
            try await transaction.record(
                .init(.groupSession, id, "group_session.withdrawn", revision: revision),
                by: caller)
            return try await groupSessionSheet(
                of: id, for: caller.organisation, in: transaction)
        }
    }
}
