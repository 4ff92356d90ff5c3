-- Signing in by a link that comes by mail, with a second factor where the member has one; and the
-- mail itself. All times are real ones, whatever a demo's clock says.

create table second_factor (
    member uuid primary key,
    organisation uuid not null,
    -- the key that the server shares with an app (RFC 6238), under the master key
    sealed_key bytea not null,
    -- from then on it is asked for
    confirmed_at timestamptz,
    -- the last step whose code was taken: it is not taken again
    last_step bigint,
    wrong_codes int not null default 0 check (wrong_codes >= 0),
    locked_until timestamptz,
    foreign key (organisation, member) references member (organisation, id)
);
call protect('second_factor', 'organisation');
grant select, insert, update, delete on second_factor to aikatori_market;

create table recovery_code (
    member uuid not null references second_factor (member) on delete cascade,
    organisation uuid not null,
    digest bytea not null check (length(digest) = 32),
    primary key (member, digest)
);
call protect('recovery_code', 'organisation');
grant select, insert, delete on recovery_code to aikatori_market;

create table mail_link (
    digest bytea primary key check (length(digest) = 32),
    organisation uuid not null,
    member uuid not null,
    -- of the browser that asked for it
    browser_digest bytea not null check (length(browser_digest) = 32),
    requested_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    used_at timestamptz,
    foreign key (organisation, member) references member (organisation, id)
);
create index mail_link_of_member on mail_link (member, requested_at);
call protect('mail_link', 'organisation');
grant select, insert, update, delete on mail_link to aikatori_market;

create table outgoing_mail (
    id uuid primary key,
    organisation uuid not null references organisation (id),
    recipient text not null check (length(recipient) between 3 and 254),
    -- under the master key; empty once it has gone
    sealed_message bytea not null,
    made_at timestamptz not null default clock_timestamp(),
    due_at timestamptz not null default clock_timestamp(),
    -- later it says nothing any more
    expires_at timestamptz not null,
    attempts int not null default 0,
    sent_at timestamptz,
    problem text check (length(problem) <= 200)
);
create index outgoing_mail_due on outgoing_mail (due_at) where sent_at is null;
call protect('outgoing_mail', 'organisation');
grant select, insert, update, delete on outgoing_mail to aikatori_market;

-- The members behind an address who sign in by a link: those of organisations without a provider.
create function members_by_mail(p_email text)
    returns table (
        organisation uuid, organisation_name text, member uuid, email text)
    language sql stable
as $$
    select o.id, o.name, m.id, m.email
    from member m join organisation o on o.id = m.organisation
    left join sign_in_settings s on s.organisation = o.id
    where lower(m.email) = lower(p_email) and m.active and s.issuer is null
    order by o.id, m.id limit 20
$$;

-- A link on its way, in a mail. False where the member has asked for enough of them within an hour.
create function send_link(
    p_member uuid, p_link bytea, p_browser bytea, p_life_seconds int, p_most int,
    p_mail uuid, p_sealed bytea)
    returns boolean
    language plpgsql
as $$
declare
    found_member member;
begin
    perform pg_advisory_xact_lock(hashtextextended('aikatori.link ' || p_member, 0));
    if (select count(*) from mail_link l where l.member = p_member
        and l.requested_at > clock_timestamp() - interval '1 hour') >= p_most
    then
        return false;
    end if;
    select * into strict found_member from member m where m.id = p_member;
    insert into mail_link (digest, organisation, member, browser_digest, expires_at)
    values (p_link, found_member.organisation, p_member, p_browser,
        clock_timestamp() + make_interval(secs => p_life_seconds));
    insert into outgoing_mail (id, organisation, recipient, sealed_message, expires_at)
    values (p_mail, found_member.organisation, found_member.email, p_sealed,
        clock_timestamp() + make_interval(secs => p_life_seconds));
    return true;
end $$;

-- What a link opens, while it does: unused, not too old, and of one who may still come in by it.
create function open_link(p_link bytea)
    returns table (
        organisation uuid, organisation_name text, member uuid, member_name text,
        browser_digest bytea, sealed_key bytea, last_step bigint, is_locked boolean,
        now timestamptz)
    language plpgsql
as $$
begin
    return query
        select o.id, o.name, m.id, m.name, l.browser_digest, f.sealed_key, f.last_step,
            coalesce(f.locked_until > clock_timestamp(), false), clock_timestamp()
        from mail_link l
        join organisation o on o.id = l.organisation
        join member m on m.id = l.member and m.active
        left join second_factor f on f.member = m.id and f.confirmed_at is not null
        left join sign_in_settings s on s.organisation = o.id
        where l.digest = p_link and l.used_at is null and l.expires_at > clock_timestamp()
          and s.issuer is null;
