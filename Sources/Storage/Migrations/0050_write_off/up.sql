-- What a creditor gives up of an invoice; and the causes of entries, one function for each kind.

insert into chart_account (code, normal_side, mirror) values
    ('credit_loss', 'debit', null),
    ('debt_forgiven', 'credit', null);
insert into entry_rule (kind, party, account, side) values
    ('write_off', 'seller', 'credit_loss', 'debit'),
    ('write_off', 'seller', 'receivable', 'credit'),
    ('write_off', 'buyer', 'payable', 'debit'),
    ('write_off', 'buyer', 'debt_forgiven', 'credit');

create table write_off (
    id uuid primary key,
    invoice uuid not null references invoice (id),
    seller uuid not null,
    buyer uuid not null,
    amount bigint not null check (amount > 0),
    reason text not null check (length(reason) between 1 and 1000),
    -- the subject of its entry in the ledger: the TypeIDs of the invoice and its own
    subject text not null unique,
    recorded_at timestamptz not null default market_now()
);
create index write_off_of_invoice on write_off (invoice);
call protect('write_off', 'seller', 'buyer');
call append_only('write_off');
grant select, insert on write_off to aikatori_app;
grant select on write_off to aikatori_market;

-- What is open is what is neither paid, credited nor written off.
create or replace view invoice_balance with (security_invoker = true) as
    select i.id as invoice, i.total, a.settled, c.credited,
        greatest(i.total - a.settled - c.credited - w.written_off, 0) as open,
        greatest(a.settled + c.credited + w.written_off - i.total, 0) as owed_back,
        case when c.credited = i.total then 'credited'
            when a.settled + c.credited + w.written_off < i.total
                then case a.settled when 0 then 'issued' else 'partly_paid' end
            when w.written_off > 0 then 'written_off' else 'paid' end as state,
        w.written_off
    from invoice i
    cross join lateral (
        select coalesce(sum(x.amount), 0)::bigint as settled
        from allocation x
        where x.invoice = i.id and not exists (select from allocation_return r
            where (r.bank_entry, r.invoice) = (x.bank_entry, x.invoice))) a
    cross join lateral (
        select coalesce(sum(n.total), 0)::bigint as credited
        from credit_note n where n.invoice = i.id) c
    cross join lateral (
        select coalesce(sum(o.amount), 0)::bigint as written_off
        from write_off o where o.invoice = i.id) w;

-- The seller's, and never above what is open; payments and credit notes of the invoice wait.
create function write_off_rules() returns trigger
    language plpgsql
as $$
declare
    left_open bigint;
begin
    if current_organisation() is distinct from new.seller then
        perform refuse('403', 'not_your_side');
    end if;
    perform pg_advisory_xact_lock(hashtextextended('aikatori.settle ' || new.invoice, 0));
    select b.open into left_open from invoice i join invoice_balance b on b.invoice = i.id
        where i.id = new.invoice and (i.seller, i.buyer) = (new.seller, new.buyer);
    if not found then
        perform refuse('500', 'write_off_of_another_invoice');
    end if;
    if new.amount > left_open then
        perform refuse('409', 'above_remaining');
    end if;
    return new;
end $$;
create trigger rules before insert on write_off
    for each row execute function write_off_rules();

-- It is posted in both books when the transaction commits.
create function write_off_posted() returns trigger
    language plpgsql
as $$
begin
    if (select sum(p.amount) from entry e join posting p on p.entry = e.id
        where e.kind = 'write_off' and e.seller = new.seller and e.subject = new.subject
          and (p.book, p.code, p.side) in (
            (new.seller, 'receivable', 'credit'), (new.buyer, 'payable', 'debit')))
        is distinct from 2 * new.amount
    then
        perform refuse('500', 'write_off_not_posted');
    end if;
    return null;
end $$;
create constraint trigger posted after insert on write_off
    deferrable initially deferred for each row execute function write_off_posted();

-- A credit note does not take what was given up: nothing of it would be owed to anybody.
create function credit_beside_write_offs() returns trigger
    language plpgsql
as $$
begin
    if exists (select from invoice_balance b where b.invoice = new.invoice
        and new.total > b.total - b.credited - b.written_off)
    then
        perform refuse('409', 'above_remaining');
    end if;
    return new;
end $$;
-- after `rules`, which waits for payments and write-offs
create trigger within before insert on credit_note
    for each row execute function credit_beside_write_offs();

grant execute on function write_off_rules(), write_off_posted(), credit_beside_write_offs()
    to aikatori_app, aikatori_market;
-- it sums the postings of both books
call give_to_market('write_off_posted()');

-- Nothing is posted without its cause. Each kind of entry has a function of its own, named by it,
-- that says whether the cause is there, between these two and at this amount: a new kind adds one,
-- and a kind without one is never posted.

