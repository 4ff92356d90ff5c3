-- Self-billing: where the contract says so, the buyer makes the invoice in the seller's name. The
-- seller is still the one that is paid, and every entry is as before: only who issues, who numbers
-- and to whom it goes are the other way round.

-- Each buyer has a series of its own for each seller; the series of one seller are told apart by a
-- number, so that no two invoices of it share a number or a reference.
create table self_billing_series (
    seller uuid not null references organisation (id),
    buyer uuid not null references organisation (id),
    series int not null check (series between 1 and 9999),
    primary key (seller, buyer),
    unique (seller, series),
    unique (seller, buyer, series)
);
call protect('self_billing_series', 'seller', 'buyer');
call append_only('self_billing_series');
grant select on self_billing_series to aikatori_app;
grant select, insert on self_billing_series to aikatori_market;

-- Gap-free from one in each year (invariant 23).
create table self_billing_counter (
    seller uuid not null,
    buyer uuid not null,
    series int not null,
    kind text not null check (kind in ('invoice', 'credit_note')),
    year int not null check (year between 1000 and 9999),
    last bigint not null default 0 check (last between 0 and 999999),
    primary key (seller, series, kind, year),
    foreign key (seller, buyer, series) references self_billing_series (seller, buyer, series)
);
call protect('self_billing_counter', 'seller', 'buyer');
grant select on self_billing_counter to aikatori_app;
grant select, insert, update on self_billing_counter to aikatori_market;

-- The next number of the buyer's series for a seller; its row stays locked until the transaction
-- that takes the number ends.
create function next_self_billing_number(p_seller uuid, p_kind text, p_year bigint)
    returns table (series int, last bigint)
    language plpgsql
as $$
#variable_conflict use_column
declare
    own int;
begin
    if not exists (select from contract c
        where c.seller = p_seller and c.buyer = current_organisation())
    then
        perform refuse('403', 'not_your_side');
    end if;
    perform pg_advisory_xact_lock(
        hashtextextended('aikatori.self_billing ' || p_seller, 0));
    insert into self_billing_series (seller, buyer, series)
        select p_seller, current_organisation(), 1 + coalesce(max(s.series), 0)
        from self_billing_series s where s.seller = p_seller
        on conflict (seller, buyer) do nothing;
    select s.series into strict own from self_billing_series s
        where (s.seller, s.buyer) = (p_seller, current_organisation());
    return query
        insert into self_billing_counter as c (seller, buyer, series, kind, year, last)
        values (p_seller, current_organisation(), own, p_kind, p_year, 1)
        on conflict (seller, series, kind, year) do update set last = c.last + 1
        returning c.series, c.last;
end $$;
call give_to_market('next_self_billing_number(uuid, text, bigint)', 'aikatori_app');

-- The number of the series where the buyer issued it; null of the seller's own.
alter table invoice
    add column self_billing_series int,
    add foreign key (seller, buyer, self_billing_series)
        references self_billing_series (seller, buyer, series),
    add check (self_billing_series is null or document is not null);
alter table credit_note
    add column self_billing_series int,
    add foreign key (seller, buyer, self_billing_series)
        references self_billing_series (seller, buyer, series);
do $$
declare
    once record;
begin
    for once in
        select conrelid::regclass as numbered, conname from pg_constraint
        where conrelid in ('invoice'::regclass, 'credit_note'::regclass) and contype = 'u'
          and pg_get_constraintdef(oid) = 'UNIQUE (seller, year, issuer_number)'
    loop
        execute format('alter table %s drop constraint %I', once.numbered, once.conname);
    end loop;
end $$;
create unique index invoice_number_of_series
    on invoice (seller, coalesce(self_billing_series, 0), year, issuer_number);
create unique index credit_note_number_of_series
    on credit_note (seller, coalesce(self_billing_series, 0), year, issuer_number);

-- Who issued an invoice, and who gets it.
create function invoice_issuer(p_invoice uuid) returns uuid
    language sql stable
as $$
    select case when i.self_billing_series is null then i.seller else i.buyer end
    from invoice i where i.id = p_invoice
