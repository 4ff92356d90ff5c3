import Postgres

/// A place in the order in which events and audit facts can be read: by transaction, then by
/// position. Below the transaction horizon nothing can appear in between any more.
package struct RecordPosition: Hashable, Comparable, Sendable {
    package let transaction: UInt64
    package let position: Int64

    package init(transaction: UInt64, position: Int64) {
        self.transaction = transaction
        self.position = position
    }

    /// Not the text of a position.
    package struct Malformed: Error {}

    /// Reads `742-17`.
    package init(cursor text: String) throws(Malformed) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let transaction = UInt64(parts[0]), let position = Int64(parts[1])
        else { throw Malformed() }
        self.init(transaction: transaction, position: position)
    }

    package static func < (left: RecordPosition, right: RecordPosition) -> Bool {
        (left.transaction, left.position) < (right.transaction, right.position)
    }

    package var text: String { "\(transaction)-\(position)" }

    init(row: Row, position column: String) throws {
        guard let transaction = UInt64(try row["transaction", String.self]) else {
            throw CellError.malformed("a transaction's number")
        }
        self.init(transaction: transaction, position: try row.decode(column))
    }

    /// The place of the newest row of `table` that concerns the caller's organisation; no row where
    /// there is none.
    static func newest(of table: Query, ordered position: Query) -> Query {
        let first: Query = """
            and xid < pg_snapshot_xmin(pg_current_snapshot())
            order by xid desc, \(position) desc limit 1
            """
        return """
            select newest.xid::text as transaction, newest.\(position) from (
                (select xid, \(position) from \(table)
                    where organisation = current_organisation() \(first))
                union all
                (select xid, \(position) from \(table)
                    where counterparty = current_organisation() \(first))) newest
            order by newest.xid desc, newest.\(position) desc limit 1
            """
    }

    /// The next rows of `table` that concern the caller's organisation, as `columns`, oldest first,
    /// each with the number of its `transaction`. One index is read for each side, so that neither
    /// side's rows are sorted.
    static func page(
        _ columns: Query, of table: Query, ordered position: Query, after: RecordPosition?,
        limit: Int
    ) -> Query {
        let after = after ?? RecordPosition(transaction: 0, position: 0)
        let rest: Query = """
            and xid < pg_snapshot_xmin(pg_current_snapshot())
            and (xid, \(position)) > (\(String(after.transaction))::xid8, \(after.position))
            order by xid, \(position) limit \(limit)
            """
        return """
            select page.*, page.xid::text as transaction from (
                (select xid, \(columns) from \(table)
                    where organisation = current_organisation() \(rest))
                union all
                (select xid, \(columns) from \(table) where counterparty = current_organisation()
                    and organisation <> current_organisation() \(rest))
                order by xid, \(position) limit \(limit)) page
            order by page.xid, page.\(position)
            """
    }
}
