-- Alerts: what members are told, each of what their roles can act on. They are made from the
-- events, in their order and once, by whichever server comes first; and from deadlines, before a
-- visit and where time runs out. They hold what kind of thing it is, what it is about and when:
-- never a price of a visit, never anything of a patient.

-- The kinds of alerts: Sources/Organisations/AlertKind.swift, compared by a test.
create table alert_kind (
    kind text primary key,
    -- whom of an organisation it is for
    roles text[] not null check (is_role_list(roles)),
    -- whether a mail goes out where nobody chose otherwise
    mails boolean not null,
    -- its mail waits for no others
    urgent boolean not null
);
grant select on alert_kind to aikatori_app, aikatori_market, aikatori_reader;
insert into alert_kind (kind, roles, mails, urgent) values
    ('visit_booked', array['scheduler', 'specialist'], false, false),
    ('proposal_waits', array['scheduler', 'specialist'], true, false),
    ('proposal_countered', array['scheduler', 'specialist'], true, false),
    ('visit_agreed', array['scheduler', 'specialist'], false, false),
    ('proposal_ended', array['scheduler', 'specialist'], true, false),
    ('visit_cancelled', array['scheduler', 'specialist'], true, true),
    ('visit_moved', array['scheduler', 'specialist'], true, true),
    ('visit_substituted', array['scheduler', 'specialist'], true, true),
    ('visit_soon', array['scheduler', 'specialist'], false, true),
    ('hold_ending', array['scheduler'], false, true),
    ('waiting_offer', array['scheduler'], true, true),
    ('block_made', array['scheduler'], true, false),
    ('placing_ending', array['scheduler'], true, false),
    ('minutes_wait', array['scheduler', 'specialist'], false, false),
    ('minutes_contested', array['scheduler', 'specialist'], true, false),
    ('statement_waits', array['finance'], true, false),
    ('statement_accepted', array['finance'], false, false),
    ('invoice_issued', array['finance'], true, false),
    ('contract_offered', array['admin', 'signatory'], true, false),
    ('contract_to_sign', array['signatory'], true, false),
    ('contract_declined', array['admin', 'signatory'], true, false),
    ('contract_asked', array['admin'], true, false),
    ('message_given_up', array['admin'], false, false);

-- Which alert an event makes, and for which side of it.
create table alert_rule (
    event_kind text not null,
    alert_kind text not null references alert_kind (kind),
    whom text not null check (whom in ('own', 'other', 'both', 'seller')),
    primary key (event_kind, alert_kind)
);
grant select on alert_rule to aikatori_app, aikatori_market, aikatori_reader;
insert into alert_rule (event_kind, alert_kind, whom) values
    ('booking.booked', 'visit_booked', 'seller'),
    ('handshake.proposed', 'proposal_waits', 'other'),
    ('handshake.countered', 'proposal_countered', 'other'),
    ('handshake.agreed', 'visit_agreed', 'other'),
    ('handshake.declined', 'proposal_ended', 'other'),
    -- nobody's doing: the deadline passed
    ('handshake.expired', 'proposal_ended', 'both'),
    ('booking.cancelled', 'visit_cancelled', 'other'),
    ('booking.moved', 'visit_moved', 'other'),
    ('booking.substituted', 'visit_substituted', 'both'),
    ('waiting.offered', 'waiting_offer', 'own'),
    ('block.made', 'block_made', 'other'),
    ('visit.awaiting', 'minutes_wait', 'other'),
    ('visit.contested', 'minutes_contested', 'other'),
    ('statement.created', 'statement_waits', 'other'),
    ('statement.accepted', 'statement_accepted', 'other'),
    ('invoice.issued', 'invoice_issued', 'other'),
    ('contract.offered', 'contract_offered', 'other'),
    ('contract.signed', 'contract_to_sign', 'other'),
    ('contract.declined', 'contract_declined', 'other'),
    ('contract.asked_for', 'contract_asked', 'other'),
    ('message.given_up', 'message_given_up', 'own');

-- The address of a member that has proven to be theirs: by a link that came there, or by their
-- organisation's provider. Another address is not, until it is proven too.
alter table member add column confirmed_email text;
grant update (confirmed_email) on member to aikatori_market;

