-- Bank statements, what is on them, and what they settle.

-- A bank's file of statements that was taken. `digest` is of its bytes, `content` of what it
-- says: either makes a second import of the same file the same.
create table bank_file (
    id uuid primary key,
    organisation uuid not null references organisation (id),
    digest bytea not null check (length(digest) = 32),
    content bytea not null check (length(content) = 32),
    message_id text,
    -- entries that an earlier file had, and those that the bank has not booked yet
    repeated_count int not null check (repeated_count >= 0),
    not_booked_count int not null check (not_booked_count >= 0),
    -- what is not ours: of each entry only that it was there
    others_count int not null check (others_count >= 0),
    others_sum bigint not null check (others_sum >= 0),
    balances_agree boolean not null,
    imported_at timestamptz not null default market_now(),
    unique (organisation, digest),
    unique (organisation, content)
);
call protect('bank_file', 'organisation');
call append_only('bank_file');
grant select, insert on bank_file to aikatori_app;

-- A payment on the organisation's account; `bank_key` makes the same payment in another file the
-- same. The amount is as the bank wrote it: up to five decimals, in any currency.
create table bank_entry (
    id uuid primary key,
    organisation uuid not null references organisation (id),
    file uuid not null references bank_file (id),
    number int not null check (number > 0),
    iban text not null,
    bank_key text not null,
    booked_on date,
    direction text not null check (direction in ('credit', 'debit')),
    hundred_thousandths bigint not null check (hundred_thousandths >= 0),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    reference text,
    payer text,
    fate text not null check (fate in ('matched', 'partly_matched', 'waiting')),
    reason text check (length(reason) between 1 and 40),
    -- which invoice it names, where one is known
    invoice uuid references invoice (id),
    recorded_at timestamptz not null default market_now(),
    unique (organisation, iban, bank_key),
    unique (file, number),
    check ((fate = 'matched') = (reason is null)),
    check (fate = 'waiting' or invoice is not null)
);
create index bank_entry_of_organisation on bank_entry (organisation, id);
create index bank_entry_looked_at on bank_entry (organisation, id) where fate <> 'matched';
call protect('bank_entry', 'organisation');
call append_only('bank_entry');
grant select, insert on bank_entry to aikatori_app;

create table allocation (
    bank_entry uuid not null references bank_entry (id),
    invoice uuid not null references invoice (id),
    seller uuid not null,
    buyer uuid not null,
    amount bigint not null check (amount > 0),
    booked_on date,
    -- the subject of its entry in the ledger: the TypeIDs of both
    subject text not null unique,
    recorded_at timestamptz not null default market_now(),
    primary key (bank_entry, invoice)
);
create index allocation_of_invoice on allocation (invoice);
call protect('allocation', 'seller', 'buyer');
call append_only('allocation');
grant select, insert on allocation to aikatori_app;

-- Invariant 24: settled is never above invoiced, nor a bank entry applied beyond its amount. The
-- locks make two payments of one invoice wait for each other, and two uses of one payment.
create function allocation_within() returns trigger
    language plpgsql
as $$
declare
    invoice_total bigint;
    credited bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('aikatori.apply ' || new.bank_entry, 0));
    perform pg_advisory_xact_lock(hashtextextended('aikatori.settle ' || new.invoice, 0));
    -- paid to the seller of this invoice, and to nobody else
    select i.total,
        case when b.direction = 'credit' and b.currency = 'EUR'
            then b.hundred_thousandths / 1000 else 0 end
        into invoice_total, credited
        from invoice i join bank_entry b on b.organisation = i.seller
        where i.id = new.invoice and b.id = new.bank_entry
          and (i.seller, i.buyer) = (new.seller, new.buyer);
    if not found then
        perform refuse('500', 'allocation_between_strangers');
    end if;
    if invoice_total < new.amount + (
        select coalesce(sum(a.amount), 0) from allocation a where a.invoice = new.invoice)
    then
        perform refuse('409', 'settled_above_invoiced');
    end if;
    if credited < new.amount + (
        select coalesce(sum(a.amount), 0) from allocation a where a.bank_entry = new.bank_entry)
    then
        perform refuse('409', 'bank_entry_used_up');
    end if;
    return new;
end $$;
create trigger within before insert on allocation
    for each row execute function allocation_within();

-- What is settled is posted in both books, when the transaction commits.
create function allocation_posted() returns trigger
    language plpgsql
as $$
begin
    if (select sum(p.amount) from entry e join posting p on p.entry = e.id
        where e.kind = 'payment' and e.seller = new.seller and e.subject = new.subject
          and (p.book, p.code, p.side) in (
            (new.seller, 'receivable', 'credit'), (new.buyer, 'payable', 'debit')))
        is distinct from 2 * new.amount
    then
        perform refuse('500', 'allocation_not_posted');
    end if;
    return null;
