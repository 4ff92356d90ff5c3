import MoneyAndTime
import Postgres
import Visits

/// A row of `call_log_entry`: somebody's stay in a visit, as one side's video service has it.
package struct StoredCallLogEntry: Hashable, Sendable {
    package let importer: Side
    package let side: Side
    package let during: TimeSlot
    package let importedAt: Instant

    package init(row: Row) throws {
        guard let importer = Side(rawValue: try row.decode("importer")),
            let side = Side(rawValue: try row.decode("side"))
        else { throw CellError.malformed("a call log's side") }
        self.importer = importer
        self.side = side
        during = try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
        importedAt = try row.decode("imported_at")
    }

    package static func all(of booking: BookingID) -> Query {
        """
        select importer, side, lower(during) as starts, upper(during) as ends, imported_at
        from call_log_entry where booking = \(booking)
        order by importer desc, side desc, during
        """
    }

    /// A row where it is new.
    package static func insert(
        _ during: TimeSlot, of side: Side, in booking: StoredBooking, by importer: Side,
        credential: CredentialID
    ) -> Query {
        """
        insert into call_log_entry (booking, seller, buyer, importer, side, during, credential,
            imported_at)
        values (\(booking.id), \(booking.seller), \(booking.buyer), \(importer.rawValue),
            \(side.rawValue), tstzrange(\(during.start), \(during.end)), \(credential),
            market_now())
        on conflict do nothing returning booking
        """
    }

    /// The visits of one's own whose rooms have these names.
    package static func bookings(named names: [String]) -> Query {
        "select name, booking from room_name where name = any (\(names))"
    }
}

extension [StoredCallLogEntry] {
    /// What each side has imported, the seller's first.
    package func logs(of booking: BookingID) throws -> [CallLog] {
        try [Side.seller, .buyer].compactMap { importer in
            let entries = filter { $0.importer == importer }
            guard let last = entries.map(\.importedAt).max() else { return nil }
            func stays(_ side: Side) -> [TimeSlot] {
                entries.filter { $0.side == side }.map(\.during)
            }
            return try CallLog(
                importer: importer,
                attendance: Attendance(
                    visit: booking, seller: stays(.seller), buyer: stays(.buyer)),
                importedAt: last)
        }
    }
}
