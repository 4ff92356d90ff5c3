-- Organisations, their units, members, credentials, specialists and licences.

create table organisation (
    id uuid primary key,
    name text not null check (length(name) between 1 and 200),
    business_id text not null unique,
    vat_id text,
    ovt text,
    street text not null,
    postal_code text not null,
    city text not null,
    country text not null check (country ~ '^[A-Z]{2}$'),
    iban text,
    email text not null,
    is_example boolean not null default false,
    revision bigint not null default 1,
    created_at timestamptz not null default market_now()
);
call protect('organisation', 'id');
grant select on organisation to aikatori_app, aikatori_market;
grant update (name, vat_id, ovt, street, postal_code, city, country, iban, email, revision)
    on organisation to aikatori_app;

create table unit (
    id uuid primary key,
    organisation uuid not null references organisation (id),
    name text not null check (length(name) between 1 and 200),
    time_zone text not null,
    -- whom a guest of a visit calls when the video does not work
    telephone text check (telephone ~ '^\+?[0-9]+( [0-9]+)*$' and length(telephone) <= 30),
    revision bigint not null default 1,
    created_at timestamptz not null default market_now(),
    unique (organisation, id),
    unique (organisation, name)
);
call protect('unit', 'organisation');
grant select, insert on unit to aikatori_app;
grant update (name, time_zone, telephone, revision) on unit to aikatori_app;
grant select on unit to aikatori_market;

create function is_role_list(roles text[]) returns boolean
    language sql immutable
as $$
    select roles <@
            array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']
        and cardinality(roles) between 1 and 6
$$;

create table member (
    id uuid primary key,
    organisation uuid not null references organisation (id),
    name text not null check (length(name) between 1 and 200),
    email text not null check (length(email) between 3 and 254),
    roles text[] not null check (is_role_list(roles)),
    active boolean not null default true,
    revision bigint not null default 1,
    created_at timestamptz not null default market_now(),
    unique (organisation, id),
    unique (organisation, email)
);
call protect('member', 'organisation');
grant select, insert on member to aikatori_app;
grant update (name, email, roles, active, revision) on member to aikatori_app;
grant select on member to aikatori_market;

-- A token of a member, or of a machine where there is none, kept as the SHA-256 of what was shown
-- once. Its times are real ones, whatever a demo's clock says.
create table credential (
    id uuid primary key,
    organisation uuid not null references organisation (id),
    member uuid,
    label text not null check (length(label) between 1 and 200),
    digest bytea not null unique check (length(digest) = 32),
    roles text[] not null check (is_role_list(roles)),
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    -- a login in a browser ends too when it lies unused until then
    idle_until timestamptz,
    revoked_at timestamptz,
    revision bigint not null default 1,
    unique (organisation, id),
    foreign key (organisation, member) references member (organisation, id)
);
create index credential_of_organisation on credential (organisation, id);
call protect('credential', 'organisation');
grant select, insert on credential to aikatori_app;
grant update (revoked_at, revision) on credential to aikatori_app;
grant select on credential to aikatori_market;

create table specialist (
    id uuid primary key,
    organisation uuid not null,
    unit uuid not null,
    label text not null check (length(label) between 1 and 200),
    profession text not null,
    specialty text not null,
    languages text[] not null check (cardinality(languages) between 1 and 20),
    -- the most planned minutes that may be sold in a day and in a week of the unit's zone
    daily_minutes int check (daily_minutes between 1 and 1440),
    weekly_minutes int check (weekly_minutes between 1 and 10080),
    active boolean not null default true,
    revision bigint not null default 1,
    created_at timestamptz not null default market_now(),
    unique (organisation, id),
    unique (organisation, label),
    foreign key (organisation, unit) references unit (organisation, id)
);
-- whom a search may find
create index specialist_of_specialty on specialist (organisation, specialty) where active;
call protect('specialist', 'organisation');
grant select, insert on specialist to aikatori_app;
grant update (label, profession, specialty, languages, daily_minutes, weekly_minutes, active,
        revision)
    on specialist to aikatori_app;
grant select on specialist to aikatori_market;

