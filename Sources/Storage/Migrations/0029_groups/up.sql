-- Group sessions: one reservation of a specialist, in which patients of several buyers have places.
-- Each place is a booking of its own buyer's; buyers never see each other.

create table group_session (
    id uuid primary key,
    seller uuid not null,
    specialist uuid not null,
    reservation uuid not null,
    -- the code under which its contracts sell it
    service text not null,
    during tstzrange not null check (is_slot(during)),
    places int not null check (places between 1 and 100),
    -- those that may see and book it; null for all that sell the service with as many places
    contracts uuid[] check (cardinality(contracts) between 1 and 100),
    book_until timestamptz not null check (book_until <= lower(during)),
    state text not null default 'open' check (state in ('open', 'withdrawn')),
    revision bigint not null default 1,
    created_at timestamptz not null default market_now(),
    unique (id, seller),
    foreign key (reservation, seller, specialist) references reservation (id, seller, specialist)
);
create index group_session_of_seller on group_session (seller, id);
create index group_session_ahead on group_session (seller, lower(during)) where state = 'open';
create index group_session_of_specialist on group_session using gist (specialist, during);
call protect('group_session', 'seller');
grant select on group_session to aikatori_app;
grant select, insert, update (reservation, specialist, state, revision)
    on group_session to aikatori_market;
create trigger stays before delete on group_session
    for each row execute function refuse_change();
create trigger stays_whole before truncate on group_session
    for each statement execute function refuse_change();

alter table booking add foreign key (group_session, seller) references group_session (id, seller);
create index booking_of_session on booking (group_session) where group_session is not null;
-- no two have one place, whatever race they are in
create unique index booking_alone_in_place on booking (group_session, group_place)
    where group_session is not null and state in ('held', 'booked', 'closed');

-- Withdrawn once, and only when nobody has a place.
create function group_session_rules() returns trigger
    language plpgsql
as $$
begin
    if old.state <> 'open' then
        perform refuse('409', 'illegal_transition',
            jsonb_build_object('from', old.state, 'to', new.state));
    end if;
    if new.state = 'withdrawn' and exists (select from booking b
        where b.group_session = new.id and b.state in ('held', 'booked', 'closed'))
    then
        perform refuse('409', 'session_in_use');
    end if;
    return new;
end $$;
create trigger rules before update on group_session
    for each row execute function group_session_rules();
call give_to_market('group_session_rules()');

-- The contracts that sell places of a session: of its service, its length and field, with at least
-- as many places, by the version that rules when it starts.
create function session_contracts(g group_session)
    returns table (contract uuid, buyer uuid, number int, state text, ends_at timestamptz)
    language sql stable
as $$
    select c.id, c.buyer, v.number, c.state, c.ends_at
    from contract c
    join contract_version v on v.contract = c.id and v.signed_at <= market_now()
        and v.effective @> lower(g.during)
    join contract_service s on s.contract = c.id and s.number = v.number
        and s.service = g.service
    join specialist p on p.id = g.specialist and p.specialty = s.specialty
    where c.seller = g.seller and coalesce(c.id = any (g.contracts), true)
      and s.capacity >= g.places
      and planned_minutes(g.during) between s.minimum_minutes and s.maximum_minutes
      and (planned_minutes(g.during) - s.minimum_minutes) % s.step_minutes = 0
$$;

-- A place is its buyer's, in the session's own time and reservation, of one of its contracts, and
-- taken in time; never more of them than there are. It does not move, and once the session has
-- begun nobody leaves it: its price is shared by those who have a place then.
create function booking_in_session() returns trigger
    language plpgsql
as $$
declare
    g group_session;
