-- What becomes of a group session: it is withdrawn, or its specialist is absent, or it is held, and
-- its price is shared by the places that were taken.

-- What a buyer's places in one session reserve of its budget is the price of the session, once: the
-- most that they come to. A place that goes gives back what the others do not hold.
create function session_gives_back(b booking) returns bigint
    language sql stable
as $$
    select greatest(0, b.quote - coalesce(max(o.quote), 0)) from booking o
    where o.group_session = b.group_session and o.contract = b.contract and o.period = b.period
      and o.id <> b.id and o.state in ('held', 'booked')
$$;

-- What overdue holds of places still reserve of a period, and no other place of the buyer's in the
-- same session does.
create function overdue_in_sessions(p_contract uuid, p_period text, p_now timestamptz)
    returns bigint
    language sql stable
as $$
    select coalesce(sum(greatest(0, x.gone - coalesce(x.stays, 0))), 0)::bigint from (
        select max(b.quote) filter (where o.is_overdue) as gone,
            max(b.quote) filter (where not o.is_overdue) as stays
        from booking b
        cross join lateral (
            select b.state = 'held' and b.hold_expires_at <= p_now as is_overdue) o
        where b.contract = p_contract and b.period = p_period and b.group_session is not null
          and b.state in ('held', 'booked')
        group by b.group_session) x
$$;

-- For what specialists are sold near a stretch of time, held or booked. A session with several is
-- one stretch, from when it is opened on, whether or not anybody comes: its time is not on sale. A
-- hold that has run out counts for nobody.
create function sold_stretches(p_specialists uuid[], p_around tstzrange)
    returns table (specialist uuid, planned tstzrange, booking uuid)
    language sql stable
as $$
    select r.specialist, b.planned, b.id
    from reservation r join booking b on b.reservation = r.id
    where r.specialist = any (p_specialists) and r.live and r.occupied && p_around
      and b.group_session is null and b.state in ('held', 'booked', 'closed')
      and not (b.state = 'held' and b.hold_expires_at <= market_now())
    union all
    select g.specialist, g.during, null
    from group_session g
    where g.specialist = any (p_specialists) and g.during && p_around and g.state = 'open'
$$;

-- Locks the counters of bookings, in the one order of all locks.
create function lock_counters_of(p_bookings uuid[]) returns void
    language sql
as $$
    select from budget_counter c
    where (c.contract, c.period) in (
        select b.contract, b.period from booking b where b.id = any (p_bookings))
    order by c.contract, c.period for update
$$;

-- What is held of a session's places for those who wait goes back, and they wait on. The counters
-- are the caller's.
create function release_places(p_session uuid) returns void
    language plpgsql
as $$
declare
    held uuid;
    b booking;
begin
    -- one by one: what each gives back depends on those that are left
    foreach held in array array(select x.id from booking x
        where x.group_session = p_session and x.state = 'held' order by x.id)
    loop
        update booking x set revision = x.revision + 1, state = case
            when x.hold_expires_at <= market_now() then 'expired' else 'released' end
        where x.id = held returning x.* into b;
        perform announce('booking.' || b.state, 'booking', b.id, b.revision, b.seller, b.buyer);
        perform audit('booking', b.id, b.seller, b.buyer);
    end loop;
end $$;
grant execute on function session_gives_back(booking), lock_counters_of(uuid[]),
    overdue_in_sessions(uuid, text, timestamptz), sold_stretches(uuid[], tstzrange),
    release_places(uuid) to aikatori_market;

-- Where in published time of its specialist a session lies, and that he or she may hold it; refused
-- else. The specialist's start times are the caller's.
create function window_of_session(g group_session) returns availability_window
    language plpgsql
as $$
declare
    person specialist;
    place availability_window;
    too_much jsonb;