-- Debits less credits of one account of the seller's book in an entry.
create function debited(e entry, p_code text) returns bigint
    language plpgsql stable
as $$
begin
    return (select coalesce(sum(case p.side when 'debit' then p.amount else -p.amount end), 0)
        from posting p where p.entry = e.id and p.book = e.seller and p.code = p_code);
end $$;

create function accrual_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return exists (select from charge c
        where c.id = identified('charge', e.subject) and (c.seller, c.buyer) = (e.seller, e.buyer)
          and c.net >= 0 and c.net = -debited(e, 'revenue'));
end $$;

create function compensation_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return exists (select from charge c
        where c.id = identified('charge', e.subject) and (c.seller, c.buyer) = (e.seller, e.buyer)
          and c.net < 0 and c.net = -debited(e, 'revenue'));
end $$;

create function invoicing_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return exists (select from invoice i
        where i.subject = e.subject and i.id = identified('invoice', e.subject)
          and (i.seller, i.buyer) = (e.seller, e.buyer)
          and i.total = debited(e, 'receivable') and -i.net = debited(e, 'unbilled_receivable'));
end $$;

create function payment_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return exists (select from allocation a
        where a.subject = e.subject
          and a.invoice = identified('invoice', split_part(e.subject, '/', 1))
          and a.bank_entry = identified('bankentry', split_part(e.subject, '/', 2))
          and (a.seller, a.buyer) = (e.seller, e.buyer) and -a.amount = debited(e, 'receivable'));
end $$;

-- between what was invoiced and what was charged
create function rounding_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return (select i.net - sum(c.net) = debited(e, 'unbilled_receivable') from invoice i
        join invoice_line l on l.invoice = i.id
        join charge_line c on (c.charge, c.number) = (l.charge, l.charge_line)
        where i.id = identified('invoice', e.subject) and (i.seller, i.buyer) = (e.seller, e.buyer)
        group by i.id);
end $$;

create function credit_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return exists (select from credit_note c
        where c.subject = e.subject and c.id = identified('creditnote', e.subject)
          and (c.seller, c.buyer) = (e.seller, e.buyer)
          and -c.total = debited(e, 'receivable') and c.net = debited(e, 'revenue'));
end $$;

create function late_interest_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return exists (select from late_interest l
        where l.subject = e.subject and l.id = identified('interest', e.subject)
          and (l.seller, l.buyer) = (e.seller, e.buyer)
          and l.amount = debited(e, 'interest_receivable'));
end $$;

create function write_off_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return exists (select from write_off w
        where w.subject = e.subject
          and w.invoice = identified('invoice', split_part(e.subject, '/', 1))
          and w.id = identified('writeoff', split_part(e.subject, '/', 2))
          and (w.seller, w.buyer) = (e.seller, e.buyer) and -w.amount = debited(e, 'receivable'));
end $$;

-- A reversal mirrors its original to the cent. Neither it is reversed, nor what has a document or a
-- word of its own that stays.
create function reversal_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return exists (select from entry o
        where o.id = identified('entry', e.subject)
          and o.kind not in ('reversal', 'credit', 'write_off')
          and (o.seller, o.buyer) = (e.seller, e.buyer)
          and not exists (
            select from posting p where p.entry in (o.id, e.id)
            group by p.book, p.code, p.currency
            having sum(case p.side when 'debit' then p.amount else -p.amount end) <> 0));
end $$;

create or replace function entry_has_cause() returns trigger
    language plpgsql
as $$
declare
    caused boolean;
begin
    execute format('select %I($1)', new.kind || '_has_cause') into caused using new;
    if caused is not true then
        perform refuse('500', 'entry_without_cause', jsonb_build_object('entry', new.id));
    end if;
    return null;
end $$;
drop trigger has_cause on entry;
drop trigger interest_has_cause on entry;
drop function interest_has_cause();
create constraint trigger has_cause after insert on entry
    deferrable initially deferred for each row execute function entry_has_cause();
grant execute on function debited(entry, text), accrual_has_cause(entry),
    compensation_has_cause(entry), invoicing_has_cause(entry), payment_has_cause(entry),
    rounding_has_cause(entry), credit_has_cause(entry), late_interest_has_cause(entry),
    write_off_has_cause(entry), reversal_has_cause(entry)
    to aikatori_market;
call give_to_market('entry_has_cause()');

insert into alert_kind (kind, roles, mails, urgent) values
    ('invoice_written_off', array['finance'], true, false);
insert into alert_rule (event_kind, alert_kind, whom) values
    ('invoice.written_off', 'invoice_written_off', 'other');

insert into operation_role (operation, roles) values
    ('writeOffInvoice', array['finance']);
