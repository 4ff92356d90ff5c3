-- Months of a book that are closed, and entries that came too late for theirs.

-- A month of one book, closed by somebody: in order, once, and never opened again.
create table period_close (
    id uuid primary key,
    book uuid not null references organisation (id),
    month date not null check (extract(day from month) = 1),
    closed_by uuid,
    closed_at timestamptz not null default market_now(),
    unique (book, month)
);
call protect('period_close', 'book');
call append_only('period_close');
grant select, insert on period_close to aikatori_app;
grant select on period_close to aikatori_market;

-- The day that an entry is about, where a month was closed in which it would have counted: it
-- counts from the first day that is open in both books.
alter table entry add column about_on date check (about_on < effective_on);
create index entry_of_seller on entry (seller, effective_on);
create index entry_of_buyer on entry (buyer, effective_on);

-- The first day that is open in both books; null where neither has closed a month. Whoever posts
-- shares the books, whoever closes a month has its own to itself: no entry slips into a month
-- while it is closed. Compared by a test with Sources/Ledger/OpenPeriod.swift.
create function open_from(p_seller uuid, p_buyer uuid) returns date
    language plpgsql
as $$
begin
    perform pg_advisory_xact_lock_shared(hashtextextended('aikatori.book ' || book, 0))
        from unnest(array[least(p_seller, p_buyer), greatest(p_seller, p_buyer)]) as book;
    return (select max(c.month) + interval '1 month' from period_close c
        where c.book in (p_seller, p_buyer));
end $$;

create function entries_in_open_months() returns trigger
    language plpgsql
as $$
declare
    bad uuid;
begin
    select n.id into bad from added n
    join (select p.seller, p.buyer, open_from(p.seller, p.buyer) as first_open
        from (select distinct seller, buyer from added) p) o using (seller, buyer)
    where n.effective_on < o.first_open
       or n.about_on is not null
          and (n.effective_on is distinct from o.first_open or n.about_on >= o.first_open)
    limit 1;
    if bad is not null then
        perform refuse('500', 'period_closed', jsonb_build_object('entry', bad));
    end if;
    return null;
end $$;
create trigger in_open_months after insert on entry
    referencing new table as added
    for each statement execute function entries_in_open_months();

-- When a month is over: at its midnight in the last of the zones in which the book's contracts
-- count their days.
create function month_end(p_book uuid, p_month date) returns timestamptz
    language sql stable
as $$
    select max((p_month + interval '1 month') at time zone zone) from (
        select 'Europe/Helsinki' as zone
        union
        select v.time_zone from contract_version v
        where p_book in (v.seller, v.buyer) and v.signed_at is not null) zones
$$;

-- The day of the first entry of a book; null where it has none.
create function first_posted(p_book uuid) returns date
    language sql stable
as $$
    select least(
        (select min(effective_on) from entry where seller = p_book),
        (select min(effective_on) from entry where buyer = p_book))
$$;

-- One's own months, each when it is over and those before it are closed
-- (Sources/Ledger/MonthClosing.swift).
create function period_close_rules() returns trigger
    language plpgsql
as $$
declare
    last_closed date;
begin
    if current_organisation() is distinct from new.book then
        perform refuse('403', 'not_your_side');
    end if;
    perform pg_advisory_xact_lock(hashtextextended('aikatori.book ' || new.book, 0));
    select max(month) into last_closed from period_close where book = new.book;
    if new.month <= last_closed then
        perform refuse('409', 'period_closed');
    end if;
    if new.month > coalesce(last_closed + interval '1 month',
        date_trunc('month', first_posted(new.book)::timestamp))
    then
        perform refuse('409', 'earlier_month_open');
    end if;
    if month_end(new.book, new.month) > market_now() then
        perform refuse('409', 'period_not_over');
    end if;
    -- after whatever was posted before
    new.closed_at := market_now();
    return new;
end $$;
create trigger rules before insert on period_close
    for each row execute function period_close_rules();

-- The one way to post, as 0009 has it, and into open months: what is about a day in a closed one
-- counts from the first open day, and is marked with its own.
create or replace function post(p_entries jsonb) returns void
    language plpgsql
as $$
begin
    if exists (
        select from jsonb_to_recordset(p_entries) as e(seller uuid, buyer uuid)
        where current_organisation() is null
           or current_organisation() not in (e.seller, e.buyer))
    then
        perform refuse('500', 'not_a_party');
    end if;
    insert into account (book, code, counterparty)
        select distinct p.book, p.code, case p.book when e.seller then e.buyer else e.seller end
        from jsonb_to_recordset(p_entries) as e(seller uuid, buyer uuid, postings jsonb),
            jsonb_to_recordset(e.postings) as p(book uuid, code text)
        order by 1, 2, 3
        on conflict do nothing;
    with entries as (
        select e.* from jsonb_to_recordset(p_entries) as e(
            id uuid, kind text, seller uuid, buyer uuid, subject text, effective_on date,
            postings jsonb)
    ), books as materialized (
        select seller, buyer, open_from(seller, buyer) as first_open
        from (select distinct seller, buyer from entries) pairs
    ), written as (
        insert into entry (id, kind, seller, buyer, subject, effective_on, about_on)
        select e.id, e.kind, e.seller, e.buyer, e.subject,
            greatest(e.effective_on, b.first_open),
            case when e.effective_on < b.first_open then e.effective_on end
        from entries e join books b using (seller, buyer)
    )
    insert into posting (entry, number, book, code, counterparty, side, amount, currency)
    select e.id, p.number, q.book, q.code,
        case q.book when e.seller then e.buyer else e.seller end, q.side, q.amount, q.currency
    from entries e
    cross join lateral jsonb_array_elements(e.postings) with ordinality as p(value, number)
    cross join lateral jsonb_to_record(p.value) as q(
        book uuid, code text, side text, amount bigint, currency text);
end $$;

grant execute on function entries_in_open_months(), open_from(uuid, uuid) to aikatori_market;
grant execute on function period_close_rules(), month_end(uuid, date), first_posted(uuid)
    to aikatori_app, aikatori_market;
grant execute on function identified(text, text) to aikatori_reader;
-- it sees the months of both books
call give_to_market('open_from(uuid, uuid)');
call give_to_market('entries_in_open_months()');
call give_to_market('post(jsonb)', 'aikatori_app');

insert into operation_role (operation, roles) values
    ('getPeriods', array['finance', 'admin', 'auditor']),
    ('closePeriod', array['finance']),
    ('getMonthBalance', array['finance', 'admin', 'auditor']),
    ('getAccountStatement', array['finance', 'admin', 'auditor']),
    ('getAgeing', array['finance', 'admin', 'auditor']),
    ('getJournal', array['finance', 'admin', 'auditor']);