begin
    select * into strict person from specialist s where s.id = g.specialist;
    if not person.active then
        perform refuse('409', 'specialist_not_offered');
    end if;
    if not exists (select from licence l join unit u on u.id = person.unit
        where l.specialist = person.id
          and l.valid @> (lower(g.during) at time zone u.time_zone)::date)
    then
        perform refuse('409', 'licence_expired');
    end if;
    too_much := working_refusal(person.id, lower(g.during), planned_minutes(g.during));
    if too_much is not null then
        perform refuse('409', too_much ->> 'refusal', too_much -> 'figures');
    end if;
    select * into place from availability_window w
    where w.specialist = person.id and w.open and w.during @> g.during
      and w.during @> tstzrange(
          lower(g.during) - make_interval(mins => w.buffer_before_minutes),
          upper(g.during) + make_interval(mins => w.buffer_after_minutes))
      and (w.services is null or g.service = any (w.services))
      and (w.contracts is null or g.contracts <@ w.contracts)
    for share;
    if not found then
        perform refuse('409', 'outside_availability');
    end if;
    return place;
end $$;
grant execute on function window_of_session(group_session) to aikatori_market;

-- Locks the counters of all who have a place, then the seller's session, then the bookings. What is
-- only held goes back: the session is not what was offered.
create function lock_session(p_session uuid) returns group_session
    language plpgsql
as $$
declare
    g group_session;
begin
    perform lock_counters_of(array(select b.id from booking b
        where b.group_session = p_session and b.state in ('held', 'booked')
          and b.seller = current_organisation()));
    select x.* into g from group_session x
        where x.id = p_session and x.seller = current_organisation() for update;
    if not found then
        perform refuse('404', 'not_found');
    end if;
    perform from booking b where b.group_session = g.id and b.state in ('held', 'booked')
        order by b.id for update;
    perform release_places(g.id);
    return g;
end $$;

-- The session is not held: its time is on sale again. Who had a place was dealt with before.
create function end_session(p_session uuid) returns bigint
    language plpgsql
as $$
declare
    g group_session;
    freed tstzrange;
begin
    select x.* into g from group_session x
        where x.id = p_session and x.seller = current_organisation() for update;
    if not found then
        perform refuse('404', 'not_found');
    end if;
    perform release_places(g.id);
    update group_session x set state = 'withdrawn', revision = x.revision + 1
        where x.id = g.id returning x.revision into g.revision;
    perform own_start_times(g.specialist);
    update reservation r set live = false where r.id = g.reservation
        returning r.occupied into freed;
    perform join_start_times(g.specialist, freed);
    return g.revision;
end $$;

-- Another specialist of the seller's holds the whole session, at the same time; or it is refused,
-- with everything as it was. Whether the contracts let the seller do so is decided by the caller.
create function substitute_session(p_session uuid, p_specialist uuid, p_reservation uuid)
    returns bigint
    language plpgsql
as $$
declare
    g group_session := lock_session(p_session);
    before group_session := g;
    place availability_window;
    needed tstzrange;
    freed tstzrange;
begin
    if not exists (select from specialist s
        where s.id = p_specialist and s.organisation = g.seller)
    then
        perform refuse('404', 'not_found');
    end if;
    if lower(g.during) <= market_now() then
        perform refuse('409', 'visit_started');
    end if;
    perform own_start_times(x.specialist)
        from (select unnest(array[g.specialist, p_specialist]) as specialist order by 1) x;
    g.specialist := p_specialist;
    g.reservation := p_reservation;
    if exists (select from booking b where b.group_session = g.id and b.state = 'booked'
        and b.contract not in (select c.contract from session_contracts(g) c))
    then
        perform refuse('409', 'specialist_not_offered');
    end if;
    place := window_of_session(g);
    needed := tstzrange(lower(g.during) - make_interval(mins => place.buffer_before_minutes),
        upper(g.during) + make_interval(mins => place.buffer_after_minutes));
    insert into reservation (id, seller, specialist, occupied, availability_window,
        window_revision)
    values (g.reservation, g.seller, g.specialist, needed, place.id, place.revision)
    on conflict do nothing;
    if not found then
        perform refuse('409', 'taken');
    end if;
    update group_session x set specialist = g.specialist, reservation = g.reservation,
        revision = x.revision + 1 where x.id = g.id returning x.revision into g.revision;
    update booking b set reservation = g.reservation, specialist = g.specialist,
        ical_sequence = b.ical_sequence + 1, revision = b.revision + 1
        where b.group_session = g.id and b.state = 'booked';
    update reservation r set live = false where r.id = before.reservation
        returning r.occupied into freed;
    perform join_start_times(before.specialist, freed);
    perform cut_start_times(g.specialist, needed);
    return g.revision;
