import MoneyAndTime
import Postgres

/// What is wrong with charges, invoices and settlements, found by `aikatori_reader` for `verify`:
/// every query is empty when all is in order.
package enum BillingRecords {
    /// Counters that are not the quotes of live bookings, the charges of their period, and the
    /// visits and planned minutes of what is live or was held.
    package static let wrongBudgets: Query = """
        select * from (
            select c.contract, c.period, c.reserved, c.used, c.visits, c.minutes,
                coalesce(n.visits, 0) as counted, coalesce(n.planned, 0)::bigint as planned,
                coalesce((select sum(q.quote) from (
                    -- the places of one session reserve its price once
                    select max(b.quote) as quote from booking b where b.contract = c.contract
                        and b.period = c.period and b.state in ('held', 'booked')
                    group by coalesce(b.group_session, b.id)) q), 0)::bigint as live,
                coalesce((select sum(greatest(h.net, 0)) from charge h where h.contract = c.contract
                    and h.period = c.period and not exists (
                        select from charge r where r.replaces = h.id)), 0)::bigint as charged
            from budget_counter c left join (
                select b.contract, b.period, count(*) as visits,
                    sum(planned_minutes(b.planned)) as planned
                from booking b where b.state in ('held', 'booked', 'closed')
                group by b.contract, b.period) n using (contract, period)) counted
        where (reserved, used, visits, minutes) <> (live, charged, counted, planned)
        order by contract, period
        """

    /// Bookings that are over and should have a charge.
    package static let uncharged: Query = """
        select b.id from booking b
        where (b.state = 'closed' or b.state = 'cancelled' and b.cancellation_fee > 0)
          and not exists (select from charge c where c.booking = b.id and c.cause = any (
              case b.state when 'closed' then '{visit, no_show, seller_no_show}'::text[]
                  else '{late_cancellation, seller_cancellation}' end))
        order by b.id
        """

    /// Charges in the place of others without the dispute that came to them or the version that
    /// both signed after the visit, ratings that do not add up, and what is replaced before its
    /// invoice and still accrued, or after it and not credited, or stands and is not accrued.
    package static let wrongReplacements: Query = """
        select c.id, 'replaces another without a cause' as fault
        from charge c left join dispute d on d.correction = c.id and d.charge = c.replaces
            and d.agreed = c.net
        where c.replaces is not null and d.id is null and not exists (
            select from rating_again_line l join charge w on w.id = l.replaced
                join booking b on b.id = c.booking
                join contract_version v on v.contract = c.contract and v.number = c.version
            where l.charge = c.id and l.replaced = c.replaces and w.version <> c.version
              and v.signed_at > lower(b.planned) and v.effective @> lower(b.planned))
        union all
        select l.charge, 'is of a rating that does not come to its charges'
        from rating_again r join rating_again_line l on l.rating = r.id
        where r.net_after - r.net_before is distinct from (
            select (sum(n.net) - sum(w.net))::bigint from rating_again_line x
                join charge w on w.id = x.replaced join charge n on n.id = x.charge
            where x.rating = r.id)
        union all
        select c.id, 'replaced after its invoice, and not credited'
        from charge c join invoice_line l on l.charge = c.id
        where exists (select from charge r where r.replaces = c.id)
          and l.net <> (select coalesce(sum(n.net), 0) from credit_note_line n
              where (n.invoice, n.invoice_line) = (l.invoice, l.number))
        union all
        select c.id, 'replaced, and still accrued, or the other way round'
        from charge c join entry e on e.kind in ('accrual', 'compensation')
            and identified('charge', e.subject) = c.id
        where (exists (select from charge r where r.replaces = c.id)
                and not exists (select from invoice_line l where l.charge = c.id))
            <> exists (select from entry r where r.kind = 'reversal'
                and identified('entry', r.subject) = e.id)
        union all
        select l.charge, 'on an invoice, and in dispute'
        from invoice_line l join dispute d on d.charge = l.charge
        where d.outcome is distinct from 'charged'
        """

    /// Visits that both sides have attested alike, and that have no charge.
    package static let attestedUncharged: Query = """
        select b.id from booking b
        where b.state = 'booked' and exists (select from attested_by_both(b.id))
          and not exists (select from charge c where c.booking = b.id)
        order by b.id
        """

    /// Bookings, blocks and commitments with more charges than one, and charges on more statements
    /// or invoices than one.
    package static let twice: Query = """
        select (array_agg(id order by id))[1] as id,
            'is one of two charges of the same visit' as fault from charge
        where not exists (select from charge r where r.replaces = charge.id)
        group by coalesce(booking::text, block::text,
            case cause when 'shortfall' then contract || period else id::text end)
            having count(*) > 1
        union all
        select charge, 'is on two statements' from stated_charge
        group by charge having count(*) > 1
        union all
        select charge, 'is on two invoices' from invoice_line
        group by charge having count(distinct invoice) > 1
        union all
        select charge, 'has a line that is invoiced twice' from invoice_line
        group by charge, charge_line having count(*) > 1
        order by 1
        """

    /// Sellers whose numbers of some series and year are not as many as the highest one says; of
    /// those that their own systems number nothing is known here.
    package static let gaps: Query = """
        select seller from invoice group by seller, self_billing_series, year
        having count(issuer_number) <> max(issuer_number) or min(issuer_number) <> 1
        """

    /// The numbers of one seller's invoices, whoever issued them.
    package static func numbers(of seller: OrganisationID) -> Query {
        """
        select number from invoice where seller = \(seller) and issuer_number is not null
        order by year, issuer_number
        """
    }

    /// Counters of invoice numbers that are not the highest number of their issuer and year.
    package static let wrongCounters: Query = """
        select issuer, year::bigint as year, coalesce(c.last, 0) as last,
            coalesce(i.highest, 0) as highest
        from (select issuer, 0 as series, year, last from invoice_counter
            union all
            select seller, series, year, last from self_billing_counter
            where kind = 'invoice') c
        full join (
            select seller as issuer, coalesce(self_billing_series, 0) as series, year,
                max(issuer_number) as highest
            from invoice where issuer_number is not null group by 1, 2, 3) i
            using (issuer, series, year)
        where c.last is distinct from i.highest and coalesce(c.last, i.highest) > 0
        order by issuer, series, year
        """

    /// The same of credit notes, and issuers whose numbers of a year are not one to the highest.
    package static let wrongCreditCounters: Query = """
        select issuer, year::bigint as year, coalesce(c.last, 0) as last,
            coalesce(n.highest, 0) as highest
        from (select issuer, 0 as series, year, last from credit_note_counter
            union all
            select seller, series, year, last from self_billing_counter
            where kind = 'credit_note') c
        full join (
            select seller as issuer, coalesce(self_billing_series, 0) as series, year,
                max(issuer_number) as highest, count(*) as count
            from credit_note where issuer_number is not null
            group by 1, 2, 3) n using (issuer, series, year)
        where (c.last is distinct from n.highest and coalesce(c.last, n.highest) > 0)
            or n.count <> n.highest
        order by issuer, series, year
        """

    /// Invoices of which the receivable and the payable are not exactly their total.
    package static let misposted: Query = """
        select i.id from invoice i
        where 2 * i.total is distinct from (
            select sum(p.amount) from entry e join posting p on p.entry = e.id
            where e.kind = 'invoicing' and e.subject = i.subject
              and (p.book, p.code, p.side) in (
                (i.seller, 'receivable', 'debit'), (i.buyer, 'payable', 'credit')))
        order by i.id
        """

    /// Invoices of which the unbilled claim is not emptied to the cent, with what is posted as
    /// rounding between their charges and them.
    package static let misrounded: Query = """
        select i.id from invoice i
        where (select i.net - sum(c.net) from invoice_line l
                join charge_line c on (c.charge, c.number) = (l.charge, l.charge_line)
                where l.invoice = i.id)
            is distinct from (select coalesce(
                    sum(case p.side when 'debit' then p.amount else -p.amount end), 0)
                from entry e join posting p on p.entry = e.id
                where e.kind = 'rounding' and e.subject = i.subject
                  and (p.book, p.code) = (i.seller, 'unbilled_receivable'))
        order by i.id
        """

    package static let overSettled: Query = """
        select i.subject, 'settled above what was invoiced' as fault
        from invoice i join invoice_balance b on b.invoice = i.id where b.settled > i.total
        union all
        select i.subject, 'credited and written off above what was invoiced'
        from invoice i join invoice_balance b on b.invoice = i.id
        where b.credited + b.written_off > i.total
        union all
        select i.subject, 'owed back, and still written off'
        from invoice i join invoice_balance b on b.invoice = i.id
        where b.owed_back > 0 and b.written_off > 0
        union all
        select x.subject, x.fault from (\(posted)) x
        where (select sum(p.amount) filter (where p.book = x.seller
                    and p.code || ' ' || p.side = x.of_seller) = x.amount
                and sum(p.amount) filter (where p.book = x.buyer
                    and p.code || ' ' || p.side = x.of_buyer) = x.amount
            from entry e join posting p on p.entry = e.id
            where (e.kind, e.subject) = (x.kind, x.subject)) is not true
        union all
        select round::text, 'a round of netting that changes the position of a member' from (
            select round, seller as member, amount from set_off
            union all select round, buyer, -amount from set_off
            union all select round, payee, -amount from net_payment
            union all select round, payer, amount from net_payment) moved
        group by round, member having sum(amount) <> 0
        union all
        select b.id::text, 'applied above its amount' from bank_entry b
        where b.hundred_thousandths / 1000
            < (select sum(a.amount) from allocation a where a.bank_entry = b.id)
        union all
        select r.bank_entry::text, 'taken back and not reversed' from allocation_return r
        where not exists (select from entry e
            where e.id = r.entry and e.kind = 'reversal')
        """

    /// What has an entry of its own, with the postings of it that come to its amount in each book.
    private static let posted: Query = """
        select 'internal_charge' as kind, subject, seller, buyer, total as amount,
            'not posted as it is settled' as fault,
            'unbilled_receivable credit' as of_seller, 'unbilled_payable debit' as of_buyer
        from internal_charge
        union all
        select 'credit', subject, seller, buyer, total, 'not posted as it is credited',
            'receivable credit', 'payable debit'
        from credit_note
        union all
        select 'write_off', subject, seller, buyer, amount, 'not posted as it is written off',
            'receivable credit', 'payable debit'
        from write_off
        union all
        select 'refund', subject, seller, buyer, amount, 'not posted as it is paid back',
            'receivable debit', 'payable credit'
        from refund
        union all
        select 'write_off_cut', n.subject, n.seller, n.buyer, k.amount,
            'not posted as what was written off is cut', 'receivable debit', 'payable credit'
        from write_off_cut k join credit_note n on n.id = k.credit_note
        union all
        select 'payment', subject, seller, buyer, amount, 'not posted as it is settled',
            'receivable credit', 'payable debit'
        from allocation
        union all
        select 'set_off', subject, seller, buyer, amount, 'not posted as it is set off',
            'receivable credit', 'payable debit'
        from set_off
        union all
        select 'net_claim', subject, payee, payer, amount,
            'not posted as it remains of its round',
            'clearing_receivable debit', 'clearing_payable credit'
        from net_payment
        union all
        select 'net_payment', subject, payee, payer, amount, 'not posted as it is paid',
            'clearing_receivable credit', 'clearing_payable debit'
        from net_payment_received
        """
}
