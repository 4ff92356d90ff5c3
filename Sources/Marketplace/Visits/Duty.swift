import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

extension Market {
    /// The seller says that a duty shift has begun, or ended. Saying the same again changes
    /// nothing.
    package func sayDuty(
        _ request: Request, _ id: BookingID, isOn: Bool
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(StoredObservation.sayDuty(id, newID(), isOn: isOn))
            let booking = try await StoredBooking(
                row: transaction.query(StoredBooking.find(id)).only())
            let terms = try await terms(of: booking, in: transaction)
            return try await Answer(
                VisitSheet(
                    of: booking, under: terms, now: transaction.now(), in: transaction
                ).json(for: caller.organisation))
        }
    }
}

extension VisitSheet {
    /// Null where the service is no duty shift.
    var dutyJSON: JSON {
        guard terms.rateCard.service(booking.service)?.kind == .dutyShift else { return .null }
        return ["on_duty": JSON(duty.isOn), "intervals": duty.spans.json]
    }
}
