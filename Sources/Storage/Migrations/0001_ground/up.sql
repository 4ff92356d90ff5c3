-- What every room stands on: the clock, identifiers, tenancy, events, audit, idempotency and
-- deadlines.

create extension if not exists btree_gist;

revoke all on schema public from public;
grant usage on schema public to aikatori_app, aikatori_market, aikatori_reader;

alter default privileges revoke execute on functions from public;

-- Every decision about time uses this clock, read once, after the locks it depends on.
-- A database made for a demo or a test replaces the body with one that adds a shift.
create function market_now() returns timestamptz
    language sql volatile parallel restricted
as $$ select clock_timestamp() $$;

-- UUIDv7 (RFC 9562 §5.7) for set-based inserts; elsewhere Swift makes them.
create function uuid_v7() returns uuid
    language sql volatile
as $$
    select encode(
        set_bit(
            set_bit(
                overlay(
                    uuid_send(gen_random_uuid())
                    placing substring(
                        int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                    from 1 for 6),
                52, 1),
            53, 1),
        'hex')::uuid
$$;

-- The caller, set by enter() for one transaction and never longer.
create function current_organisation() returns uuid
    language sql stable parallel safe
as $$ select nullif(current_setting('app.organisation', true), '')::uuid $$;

create function current_credential() returns uuid
    language sql stable parallel safe
as $$ select nullif(current_setting('app.credential', true), '')::uuid $$;

create function current_member() returns uuid
    language sql stable parallel safe
as $$ select nullif(current_setting('app.member', true), '')::uuid $$;

-- A stretch of time as all of ours are: half-open, bounded, not empty (invariant 2).
create function is_slot(range tstzrange) returns boolean
    language sql immutable parallel safe
as $$
    select not isempty(range) and lower_inc(range) and not upper_inc(range)
        and coalesce(isfinite(lower(range)) and isfinite(upper(range)), false)
$$;

-- A refusal of a rule: SQLSTATE AK and the kind, the message is the stable code, the detail its
-- figures.
create function refuse(kind text, code text, figures jsonb default '{}') returns void
    language plpgsql
as $$
begin
    raise exception using errcode = 'AK' || kind, message = code, detail = figures::text;
end $$;

-- Row-level security, enabled and forced, for a table whose rows belong to the organisations
-- in `columns`. The narrow market role and the reader have policies of their own.
create procedure protect(tenant_table regclass, variadic columns text[])
    language plpgsql
as $$
declare
    condition text;
begin
    select string_agg(format('%I = current_organisation()', name), ' or ')
        into condition from unnest(columns) as name;
    execute format('alter table %s enable row level security', tenant_table);
    execute format('alter table %s force row level security', tenant_table);
    execute format(
        'create policy tenant on %s to aikatori_app using (%s) with check (%s)',
        tenant_table, condition, condition);
    execute format(
        'create policy market on %s to aikatori_market using (true) with check (true)',
        tenant_table);
    execute format(
        'create policy reader on %s for select to aikatori_reader using (true)', tenant_table);
    execute format('grant select on %s to aikatori_reader', tenant_table);
end $$;

create function refuse_change() returns trigger
    language plpgsql
as $$
begin
    perform refuse('500', 'append_only', jsonb_build_object('table', tg_table_name));
    return null;
end $$;

-- Facts stay: no update, no delete, no truncate, whoever asks.
create procedure append_only(fact_table regclass)
    language plpgsql
as $$
begin
    execute format(
        'create trigger stays before update or delete on %s
             for each row execute function refuse_change()', fact_table);
    execute format(
        'create trigger stays_whole before truncate on %s
             for each statement execute function refuse_change()', fact_table);
end $$;

-- A definer function belongs to the narrow role, with a fixed search path. To own it the role must
-- be able to create in the schema at that moment, and only then.
create procedure give_to_market(
    definer_function regprocedure, variadic callers text[] default '{}')
    language plpgsql
as $$
declare
    caller text;
begin
    execute format(
        'alter function %s security definer set search_path = public, pg_temp', definer_function);
    grant create on schema public to aikatori_market;
    execute format('alter function %s owner to aikatori_market', definer_function);
    revoke create on schema public from aikatori_market;
    foreach caller in array callers loop
        execute format('grant execute on function %s to %I', definer_function, caller);
    end loop;
end $$;

-- What happened, for pages, mail and webhooks: written in the transaction of the change.
-- `revision` numbers the events of one subject; readers take what lies below the transaction
-- horizon, in order of (xid, position), so that none is skipped.
create table event (
    position bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),
    id uuid not null default uuid_v7() unique,
    kind text not null,
    subject_kind text not null,
    subject uuid not null,
    revision bigint not null,
    organisation uuid not null,
    counterparty uuid,
    data jsonb not null default '{}',
    recorded_at timestamptz not null default market_now(),
    unique (subject_kind, subject, revision)
);
create index event_of_organisation on event (organisation, xid, position);
create index event_of_counterparty on event (counterparty, xid, position)
    where counterparty is not null;
call protect('event', 'organisation', 'counterparty');
-- both sides read it, and each tells what it did itself
alter policy tenant on event with check (organisation = current_organisation());
call append_only('event');
grant select, insert on event to aikatori_app, aikatori_market;

-- Who did what, for which organisation, on whose behalf and why (invariant 28).
create table audit_fact (
    id bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),
    organisation uuid not null,
    counterparty uuid,
    credential uuid,
    member uuid,
    on_behalf_of uuid,
    operation text not null,
    subject_kind text not null,
    subject uuid not null,
    facts jsonb not null default '{}',
    recorded_at timestamptz not null default market_now()
);
create index audit_fact_in_order on audit_fact (xid, id);
create index audit_fact_of_organisation on audit_fact (organisation, xid, id);
create index audit_fact_of_counterparty on audit_fact (counterparty, xid, id)
    where counterparty is not null;
call protect('audit_fact', 'organisation', 'counterparty');
-- nobody writes down what another did
alter policy tenant on audit_fact with check (organisation = current_organisation()
    and credential is not distinct from current_credential()
    and member is not distinct from current_member());
call append_only('audit_fact');
grant select, insert on audit_fact to aikatori_app, aikatori_market;

-- One chain an organisation: number, fact and the hash over it and the hash before.
create table audit_seal (
    organisation uuid not null,
    number bigint not null check (number > 0),
    fact bigint not null references audit_fact (id),
    hash bytea not null check (length(hash) = 32),
    position bigint generated always as identity unique,
    primary key (organisation, number),
    unique (organisation, fact)
);
call protect('audit_seal', 'organisation');
call append_only('audit_seal');
grant select on audit_seal to aikatori_app;
grant select, insert on audit_seal to aikatori_market;

-- The first answer to a request, returned again when it is repeated (kept for 24 hours).
create table idempotency (
    organisation uuid not null,
    operation text not null,
    key text not null check (length(key) between 1 and 200),
    body_digest bytea not null check (length(body_digest) = 32),
    status int not null,
    answer text not null,
    etag text,
    location text,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (organisation, operation, key)
);
create index idempotency_by_age on idempotency (recorded_at);
call protect('idempotency', 'organisation');
grant select, insert on idempotency to aikatori_app, aikatori_market;
grant delete on idempotency to aikatori_market;

-- What is due without anyone asking. Only the worker locks these rows, before all others.
create table deadline (
    id bigint generated always as identity primary key,
    due_at timestamptz not null,
    kind text not null
        check (kind in ('hold_expiry', 'handshake_reply', 'contract_end', 'need_deadline',
            'waiting_list', 'waiting_look', 'waiting_end', 'block_closes', 'block_ends',
            'visit_in_a_day', 'visit_in_an_hour', 'visit_in_a_quarter', 'visit_over',
            'hold_ends_soon', 'placing_ends_soon', 'demand_end', 'statement_silence',
            'dispute_answer', 'invoice_delivery', 'billing_step', 'netting_consent')),
    subject uuid not null,
    organisation uuid not null,
    counterparty uuid
);
create index deadline_by_due on deadline (due_at);
call protect('deadline', 'organisation', 'counterparty');
grant insert on deadline to aikatori_app;
grant select, insert, update, delete on deadline to aikatori_market;

create function announce(
    kind text, subject_kind text, subject uuid, revision bigint,
    organisation uuid, counterparty uuid, data jsonb default '{}'
) returns void
    language sql
as $$
    insert into event (kind, subject_kind, subject, revision, organisation, counterparty, data)
    values (kind, subject_kind, subject, revision, organisation, counterparty, data)
$$;

create function audit(
    subject_kind text, subject uuid, organisation uuid, counterparty uuid,
    facts jsonb default '{}'
) returns void
    language sql
as $$
    insert into audit_fact (organisation, counterparty, credential, member, on_behalf_of,
        operation, subject_kind, subject, facts)
    values (organisation, counterparty, current_credential(), current_member(),
        nullif(current_setting('app.on_behalf_of', true), '')::uuid,
        coalesce(nullif(current_setting('app.operation', true), ''), 'system'),
        subject_kind, subject, facts)
$$;

-- The bytes that a seal covers: the fields joined by U+001F, which JSON text cannot hold raw.
create function audit_bytes(fact audit_fact) returns bytea
    language sql stable
as $$
    select convert_to(concat_ws(E'\x1f',
        fact.id::text, fact.organisation::text, coalesce(fact.counterparty::text, ''),
        coalesce(fact.credential::text, ''), coalesce(fact.member::text, ''),
        coalesce(fact.on_behalf_of::text, ''), fact.operation, fact.subject_kind,
        fact.subject::text, fact.facts::text,
        (extract(epoch from fact.recorded_at) * 1000000)::bigint::text), 'UTF8')
$$;

-- Numbers and hashes what lies below the transaction horizon; the worker calls it. Facts are
-- sealed in the order of (xid, id), and below the horizon none can appear any more: the next ones
-- are those after the last that was sealed.
create function seal_audit(most int) returns int
    language plpgsql
as $$
declare
    fact audit_fact;
    last_fact audit_fact;
    chain uuid;
    last_number bigint;
    last_hash bytea;
    sealed int := 0;
begin
    if not pg_try_advisory_xact_lock(hashtextextended('aikatori.seal_audit', 0)) then
        return 0;
    end if;
    select f.* into last_fact from audit_seal s join audit_fact f on f.id = s.fact
    order by s.position desc limit 1;
    for fact in
        select f.* from audit_fact f
        where f.xid < pg_snapshot_xmin(pg_current_snapshot())
          and (last_fact.id is null or (f.xid, f.id) > (last_fact.xid, last_fact.id))
        order by f.xid, f.id limit most
    loop
        foreach chain in array array_remove(array[fact.organisation,
            nullif(fact.counterparty, fact.organisation)], null)
        loop
            select s.number, s.hash into last_number, last_hash from audit_seal s
            where s.organisation = chain order by s.number desc limit 1;
            insert into audit_seal (organisation, number, fact, hash)
            values (chain, coalesce(last_number, 0) + 1, fact.id,
                sha256(coalesce(last_hash, ''::bytea) || audit_bytes(fact)));
        end loop;
        sealed := sealed + 1;
    end loop;
    return sealed;
end $$;

-- The oldest answers to repeated requests go; the worker calls it.
create function forget_answers(older_than interval) returns bigint
    language sql
as $$
    with gone as (
        delete from idempotency where recorded_at < clock_timestamp() - older_than returning 1)
    select count(*) from gone
$$;

-- In progress elsewhere: 409. Stored with another body: 422. Stored: the first answer.
create function idempotency_begin(p_operation text, p_key text, p_body_digest bytea)
    returns setof idempotency
    language plpgsql
as $$
declare
    stored idempotency;
begin
    if not pg_try_advisory_xact_lock(
        hashtextextended(current_organisation()::text || p_operation || ' ' || p_key, 0))
    then
        perform refuse('409', 'idempotency_key_in_progress');
    end if;
    select * into stored from idempotency i
    where i.organisation = current_organisation()
      and i.operation = p_operation and i.key = p_key;
    if not found then
        return;
    end if;
    if stored.body_digest <> p_body_digest then
        perform refuse('422', 'idempotency_key_reused');
    end if;
    return next stored;
end $$;

grant execute on function market_now(), uuid_v7(), current_organisation(), current_credential(),
    current_member(), is_slot(tstzrange), refuse(text, text, jsonb), refuse_change(),
    announce(text, text, uuid, bigint, uuid, uuid, jsonb),
    audit(text, uuid, uuid, uuid, jsonb), audit_bytes(audit_fact),
    idempotency_begin(text, text, bytea)
    to aikatori_app, aikatori_market, aikatori_reader;

call give_to_market('seal_audit(int)', 'aikatori_app');
call give_to_market('forget_answers(interval)', 'aikatori_app');

-- The one rounding of a line: half a cent goes away from zero, or to the even cent.
create function in_cents(numerator numeric, denominator numeric, rounding text) returns bigint
    language sql immutable
as $$
    select sign(numerator)::bigint * (div(2 * abs(numerator) + denominator, 2 * denominator)
        - case when rounding = 'half_even'
            and mod(2 * abs(numerator) + denominator, 2 * denominator) = 0
            and mod(div(2 * abs(numerator) + denominator, 2 * denominator), 2) = 1
            then 1 else 0 end)::bigint
$$;

-- The public holidays of Finland (Sources/MoneyAndTime/Holidays.swift, compared by a test).
create function is_holiday(day date) returns boolean
    language plpgsql immutable
as $$
declare
    y int := extract(year from day);
    golden int := y % 19;
    century int := y / 100;
    epact int;
    to_sunday int;
    late int;
    from_march int;
    easter date;
begin
    if to_char(day, 'MM-DD') in ('01-01', '01-06', '05-01', '12-06', '12-25', '12-26') then
        return true;
    end if;
    if extract(isodow from day) = 6
        and to_char(day, 'MM-DD') between '06-20' and '06-26'
        or extract(isodow from day) = 6
        and to_char(day, 'MM-DD') between '10-31' and '11-06'
    then
        return true;
    end if;
    -- the anonymous Gregorian algorithm (Meeus, Jones, Butcher)
    epact := (19 * golden + century - century / 4
        - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    to_sunday := (32 + 2 * (century % 4) + 2 * (y % 100 / 4) - epact - y % 100 % 4) % 7;
    late := (golden + 11 * epact + 22 * to_sunday) / 451;
    from_march := epact + to_sunday - 7 * late + 114;
    easter := make_date(y, from_march / 31, from_march % 31 + 1);
    return day - easter in (-2, 0, 1, 39, 49);
end $$;
grant execute on function in_cents(numeric, numeric, text), is_holiday(date)
    to aikatori_app, aikatori_market, aikatori_reader;