end $$;

-- Nobody takes a place in the sessions that an absence touches. Called behind the counters.
create function lock_sessions_of(p_specialists uuid[], p_during tstzrange) returns void
    language sql
as $$
    select from group_session g
    where g.specialist = any (p_specialists) and g.during && p_during and g.state = 'open'
      and g.seller = current_organisation()
    order by g.id for update
$$;

-- The sessions that an absence touches and that have not begun are withdrawn; each place was
-- cancelled before.
create function give_up_sessions(p_specialists uuid[], p_during tstzrange) returns void
    language plpgsql
as $$
declare
    g group_session;
    number bigint;
begin
    for g in
        select x.* from group_session x
        where x.specialist = any (p_specialists) and x.during && p_during and x.state = 'open'
          and x.seller = current_organisation() and lower(x.during) > market_now()
        order by x.id
    loop
        number := end_session(g.id);
        perform announce('group_session.withdrawn', 'group_session', g.id, number, g.seller,
            null);
        perform audit('group_session', g.id, g.seller, null);
    end loop;
end $$;

call give_to_market('lock_session(uuid)', 'aikatori_app');
call give_to_market('end_session(uuid)', 'aikatori_app');
call give_to_market('substitute_session(uuid, uuid, uuid)', 'aikatori_app');
call give_to_market('lock_sessions_of(uuid[], tstzrange)', 'aikatori_app');
call give_to_market('give_up_sessions(uuid[], tstzrange)', 'aikatori_app');

-- The other visits of a session that whoever comes with a token comes to as well: the seller's to
-- all of them, the buyer's to those of its own side where the token says so.
create function visits_along(t join_token) returns table (booking uuid, seller uuid, buyer uuid)
    language sql stable
as $$
    select o.id, o.seller, o.buyer
    from booking b join booking o on o.group_session = b.group_session and o.id <> b.id
        and o.state = 'booked'
    where b.id = t.booking and (t.side = 'seller' or t.for_session and o.buyer = t.buyer)
$$;

-- Who comes or goes locks all these visits in their order, before it is written down of one.
create function turn_in_session(t join_token, p_kind text) returns void
    language plpgsql
as $$
begin
    if p_kind <> 'heartbeat' then
        perform from booking b
            where b.id in (select v.booking from visits_along(t) v union all select t.booking)
            order by b.id for no key update;
    end if;
end $$;

-- Who leaves one visit may be in another of the session in a second page: for the others it is only
-- the last sign of life from here.
create function observe_in_session(t join_token, p_kind text, p_source text) returns void
    language sql
as $$
    insert into observation (id, booking, seller, buyer, side, participant, kind, source, at)
    select uuid_v7(), v.booking, v.seller, v.buyer, t.side, t.participant,
        case p_kind when 'leave' then 'heartbeat' else p_kind end, p_source, market_now()
    from visits_along(t) v
    where not exists (select from visit_minutes m where m.booking = v.booking)
    order by v.booking
$$;
grant execute on function visits_along(join_token), turn_in_session(join_token, text),
    observe_in_session(join_token, text, text) to aikatori_market;

-- Whether a booking's place has a share of the price: it is taken, or was given up at a fee, which
-- is its share. So all that a buyer's places come to is never more than the session.
create function has_share(b booking) returns boolean
    language sql immutable
    return b.state in ('booked', 'closed')
        or b.state = 'cancelled' and b.cancelled_by = b.buyer and b.cancellation_fee > 0;
grant execute on function has_share(booking) to aikatori_market, aikatori_reader;

-- Which part of its session a party's place is: how many places with a share are before it, and how
-- many there are in all. Once the session has begun that does not change.
create function session_share(p_booking uuid, out places_before int, out places_in_all int)
    language sql stable
