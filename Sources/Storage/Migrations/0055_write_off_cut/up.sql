-- A credit note takes what was given up of its invoice, too: what it takes beyond what is open cuts
-- the write-off first, and only what was paid is owed back.

insert into entry_rule (kind, party, account, side) values
    ('write_off_cut', 'seller', 'receivable', 'debit'),
    ('write_off_cut', 'seller', 'credit_loss', 'credit'),
    ('write_off_cut', 'buyer', 'debt_forgiven', 'debit'),
    ('write_off_cut', 'buyer', 'payable', 'credit');

-- Once for each credit note, whose TypeID is the subject of its entry, too.
create table write_off_cut (
    credit_note uuid primary key references credit_note (id),
    invoice uuid not null references invoice (id),
    seller uuid not null,
    buyer uuid not null,
    amount bigint not null check (amount > 0),
    recorded_at timestamptz not null default market_now()
);
create index write_off_cut_of_invoice on write_off_cut (invoice);
call protect('write_off_cut', 'seller', 'buyer');
call append_only('write_off_cut');
grant select, insert on write_off_cut to aikatori_app;
grant select on write_off_cut to aikatori_market;

-- What is written off is what was given up, less what credit notes cut of it.
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
                where k.invoice = i.id))::bigint as written_off) w;

drop trigger within on credit_note;
drop function credit_beside_write_offs();

-- With its credit note, which waited for payments and write-offs: exactly what that takes beyond
-- what was open, and never more than was given up.
create function write_off_cut_rules() returns trigger
    language plpgsql
as $$
begin
    if current_organisation() is distinct from new.seller then
        perform refuse('403', 'not_your_side');
    end if;
    if not exists (select from credit_note n join invoice_balance b on b.invoice = n.invoice
        where n.id = new.credit_note and n.xid = pg_current_xact_id()
          and (n.invoice, n.seller, n.buyer) = (new.invoice, new.seller, new.buyer)
          and new.amount = least(b.owed_back, b.written_off))
    then
        perform refuse('500', 'write_off_cut_elsewhere');
    end if;
    return new;
end $$;
create trigger rules before insert on write_off_cut
    for each row execute function write_off_cut_rules();

-- When the transaction commits: nothing is owed back as long as something is written off.
create function credit_cuts_write_offs() returns trigger
    language plpgsql
as $$
begin
    if exists (select from invoice_balance b
        where b.invoice = new.invoice and b.owed_back > 0 and b.written_off > 0)
    then
        perform refuse('500', 'write_off_not_cut');
    end if;
    return null;
end $$;
create constraint trigger cuts_write_offs after insert on credit_note
    deferrable initially deferred for each row execute function credit_cuts_write_offs();

-- And the cut is posted in both books.
create function write_off_cut_posted() returns trigger
    language plpgsql
as $$
begin
    if (select sum(p.amount) from credit_note n
        join entry e on e.kind = 'write_off_cut' and e.seller = new.seller
            and e.subject = n.subject
        join posting p on p.entry = e.id
        where n.id = new.credit_note and (p.book, p.code, p.side) in (
            (new.seller, 'receivable', 'debit'), (new.buyer, 'payable', 'credit')))
        is distinct from 2 * new.amount
    then
        perform refuse('500', 'write_off_cut_not_posted');
    end if;
    return null;
end $$;
create constraint trigger posted after insert on write_off_cut
    deferrable initially deferred for each row execute function write_off_cut_posted();

create function write_off_cut_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return exists (select from write_off_cut k
        where k.credit_note = identified('creditnote', e.subject)
          and (k.seller, k.buyer) = (e.seller, e.buyer) and k.amount = debited(e, 'receivable'));
end $$;

grant execute on function write_off_cut_rules(), credit_cuts_write_offs(), write_off_cut_posted()
    to aikatori_app, aikatori_market;
grant execute on function write_off_cut_has_cause(entry) to aikatori_market;
-- it sums the postings of both books
call give_to_market('write_off_cut_posted()');