create table alert_setting (
    member uuid primary key,
    organisation uuid not null,
    -- {kind: {bell, mail}}, where it is not as the kind has it
    choices jsonb not null default '{}' check (jsonb_typeof(choices) = 'object'),
    -- minutes before a visit
    reminders int[] not null check (reminders <@ array[15, 60, 1440]),
    -- how long a mail that is not urgent waits after the one before
    digest_minutes int not null check (digest_minutes between 5 and 1440),
    language text not null check (language in ('fi', 'sv', 'en')),
    revision bigint not null default 1,
    foreign key (organisation, member) references member (organisation, id)
);
call protect('alert_setting', 'organisation');
create policy of_member on alert_setting as restrictive to aikatori_app
    using (member = current_member());
grant select, insert, update on alert_setting to aikatori_app;
grant select on alert_setting to aikatori_market;

create table alert (
    id uuid primary key default uuid_v7(),
    -- in one order with the events, so that an open page hears of it
    xid xid8 not null default pg_current_xact_id(),
    position bigint not null default nextval('event_position_seq') unique,
    organisation uuid not null,
    member uuid not null,
    kind text not null references alert_kind (kind),
    subject_kind text not null,
    subject uuid not null,
    counterparty uuid,
    -- of the visit, block or end that it is about
    at timestamptz,
    -- nobody is told of one cause twice
    cause text not null check (length(cause) between 1 and 200),
    in_bell boolean not null,
    by_mail boolean not null,
    made_at timestamptz not null,
    read_at timestamptz,
    -- real time, whatever a demo's clock says
    mailed_at timestamptz,
    unique (member, cause),
    foreign key (organisation, member) references member (organisation, id)
);
create index alert_of_organisation on alert (organisation, xid, position);
create index alert_of_member on alert (member, position) where in_bell;
create index alert_unread on alert (member) where in_bell and read_at is null;
create index alert_unmailed on alert (position) where by_mail and mailed_at is null;
create index alert_mailed on alert (member, mailed_at) where mailed_at is not null;
create index alert_by_age on alert (made_at);
call protect('alert', 'organisation');
create policy of_member on alert as restrictive to aikatori_app
    using (member = current_member());
grant select, update (read_at) on alert to aikatori_app;
grant select, insert, delete, update (mailed_at) on alert to aikatori_market;
grant usage on sequence event_position_seq to aikatori_market;
grant select on attestation to aikatori_market;

-- Up to where the events have been read.
create table alert_progress (
    only_one boolean primary key default true check (only_one),
    xid xid8 not null default '0',
    position bigint not null default 0
);
insert into alert_progress default values;
grant select on alert_progress to aikatori_app, aikatori_market, aikatori_reader;
grant update (xid, position) on alert_progress to aikatori_market;
create index event_in_order on event (xid, position);

-- What is meant by an id as the market writes it: the kind, and 26 digits of five bits.
create function uuid_of(p_id text) returns uuid
    language sql immutable strict
as $$
    with bits as (
        select string_agg((position(d in '0123456789abcdefghjkmnpqrstvwxyz') - 1)::bit(5)::text, ''
            order by n) as of
        from regexp_split_to_table(right(p_id, 26), '') with ordinality as x(d, n))
    select string_agg(to_hex(substr(b.of, 3 + 4 * i, 4)::bit(4)::int), '' order by i)::uuid
    from bits b, generate_series(0, 31) i
$$;

-- Minutes before a visit at which a member is reminded: whoever holds visits a quarter of an hour
-- before, unless they chose otherwise.
create function reminders_of(m member) returns int[]
    language sql stable
as $$
    select coalesce((select s.reminders from alert_setting s where s.member = m.id),
        case when 'specialist' = any (m.roles) then array[15] else array[]::int[] end)
$$;

-- Tells the members of these organisations who can act on it, as each of them chose. Whoever only
-- holds visits is told of their own; `p_theirs` tells nobody else.
create function tell(
    p_kind text, p_organisations uuid[], p_subject_kind text, p_subject uuid, p_parties uuid[],
    p_specialist uuid, p_at timestamptz, p_cause text, p_made_at timestamptz,
    p_reminder int default null, p_theirs boolean default false)
    returns void
    language sql
