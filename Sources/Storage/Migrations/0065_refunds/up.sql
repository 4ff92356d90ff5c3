-- What was paid of an invoice beyond what credit notes left of it, and its seller paid back.

insert into entry_rule (kind, party, account, side) values
    ('refund', 'seller', 'receivable', 'debit'),
    ('refund', 'seller', 'bank', 'credit'),
    ('refund', 'buyer', 'bank', 'debit'),
    ('refund', 'buyer', 'payable', 'credit');

create table refund (
    id uuid primary key,
    invoice uuid not null references invoice (id),
    seller uuid not null,
    buyer uuid not null,
    amount bigint not null check (amount > 0),
    paid_on date not null,
    -- the subject of its entry in the ledger: the TypeIDs of the invoice and its own
    subject text not null unique,
    recorded_at timestamptz not null default market_now()
);
create index refund_of_invoice on refund (invoice);
call protect('refund', 'seller', 'buyer');
call append_only('refund');
grant select, insert on refund to aikatori_app;
grant select on refund to aikatori_market;

-- What was paid back is owed back no more. A payment that the bank takes back afterwards is open
-- again with it.
create or replace view invoice_balance with (security_invoker = true) as
    select i.id as invoice, i.total, a.settled, c.credited,
        greatest(i.total - a.settled - c.credited - w.written_off + r.refunded, 0) as open,
        greatest(a.settled + c.credited + w.written_off - r.refunded - i.total, 0) as owed_back,
        case when c.credited = i.total then 'credited'
            when a.settled + c.credited + w.written_off - r.refunded < i.total
                then case a.settled when 0 then 'issued' else 'partly_paid' end
            when w.written_off > 0 then 'written_off' else 'paid' end as state,
        w.written_off, r.refunded
    from invoice i
    cross join lateral (
        select ((select coalesce(sum(x.amount), 0) from allocation x
                where x.invoice = i.id and not exists (select from allocation_return r
                    where (r.bank_entry, r.invoice) = (x.bank_entry, x.invoice)))
            + (select coalesce(sum(s.amount), 0) from set_off s
                where s.invoice = i.id))::bigint as settled) a
    cross join lateral (
        select coalesce(sum(n.total), 0)::bigint as credited
        from credit_note n where n.invoice = i.id) c
    cross join lateral (
        select ((select coalesce(sum(o.amount), 0) from write_off o where o.invoice = i.id)
            - (select coalesce(sum(k.amount), 0) from write_off_cut k
                where k.invoice = i.id))::bigint as written_off) w
    cross join lateral (
        select coalesce(sum(b.amount), 0)::bigint as refunded
        from refund b where b.invoice = i.id) r;

-- The seller's, and never above what is owed back; payments and credit notes of the invoice wait.
create function refund_rules() returns trigger
    language plpgsql
as $$
declare
    owed bigint;
begin
    if current_organisation() is distinct from new.seller then
        perform refuse('403', 'not_your_side');
    end if;
    perform pg_advisory_xact_lock(hashtextextended('aikatori.settle ' || new.invoice, 0));
    select b.owed_back into owed from invoice i join invoice_balance b on b.invoice = i.id
        where i.id = new.invoice and (i.seller, i.buyer) = (new.seller, new.buyer)
          and new.paid_on >= i.issued_on;
    if not found then
        perform refuse('500', 'refund_of_another_invoice');
    end if;
    if new.amount > owed then
        perform refuse('409', 'above_remaining');
    end if;
    return new;
end $$;
create trigger rules before insert on refund
    for each row execute function refund_rules();

-- It is posted in both books when the transaction commits.
create function refund_posted() returns trigger
    language plpgsql
as $$
begin
    if (select sum(p.amount) from entry e join posting p on p.entry = e.id
        where e.kind = 'refund' and e.seller = new.seller and e.subject = new.subject
          and (p.book, p.code, p.side) in (
            (new.seller, 'receivable', 'debit'), (new.buyer, 'payable', 'credit')))
        is distinct from 2 * new.amount
    then
        perform refuse('500', 'refund_not_posted');
    end if;
    return null;
end $$;
create constraint trigger posted after insert on refund
    deferrable initially deferred for each row execute function refund_posted();

create function refund_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return (select b.subject = e.subject and (b.seller, b.buyer) = (e.seller, e.buyer)
            and b.invoice = identified('invoice', split_part(e.subject, '/', 1))
            and b.amount = debited(e, 'receivable')
        from refund b where b.id = identified('refund', split_part(e.subject, '/', 2)));
end $$;

-- What has a document or a word of its own that stays is not reversed, nor is a refund.
create or replace function reversal_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return exists (select from entry o
        where o.id = identified('entry', e.subject)
          and o.kind in ('accrual', 'compensation', 'invoicing', 'payment', 'rounding',
            'late_interest')
          and (o.seller, o.buyer) = (e.seller, e.buyer)
          and not exists (
            select from posting p where p.entry in (o.id, e.id)
            group by p.book, p.code, p.currency
            having sum(case p.side when 'debit' then p.amount else -p.amount end) <> 0));
end $$;

grant execute on function refund_rules(), refund_posted() to aikatori_app, aikatori_market;
grant execute on function refund_has_cause(entry) to aikatori_market;
-- it sums the postings of both books
call give_to_market('refund_posted()');

insert into alert_kind (kind, roles, mails, urgent) values
    ('invoice_refunded', array['finance'], true, false);
insert into alert_rule (event_kind, alert_kind, whom) values
    ('invoice.refunded', 'invoice_refunded', 'other');

insert into operation_role (operation, roles) values
    ('refundInvoice', array['finance']);
