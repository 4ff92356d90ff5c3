-- Logins: credentials that live in a browser, whose `idle_until` every page moves on.

grant insert on credential to aikatori_market;
grant update (idle_until, revoked_at, revision) on credential to aikatori_market;

-- Whether this is a database of a demo or a test: only there has the clock a shift.
create function is_demo() returns boolean
    language sql stable
as $$ select to_regclass('public.demo_clock') is not null $$;

create function require_demo() returns void
    language plpgsql
as $$
begin
    if not is_demo() then
        perform refuse('404', 'not_found');
    end if;
end $$;

-- Everybody whom a visitor of a demo may be: the members of its example organisations.
create function demo_people()
    returns table (organisation_name text, member uuid, name text, roles text[])
    language plpgsql
as $$
begin
    perform require_demo();
    return query
        select o.name, m.id, m.name, m.roles
        from organisation o join member m on m.organisation = o.id
        where o.is_example and m.active
        order by o.id, m.id;
end $$;

-- What happens to a login is told as of any credential.
create function tell_of_login(p_credential uuid, p_kind text, p_operation text) returns void
    language plpgsql
as $$
declare
    login credential;
begin
    select * into login from credential where id = p_credential;
    perform set_config('app.organisation', login.organisation::text, true),
            set_config('app.credential', login.id::text, true),
            set_config('app.member', login.member::text, true),
            set_config('app.operation', p_operation, true);
    perform announce(p_kind, 'credential', login.id, login.revision, login.organisation, null,
            jsonb_build_object('roles', login.roles)),
        audit('credential', login.id, login.organisation, null,
            jsonb_build_object('roles', login.roles));
end $$;

-- Lets a visitor of a demo be a member of an example organisation.
create function begin_demo_login(
    p_member uuid, p_credential uuid, p_digest bytea, p_idle_seconds int, p_life_seconds int)
    returns void
    language plpgsql
as $$
begin
    perform require_demo();
    insert into credential (id, organisation, member, label, digest, roles, expires_at, idle_until)
    select p_credential, m.organisation, m.id, 'Sign-in on the pages', p_digest, m.roles,
        clock_timestamp() + make_interval(secs => p_life_seconds),
        clock_timestamp() + make_interval(secs => p_idle_seconds)
    from member m join organisation o on o.id = m.organisation
    where m.id = p_member and m.active and o.is_example;
    if not found then
        perform refuse('404', 'not_found');
    end if;
    perform tell_of_login(p_credential, 'credential.issued', 'signIn');
end $$;

-- Who is signed in by a login, which may then lie unused for so many seconds more. No row where it
-- is none, or over.
create function use_login(p_digest bytea, p_idle_seconds int)
    returns table (
        organisation uuid, organisation_name text, member uuid, member_name text, roles text[],
        time_zone text, demo boolean, lacks_factor boolean, now timestamptz, specialist uuid,
        unread int)
    language plpgsql
as $$
begin
    -- Not at every click: a row written each time would cost more than a minute is worth.
    update credential c set idle_until = clock_timestamp() + make_interval(secs => p_idle_seconds)
    where c.digest = p_digest and c.revoked_at is null
      and least(c.expires_at, c.idle_until) > clock_timestamp()
      and c.idle_until < clock_timestamp() + make_interval(secs => p_idle_seconds - 60);
    return query
        select o.id, o.name, m.id, m.name,
            array(select unnest(c.roles) intersect select unnest(m.roles) order by 1),
            (select u.time_zone from unit u where u.organisation = o.id order by u.id limit 1),
            is_demo(), lacks_second_factor(o.id, m.id), market_now(), m.specialist,
            -- as far as a bell counts
            (select count(*)::int from (select from alert a
                where a.member = m.id and a.in_bell and a.read_at is null limit 100) few)
        from credential c
        join member m on m.id = c.member
        join organisation o on o.id = c.organisation
        where c.digest = p_digest and c.revoked_at is null and m.active
          and least(c.expires_at, c.idle_until) > clock_timestamp()
          and c.idle_until is not null;
end $$;

-- Signs out: the next request that comes with it finds nothing.
create function end_login(p_digest bytea) returns void
    language plpgsql
as $$
declare
    ended uuid;
begin
    update credential c set revoked_at = clock_timestamp(), revision = c.revision + 1
    where c.digest = p_digest and c.idle_until is not null and c.revoked_at is null
    returning c.id into ended;
    if ended is not null then
        perform tell_of_login(ended, 'credential.revoked', 'signOut');
    end if;
end $$;

grant execute on function is_demo(), require_demo(), tell_of_login(uuid, text, text)
    to aikatori_market;
call give_to_market('demo_people()', 'aikatori_app');
call give_to_market('begin_demo_login(uuid, uuid, bytea, int, int)', 'aikatori_app');
call give_to_market('use_login(bytea, int)', 'aikatori_app');
call give_to_market('end_login(bytea)', 'aikatori_app');
