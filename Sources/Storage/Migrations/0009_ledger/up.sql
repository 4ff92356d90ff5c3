-- Double entry, append-only: every entry in the books of both parties, equal by construction.

-- The accounts a book may have. A mirrored account of the seller's book equals its mirror in the
-- buyer's; Swift has the same chart (Sources/Ledger/ChartOfAccounts.swift), and a test compares.
create table chart_account (
    code text primary key,
    normal_side text not null check (normal_side in ('debit', 'credit')),
    mirror text references chart_account (code) deferrable initially deferred
);
grant select on chart_account to aikatori_app, aikatori_market, aikatori_reader;
insert into chart_account (code, normal_side, mirror) values
    ('unbilled_receivable', 'debit', 'unbilled_payable'),
    ('receivable', 'debit', 'payable'),
    ('revenue', 'credit', null),
    ('vat_payable', 'credit', null),
    ('unbilled_payable', 'credit', 'unbilled_receivable'),
    ('payable', 'credit', 'receivable'),
    ('expense', 'debit', null),
    ('vat_deductible', 'debit', null),
    ('bank', 'debit', null),
    ('rounding', 'debit', null);

-- The postings that each kind of entry may have (Sources/Ledger/EntryKind.swift, compared by a
-- test): nothing else can be posted.
create table entry_rule (
    kind text not null,
    party text not null check (party in ('seller', 'buyer')),
    account text not null references chart_account (code),
    side text not null check (side in ('debit', 'credit')),
    primary key (kind, party, account, side)
);
grant select on entry_rule to aikatori_app, aikatori_market, aikatori_reader;
insert into entry_rule (kind, party, account, side) values
    ('accrual', 'seller', 'unbilled_receivable', 'debit'),
    ('accrual', 'seller', 'revenue', 'credit'),
    ('accrual', 'buyer', 'expense', 'debit'),
    ('accrual', 'buyer', 'unbilled_payable', 'credit'),
    ('compensation', 'seller', 'revenue', 'debit'),
    ('compensation', 'seller', 'unbilled_receivable', 'credit'),
    ('compensation', 'buyer', 'unbilled_payable', 'debit'),
    ('compensation', 'buyer', 'expense', 'credit'),
    ('invoicing', 'seller', 'receivable', 'debit'),
    ('invoicing', 'seller', 'unbilled_receivable', 'credit'),
    ('invoicing', 'seller', 'vat_payable', 'credit'),
    ('invoicing', 'buyer', 'unbilled_payable', 'debit'),
    ('invoicing', 'buyer', 'vat_deductible', 'debit'),
    ('invoicing', 'buyer', 'payable', 'credit'),
    ('payment', 'seller', 'bank', 'debit'),
    ('payment', 'seller', 'receivable', 'credit'),
    ('payment', 'buyer', 'payable', 'debit'),
    ('payment', 'buyer', 'bank', 'credit'),
    ('rounding', 'seller', 'unbilled_receivable', 'debit'),
    ('rounding', 'seller', 'rounding', 'credit'),
    ('rounding', 'buyer', 'rounding', 'debit'),
    ('rounding', 'buyer', 'unbilled_payable', 'credit'),
    ('rounding', 'seller', 'rounding', 'debit'),
    ('rounding', 'seller', 'unbilled_receivable', 'credit'),
    ('rounding', 'buyer', 'unbilled_payable', 'debit'),
    ('rounding', 'buyer', 'rounding', 'credit');
-- a reversal mirrors any of them
insert into entry_rule (kind, party, account, side)
    select distinct 'reversal', party, account,
        case side when 'debit' then 'credit' else 'debit' end from entry_rule;

create table account (
    book uuid not null references organisation (id),
    code text not null references chart_account (code),
    counterparty uuid not null references organisation (id),
    primary key (book, code, counterparty),
    check (book <> counterparty)
);
call protect('account', 'book');
grant select on account to aikatori_app;
grant select, insert on account to aikatori_market;

create table entry (
    id uuid primary key,
    kind text not null,
    seller uuid not null,
    buyer uuid not null,
    -- what it is about: one or two TypeIDs (Sources/Ledger/EntrySubject.swift)
    subject text not null check (length(subject) between 1 and 100),
    effective_on date not null,
    recorded_at timestamptz not null default market_now(),
    xid xid8 not null default pg_current_xact_id(),
    unique (kind, subject),
    check (seller <> buyer)
);
call protect('entry', 'seller', 'buyer');
call append_only('entry');
grant select on entry to aikatori_app;
grant select, insert on entry to aikatori_market;

