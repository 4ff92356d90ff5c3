-- Contracts: versions that never change once signed, their signatures, prices compiled for search,
-- and the one truth about a budget.

-- Ed25519 keys of an organisation; the private half is sealed under AES-GCM by the server, or is
-- not here at all: an organisation may sign elsewhere with a key of its own.
create table organisation_key (
    organisation uuid not null references organisation (id),
    key_id text not null,
    public_key bytea not null check (length(public_key) = 32),
    sealed_private_key bytea,
    created_at timestamptz not null default market_now(),
    retired_at timestamptz check (retired_at >= created_at),
    primary key (organisation, key_id),
    unique (key_id)
);
call protect('organisation_key', 'organisation');
create unique index organisation_key_in_use on organisation_key (organisation)
    where retired_at is null;
grant select, insert on organisation_key to aikatori_app;
grant update (retired_at) on organisation_key to aikatori_app;
grant select on organisation_key to aikatori_market;

create table contract (
    id uuid primary key,
    seller uuid not null references organisation (id),
    buyer uuid not null references organisation (id),
    drafted_by uuid not null,
    title text not null check (length(title) between 1 and 200),
    state text not null default 'draft'
        check (state in ('draft', 'offered', 'active', 'suspended', 'ended')),
    -- who stopped new bookings for a time, and why
    suspended_by uuid,
    suspended_at timestamptz,
    suspension_reason text check (length(suspension_reason) between 1 and 500),
    -- a notice: no visit that starts from then on can be booked
    ends_at timestamptz,
    notice_by uuid,
    notice_at timestamptz,
    notice_reason text check (length(notice_reason) between 1 and 500),
    ended_at timestamptz,
    revision bigint not null default 1,
    created_at timestamptz not null default market_now(),
    unique (id, seller, buyer),
    check (num_nulls(suspended_by, suspended_at, suspension_reason) in (0, 3)),
    check (case state when 'suspended' then suspended_by in (seller, buyer)
        when 'ended' then true else suspended_by is null end),
    check (num_nulls(ends_at, notice_by, notice_at, notice_reason) in (0, 4)),
    check (notice_by in (seller, buyer) and ends_at > notice_at),
    check (seller <> buyer),
    check (drafted_by in (seller, buyer))
);
create index contract_of_seller on contract (seller, id);
create index contract_of_buyer on contract (buyer, id);
call protect('contract', 'seller', 'buyer');
-- every contract begins as a draft
grant select, insert (id, seller, buyer, drafted_by, title) on contract to aikatori_app;
grant update (title, state, suspended_by, suspended_at, suspension_reason, ends_at, notice_by,
    notice_at, notice_reason, ended_at, revision) on contract to aikatori_app;
-- booking locks the contract it books under, which asks for UPDATE
grant select, update (revision) on contract to aikatori_market;

-- `document` is the RFC 8785 form that both sign; `effective` begins at its validity and ends
-- where the next signed version begins; the other columns are compiled from the document.
create table contract_version (
    contract uuid not null,
    number int not null check (number > 0),
    seller uuid not null,
    buyer uuid not null,
    document bytea not null,
    digest bytea not null check (digest = sha256(document)),
    drafted_by uuid not null,
    -- shown to the other side
    offered_at timestamptz check (offered_at is not null or signed_at is null),
    signed_at timestamptz,
    -- withdrawn by its writer, or declined by the other side, before both had signed
    closed_at timestamptz check (closed_at is null or signed_at is null),
    closed_by uuid check (closed_by in (seller, buyer)),
    closed_reason text check (length(closed_reason) between 1 and 500),
    effective tstzrange not null check (is_slot(effective)),
    time_zone text not null,
    minimum_notice_minutes int not null check (minimum_notice_minutes >= 0),
    horizon_days int not null check (horizon_days > 0),
    hold_minutes int not null check (hold_minutes > 0),
    budget_ceiling bigint check (budget_ceiling >= 0),
    -- the most visits and planned minutes of one billing period
    quota_visits int check (quota_visits > 0),
    quota_minutes int check (quota_minutes > 0),
    accepted_in_advance boolean not null,
    reply_within_minutes int not null check (reply_within_minutes > 0),
    rounding text not null check (rounding in ('half_up', 'half_even')),
    xid xid8 not null default pg_current_xact_id(),
    created_at timestamptz not null default market_now(),
    primary key (contract, number),
    foreign key (contract, seller, buyer) references contract (id, seller, buyer),
    -- invariant 4: signed versions of one contract never overlap in time
    exclude using gist (contract with =, effective with &&) where (signed_at is not null)
);
call protect('contract_version', 'seller', 'buyer');
-- it is signed afterwards: the trigger below counts the signatures
grant select, insert (contract, number, seller, buyer, document, digest, drafted_by, effective,
    time_zone, minimum_notice_minutes, horizon_days, hold_minutes, budget_ceiling, quota_visits,
    quota_minutes, accepted_in_advance, reply_within_minutes, rounding)
    on contract_version to aikatori_app;
