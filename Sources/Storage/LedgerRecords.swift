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

    /// Entries that came into a month after either book had closed it, and those whose mark is not
    /// of such a month.
    package static let intoClosedMonths: Query = """
        select e.id, 'came into a month that was closed' as fault from entry e
        where exists (select from period_close c where c.book in (e.seller, e.buyer)
            and c.closed_at < e.recorded_at and c.month + interval '1 month' > e.effective_on)
        union all
        select e.id, 'is marked as late, and was in time' from entry e
        where e.about_on is not null and not exists (
            select from period_close c where c.book in (e.seller, e.buyer)
              and c.month + interval '1 month' = e.effective_on)
        order by 1
        """

    /// Reversals that do not mirror an entry of another kind between the same two, to the cent, and
    /// those that are not the only one.
    package static let wrongReversals: Query = """
        select r.id from entry r left join entry e on e.id = identified('entry', r.subject)
        where r.kind = 'reversal' and (
            e.id is null or e.kind = 'reversal' or (e.seller, e.buyer) <> (r.seller, r.buyer)
            or exists (select from posting p where p.entry in (e.id, r.id)
                group by p.book, p.code, p.currency
                having sum(case p.side when 'debit' then p.amount else -p.amount end) <> 0)
            or exists (select from entry o where o.kind = 'reversal' and o.id <> r.id
                and o.subject = r.subject))
        order by 1
        """

    /// What the ledger says that charges come to, one row for each entry that is about one.
    package static func accruals(of charges: [ChargeID]) -> Query {
        """
        select e.subject, e.seller, e.buyer, coalesce(sum(
            case p.side when 'credit' then p.amount else -p.amount end), 0)::bigint as net
        from entry e left join posting p on p.entry = e.id and p.book = e.seller
            and p.code = 'revenue'
        where e.kind in ('accrual', 'compensation')
          and e.subject = any (\(charges.map(\.description)))
        group by e.id
        """
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