create table posting (
    entry uuid not null references entry (id),
    number int not null check (number > 0),
    book uuid not null,
    code text not null,
    counterparty uuid not null,
    side text not null check (side in ('debit', 'credit')),
    amount bigint not null check (amount > 0),
    currency text not null check (currency = 'EUR'),
    primary key (entry, number),
    foreign key (book, code, counterparty) references account (book, code, counterparty)
);
create index posting_of_account on posting (book, code, counterparty);
call protect('posting', 'book');
call append_only('posting');
grant select on posting to aikatori_app;
grant select, insert on posting to aikatori_market;

-- Invariants 14 and 19, for all the postings of a statement at once.
create function postings_balance() returns trigger
    language plpgsql
as $$
declare
    bad uuid;
begin
    -- an entry is written whole, once: never added to by a later transaction or statement
    select n.entry into bad from added n join entry e on e.id = n.entry
        where e.xid <> pg_current_xact_id()
           or exists (select from posting p where p.entry = n.entry
               and not exists (select from added a
                   where a.entry = p.entry and a.number = p.number))
        limit 1;
    if bad is not null then
        perform refuse('500', 'entry_closed', jsonb_build_object('entry', bad));
    end if;
    select n.entry into bad from added n join entry e on e.id = n.entry
        where not (n.book = e.seller and n.counterparty = e.buyer
                or n.book = e.buyer and n.counterparty = e.seller)
           or not exists (select from entry_rule k
               where k.kind = e.kind and k.account = n.code and k.side = n.side
                 and k.party = case n.book when e.seller then 'seller' else 'buyer' end)
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
    return null;
end $$;
create trigger balance after insert on posting
    referencing new table as added
    for each statement execute function postings_balance();

-- No entry without postings in both books.
create function entry_has_postings() returns trigger
    language plpgsql
as $$
declare
    bad uuid;
begin
    select e.id into bad from added e
        where (select count(distinct p.book) from posting p where p.entry = e.id) <> 2 limit 1;
    if bad is not null then
        perform refuse('500', 'entry_empty', jsonb_build_object('entry', bad));
    end if;
    return null;
end $$;
create trigger not_empty after insert on entry
    referencing new table as added
    for each statement execute function entry_has_postings();

-- The one way to post: entries with their postings, in the transaction of what causes them.
-- [{id, kind, seller, buyer, subject, effective_on,
--   postings: [{book, code, side, amount, currency}]}]
create function post(p_entries jsonb) returns void
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
    ), written as (
        insert into entry (id, kind, seller, buyer, subject, effective_on)
        select id, kind, seller, buyer, subject, effective_on from entries
    )
    insert into posting (entry, number, book, code, counterparty, side, amount, currency)
    select e.id, p.number, q.book, q.code,
        case q.book when e.seller then e.buyer else e.seller end, q.side, q.amount, q.currency
    from entries e
    cross join lateral jsonb_array_elements(e.postings) with ordinality as p(value, number)
    cross join lateral jsonb_to_record(p.value) as q(
        book uuid, code text, side text, amount bigint, currency text);
end $$;

-- Balances are sums of postings (invariant 18); each sees its own book.
create view account_balance with (security_invoker = true) as
    select p.book, p.code, p.counterparty, p.currency,
        sum(p.amount) filter (where p.side = 'debit') as debits,
        sum(p.amount) filter (where p.side = 'credit') as credits
    from posting p group by p.book, p.code, p.counterparty, p.currency;
grant select on account_balance to aikatori_app, aikatori_market, aikatori_reader;

-- What the caller's book and its counterparty's say of each other, account by mirrored account.
create function compare_books(p_counterparty uuid)
    returns table (code text, balance bigint, mirror text, mirror_balance bigint)
    language sql stable
as $$
    with mine as (
        select c.code, c.mirror,
            coalesce(sum(case p.side when 'debit' then p.amount else -p.amount end), 0) as amount
        from chart_account c
        left join posting p on p.code = c.code and p.book = current_organisation()
            and p.counterparty = p_counterparty
        where c.mirror is not null group by c.code, c.mirror
    ), theirs as (
        select c.code,
            coalesce(sum(case p.side when 'debit' then p.amount else -p.amount end), 0) as amount
        from chart_account c
        left join posting p on p.code = c.code and p.book = p_counterparty
            and p.counterparty = current_organisation()
        where c.mirror is not null group by c.code
    )
    select m.code, m.amount::bigint, m.mirror, t.amount::bigint
    from mine m join theirs t on t.code = m.mirror
    where m.amount <> 0 or t.amount <> 0
    order by m.code
$$;

grant execute on function postings_balance(), entry_has_postings() to aikatori_market;
call give_to_market('post(jsonb)', 'aikatori_app');
call give_to_market('compare_books(uuid)', 'aikatori_app');
