-- Bank files of any bank: each statement once, whatever file it comes in; what a payment says of
-- itself; what people decide of what waits; payments that the bank takes back.

-- A statement of one of the organisation's own accounts. The digest is of what it says: the same
-- one in a second file changes nothing.
create table bank_statement (
    file uuid not null references bank_file (id),
    number int not null check (number > 0),
    organisation uuid not null references organisation (id),
    iban text not null,
    -- the bank's own name of it; some leave it empty
    name text check (length(name) between 1 and 200),
    digest bytea not null check (length(digest) = 32),
    -- opening balance and entries less the closing balance, in 1/100,000; null without both
    difference numeric,
    -- an earlier file had it
    is_repeated boolean not null,
    primary key (file, number)
);
create unique index bank_statement_once on bank_statement (organisation, digest)
    where not is_repeated;
call protect('bank_statement', 'organisation');
call append_only('bank_statement');
grant select, insert on bank_statement to aikatori_app;

-- What an entry says of its payer, while it is the organisation's business: gone when the entry
-- turns out to be none of its own.
create table bank_entry_words (
    bank_entry uuid primary key references bank_entry (id),
    organisation uuid not null references organisation (id),
    reference text,
    payer text,
    message text,
    end_to_end text
);
call protect('bank_entry_words', 'organisation');
grant select, insert, delete on bank_entry_words to aikatori_app;

-- A person said that an entry, or what is left of it, settles nothing of ours.
create table bank_entry_aside (
    bank_entry uuid primary key references bank_entry (id),
    organisation uuid not null references organisation (id),
    recorded_at timestamptz not null default market_now()
);
call protect('bank_entry_aside', 'organisation');
call append_only('bank_entry_aside');
grant select, insert on bank_entry_aside to aikatori_app;

-- Nothing of it is kept but that it was there, and its sum.
create function aside_is_forgotten() returns trigger
    language plpgsql
as $$
begin
    if not exists (select from bank_entry e
        where (e.id, e.organisation) = (new.bank_entry, new.organisation))
    then
        perform refuse('404', 'not_found');
    end if;
    if not exists (select from allocation a where a.bank_entry = new.bank_entry)
        and not exists (select from allocation_return r where r.returned_by = new.bank_entry)
    then
        delete from bank_entry_words w where w.bank_entry = new.bank_entry;
    end if;
    return new;
end $$;
create trigger forgotten before insert on bank_entry_aside
    for each row execute function aside_is_forgotten();

-- An allocation that is in force no more: the bank took the payment back. `entry` is its reversal
-- in both books.
create table allocation_return (
    bank_entry uuid not null,
    invoice uuid not null,
    seller uuid not null,
    buyer uuid not null,
    returned_by uuid not null references bank_entry (id),
    entry uuid not null,
    recorded_at timestamptz not null default market_now(),
    primary key (bank_entry, invoice),
    foreign key (bank_entry, invoice) references allocation (bank_entry, invoice)
);
create index allocation_return_by on allocation_return (returned_by);
call protect('allocation_return', 'seller', 'buyer');
call append_only('allocation_return');
grant select, insert on allocation_return to aikatori_app;

-- Money went out of the seller's own account, and no more is taken back by it than that.
create function return_within() returns trigger
    language plpgsql
as $$
declare
    gone bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('aikatori.apply ' || new.returned_by, 0));
    perform pg_advisory_xact_lock(hashtextextended('aikatori.settle ' || new.invoice, 0));
    select b.hundred_thousandths / 1000 into gone
        from bank_entry b join allocation a
            on (a.bank_entry, a.invoice) = (new.bank_entry, new.invoice)
        where b.id = new.returned_by and b.direction = 'debit' and b.currency = 'EUR'
          and b.organisation = new.seller
          and (a.seller, a.buyer) = (new.seller, new.buyer);
    if not found then
        perform refuse('500', 'return_of_another');
    end if;
    if gone < (select sum(a.amount) from allocation a
        where (a.bank_entry, a.invoice) = (new.bank_entry, new.invoice)
           or exists (select from allocation_return r where r.returned_by = new.returned_by
              and (r.bank_entry, r.invoice) = (a.bank_entry, a.invoice)))
    then
        perform refuse('409', 'bank_entry_used_up');
    end if;
    return new;
end $$;
create trigger within before insert on allocation_return
    for each row execute function return_within();

-- The reversal is there when the transaction commits.
create function return_posted() returns trigger
    language plpgsql
as $$
begin
    if not exists (
        select from entry r join entry p on p.id = identified('entry', r.subject)
            join allocation a on a.subject = p.subject
        where r.id = new.entry and r.kind = 'reversal' and p.kind = 'payment'
          and (p.seller, p.buyer) = (new.seller, new.buyer)
          and (a.bank_entry, a.invoice) = (new.bank_entry, new.invoice))
    then
        perform refuse('500', 'return_not_posted');
    end if;
    return null;