as $$
    insert into alert (organisation, member, kind, subject_kind, subject, counterparty, at, cause,
        in_bell, by_mail, made_at)
    select m.organisation, m.id, k.kind, p_subject_kind, p_subject,
        (array_remove(p_parties, m.organisation))[1], p_at, p_cause, w.bell, w.mail, p_made_at
    from alert_kind k
    join member m on m.active and m.organisation = any (p_organisations) and m.roles && k.roles
    left join alert_setting s on s.member = m.id
    cross join lateral (
        select coalesce((s.choices -> k.kind ->> 'bell')::boolean, true) as bell,
            coalesce((s.choices -> k.kind ->> 'mail')::boolean, k.mails)
                and lower(m.confirmed_email) = lower(m.email) is true as mail) w
    where k.kind = p_kind and (w.bell or w.mail)
        and (p_specialist is null or m.specialist is null or 'scheduler' = any (m.roles)
            or m.specialist = p_specialist)
        and (not p_theirs or m.specialist = p_specialist)
        and (p_reminder is null or p_reminder = any (reminders_of(m)))
    on conflict (member, cause) do nothing
$$;

-- When a visit's reminders and its minutes are due; what is past already is not.
create function schedule_reminders(b booking) returns void
    language sql
as $$
    insert into deadline (due_at, kind, subject, organisation, counterparty)
    select d.due_at, d.kind, b.id, b.seller, b.buyer
    from (values
        (lower(b.planned) - interval '1 day', 'visit_in_a_day'),
        (lower(b.planned) - interval '1 hour', 'visit_in_an_hour'),
        (lower(b.planned) - interval '15 minutes', 'visit_in_a_quarter'),
        (upper(b.planned) + interval '10 minutes', 'visit_over')) d (due_at, kind)
    -- a number is forgotten however late it is
    where d.due_at > market_now() or d.kind = 'visit_over'
$$;

-- What one event means for people. What is older than a week says nothing new.
create function raise_alerts_of(e event) returns void
    language plpgsql
as $$
declare
    b booking;
    k block;
    rule alert_rule;
    others uuid[];
    about text := case e.subject_kind when 'handshake' then 'booking' else e.subject_kind end;
    cause text;
begin
    if e.subject_kind in ('booking', 'handshake', 'visit') then
        select * into b from booking x where x.id = e.subject;
    elsif e.subject_kind = 'waiting_entry' then
        select x.* into b from booking x join waiting_entry w on w.booking = x.id
        where w.id = e.subject;
    elsif e.subject_kind = 'block' then
        select * into k from block x where x.id = e.subject;
    end if;
    if e.kind in ('booking.cancelled', 'booking.released', 'booking.expired') then
        perform forget_patient_contact(e.subject);
    elsif e.kind = 'booking.moved' then
        perform forget_patient_texts(e.subject);
    end if;
    if e.kind in ('booking.booked', 'booking.moved') and b.state = 'booked' then
        perform schedule_reminders(b);
    elsif e.kind = 'booking.held' and b.state = 'held' and b.hold_expires_at > market_now() then
        insert into deadline (due_at, kind, subject, organisation, counterparty)
        values (b.hold_expires_at - least(interval '15 minutes',
            (b.hold_expires_at - e.recorded_at) / 3), 'hold_ends_soon', b.id, b.seller, b.buyer);
    elsif e.kind = 'block.made' and k.place_until > market_now() then
        insert into deadline (due_at, kind, subject, organisation, counterparty)
        values (k.place_until - interval '1 day', 'placing_ends_soon', k.id, k.seller, k.buyer);
    end if;
    if e.recorded_at < market_now() - interval '7 days' then
        return;
    end if;
    for rule in select * from alert_rule r where r.event_kind = e.kind loop
        -- who declined or let time pass has said so already
        continue when e.kind = 'booking.cancelled' and exists (select from handshake h
            where h.booking = e.subject and h.state in ('declined', 'expired'));
        others := array[e.counterparty];
        -- of a visit's minutes one is told once, by the first of the two who knows
        cause := case rule.alert_kind when 'minutes_wait' then 'minutes ' || e.subject
            else rule.alert_kind || ' ' || e.id end;
        perform tell(rule.alert_kind,
            case rule.whom when 'own' then array[e.organisation] when 'other' then others
                when 'seller' then array[b.seller] else array[e.organisation, e.counterparty] end,
            about, e.subject, array[e.organisation, e.counterparty], b.specialist,
            coalesce(lower(b.planned), lower(k.during)), cause, e.recorded_at);
        -- and the specialist who held it until now
        if e.kind in ('booking.moved', 'booking.substituted') and e.data ? 'from' then
            perform tell(rule.alert_kind, array[b.seller], about, e.subject,
                array[b.seller, b.buyer], uuid_of(e.data ->> 'from'), lower(b.planned), cause,
                e.recorded_at, null, true);
        end if;
    end loop;
