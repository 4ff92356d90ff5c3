import Ledger
import MoneyAndTime
import Postgres

/// A closed month of the caller's own book.
package struct StoredPeriodClose: Sendable {
    /// The first day of the month.
    package let month: CalendarDate
    package let closedBy: MemberID?
    package let closedAt: Instant

    /// The newest first. A book has a month once: at most twelve a year.
    package static var all: Query {
        """
        select month, closed_by, closed_at from period_close
        where book = current_organisation() order by month desc
        """
    }

    package static func insert(
        _ id: PeriodCloseID, month: CalendarDate, by caller: Caller
    ) -> Query {
        """
        insert into period_close (id, book, month, closed_by)
        values (\(id), \(caller.organisation), \(month), \(caller.member))
        returning month, closed_by, closed_at
        """
    }

    /// Whoever closes a month has the book to itself from here on.
    package static func claim(_ book: OrganisationID) -> Query {
        """
        select pg_advisory_xact_lock(hashtextextended(
            'aikatori.book ' || \(book)::text, 0))::text as claimed
        """
    }

    /// What can be closed next, and by which day it is.
    package static var standing: Query {
        """
        select (select max(month) from period_close
                where book = current_organisation()) as last_closed,
            first_posted(current_organisation()) as first_posted,
            (market_now() at time zone 'Europe/Helsinki')::date as today
        """
    }

    package static func closing(row: Row) throws -> MonthClosing {
        try MonthClosing(
            lastClosed: row.decode("last_closed"), firstPosted: row.decode("first_posted"))
    }

    /// When a month is over, as far as years have four digits, and whether it is.
    package static func end(of month: CalendarDate) -> Query {
        """
        select least(month_end(current_organisation(), \(month)),
                timestamptz '9999-12-31 00:00:00Z') as ends,
            month_end(current_organisation(), \(month)) <= market_now() as is_over
        """
    }

    package init(row: Row) throws {
        month = try row.decode("month")
        closedBy = try row.decode("closed_by")
        closedAt = try row.decode("closed_at")
    }
}

/// What is unfinished in a month, before it is closed.
package struct StoredUnfinished: Sendable {
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Visits that are over, and whose minutes both sides have not agreed on.
        case unattested
        /// Charges that no invoice has.
        case unbilled
        /// Statements that their buyer has not accepted.
        case draft
        /// Lines that a buyer disputes, with what was charged for them.
        case disputed
        /// Payments on the organisation's account that wait, or of which something is left.
        case unmatched
    }

    package let kind: Kind
    package let count: Int64
    package let amount: Money

    /// One row for each kind, in their order. `key` is the month as periods have it.
    package static func all(
        first: CalendarDate, last: CalendarDate, key: String
    ) -> Query {
        """
        select 'unattested' as kind, count(*) as count,
            coalesce(sum(b.quote), 0)::bigint as amount
        from booking b
            join contract_version v on v.contract = b.contract and v.number = b.version
        where b.state = 'booked' and upper(b.planned) < market_now()
          and (lower(b.planned) at time zone v.time_zone)::date between \(first) and \(last)
        union all
        select 'unbilled', count(*), coalesce(sum(c.net), 0)::bigint from charge c
        where c.net <> 0 and c.served_on between \(first) and \(last)
          and not exists (select from billed_charge b where b.charge = c.id)
          and not exists (select from charge r where r.replaces = c.id)
        union all
        select 'draft', count(*), coalesce(sum(s.total), 0)::bigint from statement s
        where s.state = 'open' and s.period = \(key)::text
        union all
        select 'disputed', count(*), coalesce(sum(d.charged), 0)::bigint
        from dispute d join charge c on c.id = d.charge
        where d.state <> 'settled' and c.served_on between \(first) and \(last)
        union all
        select 'unmatched', count(*), coalesce(sum(case b.currency when 'EUR' then
            b.hundred_thousandths / 1000 - s.allocated end), 0)::bigint
        from bank_entry b join bank_entry_standing s on s.bank_entry = b.id
        where b.organisation = current_organisation()
          and b.booked_on between \(first) and \(last)
          and (s.fate = 'waiting' or s.fate = 'partly_matched' and s.reason = 'overpaid')
        """
    }

    package init(row: Row) throws {
        guard let kind = Kind(rawValue: try row.decode("kind")) else {
            throw CellError.malformed("what is unfinished")
        }
        self.kind = kind
        count = try row.decode("count")
        amount = try row.decode("amount")
    }
}