end $$;
create constraint trigger posted after insert on allocation_return
    deferrable initially deferred for each row execute function return_posted();

-- And no payment is reversed in the books without having been taken back.
create function reversal_is_return() returns trigger
    language plpgsql
as $$
begin
    if exists (select from entry p
            where p.id = identified('entry', new.subject) and p.kind = 'payment')
        and not exists (select from allocation_return r where r.entry = new.id)
    then
        perform refuse('500', 'payment_not_returned');
    end if;
    return null;
end $$;
create constraint trigger is_return after insert on entry
    deferrable initially deferred for each row when (new.kind = 'reversal')
    execute function reversal_is_return();

-- Invariant 24, with what was taken back: it settles its invoice no more, and the payment that
-- it was stays used up.
create or replace function allocation_within() returns trigger
    language plpgsql
as $$
declare
    invoice_open bigint;
    credited bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('aikatori.apply ' || new.bank_entry, 0));
    perform pg_advisory_xact_lock(hashtextextended('aikatori.settle ' || new.invoice, 0));
    -- paid to the seller of this invoice, and to nobody else
    select o.open,
        case when b.direction = 'credit' and b.currency = 'EUR'
            then b.hundred_thousandths / 1000 else 0 end
        into invoice_open, credited
        from invoice i join bank_entry b on b.organisation = i.seller
            join invoice_balance o on o.invoice = i.id
        where i.id = new.invoice and b.id = new.bank_entry
          and (i.seller, i.buyer) = (new.seller, new.buyer);
    if not found then
        perform refuse('500', 'allocation_between_strangers');
    end if;
    if invoice_open < new.amount then
        perform refuse('409', 'settled_above_invoiced');
    end if;
    if credited < new.amount + (
        select coalesce(sum(a.amount), 0) from allocation a where a.bank_entry = new.bank_entry)
        or exists (select from bank_entry_aside s where s.bank_entry = new.bank_entry)
    then
        perform refuse('409', 'bank_entry_used_up');
    end if;
    return new;
end $$;

-- What is open of each invoice; its state is derived, never stored.
create or replace view invoice_balance with (security_invoker = true) as
    select i.id as invoice, i.total, coalesce(a.settled, 0)::bigint as settled,
        i.total - coalesce(a.settled, 0)::bigint as open,
        case when coalesce(a.settled, 0) = 0 then 'issued'
            when a.settled < i.total then 'partly_paid' else 'paid' end as state
    from invoice i left join lateral (
        select sum(x.amount) as settled from allocation x
        where x.invoice = i.id and not exists (select from allocation_return r
            where (r.bank_entry, r.invoice) = (x.bank_entry, x.invoice))) a on true;

-- Where each entry stands now: as it was taken, and what people and the bank did since.
create view bank_entry_standing with (security_invoker = true) as
    select e.id as bank_entry, a.allocated,
        case when s.bank_entry is not null and a.allocated = 0 then 'not_ours'
            when e.fate = 'matched' then 'matched'
            when g.taken_back > 0 then 'matched'
            when a.allocated = 0 then e.fate
            when e.reason = 'underpaid' then e.fate
            when a.allocated * 1000 = e.hundred_thousandths then 'matched'
            else 'partly_matched' end as fate,
        case when a.is_returned then 'returned'
            when s.bank_entry is not null then 'set_aside'
            when g.taken_back > 0 then null
            when e.fate = 'matched' or a.allocated = 0 or e.reason = 'underpaid' then e.reason
            when a.allocated * 1000 = e.hundred_thousandths then null
            else 'overpaid' end as reason
    from bank_entry e
        left join bank_entry_aside s on s.bank_entry = e.id
        cross join lateral (
            select coalesce(sum(x.amount), 0)::bigint as allocated,
                coalesce(bool_or(r.bank_entry is not null), false) as is_returned
            from allocation x left join allocation_return r
                on (r.bank_entry, r.invoice) = (x.bank_entry, x.invoice)
            where x.bank_entry = e.id) a
        cross join lateral (
            select count(*) as taken_back from allocation_return r
            where r.returned_by = e.id) g;
grant select on bank_entry_standing to aikatori_app, aikatori_reader;

grant execute on function aside_is_forgotten(), return_within(), return_posted(),
    reversal_is_return()
    to aikatori_app, aikatori_market;
call give_to_market('return_posted()');
call give_to_market('reversal_is_return()');
grant select on allocation_return to aikatori_market;

insert into operation_role (operation, roles) values
    ('getBankEntry', array['finance', 'admin', 'auditor']),
    ('applyBankEntry', array['finance']),
    ('setBankEntryAside', array['finance']);