end $$;
create constraint trigger posted after insert on allocation
    deferrable initially deferred for each row execute function allocation_posted();

-- What is open of each invoice; its state is derived, never stored.
create view invoice_balance with (security_invoker = true) as
    select i.id as invoice, i.total, coalesce(a.settled, 0)::bigint as settled,
        i.total - coalesce(a.settled, 0)::bigint as open,
        case when coalesce(a.settled, 0) = 0 then 'issued'
            when a.settled < i.total then 'partly_paid' else 'paid' end as state
    from invoice i left join lateral (
        select sum(amount) as settled from allocation where invoice = i.id) a on true;
grant select on invoice_balance to aikatori_app, aikatori_reader;

-- The identifier inside a TypeID of a kind; null where the text is none, or is not in the one form
-- that Swift writes (Sources/MoneyAndTime/ID.swift).
create function identified(kind text, type_id text) returns uuid
    language sql immutable
as $$
    with digits as (
        select string_agg(
            (strpos('0123456789abcdefghjkmnpqrstvwxyz',
                substr(type_id, length(kind) + 1 + n, 1)) - 1)::bit(5)::text, '' order by n) as bits
        from generate_series(1, 26) as n
        where type_id ~ ('^' || kind || '_[0-7][0-9a-hjkmnp-tv-z]{25}$')
    )
    -- 130 bits, of which the first two are nothing
    select string_agg(to_hex(substr(bits, 4 * n - 1, 4)::bit(4)::int), '' order by n)::uuid
    from digits, generate_series(1, 32) as n where bits is not null
$$;

-- Nothing is posted without its cause: the charge, the invoice, the payment or the entry that it
-- is about is there when the transaction commits, between these two and at this amount.
create function entry_has_cause() returns trigger
    language plpgsql
as $$
declare
    revenue bigint;
    unbilled bigint;
    receivable bigint;
    caused boolean;
begin
    select coalesce(sum(case p.side when 'credit' then p.amount else -p.amount end)
            filter (where p.code = 'revenue'), 0),
        coalesce(sum(case p.side when 'debit' then p.amount else -p.amount end)
            filter (where p.code = 'unbilled_receivable'), 0),
        coalesce(sum(case p.side when 'debit' then p.amount else -p.amount end)
            filter (where p.code = 'receivable'), 0)
        into revenue, unbilled, receivable
        from posting p where p.entry = new.id and p.book = new.seller;
    case new.kind
        when 'accrual', 'compensation' then
            select c.net = revenue and (c.net < 0) = (new.kind = 'compensation') into caused
            from charge c
            where c.id = identified('charge', new.subject)
              and (c.seller, c.buyer) = (new.seller, new.buyer);
        when 'invoicing' then
            select (i.total, -i.net) = (receivable, unbilled) into caused from invoice i
            where i.subject = new.subject and i.id = identified('invoice', new.subject)
              and (i.seller, i.buyer) = (new.seller, new.buyer);
        when 'payment' then
            select a.amount = -receivable into caused from allocation a
            where a.subject = new.subject
              and a.invoice = identified('invoice', split_part(new.subject, '/', 1))
              and a.bank_entry = identified('bankentry', split_part(new.subject, '/', 2))
              and (a.seller, a.buyer) = (new.seller, new.buyer);
        when 'rounding' then
            -- between what was invoiced and what was charged
            select i.net - sum(c.net) = unbilled into caused from invoice i
            join invoice_line l on l.invoice = i.id
            join charge_line c on (c.charge, c.number) = (l.charge, l.charge_line)
            where i.id = identified('invoice', new.subject)
              and (i.seller, i.buyer) = (new.seller, new.buyer)
            group by i.id;
        when 'reversal' then
            select true into caused from entry e
            where e.id = identified('entry', new.subject) and e.kind <> 'reversal'
              and (e.seller, e.buyer) = (new.seller, new.buyer)
              and not exists (
                select from posting p where p.entry in (e.id, new.id)
                group by p.book, p.code, p.currency
                having sum(case p.side when 'debit' then p.amount else -p.amount end) <> 0);
        else
            caused := false;
    end case;
    if caused is not true then
        perform refuse('500', 'entry_without_cause', jsonb_build_object('entry', new.id));
    end if;
    return null;
end $$;
create constraint trigger has_cause after insert on entry
    deferrable initially deferred for each row execute function entry_has_cause();

grant execute on function allocation_within(), allocation_posted(), identified(text, text),
    entry_has_cause()
    to aikatori_app, aikatori_market;
-- they sum the postings of both books
call give_to_market('allocation_posted()');
call give_to_market('entry_has_cause()');
grant select on charge, charge_line, allocation to aikatori_market;