as $$
    select count(distinct o.group_place) filter (where o.group_place < b.group_place),
        count(distinct o.group_place)
    from booking b join booking o on o.group_session = b.group_session and has_share(o)
    where b.id = p_booking and current_organisation() in (b.seller, b.buyer)
$$;
call give_to_market('session_share(uuid)', 'aikatori_app');

-- The share by which a place is charged is its own among those that were taken when the session
-- began: the shares of all add up to one.
create function charge_of_place(c charge) returns void
    language plpgsql
as $$
declare
    place record;
    said jsonb;
begin
    select * into place from session_share(c.booking);
    select step -> 'figures' into said
        from jsonb_array_elements(convert_from(c.document, 'UTF8')::jsonb #> '{trace,steps}') step
        where step ->> 'code' = 'group_share';
    if c.net <> 0 and (said ->> 'places', said ->> 'before', said ->> 'all')
        is distinct from ('1', place.places_before::text, place.places_in_all::text)
    then
        perform refuse('500', 'charge_of_another_share');
    end if;
end $$;
grant execute on function charge_of_place(charge) to aikatori_app, aikatori_market;

-- A session as its seller and the buyers that may book it see it: how many places are taken, never
-- by whom. `offers` are the caller's own contracts for it, with the price of the whole in cents.
create function sessions_seen(
    p_session uuid, p_contract uuid, p_from timestamptz, p_until timestamptz, p_after uuid,
    p_limit int)
    returns table (id uuid, seller uuid, specialist uuid, specialist_label text, service text,
        starts timestamptz, ends timestamptz, places int, taken int, own int,
        contracts uuid[], book_until timestamptz, state text, revision bigint, offers jsonb)
    language sql stable
as $$
    with seen as (
        select g.*, (
            select jsonb_agg(jsonb_build_object('contract', c.contract, 'price', quote_at(
                    c.contract, c.number, g.service, lower(g.during),
                    planned_minutes(g.during))) order by c.contract)
            from session_contracts(g) c
            where c.buyer = current_organisation() and c.state = 'active'
              and coalesce(c.ends_at > lower(g.during), true)
              and (p_contract is null or c.contract = p_contract)) as offers
        from group_session g
        where (p_session is null or g.id = p_session)
          and (p_from is null or upper(g.during) > p_from)
          and (p_until is null or lower(g.during) < p_until)
          and (p_after is null or g.id > p_after)
          and (p_contract is null or exists (select from session_contracts(g) c
              where c.contract = p_contract))
          and g.seller in (select current_organisation()
              union all select c.seller from contract c where c.buyer = current_organisation())
    )
    select g.id, g.seller, g.specialist, p.label, g.service, lower(g.during), upper(g.during),
        g.places, x.taken, x.own,
        case when g.seller = current_organisation() then g.contracts end, g.book_until, g.state,
        g.revision, coalesce(g.offers, '[]')
    from seen g
    join specialist p on p.id = g.specialist
    cross join lateral (
        select count(*) filter (where k.is_kept)::int as taken,
            count(*) filter (where k.is_kept and b.buyer = current_organisation())::int as own,
            coalesce(bool_or(b.buyer = current_organisation()), false) as is_party
        from booking b
        cross join lateral (select b.state in ('booked', 'closed')
            or b.state = 'held' and b.hold_expires_at > market_now() as is_kept) k
        where b.group_session = g.id) x
    where g.seller = current_organisation() or x.is_party
        or g.state = 'open' and g.offers is not null
    order by g.id limit p_limit
$$;
call give_to_market('sessions_seen(uuid, uuid, timestamptz, timestamptz, uuid, int)',
    'aikatori_app');

insert into operation_role (operation, roles) values
    ('openGroupSession', array['scheduler']), ('bookPlaces', array['scheduler']),
    ('withdrawGroupSession', array['scheduler']),
    ('substituteGroupSession', array['scheduler']), ('waitForPlace', array['scheduler']),
    ('findGroupSessions', array['scheduler', 'specialist']),
    ('listGroupSessions',
        array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']),
    ('getGroupSession',
        array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']);