grant update (offered_at, signed_at, closed_at, closed_by, closed_reason, effective)
    on contract_version to aikatori_app;
grant select on contract_version to aikatori_market;

-- Invariant 5: what was signed stays. A later version may only end the time that it rules.
create function contract_version_stays() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'DELETE' then
        perform refuse('500', 'contract_version_stays');
    end if;
    if (new.contract, new.number, new.seller, new.buyer, new.document, new.digest,
            new.drafted_by, new.time_zone, new.minimum_notice_minutes, new.horizon_days,
            new.hold_minutes, new.budget_ceiling, new.quota_visits, new.quota_minutes,
            new.accepted_in_advance, new.reply_within_minutes, new.xid, new.created_at)
        is distinct from
        (old.contract, old.number, old.seller, old.buyer, old.document, old.digest,
            old.drafted_by, old.time_zone, old.minimum_notice_minutes, old.horizon_days,
            old.hold_minutes, old.budget_ceiling, old.quota_visits, old.quota_minutes,
            old.accepted_in_advance, old.reply_within_minutes, old.xid, old.created_at)
        or old.signed_at is not null and new.signed_at is distinct from old.signed_at
        or lower(new.effective) <> lower(old.effective)
        or upper(new.effective) > upper(old.effective)
    then
        perform refuse('500', 'contract_version_stays');
    end if;
    if old.signed_at is null and new.signed_at is not null and
        (select count(distinct s.organisation) from signature s
         where s.contract = new.contract and s.number = new.number and s.digest = new.digest) < 2
    then
        perform refuse('409', 'signature_missing');
    end if;
    return new;
end $$;
create trigger stays before update or delete on contract_version
    for each row execute function contract_version_stays();
create trigger stays_whole before truncate on contract_version
    for each statement execute function refuse_change();

-- It ends early only where a signed one begins, when the transaction commits.
create function contract_version_followed() returns trigger
    language plpgsql
as $$
begin
    if not exists (select from contract_version v
        where v.contract = new.contract and v.number <> new.number
          and v.signed_at is not null and lower(v.effective) = upper(new.effective))
    then
        perform refuse('500', 'contract_version_stays');
    end if;
    return null;
end $$;
create constraint trigger followed after update on contract_version
    deferrable initially deferred for each row
    when (upper(new.effective) < upper(old.effective))
    execute function contract_version_followed();
grant execute on function contract_version_followed() to aikatori_app, aikatori_market;

create table signature (
    contract uuid not null,
    number int not null,
    organisation uuid not null,
    seller uuid not null,
    buyer uuid not null,
    digest bytea not null,
    key_id text not null,
    protected_header text not null,
    signature bytea not null check (length(signature) = 64),
    member uuid,
    credential uuid not null,
    signed_at timestamptz not null default market_now(),
    primary key (contract, number, organisation),
    foreign key (contract, number) references contract_version (contract, number),
    foreign key (contract, seller, buyer) references contract (id, seller, buyer),
    foreign key (organisation, key_id) references organisation_key (organisation, key_id),
    check (organisation in (seller, buyer))
);
call protect('signature', 'seller', 'buyer');
call append_only('signature');
grant select, insert on signature to aikatori_app;
grant select on signature to aikatori_market;

