import MoneyAndTime
import Postgres
import Scheduling

/// An open window with what is taken of it and what search finds in it, as `aikatori_reader`
/// reads them for `verify`.
package struct StartTimeRecord: Sendable {
    package let window: WindowID
    package let offered: OfferedWindow
    package let occupied: [TimeSlot]
    /// The start times at which the shortest visit fits, earliest first.
    package let found: [StartTime]

    /// Windows that are not over, after one, in the order of their identifiers.
    package static func read(
        after: WindowID?, limit: Int, in transaction: Transaction
    ) async throws -> [StartTimeRecord] {
        let windows = try await transaction.query(
            """
            select id, lower(during) as starts, upper(during) as ends, services, contracts,
                grid_minutes, shortest_minutes, longest_minutes, buffer_before_minutes,
                buffer_after_minutes
            from availability_window
            where open and upper(during) > market_now()
                and (\(after)::uuid is null or id > \(after)::uuid)
            order by id limit \(limit)
            """)
        let ids = try windows.map { try $0["id", WindowID.self] }
        let taken = Dictionary(
            grouping: try await transaction.query(
                """
                select w.id, lower(r.occupied) as starts, upper(r.occupied) as ends
                from availability_window w join reservation r
                    on r.specialist = w.specialist and r.live and r.occupied && w.during
                where w.id = any (\(ids))
                """), by: { try? $0["id", WindowID.self] })
        let found = Dictionary(
            grouping: try await transaction.query(
                """
                select s.availability_window as id, s.starts, s.free_until
                from start_time s join availability_window w on w.id = s.availability_window
                where s.open and w.id = any (\(ids))
                  and s.starts + make_interval(mins => w.shortest_minutes) <= s.free_until
                order by s.starts
                """), by: { try? $0["id", WindowID.self] })
        return try zip(windows, ids).map { row, id in
            try StartTimeRecord(row: row, taken: taken[id] ?? [], found: found[id] ?? [])
        }
    }

    private init(row: Row, taken: [Row], found: [Row]) throws {
        window = try row.decode("id")
        offered = try OfferedWindow(slot: TimeSlot(row: row), terms: OfferTerms(row: row))
        occupied = try taken.map { try TimeSlot(row: $0) }
        self.found = try found.map { row in
            try StartTime(starts: row.decode("starts"), freeUntil: row.decode("free_until"))
        }
    }
}

extension TimeSlot {
    fileprivate init(row: Row) throws {
        try self.init(start: row.decode("starts"), end: row.decode("ends"))
    }
}
