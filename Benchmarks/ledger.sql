-- Sealed charges of what is sold, and calls that post them, so many a call. As the superuser, since
-- no visit of these was held.
set session_replication_role = replica;
create function bench.type_id(prefix text, id uuid) returns text language sql immutable as $$
    select prefix || '_' || string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
        substr('00' || ('x' || replace(id::text, '-', ''))::bit(128)::text,
            5 * n + 1, 5)::bit(5)::int + 1, 1), '' order by n)
    from generate_series(0, 25) n
$$;
create function bench.posting(book uuid, code text, side text, amount bigint) returns jsonb
    language sql immutable as $$
    select jsonb_build_object('book', book, 'code', code, 'side', side, 'amount', amount,
        'currency', 'EUR')
$$;
create table bench.charged as
    select gen_random_uuid() as charge, gen_random_uuid() as entry, b.*
    from booking b order by b.id limit :charges;
insert into charge (id, booking, seller, buyer, contract, version, service, cause, period,
        served_on, billable_seconds, billed_seconds, seconds_before, net, document, digest)
    select charge, id, seller, buyer, contract, version, service, 'visit', period,
        lower(planned)::date, 1800, 1800, 0, quote, '{}', sha256('{}')
    from bench.charged;
create table bench.posting_call as
    select row_number() over (order by md5(min(entry::text))) as n, seller,
        jsonb_agg(jsonb_build_object(
            'id', entry, 'kind', 'accrual', 'seller', seller, 'buyer', buyer,
            'subject', bench.type_id('charge', charge), 'effective_on', lower(planned)::date,
            'postings', jsonb_build_array(
                bench.posting(seller, 'unbilled_receivable', 'debit', quote),
                bench.posting(seller, 'revenue', 'credit', quote),
                bench.posting(buyer, 'expense', 'debit', quote),
                bench.posting(buyer, 'unbilled_payable', 'credit', quote)))) as entries
    from (select c.*, row_number() over (partition by seller order by charge) / :size as part
        from bench.charged c) x
    group by seller, part;
alter table bench.posting_call add primary key (n);
create sequence bench.next_posting_call;

-- What it is held against: two postings and the balances of two accounts, in one statement.
create table bench.plain_account (id int primary key, balance bigint not null default 0);
insert into bench.plain_account select generate_series(1, 10000);
create table bench.plain_entry (id bigint generated always as identity primary key,
    subject text not null, recorded_at timestamptz not null default now());
create table bench.plain_posting (entry bigint not null, account int not null,
    amount bigint not null, primary key (entry, account));
grant select, insert, update on all tables in schema bench to aikatori_app;
grant usage on all sequences in schema bench to aikatori_app;
analyze;
