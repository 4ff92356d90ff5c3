import MoneyAndTime
import Organisations
import Postgres

/// How much of one kind waits for the caller's organisation, and until when the first of it.
package struct StoredToDo: Sendable {
    package let kind: ToDoKind
    package let count: Int64
    /// The nearest deadline: a day by the clock of what it is about, or an instant.
    package let dueOn: CalendarDate?
    package let dueAt: Instant?

    package init(row: Row) throws {
        guard let kind = ToDoKind(rawValue: try row.decode("kind")) else {
            throw CellError.malformed("what is to be done")
        }
        self.kind = kind
        count = try row.decode("count")
        dueOn = try row.decode("due_on")
        dueAt = try row.decode("due_at")
    }

    /// One row for each kind of these, in one question; a kind of which nothing waits has none.
    package static func all(_ kinds: [ToDoKind]) -> Query {
        """
        select kind, count, due_on, due_at from (
            \(statements)
            union all \(invoices)
            union all \(payments)
            union all \(netting)
            union all \(months)
            union all \(visits)
            union all \(versions)
        ) as todo (kind, count, due_on, due_at)
        where count > 0 and kind = any (\(kinds.map(\.rawValue)))
        order by array_position(\(kinds.map(\.rawValue)), kind)
        """
    }

    /// A statement is to be accepted in the days that its contract gives, from the day after.
    private static let statements: Query = """
        select 'statements_to_accept', count(*), min((s.created_at at time zone v.time_zone)::date
                + (convert_from(v.document, 'UTF8')::jsonb
                    #>> '{billing,statement,acceptance_days}')::int),
            null::timestamptz
        from statement s cross join lateral (
            select x.time_zone, x.document from contract_version x
            where x.contract = s.contract and x.signed_at is not null
            order by x.number desc limit 1) v
        where s.buyer = current_organisation() and s.state = 'open'
        union all
        select 'statements_to_invoice', count(*), null, null
        from statement s
        where s.state = 'accepted'
            and (s.seller = current_organisation()
                    and documents_to_make(s.id) && '{invoice,invoice_basis,internal}'
                or s.buyer = current_organisation()
                    and 'self_billing' = any (documents_to_make(s.id)))
        union all
        select 'disputes_to_answer', count(*), null, min(d.answer_by)
        from dispute d
        where d.seller = current_organisation() and d.state = 'claimed'
            or d.buyer = current_organisation() and d.state in ('explained', 'proposed')
        """

    private static let invoices: Query = """
        select 'invoices_' || case when i.due_on < x.today then 'overdue' else 'to_pay' end,
            count(*), min(i.due_on), null
        from invoice i join invoice_balance b on b.invoice = i.id
            join contract_version v on v.contract = i.contract and v.number = i.version
            cross join lateral (
                select (market_now() at time zone v.time_zone)::date as today) x
        where i.buyer = current_organisation() and b.open > 0 and i.due_on <= x.today + 7
        group by 1
        """

    private static let payments: Query = """
        select 'bank_entries_waiting', count(*), null, null
        from bank_entry e join bank_entry_standing s on s.bank_entry = e.id
        where e.organisation = current_organisation() and s.fate = 'waiting'
        union all
        select 'payment_files_to_approve', count(*), min(f.execution_on), null
        from payment_file f
        where f.organisation = current_organisation() and f.approved_at is null
            and f.withdrawn_at is null
        """

    private static let netting: Query = """
        select 'netting_rounds_to_answer', count(*), null, min(m.consent_by)
        from netting_member m
        where m.organisation = current_organisation() and m.state = 'open' and m.answer is null
            and m.consent_by > market_now()
        union all
        select 'net_payments_to_pay', count(*), min(p.due_on), null
        from net_payment p
        where p.payer = current_organisation()
            and not exists (select from net_payment_received r where r.net_payment = p.id)
        """

    private static let months: Query = """
        select 'months_to_close', count(*), null, null
        from generate_series(
            coalesce(
                (select max(month) + interval '1 month' from period_close
                    where book = current_organisation()),
                date_trunc('month', first_posted(current_organisation())::timestamp)),
            market_now() at time zone 'UTC', interval '1 month') as m (month)
        where month_end(current_organisation(), m.month::date) <= market_now()
        """

    private static let visits: Query = """
        select 'handshakes_to_answer', count(*), null, min(reply_by)
        from handshake where \(WaitingHandshake.waits)
        union all
        select 'visits_today', count(*), null,
            min(lower(b.planned)) filter (where lower(b.planned) > market_now())
        from booking b join contract_version v on v.contract = b.contract and v.number = b.version
        where b.state = 'booked' and upper(b.planned) > market_now()
            and (lower(b.planned) at time zone v.time_zone)::date
                = (market_now() at time zone v.time_zone)::date
        """

    /// Offered, and not signed by this side.
    private static let versions: Query = """
        select 'contracts_to_sign', count(*), null, null
        from (\(OpenVersion.all)) v
        where v.is_offered and not v.is_declined and not v.has_signed
        """
}