end $$;

-- The same, and nobody else opens it until the transaction ends.
create function hold_link(p_link bytea)
    returns table (
        organisation uuid, organisation_name text, member uuid, member_name text,
        browser_digest bytea, sealed_key bytea, last_step bigint, is_locked boolean,
        now timestamptz)
    language plpgsql
as $$
begin
    -- in this order on every path: the link, then the factor
    perform from mail_link l where l.digest = p_link for update;
    perform from second_factor f join mail_link l on l.member = f.member
    where l.digest = p_link for update of f;
    return query select * from open_link(p_link);
end $$;

-- A wrong code: after `p_most` of them nothing is taken for a while.
create function count_wrong_code(p_member uuid, p_most int, p_lock_seconds int) returns void
    language plpgsql
as $$
begin
    update second_factor f set wrong_codes = f.wrong_codes + 1 where f.member = p_member;
    update second_factor f set wrong_codes = 0,
        locked_until = clock_timestamp() + make_interval(secs => p_lock_seconds)
    where f.member = p_member and f.wrong_codes >= p_most;
end $$;

-- Takes a recovery code, which is good once.
create function take_recovery_code(p_member uuid, p_digest bytea) returns boolean
    language plpgsql
as $$
begin
    delete from recovery_code c where c.member = p_member and c.digest = p_digest;
    return found;
end $$;

-- Takes the code of a step.
create function take_step(p_member uuid, p_step bigint) returns void
    language sql
as $$
    update second_factor f set wrong_codes = 0, last_step = coalesce(p_step, f.last_step)
    where f.member = p_member
$$;

-- A link that was opened is used: a login begins.
create function use_link(
    p_link bytea, p_credential uuid, p_digest bytea, p_idle_seconds int, p_life_seconds int)
    returns void
    language plpgsql
as $$
declare
    used mail_link;
begin
    update mail_link l set used_at = clock_timestamp()
    where l.digest = p_link and l.used_at is null returning * into used;
    perform begin_login(used.member, p_credential, p_digest, p_idle_seconds, p_life_seconds,
        'useLink');
end $$;

-- The member behind a login, who enters with it; refused where it is none, or over.
create function enter_by_login(p_digest bytea, p_operation text) returns credential
    language plpgsql
as $$
declare
    login credential;
begin
    select c.* into login from credential c join member m on m.id = c.member
    where c.digest = p_digest and c.revoked_at is null and m.active and c.idle_until is not null
      and least(c.expires_at, c.idle_until) > clock_timestamp();
    if not found then
        perform refuse('401', 'credential_unknown');
    end if;
    perform set_config('app.organisation', login.organisation::text, true),
            set_config('app.credential', login.id::text, true),
            set_config('app.member', login.member::text, true),
            set_config('app.operation', p_operation, true);
    return login;
end $$;

-- What a member sees of the own account.
create function own_account(p_digest bytea)
    returns table (
        organisation uuid, organisation_name text, member uuid, member_name text, email text,
        roles text[], signs_in_by_mail boolean, is_required boolean, sealed_key bytea,
        confirmed_at timestamptz, last_step bigint, is_locked boolean, codes_left int,
        now timestamptz)
    language plpgsql
as $$
declare
    login credential;
begin
    login := enter_by_login(p_digest, 'ownAccount');
    return query
        select o.id, o.name, m.id, m.name, m.email, m.roles, s.issuer is null,
            coalesce(s.requires_second_factor, false), f.sealed_key, f.confirmed_at, f.last_step,
            coalesce(f.locked_until > clock_timestamp(), false),
            (select count(*)::int from recovery_code c where c.member = m.id), clock_timestamp()
        from member m join organisation o on o.id = m.organisation
        left join sign_in_settings s on s.organisation = o.id
        left join second_factor f on f.member = m.id
        where m.id = login.member;
end $$;

-- A new key, which counts from when a code of it was typed. False where one counts already.
create function begin_second_factor(p_digest bytea, p_sealed bytea) returns boolean
    language plpgsql
as $$
declare
    login credential;
begin
    login := enter_by_login(p_digest, 'beginSecondFactor');
    insert into second_factor as f (member, organisation, sealed_key)
    values (login.member, login.organisation, p_sealed)
    on conflict (member) do update
        set sealed_key = excluded.sealed_key, last_step = null
        where f.confirmed_at is null;
    return found;
end $$;