-- The services of a version, as search and booking need them.
create table contract_service (
    contract uuid not null,
    number int not null,
    service text not null,
    seller uuid not null,
    buyer uuid not null,
    specialty text not null,
    languages text[] not null,
    modality text not null default 'video'
        check (modality in ('video', 'telephone', 'chat', 'on_site')),
    minimum_minutes int not null check (minimum_minutes > 0),
    maximum_minutes int not null check (maximum_minutes >= minimum_minutes),
    step_minutes int not null check (step_minutes > 0),
    -- into how many places a group session is shared at most; null of every other service
    capacity int check (capacity between 1 and 100),
    -- whether a length has one price whenever it starts; else quote_at() works it out
    one_price boolean not null,
    cap bigint check (cap >= 0),
    -- what a booking must bring for the hand-over
    required text[] not null default '{}' check (required <@ array[
        'patient_reference', 'authorisation_reference', 'diary_reference']),
    -- in each language, what is done before a visit
    instructions jsonb,
    primary key (contract, number, service),
    foreign key (contract, number) references contract_version (contract, number)
);
create index contract_service_of_specialty on contract_service (buyer, specialty);
call protect('contract_service', 'seller', 'buyer');
call append_only('contract_service');
grant select, insert on contract_service to aikatori_app;
grant select on contract_service to aikatori_market;

-- The rate card compiled: what start fee and time of a planned length cost, as the first visit of
-- a period. Tested equal to the rating function.
create table price (
    contract uuid not null,
    number int not null,
    service text not null,
    minutes int not null check (minutes > 0),
    seller uuid not null,
    buyer uuid not null,
    amount bigint not null check (amount >= 0),
    billed_seconds bigint not null check (billed_seconds > 0),
    primary key (contract, number, service, minutes),
    foreign key (contract, number, service)
        references contract_service (contract, number, service)
);
call protect('price', 'seller', 'buyer');
call append_only('price');
grant select, insert on price to aikatori_app;
grant select on price to aikatori_market;

-- Additions to the price of minutes, by the wall clock of the version's zone.
create table price_supplement (
    contract uuid not null,
    number int not null,
    service text not null,
    position int not null check (position > 0),
    seller uuid not null,
    buyer uuid not null,
    -- days of the week from Monday, 1; a public holiday is 0, and no day of the week
    days int[] not null check (days <@ '{0,1,2,3,4,5,6,7}' and days <> '{}'),
    from_minute int not null check (from_minute between 0 and 1439),
    until_minute int not null check (until_minute between from_minute + 1 and 1440),
    -- ten-thousandths of a euro for a minute
    per_minute bigint not null check (per_minute >= 0),
    primary key (contract, number, service, position),
    foreign key (contract, number, service)
        references contract_service (contract, number, service)
);
call protect('price_supplement', 'seller', 'buyer');
call append_only('price_supplement');
grant select, insert on price_supplement to aikatori_app;
grant select on price_supplement to aikatori_market;

create table price_discount (
    contract uuid not null,
    number int not null,
    service text not null,
    position int not null check (position > 0),
    seller uuid not null,
    buyer uuid not null,
    basis_points int not null check (basis_points between 0 and 10000),
    first_day date,
    last_day date check (last_day >= first_day),
    primary key (contract, number, service, position),
    foreign key (contract, number, service)
        references contract_service (contract, number, service)
);
call protect('price_discount', 'seller', 'buyer');
call append_only('price_discount');
grant select, insert on price_discount to aikatori_app;
grant select on price_discount to aikatori_market;

-- What a planned length costs at a start, net of VAT: the compiled price, and what depends on the
-- day and the hour. The Swift rating function is its oracle.
create function quote_at(
    p_contract uuid, p_number int, p_service text, p_starts timestamptz, p_minutes int)
    returns bigint
    language plpgsql stable
as $$
declare
    v contract_version;
    s contract_service;
    p price;
    total bigint;
    share int;