end $$;

-- Reads the next events below the transaction horizon, each once: how far it came commits with what
-- it told. Returns how many there were; 0 also where another server is at it.
create function raise_alerts(p_most int) returns int
    language plpgsql
as $$
declare
    reached alert_progress;
    e event;
    done int := 0;
begin
    select * into reached from alert_progress for update skip locked;
    if not found then
        return 0;
    end if;
    for e in
        select * from event x
        where x.xid < pg_snapshot_xmin(pg_current_snapshot())
          and (x.xid, x.position) > (reached.xid, reached.position)
        order by x.xid, x.position limit p_most
    loop
        perform raise_alerts_of(e);
        reached.xid := e.xid;
        reached.position := e.position;
        done := done + 1;
    end loop;
    if done > 0 then
        update alert_progress set xid = reached.xid, position = reached.position;
    end if;
    return done;
end $$;

-- What a deadline tells, where it still holds: a visit that was moved has deadlines of its new
-- time, and one that is no longer booked tells nothing.
create function raise_due_alert(p_kind text, p_subject uuid) returns void
    language plpgsql
as $$
declare
    now timestamptz := market_now();
    b booking;
    k block;
    lead int;
    side uuid;
begin
    if p_kind = 'placing_ends_soon' then
        select * into k from block x where x.id = p_subject;
        if k.state = 'open' and now >= k.place_until - interval '1 day' and now < k.place_until
        then
            perform tell('placing_ending', array[k.buyer], 'block', k.id,
                array[k.seller, k.buyer], null, k.place_until, 'placing ' || k.id, now);
        end if;
        return;
    end if;
    select * into b from booking x where x.id = p_subject;
    if p_kind = 'visit_over' and now >= upper(b.planned) then
        perform forget_patient_contact(b.id);
    end if;
    if p_kind = 'hold_ends_soon' then
        if b.state = 'held' and now < b.hold_expires_at then
            perform tell('hold_ending', array[b.buyer], 'booking', b.id,
                array[b.seller, b.buyer], null, b.hold_expires_at, 'hold ' || b.id, now);
        end if;
        return;
    end if;
    if b.state is distinct from 'booked' then
        return;
    end if;
    if p_kind = 'visit_over' then
        if now < upper(b.planned) + interval '10 minutes' then
            return;
        end if;
        foreach side in array array[b.seller, b.buyer] loop
            if not exists (select from attestation a
                where a.booking = b.id and a.organisation = side)
            then
                perform tell('minutes_wait', array[side], 'visit', b.id,
                    array[b.seller, b.buyer], b.specialist, lower(b.planned),
                    'minutes ' || b.id, now);
            end if;
        end loop;
        return;
    end if;
    lead := case p_kind when 'visit_in_a_day' then 1440 when 'visit_in_an_hour' then 60
        else 15 end;
    if now < lower(b.planned) - make_interval(mins => lead) or now >= lower(b.planned) then
        return;
    end if;
    perform tell('visit_soon', array[b.seller, b.buyer], 'visit', b.id,
        array[b.seller, b.buyer], b.specialist, lower(b.planned),
        format('soon %s %s %s', lead, b.id, extract(epoch from lower(b.planned))::bigint), now,
        lead);
end $$;

-- How far the alerts of the caller's organisation go, whoever of it they are for.
create function newest_alert() returns table (transaction text, "position" bigint)
    language sql stable
as $$
    select a.xid::text, a.position from alert a
    where a.organisation = current_organisation()
      and a.xid < pg_snapshot_xmin(pg_current_snapshot())
    order by a.xid desc, a.position desc limit 1
$$;

grant execute on function reminders_of(member) to aikatori_app;
grant execute on function reminders_of(member), schedule_reminders(booking),
    raise_alerts_of(event),
    tell(text, uuid[], text, uuid, uuid[], uuid, timestamptz, text, timestamptz, int, boolean),
    uuid_of(text)
    to aikatori_market;
call give_to_market('raise_alerts(int)', 'aikatori_app');
call give_to_market('raise_due_alert(text, uuid)', 'aikatori_app');
call give_to_market('newest_alert()', 'aikatori_app');
