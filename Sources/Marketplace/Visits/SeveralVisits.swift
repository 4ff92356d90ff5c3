import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import Visits

/// Several visits at once, as the page of a day shows them.
extension Market {
    /// A visit, and what both sides have said of when it is to be.
    package struct AgreedVisit: Sendable {
        package let visit: JSON
        package let handshake: JSON

        package init(visit: JSON, handshake: JSON) {
            self.visit = visit
            self.handshake = handshake
        }
    }

    /// Those of these bookings that the caller's organisation has, all from one state of the
    /// database.
    package func visits(
        _ request: Request, _ ids: [BookingID]
    ) async throws -> [BookingID: AgreedVisit] {
        try await view(request) { transaction, caller in
            var visits: [BookingID: AgreedVisit] = [:]
            for id in ids {
                guard let row = try await transaction.query(StoredBooking.find(id)).atMostOne(),
                    let other = try await transaction.query(StoredHandshake.find(id)).atMostOne()
                else { continue }
                let booking = try StoredBooking(row: row)
                let terms = try await terms(of: booking, in: transaction)
                let visit = try await VisitSheet(
                    of: booking, under: terms, now: caller.now, in: transaction)
                let handshake = try await HandshakeSheet(
                    StoredHandshake(row: other), transaction.messages(of: id), now: caller.now)
                visits[id] = try AgreedVisit(
                    visit: visit.json(for: caller.organisation), handshake: handshake.answer.body)
            }
            return visits
        }
    }
}
