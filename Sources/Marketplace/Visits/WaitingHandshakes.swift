import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// Handshakes in which the caller's side is asked, or in which nobody has proposed yet; soonest
    /// deadline first, each with its booking.
    package func listHandshakes(
        _ request: Request, page: Page<WaitingHandshake.Place>
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            let rows = try await transaction.query(
                WaitingHandshake.page(after: page.after, limit: page.limit + 1))
            let stored = try rows.map(StoredHandshake.init(row:))
            let ids = stored.map(\.booking)
            let bookings = try await transaction.query(StoredBooking.find(ids))
                .map(StoredBooking.init(row:))
            let messages = Dictionary(
                grouping: try await transaction.query(StoredHandshakeMessage.all(of: ids))
            ) { try? $0["booking", BookingID.self] }
            let items = try zip(rows, stored).map { row, stored in
                let said = try (messages[stored.booking] ?? [])
                    .map(StoredHandshakeMessage.init(row:))
                let booking = bookings.first { $0.id == stored.booking }
                return (
                    place: try WaitingHandshake.place(of: row),
                    json: [
                        "booking": booking.map {
                            BookingSheet($0, for: caller.organisation).json
                        } ?? .null,
                        "handshake": try HandshakeSheet(stored, said, now: caller.now).answer.body,
                    ] as JSON
                )
            }
            return .page(
                items, limit: page.limit, cursor: { $0.place.text }, item: { $0.json })
        }
    }

    /// What a page's navigation shows of an organisation.
    package struct Standing: Sendable {
        /// How many handshakes wait for it.
        package let waiting: Int64
        /// Whether it has specialists, whose time it sells.
        package let sells: Bool
        /// Whether it has contracts under which it buys.
        package let buys: Bool
    }

    package func standing(_ request: Request) async throws -> Standing {
        let row = try await read(request, WaitingHandshake.standing).only()
        return try Standing(
            waiting: row.decode("waiting"), sells: row.decode("sells"), buys: row.decode("buys"))
    }
}

extension WaitingHandshake.Place {
    /// As a cursor holds it.
    fileprivate var text: String { "\(replyBy.rfc3339) \(booking)" }

    package init(cursor text: String) throws {
        let parts = try cursorParts(text, 2)
        try self.init(
            replyBy: Instant(rfc3339: parts[0]), booking: BookingID(typeID: parts[1]))
    }
}