$$;
create function invoice_receiver(p_invoice uuid) returns uuid
    language sql stable
as $$
    select case when i.self_billing_series is null then i.buyer else i.seller end
    from invoice i where i.id = p_invoice
$$;
grant execute on function invoice_issuer(uuid), invoice_receiver(uuid)
    to aikatori_app, aikatori_market, aikatori_reader;

-- An invoice is issued of an accepted statement (invariant 13), by whom the contract says.
create or replace function invoice_rules() returns trigger
    language plpgsql
as $$
declare
    made text := coalesce(billing_document(new.contract, new.version), 'invoice');
begin
    if current_organisation() is distinct from
        (case when new.self_billing_series is null then new.seller else new.buyer end)
    then
        perform refuse('403', 'not_your_side');
    end if;
    if not exists (select from statement s where s.id = new.statement and s.state = 'accepted'
        and (s.contract, s.seller, s.buyer, s.period)
            = (new.contract, new.seller, new.buyer, new.period))
    then
        perform refuse('409', 'statement_not_accepted');
    end if;
    if (new.document is null) is distinct from (made = 'invoice_basis') then
        perform refuse('409', case when new.document is null
            then 'invoiced_here' else 'invoiced_by_seller' end);
    end if;
    if (new.self_billing_series is not null) is distinct from (made = 'self_billing') then
        perform refuse('409', case when new.self_billing_series is null
            then 'invoiced_by_buyer' else 'invoiced_here' end);
    end if;
    -- it is written after both agreed, and its buyer has the days of the contract
    if new.document is null and exists (
        select from statement s join contract_version v
            on (v.contract, v.number) = (new.contract, new.version)
        where s.id = new.statement
          and (new.issued_on < (s.accepted_at at time zone v.time_zone)::date
            or new.due_on < new.issued_on
                + (convert_from(v.document, 'UTF8')::jsonb #>> '{billing,payment_days}')::int))
    then
        perform refuse('409', 'dates_not_agreed');
    end if;
    return new;
end $$;

create or replace function invoice_whole() returns trigger
    language plpgsql
as $$
declare
    claimed bigint;
begin
    if (select coalesce(sum(l.net), 0) from invoice_line l where l.invoice = new.id) <> new.net
    then
        perform refuse('500', 'invoice_does_not_add_up');
    end if;
    select sum(p.amount) into claimed from entry e join posting p on p.entry = e.id
        where e.kind = 'invoicing' and e.seller = new.seller and e.subject = new.subject
          and (p.book, p.code, p.side) in (
            (new.seller, 'receivable', 'debit'), (new.buyer, 'payable', 'credit'));
    if claimed is distinct from 2 * new.total then
        perform refuse('500', 'invoice_not_posted');
    end if;
    -- invoices stay, so that one before each is none missing
    if new.issuer_number > 1 and not exists (select from invoice i
        where i.seller = new.seller and i.year = new.year
          and i.self_billing_series is not distinct from new.self_billing_series
          and i.issuer_number = new.issuer_number - 1)
    then
        perform refuse('500', 'invoice_number_gap');
    end if;
    return null;
end $$;
call give_to_market('invoice_whole()');

-- A credit note is issued by whom the invoice was, in that one's series.
create or replace function credit_note_rules() returns trigger
    language plpgsql
as $$
declare
    i invoice;
    earlier record;
begin
    if current_organisation() is distinct from
        (case when new.self_billing_series is null then new.seller else new.buyer end)
    then
        perform refuse('403', 'not_your_side');
    end if;
    perform pg_advisory_xact_lock(hashtextextended('aikatori.settle ' || new.invoice, 0));
    select * into i from invoice x where x.id = new.invoice
        and (x.contract, x.seller, x.buyer) = (new.contract, new.seller, new.buyer)
        and x.self_billing_series is not distinct from new.self_billing_series;
    if not found then
        perform refuse('500', 'credit_of_another_invoice');
    end if;
    select coalesce(sum(c.net), 0) as net, coalesce(sum(c.vat), 0) as vat into earlier
        from credit_note c where c.invoice = new.invoice;
    if earlier.net + new.net > i.net or earlier.vat + new.vat > i.vat then
        perform refuse('409', 'above_remaining');
    end if;
    if new.vat <> (case when earlier.net + new.net = i.net then i.vat - earlier.vat
        else least(div(new.net * i.vat_rate::numeric + 5000, 10000), i.vat - earlier.vat) end)
    then
        perform refuse('500', 'credit_does_not_add_up');
    end if;
    return new;
end $$;

create or replace function credit_note_whole() returns trigger
    language plpgsql
as $$
begin
    if (select coalesce(sum(l.net), 0) from credit_note_line l where l.credit_note = new.id)
        <> new.net
    then
        perform refuse('500', 'credit_does_not_add_up');
    end if;
    if (select sum(p.amount) from entry e join posting p on p.entry = e.id
        where e.kind = 'credit' and e.seller = new.seller and e.subject = new.subject
          and (p.book, p.code, p.side) in (
            (new.seller, 'receivable', 'credit'), (new.buyer, 'payable', 'debit')))
        is distinct from 2 * new.total
    then
        perform refuse('500', 'credit_not_posted');
    end if;
    if new.issuer_number > 1 and not exists (select from credit_note c
        where c.seller = new.seller and c.year = new.year
          and c.self_billing_series is not distinct from new.self_billing_series
          and c.issuer_number = new.issuer_number - 1)
    then
        perform refuse('500', 'credit_note_number_gap');
    end if;
    return null;
end $$;
call give_to_market('credit_note_whole()');

-- With the credit note, and by its issuer.
create or replace function write_off_cut_rules() returns trigger
    language plpgsql
as $$
begin
    if current_organisation() is distinct from invoice_issuer(new.invoice) then
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

-- A buyer's run invoices, and states nothing.
create or replace function billing_step_rules() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'UPDATE' and (old.state <> 'waiting' or new.state = 'waiting') then
        perform refuse('409', 'illegal_transition', jsonb_build_object('state', old.state));
    end if;
    if not exists (select from contract c
            where c.id = new.contract and (c.seller = new.organisation
                or c.buyer = new.organisation and new.kind = 'invoice'))
        or new.statement is not null and not exists (select from statement s
            where s.id = new.statement and s.contract = new.contract)
    then
        perform refuse('403', 'not_your_side');
    end if;
    new.ended_at := case when new.state <> 'waiting' then market_now() end;
    return new;
end $$;

-- What there is to do by the end of a month: contracts with charges that no statement has, or with
-- a commitment that is to be settled, and accepted statements of which something is to be invoiced
-- here, by the seller or by its buyer. The steps of a run, each with its deadline, which is now.
create or replace function plan_billing_run(p_run uuid) returns void
    language sql
as $$
    with due as (
        select c.contract, 'statement' as kind, null::uuid as statement, r.organisation
        from billing_run r
            join unstated_charge c on c.seller = r.organisation and c.period <= r.period
        where r.id = p_run
        union
        select v.contract, 'statement', null, r.organisation
        from billing_run r
            join contract_version v on v.seller = r.organisation and v.signed_at is not null
        where r.id = p_run and convert_from(v.document, 'UTF8')::jsonb ? 'commitment'
          and exists (select from commitment_to_settle(v.contract, r.period))
        union all
        select s.contract, 'invoice', s.id, r.organisation
        from billing_run r join statement s
            on s.seller = r.organisation and s.state = 'accepted' and s.period <= r.period
        where r.id = p_run and 'invoice' = any (documents_to_make(s.id))
        union all
        select s.contract, 'invoice', s.id, r.organisation
        from billing_run r join statement s
            on s.buyer = r.organisation and s.state = 'accepted' and s.period <= r.period
        where r.id = p_run and 'self_billing' = any (documents_to_make(s.id))
    ), steps as (
        insert into billing_step (id, run, organisation, contract, kind, statement)
        select uuid_v7(), p_run, organisation, contract, kind, statement from due
        returning id, organisation
    )
    insert into deadline (due_at, kind, subject, organisation)
    select market_now(), 'billing_step', id, organisation from steps
$$;
