import Ledger
import MoneyAndTime
import Postgres

/// All entries of all books, as `aikatori_reader` reads them for `verify`.
package enum LedgerRecords {
    /// Entries after one, with every posting of both books.
    package static func read(
        after: EntryID?, limit: Int, in transaction: Transaction
    ) async throws -> [Record] {
        let rows = try await transaction.query(
            """
            select id, kind, seller, buyer, subject, effective_on from entry
            where (\(after)::uuid is null or id > \(after)::uuid) order by id limit \(limit)
            """)
        let ids = try rows.map { try $0["id", EntryID.self] }
        let postings = Dictionary(
            grouping: try await transaction.query(
                """
                select entry, book, code, counterparty, side, amount from posting
                where entry = any (\(ids)) order by entry, number
                """), by: { try? $0["entry", EntryID.self] })
        return zip(rows, ids).map { row, id in
            Record(id: id, row: row, postings: postings[id] ?? [])
        }
    }

    /// An entry as it is stored, before anything is believed of it.
    package struct Record: Sendable {
        package let id: EntryID
        fileprivate let row: Row
        fileprivate let postings: [Row]

        /// Checks every invariant of an entry again. Throws `LedgerRefusal`, and others where it
        /// cannot be read at all.
        package func entry() throws -> JournalEntry {
            guard let kind = EntryKind(rawValue: try row.decode("kind")),
                let subject = EntrySubject(try row.decode("subject"), of: kind)
            else { throw CellError.malformed("an entry") }
            return try JournalEntry(
                id: id, kind: kind, seller: row.decode("seller"), buyer: row.decode("buyer"),
                effectiveOn: row.decode("effective_on"), subject: subject,
                postings: postings.map { try Posting(row: $0) })
        }
    }
}

extension Posting {
    fileprivate init(row: Row) throws {
        guard let code = AccountCode(rawValue: try row.decode("code")),
            let side = PostingSide(rawValue: try row.decode("side"))
        else { throw CellError.malformed("a posting") }
        self.init(
            account: Account(
                book: try row.decode("book"), code: code,
                counterparty: try row.decode("counterparty")),
            side: side, amount: try row.decode("amount"))
    }
}
