-- What is posted in one call is checked at once: its rules are the same, and none is asked row by
-- row (docs/speed.md).

-- The identifier in a TypeID of that kind; null where it is none (0012, 20 times faster).
create or replace function identified(kind text, type_id text) returns uuid
    language plpgsql immutable
as $$
declare
    -- each digit is the low five bits of a byte
    digits bytea;
    hex text;
begin
    if type_id !~ ('^' || kind || '_[0-7][0-9a-hjkmnp-tv-z]{25}$') then
        return null;
    end if;
    digits := convert_to(translate(right(type_id, 26),
        '0123456789abcdefghjkmnpqrstvwxyz', '@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_'), 'UTF8');
    -- two digits are the first byte, and eight the next five, three times
    hex := lpad(to_hex(get_byte(digits, 0) % 32 * 32 + get_byte(digits, 1) % 32), 2, '0');
    for n in 2..18 by 8 loop
        hex := hex || lpad(to_hex(
            (((get_byte(digits, n) % 32 * 32 + get_byte(digits, n + 1) % 32) * 32
                + get_byte(digits, n + 2) % 32) * 32
                + get_byte(digits, n + 3) % 32)::bigint * 1048576
            + ((get_byte(digits, n + 4) % 32 * 32 + get_byte(digits, n + 5) % 32) * 32
                + get_byte(digits, n + 6) % 32) * 32
                + get_byte(digits, n + 7) % 32), 10, '0');
    end loop;
    return hex::uuid;
end $$;

-- Entries and accounts stay (`append_only`), so that what a posting refers to is looked for when
-- it is written, once for a call, and never again: `postings_balance` does it.
call append_only('account');
alter table posting
    drop constraint posting_entry_fkey,
    drop constraint posting_book_code_counterparty_fkey;

-- Invariants 14 and 19, for all the postings of a statement at once. What they refer to is looked
-- for by its key, however few or many there are.
create or replace function postings_balance() returns trigger
    language plpgsql
    set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $$
declare
    bad uuid;
begin
    -- an entry is written whole, once: its postings count from one in a single statement, so that
    -- one that comes later has a number that is taken
    select n.entry into bad
        from (select entry, min(number) as first, max(number) as last, count(*) as postings
            from added group by entry) n
        left join entry e on e.id = n.entry
        where e.xid is distinct from pg_current_xact_id()
           or (n.first, n.last) is distinct from (1, n.postings::int)
        limit 1;
    if bad is not null then
        perform refuse('500', 'entry_closed', jsonb_build_object('entry', bad));
    end if;
    -- each account that a kind of entry touches between two parties
    select n.entry into bad
        from (select e.kind, e.seller, e.buyer, a.book, a.counterparty, a.code, a.side,
                (array_agg(a.entry))[1] as entry
            from added a join entry e on e.id = a.entry
            group by e.kind, e.seller, e.buyer, a.book, a.counterparty, a.code, a.side) n
        where not (n.book = n.seller and n.counterparty = n.buyer
                or n.book = n.buyer and n.counterparty = n.seller)
           or (select true from account x where (x.book, x.code, x.counterparty)
               = (n.book, n.code, n.counterparty)) is not true
           or (select true from entry_rule k
               where k.kind = n.kind and k.account = n.code and k.side = n.side
                 and k.party = case n.book when n.seller then 'seller' else 'buyer' end)
               is not true
        limit 1;
    if bad is not null then
        perform refuse('500', 'posting_not_of_its_entry', jsonb_build_object('entry', bad));
    end if;
    select n.entry into bad from added n
        group by n.entry, n.book, n.currency
        having sum(case n.side when 'debit' then n.amount else -n.amount end) <> 0
        limit 1;
    if bad is not null then
        perform refuse('500', 'entry_unbalanced', jsonb_build_object('entry', bad));
    end if;
    select n.entry into bad from added n join chart_account c on c.code = n.code
        where c.mirror is not null
        group by n.entry, n.currency, least(c.code, c.mirror)
        having sum(case n.side when 'debit' then n.amount else -n.amount end) <> 0
        limit 1;
    if bad is not null then
        perform refuse('500', 'books_differ', jsonb_build_object('entry', bad));
    end if;
    select n.entry into bad from added n group by n.entry having count(distinct n.book) <> 2
        limit 1;
    if bad is not null then
        perform refuse('500', 'entry_empty', jsonb_build_object('entry', bad));
    end if;
    return null;
end $$;

-- No entry without postings; that they are in both books, `postings_balance` says.
create or replace function entry_has_postings() returns trigger
    language plpgsql
as $$
declare
    bad uuid;
begin
    select e.id into bad from added e
        where (select true from posting p where p.entry = e.id and p.number = 1) is not true
        limit 1;
    if bad is not null then
        perform refuse('500', 'entry_empty', jsonb_build_object('entry', bad));
    end if;
    return null;
end $$;

-- Debits less credits of one account of the seller's book in an entry (0050, by the entry alone).
create or replace function debited(e entry, p_code text) returns bigint
    language plpgsql stable
as $$
begin
    return (select coalesce(sum(case p.side when 'debit' then p.amount else -p.amount end)
            filter (where p.book = e.seller and p.code = p_code), 0)
        from posting p where p.entry = e.id);
end $$;

-- The causes that most entries have (0050), found by their key alone.
create or replace function accrual_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return (select (c.seller, c.buyer) = (e.seller, e.buyer)
            and c.net >= 0 and c.net = -debited(e, 'revenue')
        from charge c where c.id = identified('charge', e.subject));
end $$;

create or replace function compensation_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return (select (c.seller, c.buyer) = (e.seller, e.buyer)
            and c.net < 0 and c.net = -debited(e, 'revenue')
        from charge c where c.id = identified('charge', e.subject));
end $$;

create or replace function invoicing_has_cause(e entry) returns boolean
    language plpgsql stable
as $$
begin
    return (select i.subject = e.subject and (i.seller, i.buyer) = (e.seller, e.buyer)
            and i.total = debited(e, 'receivable') and -i.net = debited(e, 'unbilled_receivable')
        from invoice i where i.id = identified('invoice', e.subject));
end $$;

-- The cause is there before its entry (`<kind>_has_cause`, 0050), for all entries of a statement.
create function entries_have_cause() returns trigger
    language plpgsql
as $$
declare
    each text;
    bad uuid;
begin
    for each in select distinct n.kind from added n loop
        execute format('select e.id from added n join entry e on e.id = n.id
            where n.kind = $1 and %I(e) is not true limit 1', each || '_has_cause')
            into bad using each;
        if bad is not null then
            perform refuse('500', 'entry_without_cause', jsonb_build_object('entry', bad));
        end if;
    end loop;
    return null;
end $$;
drop trigger has_cause on entry;
drop function entry_has_cause();
create trigger has_cause after insert on entry
    referencing new table as added
    for each statement execute function entries_have_cause();
-- it sees the causes of both parties
call give_to_market('entries_have_cause()');