-- From now on it is asked for; the codes are for who loses the app. False where it was already.
create function confirm_second_factor(p_digest bytea, p_step bigint, p_codes bytea[])
    returns boolean
    language plpgsql
as $$
declare
    login credential;
begin
    login := enter_by_login(p_digest, 'confirmSecondFactor');
    update second_factor f set confirmed_at = clock_timestamp(), last_step = p_step
    where f.member = login.member and f.confirmed_at is null;
    if not found then
        return false;
    end if;
    insert into recovery_code (member, organisation, digest)
    select login.member, login.organisation, c from unnest(p_codes) as c;
    perform audit('member', login.member, login.organisation, null,
        jsonb_build_object('second_factor', true));
    return true;
end $$;

create function remove_second_factor(p_digest bytea) returns void
    language plpgsql
as $$
declare
    login credential;
begin
    login := enter_by_login(p_digest, 'removeSecondFactor');
    delete from second_factor f where f.member = login.member;
    perform audit('member', login.member, login.organisation, null,
        jsonb_build_object('second_factor', false));
end $$;

-- Whether a member must have a second factor and has none.
create function lacks_second_factor(p_organisation uuid, p_member uuid) returns boolean
    language sql stable
as $$
    select exists (
            select from sign_in_settings s
            where s.organisation = p_organisation and s.requires_second_factor
              and s.issuer is null)
        and not exists (
            select from second_factor f
            where f.member = p_member and f.confirmed_at is not null)
$$;

-- The next mail that is due, which nobody else takes before it is due again: later each time.
-- Never in a demo.
create function take_mail()
    returns table (id uuid, sealed_message bytea)
    language sql
as $$
    update outgoing_mail m set attempts = m.attempts + 1,
        due_at = clock_timestamp() + make_interval(mins => least(5 * (m.attempts + 1), 60))
    where m.id = (
        select n.id from outgoing_mail n
        where n.sent_at is null and n.due_at <= clock_timestamp()
          and n.expires_at > clock_timestamp() and not is_demo()
        order by n.due_at limit 1 for update skip locked)
    returning m.id, m.sealed_message
$$;

-- What became of it. What has gone is kept without its text.
create function mail_was_sent(p_id uuid, p_problem text) returns void
    language sql
as $$
    update outgoing_mail m set
        sent_at = case when p_problem is null then clock_timestamp() end,
        sealed_message = case when p_problem is null then '' else m.sealed_message end,
        problem = left(p_problem, 200)
    where m.id = p_id
$$;

-- In a demo mail goes nowhere; it is looked at instead.
create function demo_mail()
    returns table (
        id uuid, organisation_name text, sealed_message bytea, made_at timestamptz)
    language plpgsql
as $$
begin
    perform require_demo();
    return query
        select m.id, o.name, m.sealed_message, m.made_at
        from outgoing_mail m join organisation o on o.id = m.organisation
        order by m.made_at desc, m.id desc limit 20;
end $$;

-- What is over goes; the worker calls it.
create function forget_sign_ins() returns void
    language sql
as $$
    delete from sign_in_attempt where expires_at < clock_timestamp() - interval '1 day';
    delete from mail_link where requested_at < clock_timestamp() - interval '1 day';
    delete from outgoing_mail where made_at < clock_timestamp() - interval '30 days'
$$;

grant execute on function open_link(bytea), enter_by_login(bytea, text),
    lacks_second_factor(uuid, uuid)
    to aikatori_market;
call give_to_market('members_by_mail(text)', 'aikatori_app');
call give_to_market('send_link(uuid, bytea, bytea, int, int, uuid, bytea)', 'aikatori_app');
call give_to_market('open_link(bytea)', 'aikatori_app');
call give_to_market('hold_link(bytea)', 'aikatori_app');
call give_to_market('count_wrong_code(uuid, int, int)', 'aikatori_app');
call give_to_market('take_recovery_code(uuid, bytea)', 'aikatori_app');
call give_to_market('take_step(uuid, bigint)', 'aikatori_app');
call give_to_market('use_link(bytea, uuid, bytea, int, int)', 'aikatori_app');
call give_to_market('own_account(bytea)', 'aikatori_app');
call give_to_market('begin_second_factor(bytea, bytea)', 'aikatori_app');
call give_to_market('confirm_second_factor(bytea, bigint, bytea[])', 'aikatori_app');
call give_to_market('remove_second_factor(bytea)', 'aikatori_app');
call give_to_market('take_mail()', 'aikatori_app');
call give_to_market('mail_was_sent(uuid, text)', 'aikatori_app');
call give_to_market('demo_mail()', 'aikatori_app');
call give_to_market('forget_sign_ins()', 'aikatori_app');