-- Which of the organisation's specialists a member is, where the member is one: whose visits come
-- first on the member's day.
alter table member
    add column specialist uuid,
    add foreign key (organisation, specialist) references specialist (organisation, id);
grant update (specialist) on member to aikatori_app;

create table licence (
    id uuid primary key,
    organisation uuid not null,
    specialist uuid not null,
    authority text not null check (length(authority) between 1 and 200),
    number text not null check (length(number) between 1 and 64),
    valid daterange not null check (not isempty(valid) and lower(valid) is not null),
    created_at timestamptz not null default market_now(),
    foreign key (organisation, specialist) references specialist (organisation, id)
);
create index licence_of_specialist on licence (specialist);
call protect('licence', 'organisation');
grant select, insert on licence to aikatori_app;
grant select on licence to aikatori_market;

-- Which roles may do which operation; api/openapi.yaml says the same (`x-roles`), and a test
-- compares the two.
create table operation_role (
    operation text primary key,
    roles text[] not null check (is_role_list(roles))
);
grant select on operation_role to aikatori_app, aikatori_market, aikatori_reader;

-- The credential behind a digest, or the name of what is wrong with it. Sets the caller for the
-- transaction when nothing is.
create function authorise(
    p_digest bytea, p_operation text,
    out organisation uuid, out credential uuid, out member uuid, out roles text[],
    out kind text, out refusal text
)
    language plpgsql
as $$
declare
    found_credential record;
    wanted text[];
begin
    select c.id, c.organisation, c.member, c.expires_at, c.revoked_at, c.idle_until,
           case when c.member is null then c.roles
                else array(select unnest(c.roles) intersect select unnest(m.roles) order by 1) end
               as roles,
           coalesce(m.active, true) as active
        into found_credential
        from credential c left join member m on m.id = c.member
        where c.digest = p_digest;
    kind := '401';
    refusal := case
        when not found then 'credential_unknown'
        when found_credential.revoked_at is not null then 'credential_revoked'
        when least(found_credential.expires_at, found_credential.idle_until) <= clock_timestamp()
            then 'credential_expired'
        when not found_credential.active then 'member_inactive'
        when found_credential.idle_until is not null
            and lacks_second_factor(found_credential.organisation, found_credential.member)
            then 'second_factor_missing'
    end;
    if refusal is not null then
        return;
    end if;
    select o.roles into wanted from operation_role o where o.operation = p_operation;
    if wanted is null or not (wanted && found_credential.roles) then
        kind := '403';
        refusal := 'role_not_allowed';
        return;
    end if;
    kind := null;
    organisation := found_credential.organisation;
    credential := found_credential.id;
    member := found_credential.member;
    roles := found_credential.roles;
    perform set_config('app.organisation', organisation::text, true),
            set_config('app.credential', credential::text, true),
            set_config('app.member', coalesce(member::text, ''), true),
            set_config('app.operation', p_operation, true);
end $$;

-- First in every segment and transaction: says who asks, or refuses (invariants 26 and 33).
create function enter(p_digest bytea, p_operation text)
    returns table (organisation uuid, credential uuid, member uuid, roles text[], now timestamptz)
    language plpgsql
as $$
declare
    caller record;
begin
    select * into caller from authorise(p_digest, p_operation);
    if caller.refusal is not null then
        perform refuse(caller.kind, caller.refusal);
    end if;
    return query
        select caller.organisation, caller.credential, caller.member, caller.roles, market_now();
end $$;

-- The names of the organisations in the market, for those who are in it: nothing else of them.
create function organisation_directory(
    p_organisation uuid, p_business_id text, p_after uuid, p_limit int)
    returns table (id uuid, name text, business_id text)
    language sql stable
as $$
    select o.id, o.name, o.business_id from organisation o
    where current_organisation() is not null
      and (p_organisation is null or o.id = p_organisation)
      and (p_business_id is null or o.business_id = p_business_id)
      and (p_after is null or o.id > p_after)
    order by o.id limit p_limit
$$;

call give_to_market('authorise(bytea, text)', 'aikatori_app');
call give_to_market('enter(bytea, text)', 'aikatori_app');
call give_to_market('organisation_directory(uuid, text, uuid, int)', 'aikatori_app');