begin
    if tg_op = 'INSERT' then
        select * into strict g from group_session x where x.id = new.group_session for update;
        if ((new.reservation, new.specialist, new.planned, new.service)
            <> (g.reservation, g.specialist, g.during, g.service)
            or not exists (select from session_contracts(g) c where c.contract = new.contract))
        then
            perform refuse('409', 'outside_session');
        end if;
        if g.state <> 'open' or market_now() >= g.book_until then
            perform refuse('409', 'session_closed', contract_end_figures(g.book_until));
        end if;
        if new.group_place > g.places or g.places <= (select count(*) from booking b
            where b.group_session = g.id and b.state in ('held', 'booked', 'closed'))
        then
            perform refuse('409', 'session_full', jsonb_build_object('left', 0));
        end if;
        return new;
    end if;
    select * into strict g from group_session x where x.id = new.group_session;
    if new.planned <> g.during then
        perform refuse('409', 'in_group_session');
    end if;
    if new.state = 'booked' and new.reservation <> g.reservation then
        perform refuse('409', 'outside_session');
    end if;
    if (new.state = 'cancelled' and old.state <> 'cancelled'
        and market_now() >= lower(old.planned))
    then
        perform refuse('409', 'visit_started');
    end if;
    if new.state = 'closed' and old.state <> 'closed' and market_now() < lower(old.planned) then
        perform refuse('409', 'visit_not_over');
    end if;
    return new;
end $$;
create trigger in_session before insert or update of planned, reservation, state on booking
    for each row when (new.group_session is not null) execute function booking_in_session();
call give_to_market('booking_in_session()');

grant execute on function session_contracts(group_session) to aikatori_market;

-- The seller opens a session in published time of one of its specialists.
create function open_session(
    p_id uuid, p_specialist uuid, p_service text, p_during tstzrange, p_places int,
    p_contracts uuid[], p_book_until timestamptz) returns void
    language plpgsql
as $$
declare
    g group_session;
    person specialist;
    place availability_window;
    needed tstzrange;
    now timestamptz := market_now();
    overdue uuid[];
begin
    select * into person from specialist s
        where s.id = p_specialist and s.organisation = current_organisation();
    if not found then
        perform refuse('404', 'not_found');
    end if;
    -- overdue holds block nobody; their counters come first, in order, as on every path
    overdue := array(select h.id from reservation r join booking h on h.reservation = r.id
        where r.specialist = p_specialist and r.live and h.state = 'held'
          and r.occupied && tstzrange(lower(p_during) - interval '4 hours',
              upper(p_during) + interval '4 hours')
          and h.hold_expires_at <= now order by h.id);
    perform lock_counters_of(overdue);
    perform own_start_times(p_specialist);
    perform expire_hold(x) from unnest(overdue) x;
    now := market_now();
    if lower(p_during) <= now then
        perform refuse('409', 'start_in_the_past');
    end if;
    if p_book_until <= now then
        perform refuse('409', 'session_closed', contract_end_figures(p_book_until));
    end if;
    g := row(p_id, person.organisation, p_specialist, uuid_v7(), p_service, p_during, p_places,
        p_contracts, p_book_until, 'open', 1, now);
    if not exists (select from session_contracts(g) c where c.state = 'active')
        or exists (select from unnest(p_contracts) q(id)
            where not exists (select from session_contracts(g) c where c.contract = q.id))
    then
        perform refuse('422', 'session_not_in_contract');
    end if;
    place := window_of_session(g);
    needed := tstzrange(lower(p_during) - make_interval(mins => place.buffer_before_minutes),
        upper(p_during) + make_interval(mins => place.buffer_after_minutes));
    insert into reservation (id, seller, specialist, occupied, availability_window,
        window_revision)
    values (g.reservation, g.seller, g.specialist, needed, place.id, place.revision)
    on conflict do nothing;
    if not found then
        perform refuse('409', 'taken');
    end if;
    insert into group_session select g.*;
    perform cut_start_times(p_specialist, needed);
end $$;
call give_to_market('open_session(uuid, uuid, text, tstzrange, int, uuid[], timestamptz)',
    'aikatori_app');

-- One place in a session that is locked: the decision, and when it is yes, the rows. It is held for
-- whoever waits when `p_stands` says for how long. For the limits of the specialist's day and week
-- the session counts since it was opened.
create function place_in_session(
    g group_session, r booking_request, p_now timestamptz, p_stands interval default null)
    returns jsonb
    language plpgsql
as $$
declare
    terms record;
    minutes int := planned_minutes(g.during);
    missing text[];
    decision jsonb;
    others bigint;
    added bigint;
    expires timestamptz := p_now + p_stands;