begin
    select * into strict v from contract_version x
        where x.contract = p_contract and x.number = p_number;
    select * into strict s from contract_service x
        where x.contract = p_contract and x.number = p_number and x.service = p_service;
    select * into strict p from price x where x.contract = p_contract
        and x.number = p_number and x.service = p_service and x.minutes = p_minutes;
    if s.one_price then
        return p.amount;
    end if;
    -- each minute from the planned start is what the wall shows when it begins
    with minute as (
        select case when is_holiday(local::date) then 0
                else extract(isodow from local)::int end as day,
            extract(hour from local) * 60 + extract(minute from local) as at,
            least(60, p.billed_seconds - passed) as seconds
        from generate_series(0, p.billed_seconds - 1, 60) as passed
        cross join lateral (select (p_starts + make_interval(secs => passed))
            at time zone v.time_zone as local) clock
    ), added as (
        select x.per_minute, sum(m.seconds) as seconds
        from price_supplement x join minute m
            on m.day = any (x.days) and m.at >= x.from_minute and m.at < x.until_minute
        where x.contract = p_contract and x.number = p_number and x.service = p_service
        group by x.position, x.per_minute
    )
    select p.amount + coalesce(sum(in_cents(seconds * per_minute, 6000, v.rounding)), 0)
        into total from added;
    total := least(total, s.cap);
    for share in
        select x.basis_points from price_discount x
        where x.contract = p_contract and x.number = p_number and x.service = p_service
          and (p_starts at time zone v.time_zone)::date between coalesce(x.first_day, '-infinity')
              and coalesce(x.last_day, 'infinity')
        order by x.position
    loop
        total := total - in_cents(total::numeric * share, 10000, v.rounding);
    end loop;
    return total;
end $$;
grant execute on function quote_at(uuid, int, text, timestamptz, int)
    to aikatori_app, aikatori_market, aikatori_reader;

-- What is compiled from a document comes with its version, and never later (invariant 5).
create function compiled_with_version() returns trigger
    language plpgsql
as $$
begin
    if not exists (select from contract_version v
        where (v.contract, v.number, v.seller, v.buyer)
            = (new.contract, new.number, new.seller, new.buyer)
          and v.xid = pg_current_xact_id())
    then
        perform refuse('500', 'contract_version_stays');
    end if;
    return new;
end $$;
create trigger with_version before insert on contract_service
    for each row execute function compiled_with_version();
create trigger with_version before insert on price
    for each row execute function compiled_with_version();
create trigger with_version before insert on price_supplement
    for each row execute function compiled_with_version();
create trigger with_version before insert on price_discount
    for each row execute function compiled_with_version();

-- One truth about a budget and a quota. Reserved by live bookings, used by charges: cents, net of
-- VAT. Visits and their planned minutes: of bookings that are live or were held until their end.
create table budget_counter (
    contract uuid not null,
    period text not null check (period ~ '^\d{4}-\d{2}$'),
    seller uuid not null,
    buyer uuid not null,
    reserved bigint not null default 0 check (reserved >= 0),
    used bigint not null default 0 check (used >= 0),
    visits int not null default 0 check (visits >= 0),
    minutes int not null default 0 check (minutes >= 0),
    primary key (contract, period),
    foreign key (contract, seller, buyer) references contract (id, seller, buyer)
);
call protect('budget_counter', 'seller', 'buyer');
-- no party writes it: bookings and charges do
grant select on budget_counter to aikatori_app;
grant select, insert, update (reserved, used, visits, minutes) on budget_counter to aikatori_market;

-- The billing period of an instant: the month by the wall clock of the contract's zone.
create function billing_period(at timestamptz, zone text) returns text
    language sql stable
as $$ select to_char(at at time zone zone, 'YYYY-MM') $$;
grant execute on function billing_period(timestamptz, text)
    to aikatori_app, aikatori_market, aikatori_reader;

-- From when a contract under notice cannot be booked, as a refusal tells it.
create function contract_end_figures(ends_at timestamptz) returns jsonb
    language sql stable
as $$
    select jsonb_build_object(
        'at', to_char(ends_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
$$;
grant execute on function contract_end_figures(timestamptz) to aikatori_app, aikatori_market;
grant execute on function is_role_list(text[]) to aikatori_app, aikatori_market;
