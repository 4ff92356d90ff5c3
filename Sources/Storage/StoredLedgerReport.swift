import MoneyAndTime
import Postgres

/// What the caller's own book says of a month or of a day: always from postings, never from what
/// was once computed.
package enum StoredLedgerReport {
    /// Of each account: debits less credits before the month, and what the month had.
    package static func month(_ first: CalendarDate, _ last: CalendarDate) -> Query {
        """
        select p.code, p.counterparty, c.normal_side,
            coalesce(sum(case p.side when 'debit' then p.amount else -p.amount end)
                filter (where e.effective_on < \(first)), 0)::bigint as opening,
            coalesce(sum(p.amount) filter (
                where p.side = 'debit' and e.effective_on >= \(first)), 0)::bigint as debits,
            coalesce(sum(p.amount) filter (
                where p.side = 'credit' and e.effective_on >= \(first)), 0)::bigint as credits
        from posting p join entry e on e.id = p.entry join chart_account c on c.code = p.code
        where p.book = current_organisation() and e.effective_on <= \(last)
        group by 1, 2, 3 order by 1, 2
        """
    }

    /// The entries of one account in a month, in the order of their days, each with the balance
    /// after it as debits less credits. A row more than `limit` tells that there are further ones.
    package static func account(
        _ code: String, with counterparty: OrganisationID, _ first: CalendarDate,
        _ last: CalendarDate, after: LedgerPlace?, limit: Int
    ) -> Query {
        """
        select * from (
            select e.id as entry, p.number, e.kind, e.subject, e.effective_on, e.about_on,
                e.recorded_at, p.side, p.amount,
                (sum(case p.side when 'debit' then p.amount else -p.amount end)
                    over (order by e.effective_on, e.id, p.number))::bigint as balance
            from posting p join entry e on e.id = p.entry
            where p.book = current_organisation() and p.code = \(code)::text
              and p.counterparty = \(counterparty) and e.effective_on <= \(last)) own
        where effective_on >= \(first) and (\(after?.entry)::uuid is null
            or (effective_on, entry, number)
                > (\(after?.day)::date, \(after?.entry)::uuid, \(after?.number ?? 0)::bigint))
        order by effective_on, entry, number limit \(limit)
        """
    }

    /// The postings of a month, in the order of their days.
    package static func journal(
        _ first: CalendarDate, _ last: CalendarDate, after: LedgerPlace?, limit: Int
    ) -> Query {
        """
        select e.id as entry, p.number, e.kind, e.subject, e.effective_on, e.about_on,
            e.recorded_at, p.code, p.counterparty, p.side, p.amount, p.currency
        from entry e join posting p on p.entry = e.id
        where p.book = current_organisation() and e.effective_on between \(first) and \(last)
          and (\(after?.entry)::uuid is null or (e.effective_on, e.id, p.number)
                > (\(after?.day)::date, \(after?.entry)::uuid, \(after?.number ?? 0)::bigint))
        order by e.effective_on, e.id, p.number limit \(limit)
        """
    }

    /// What was open at the end of a day on claims that are due, invoice by invoice: what is
    /// posted of it by then. What names no invoice is one item for each counterparty.
    package static func openItems(on day: CalendarDate) -> Query {
        """
        select p.code, p.counterparty, i.id as invoice, i.number,
            coalesce(i.due_on, min(e.effective_on)) as due_on,
            sum(case when (p.side = 'debit') = (p.code = 'receivable') then p.amount
                else -p.amount end)::bigint as open
        from posting p join entry e on e.id = p.entry
        left join entry o on e.kind = 'reversal' and o.id = identified('entry', e.subject)
        left join credit_note n on n.subject = e.subject
        left join invoice i on i.id = n.invoice or i.subject
            = any (string_to_array(coalesce(o.subject, e.subject), '/'))
        where p.book = current_organisation() and p.code in ('receivable', 'payable')
          and e.effective_on <= \(day)
        group by p.code, p.counterparty, i.id, i.number, i.due_on
        having sum(case p.side when 'debit' then p.amount else -p.amount end) <> 0
        order by p.code desc, p.counterparty, due_on, i.id
        """
    }
}

/// Where a page of postings ends: in the order of days, entries and numbers.
package struct LedgerPlace: Hashable, Sendable {
    package let day: CalendarDate
    package let entry: EntryID
    package let number: Int64

    package init(day: CalendarDate, entry: EntryID, number: Int64) {
        (self.day, self.entry, self.number) = (day, entry, number)
    }

    package init(row: Row) throws {
        self.init(
            day: try row.decode("effective_on"), entry: try row.decode("entry"),
            number: try row.decode("number"))
    }
}