begin
    select * into terms from booking_terms(
        r.organisation, r.contract, g.service, lower(g.during), minutes, p_now);
    if terms.refusal is not null then
        return jsonb_build_object('refusal', terms.refusal, 'figures', terms.figures);
    end if;
    missing := hand_over_missing(r, terms.required);
    if missing <> '{}' then
        return jsonb_build_object('refusal', 'hand_over_missing', 'figures',
            jsonb_build_object('missing', array(
                select '/patients/' || r.ordinal || x from unnest(missing) x)));
    end if;
    missing := not_of_buyer(r.organisation, r.buyer_unit, r.on_behalf_of);
    if missing <> '{}' then
        return jsonb_build_object('refusal', 'not_of_buyer',
            'figures', jsonb_build_object('unknown', missing));
    end if;
    if not exists (select from specialist p where p.id = g.specialist and p.active
        and p.specialty = terms.specialty)
    then
        return '{"refusal": "specialist_not_offered"}';
    end if;
    if not exists (select from licence l where l.specialist = g.specialist
        and l.valid @> (lower(g.during) at time zone terms.zone)::date)
    then
        return '{"refusal": "licence_expired"}';
    end if;
    select coalesce(max(b.quote), 0) into others from booking b
    where b.group_session = g.id and b.contract = r.contract and b.period = terms.period
      and b.state in ('held', 'booked');
    added := greatest(0, terms.quote - others);
    decision := period_refusal(r.contract, terms.period, terms.ceiling, terms.quota_visits,
        terms.quota_minutes, added, minutes, p_now);
    if decision is not null then
        return decision;
    end if;
    if r.resources is not null then
        decision := resources_for(r, g.during, '{}', g.id);
        if decision is not null then
            return decision;
        end if;
    end if;
    insert into booking (id, reservation, contract, version, service, seller, buyer, specialist,
        planned, period, quote, state, hold_expires_at, patient_reference, record_reference,
        authorisation_reference, diary_reference, buyer_unit, on_behalf_of, group_session,
        group_place)
    values (r.booking, g.reservation, r.contract, terms.version, g.service, g.seller,
        r.organisation, g.specialist, g.during, terms.period, terms.quote,
        case when expires is null then 'booked' else 'held' end, expires,
        r.patient_reference, r.record_reference, r.authorisation_reference, r.diary_reference,
        r.buyer_unit, r.on_behalf_of, g.id,
        -- the first place that is free; were there none, it would be one too many
        (select min(n) from generate_series(1, g.places + 1) n
            where not exists (select from booking b where b.group_session = g.id
                and b.group_place = n and b.state in ('held', 'booked', 'closed'))));
    update budget_counter b set reserved = b.reserved + added, visits = b.visits + 1,
        minutes = b.minutes + planned_minutes(g.during)
    where b.contract = r.contract and b.period = terms.period;
    if r.resources is not null then
        perform take_resources(r.booking, r.resources);
    end if;
    if expires is null then
        perform open_handshake(r.booking);
    else
        insert into deadline (due_at, kind, subject, organisation, counterparty)
        values (expires, 'hold_expiry', r.booking, g.seller, r.organisation);
    end if;
    perform announce(case when expires is null then 'booking.booked' else 'booking.held' end,
        'booking', r.booking, 1, g.seller, r.organisation);
    perform audit('booking', r.booking, r.organisation, g.seller, jsonb_build_object(
        'contract', r.contract, 'version', terms.version, 'quote', terms.quote,
        'hold', expires is not null, 'group_session', g.id));
    return jsonb_build_object('booking', r.booking);
end $$;
grant execute on function
    place_in_session(group_session, booking_request, timestamptz, interval) to aikatori_market;

-- A buyer takes places in a session, all of them or none. What is refused first is the answer.
create function book_places(
    p_session uuid, p_contract uuid, p_requests jsonb, out refusal text, out figures jsonb)
    language plpgsql
as $$
declare
    g group_session;
    r booking_request;
    vacant int;
    now timestamptz;
    resources uuid[] := '{}';
    overdue uuid[];
    result jsonb;
