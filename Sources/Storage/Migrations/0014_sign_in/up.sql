-- Signing in at an organisation's own provider (OpenID Connect).

create function is_email_domain(domain text) returns boolean
    language sql immutable
as $$
    select domain = lower(domain) and length(domain) between 3 and 253 and strpos(domain, '.') > 1
$$;

-- How an organisation's members sign in on the pages; no row is the same as one with the defaults.
create table sign_in_settings (
    organisation uuid primary key references organisation (id),
    -- its provider; without one its members sign in by a link by mail
    issuer text check (issuer ~ '^https?://' and length(issuer) <= 500),
    client_id text check (length(client_id) between 1 and 200),
    sealed_client_secret bytea,
    scopes text[] not null default '{}' check (cardinality(scopes) <= 20),
    -- the claim with a member's roles; without one an administrator gives them
    roles_claim text check (length(roles_claim) between 1 and 100),
    -- for each role the values of the claim that give it
    role_values jsonb not null default '{}',
    -- of those who sign in by a link by mail
    requires_second_factor boolean not null default false,
    revision bigint not null default 1,
    check ((issuer is null) = (client_id is null)),
    check (issuer is not null or (sealed_client_secret is null and roles_claim is null))
);
call protect('sign_in_settings', 'organisation');
grant select, insert on sign_in_settings to aikatori_app;
grant update (issuer, client_id, sealed_client_secret, scopes, roles_claim, role_values,
    requires_second_factor, revision) on sign_in_settings to aikatori_app;
grant select on sign_in_settings to aikatori_market;

-- By the domain of an address its organisation's provider is found: one domain, one organisation.
create table email_domain (
    domain text primary key check (is_email_domain(domain)),
    organisation uuid not null references sign_in_settings (organisation)
);
create index email_domain_of_organisation on email_domain (organisation);
call protect('email_domain', 'organisation');
grant select, insert, delete on email_domain to aikatori_app;
grant select on email_domain to aikatori_market;

-- A browser on its way to the provider: what comes back with the state is of this browser, and
-- comes once.
create table sign_in_attempt (
    state_digest bytea primary key check (length(state_digest) = 32),
    organisation uuid not null references organisation (id),
    browser_digest bytea not null check (length(browser_digest) = 32),
    next text not null check (length(next) between 1 and 2000),
    expires_at timestamptz not null
);
create index sign_in_attempt_by_age on sign_in_attempt (expires_at);
call protect('sign_in_attempt', 'organisation');
grant select, insert, delete on sign_in_attempt to aikatori_market;

create function provider_of(p_organisation uuid)
    returns table (
        organisation uuid, organisation_name text, issuer text, client_id text,
        sealed_client_secret bytea, scopes text[], roles_claim text, role_values text,
        domains text[])
    language sql stable
as $$
    select o.id, o.name, s.issuer, s.client_id, s.sealed_client_secret, s.scopes, s.roles_claim,
        s.role_values::text,
        array(select d.domain from email_domain d where d.organisation = o.id order by 1)
    from sign_in_settings s join organisation o on o.id = s.organisation
    where s.organisation = p_organisation and s.issuer is not null
$$;

create function provider_of_domain(p_domain text)
    returns table (
        organisation uuid, organisation_name text, issuer text, client_id text,
        sealed_client_secret bytea, scopes text[], roles_claim text, role_values text,
        domains text[])
    language sql stable
as $$
    select p.* from email_domain d, provider_of(d.organisation) p where d.domain = p_domain
$$;

create function begin_attempt(
    p_state bytea, p_organisation uuid, p_browser bytea, p_next text, p_life_seconds int)
    returns void
    language sql
as $$
    insert into sign_in_attempt (state_digest, organisation, browser_digest, next, expires_at)
    values (p_state, p_organisation, p_browser, p_next,
        clock_timestamp() + make_interval(secs => p_life_seconds))
$$;

-- What came back is of this attempt, which is gone with it. No row where it is none, or too old.
create function take_attempt(p_state bytea)
    returns table (organisation uuid, browser_digest bytea, next text, now timestamptz)
    language sql
