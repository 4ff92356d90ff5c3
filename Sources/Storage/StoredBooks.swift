import Ledger
import MoneyAndTime
import Postgres

/// The caller's own book: balances and entries. Row-level security shows no other postings.
package enum StoredBooks {
    /// Debits and credits of each account.
    package static var balances: Query {
        """
        select b.code, b.counterparty, c.normal_side, coalesce(b.debits, 0)::bigint as debits,
            coalesce(b.credits, 0)::bigint as credits
        from account_balance b join chart_account c on c.code = b.code
        where b.book = current_organisation() order by b.code, b.counterparty
        """
    }

    /// The same of the entries whose own day is this one or an earlier one.
    package static func balances(on day: CalendarDate) -> Query {
        """
        select p.code, p.counterparty, c.normal_side,
            coalesce(sum(p.amount) filter (where p.side = 'debit'), 0)::bigint as debits,
            coalesce(sum(p.amount) filter (where p.side = 'credit'), 0)::bigint as credits
        from posting p join entry e on e.id = p.entry join chart_account c on c.code = p.code
        where p.book = current_organisation() and e.effective_on <= \(day)
        group by 1, 2, 3 order by 1, 2
        """
    }

    /// One line for each mirrored account that either book has used.
    package static func comparison(with counterparty: OrganisationID) -> Query {
        "select * from compare_books(\(counterparty))"
    }

    /// Whether the caller shares a contract with this organisation.
    package static func isCounterparty(_ organisation: OrganisationID) -> Query {
        """
        select exists (select from contract
            where seller = \(organisation) and buyer = current_organisation()
               or buyer = \(organisation) and seller = current_organisation()) as known
        """
    }

    package static func entries(after: EntryID?, limit: Int) -> Query {
        """
        select id, kind, seller, buyer, subject, effective_on, about_on, recorded_at from entry
        where (\(after)::uuid is null or id > \(after)::uuid) order by id limit \(limit)
        """
    }

    package static func postings(of entries: [EntryID]) -> Query {
        """
        select entry, number, code, counterparty, side, amount from posting
        where entry = any (\(entries)) and book = current_organisation() order by entry, number
        """
    }
}

/// What one account of a book has had.
package struct StoredBalance: Sendable {
    package let code: String
    package let counterparty: OrganisationID
    package let normalSide: PostingSide
    package let debits: Money
    package let credits: Money

    package init(row: Row) throws {
        guard let side = PostingSide(rawValue: try row.decode("normal_side")) else {
            throw CellError.malformed("a side")
        }
        code = try row.decode("code")
        counterparty = try row.decode("counterparty")
        normalSide = side
        debits = try row.decode("debits")
        credits = try row.decode("credits")
    }
}