begin
    select x.* into g from group_session x where x.id = p_session;
    if not found or not exists (select from session_contracts(g) c
        where c.contract = p_contract and c.buyer = current_organisation())
    then
        perform refuse('404', 'not_found');
    end if;
    insert into budget_counter (contract, period, seller, buyer)
        select c.contract, billing_period(lower(g.during), v.time_zone), g.seller, c.buyer
        from session_contracts(g) c
        join contract_version v on v.contract = c.contract and v.number = c.number
        where c.contract = p_contract
        order by c.number
        on conflict do nothing;
    -- what was offered to others and has run out is free
    overdue := array(select b.id from booking b where b.group_session = p_session
        and b.state = 'held' and b.hold_expires_at <= market_now() order by b.id);
    perform from budget_counter c
        where (c.contract, c.period) in (
            select v.contract, billing_period(lower(g.during), v.time_zone)
            from contract_version v where v.contract = p_contract
            union select b.contract, b.period from booking b where b.id = any (overdue))
        order by c.contract, c.period for update;
    select x.* into strict g from group_session x where x.id = p_session for update;
    perform expire_hold(x) from unnest(overdue) x;
    now := market_now();
    if g.state <> 'open' or now >= g.book_until then
        perform refuse('409', 'session_closed', contract_end_figures(g.book_until));
    end if;
    select g.places - count(*) into vacant from booking b
        where b.group_session = g.id and b.state in ('held', 'booked', 'closed');
    if jsonb_array_length(p_requests) > vacant then
        perform refuse('409', 'session_full', jsonb_build_object('left', vacant));
    end if;
    for r in select q.* from jsonb_populate_recordset(null::booking_request, p_requests) q
        where q.resources is not null
    loop
        perform expire_resource_holds(r.resources, g.during);
        resources := resources || r.resources;
    end loop;
    perform own_resources(resources);
    begin
        for r in select q.* from jsonb_populate_recordset(null::booking_request, p_requests) q
            order by q.ordinal
        loop
            r.organisation := current_organisation();
            r.contract := p_contract;
            result := place_in_session(g, r, now);
            if result ? 'refusal' then
                refusal := result ->> 'refusal';
                figures := coalesce(result -> 'figures', '{}');
                raise exception using errcode = 'AK000';
            end if;
        end loop;
    exception when sqlstate 'AK000' then
        null;
    end;
end $$;
call give_to_market('book_places(uuid, uuid, jsonb)', 'aikatori_app');

-- Who waits (0022_waiting_list) for a place of this session alone, or of any of the service: where
-- one comes free (after `waiting_follows`, by name), or a session is new or another specialist's.
alter table waiting_entry add foreign key (group_session, seller)
    references group_session (id, seller);
create trigger waiting_hears_of_place after update on booking
    for each row when (new.group_session is not null and old.state in ('held', 'booked')
        and new.state in ('released', 'expired', 'cancelled'))
    execute function freed_for_waiting();
create trigger opened_for_waiting after insert or update of specialist on group_session
    for each row execute function freed_for_waiting();

-- Nobody waits for a session that is not held.
create function waiting_ends_with_session() returns trigger
    language plpgsql
as $$
declare
    e waiting_entry;
begin
    for e in
        update waiting_entry w set state = 'lapsed', revision = w.revision + 1
        where w.group_session = new.id and w.state = 'waiting' returning w.*
    loop
        perform announce('waiting.lapsed', 'waiting_entry', e.id, e.revision, e.buyer, null);
    end loop;
    return null;
end $$;
create trigger waiting_ends after update on group_session
    for each row when (old.state = 'open' and new.state = 'withdrawn')
    execute function waiting_ends_with_session();
call give_to_market('waiting_ends_with_session()');

-- Holds a place for who waits, if there is one left; the counter and the session are locked.
create function hold_place(p_session uuid, r booking_request, p_stands interval) returns boolean
    language plpgsql
as $$
declare
    g group_session;
begin
    select x.* into strict g from group_session x where x.id = p_session;
    if g.state <> 'open' or market_now() >= g.book_until or g.places <= (select count(*)
        from booking b where b.group_session = g.id and b.state in ('held', 'booked', 'closed'))
    then
        return false;
    end if;
    return not place_in_session(g, r, market_now(), p_stands) ? 'refusal';
end $$;
grant execute on function hold_place(uuid, booking_request, interval) to aikatori_market;