as $$
    with taken as (
        delete from sign_in_attempt a where a.state_digest = p_state returning a.*)
    select t.organisation, t.browser_digest, t.next, clock_timestamp() from taken t
    where t.expires_at > clock_timestamp()
$$;

-- The member behind an address, with capitals or without; the same spelling first.
create function member_by_email(p_organisation uuid, p_email text) returns member
    language sql stable
as $$
    select m from member m
    where m.organisation = p_organisation and lower(m.email) = lower(p_email)
    order by m.email = p_email desc, m.created_at, m.id limit 1
$$;
create index member_of_email on member (lower(email));

-- A login that lives in a browser, for a member who has been proven to be one.
create function begin_login(
    p_member uuid, p_credential uuid, p_digest bytea, p_idle_seconds int, p_life_seconds int,
    p_operation text)
    returns void
    language plpgsql
as $$
begin
    insert into credential (id, organisation, member, label, digest, roles, expires_at, idle_until)
    select p_credential, m.organisation, m.id, 'Sign-in on the pages', p_digest, m.roles,
        clock_timestamp() + make_interval(secs => p_life_seconds),
        clock_timestamp() + make_interval(secs => p_idle_seconds)
    from member m where m.id = p_member and m.active;
    -- the address has proven to be theirs: the link came there, or their provider says so
    update member m set confirmed_email = m.email
    where m.id = p_member and m.confirmed_email is distinct from m.email;
    perform tell_of_login(p_credential, 'credential.issued', p_operation);
end $$;

-- Lets in whom an organisation's provider has proven to be `p_email`: a member, who has the roles
-- that the provider says where it says any, and is then made where there is none.
create function sign_in_at_provider(
    p_organisation uuid, p_email text, p_name text, p_roles text[], p_new_member uuid,
    p_credential uuid, p_digest bytea, p_idle_seconds int, p_life_seconds int)
    returns void
    language plpgsql
as $$
declare
    found_member member;
    kind text;
begin
    -- whoever else lets the same person in waits
    perform pg_advisory_xact_lock(
        hashtextextended('aikatori.sign_in ' || p_organisation || lower(p_email), 0));
    found_member := member_by_email(p_organisation, p_email);
    if found_member.id is null and p_roles is not null then
        insert into member (id, organisation, name, email, roles)
        values (p_new_member, p_organisation, p_name, p_email, p_roles)
        returning * into found_member;
        kind := 'member.created';
    elsif found_member.active and p_roles is not null and found_member.roles <> p_roles then
        update member m set roles = p_roles, revision = m.revision + 1
        where m.id = found_member.id returning * into found_member;
        kind := 'member.updated';
    end if;
    if found_member.active is not true then
        perform refuse('404', 'not_found');
    end if;
    perform begin_login(found_member.id, p_credential, p_digest, p_idle_seconds, p_life_seconds,
        'signInAtProvider');
    if kind is not null then
        perform announce(kind, 'member', found_member.id, found_member.revision, p_organisation,
                null, jsonb_build_object('roles', found_member.roles, 'active', true)),
            audit('member', found_member.id, p_organisation, null,
                jsonb_build_object('roles', found_member.roles, 'active', true));
    end if;
end $$;

grant insert on member to aikatori_market;
grant update (roles, revision) on member to aikatori_market;
grant execute on function is_email_domain(text) to aikatori_app, aikatori_market;
-- whether an issuer on this machine itself may be without TLS
grant execute on function is_demo() to aikatori_app;
grant execute on function provider_of(uuid), member_by_email(uuid, text),
    begin_login(uuid, uuid, bytea, int, int, text)
    to aikatori_market;
call give_to_market('provider_of(uuid)', 'aikatori_app');
call give_to_market('provider_of_domain(text)', 'aikatori_app');
call give_to_market('begin_attempt(bytea, uuid, bytea, text, int)', 'aikatori_app');
call give_to_market('take_attempt(bytea)', 'aikatori_app');
call give_to_market(
    'sign_in_at_provider(uuid, text, text, text[], uuid, uuid, bytea, int, int)', 'aikatori_app');
