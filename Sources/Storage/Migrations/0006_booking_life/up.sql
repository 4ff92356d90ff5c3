-- What happens to a booking after it is made: expiry, giving back, moving, and what is due.

-- Locks the counter of the period of a party's booking and, where another start is given, that of
-- its period, in the one order of all locks. The caller locks the booking next.
create function lock_budget(p_booking uuid, p_starts timestamptz default null) returns void
    language plpgsql
as $$
begin
    insert into budget_counter (contract, period, seller, buyer)
        select b.contract, billing_period(p_starts, v.time_zone), b.seller, b.buyer
        from booking b
        join contract_version v on v.contract = b.contract and v.number = b.version
        where b.id = p_booking and p_starts is not null
          and current_organisation() in (b.seller, b.buyer)
        on conflict do nothing;
    perform from budget_counter c
        where (c.contract, c.period) in (
            select b.contract, unnest(array[b.period, billing_period(p_starts, v.time_zone)])
            from booking b
            join contract_version v on v.contract = b.contract and v.number = b.version
            where b.id = p_booking and current_organisation() in (b.seller, b.buyer))
        order by c.contract, c.period for update;
end $$;

-- What takes a room once: a group session, a series, or a booking that is in neither.
create function occasion(b booking) returns uuid
    language sql immutable
    return coalesce(b.group_session, b.series, b.id);
grant execute on function occasion(booking) to aikatori_app, aikatori_market, aikatori_reader;

-- What a booking has reserved goes back when it is over, however it ends. Of the quota only what
-- was not held goes back: a visit that was cancelled, even late, leaves its place to another.
create function booking_gives_back() returns trigger
    language plpgsql
as $$
declare
    was_held boolean := new.state = 'closed';
begin
    update budget_counter set reserved = reserved - case when old.group_session is null
            then old.quote else session_gives_back(old) end,
        visits = visits - case when was_held then 0 else 1 end,
        minutes = minutes - case when was_held then 0 else planned_minutes(old.planned) end
        where contract = old.contract and period = old.period;
    return null;
end $$;
create trigger gives_back after update on booking
    for each row when (old.state in ('held', 'booked') and new.state not in ('held', 'booked'))
    execute function booking_gives_back();

-- A hold that has run out: the time goes back. The counter is locked by the caller.
create function expire_hold(p_booking uuid) returns boolean
    language plpgsql
as $$
declare
    gone booking;
    freed tstzrange;
begin
    update booking set state = 'expired', revision = revision + 1
    where id = p_booking and state = 'held' and hold_expires_at <= market_now()
    returning * into gone;
    if not found then
        return false;
    end if;
    -- a session goes on without it
    if gone.group_session is null then
        perform own_start_times(gone.specialist);
        update reservation set live = false where id = gone.reservation
            returning occupied into freed;
        perform join_start_times(gone.specialist, freed);
    end if;
    perform announce('booking.expired', 'booking', gone.id, gone.revision, gone.seller,
        gone.buyer);
    insert into audit_fact (organisation, counterparty, operation, subject_kind, subject)
    values (gone.seller, gone.buyer, 'hold_expiry', 'booking', gone.id);
    return true;
end $$;

-- A party gives the time of its booking back (released, cancelled): the seller's calendar opens.
create function free_reservation(p_booking uuid) returns void
    language plpgsql
as $$
declare
    b booking;
    freed tstzrange;
begin
    select * into b from booking x
    where x.id = p_booking and current_organisation() in (x.seller, x.buyer)
      and x.state in ('released', 'cancelled');
    if not found then
        perform refuse('404', 'not_found');
    end if;
    -- a place in a block is still its buyer's
    if exists (select from reservation r where r.id = b.reservation and r.block is not null) then
        perform leave_block(b.id);
        return;
    end if;
    -- a session goes on without it
    if b.group_session is not null then
        return;
    end if;
    perform own_start_times(b.specialist);
    update reservation set live = false where id = b.reservation and live
        returning occupied into freed;
    if found then
        perform join_start_times(b.specialist, freed);
    end if;
end $$;

-- Why a visit has no room within what its contract gives a period, the counter being locked; null
-- when it has. Where it would have none, what overdue holds still take counts as free: they block
-- nobody, though they are not tidied away yet (invariant 7).
create function period_refusal(
    p_contract uuid, p_period text, p_ceiling bigint, p_quota_visits int, p_quota_minutes int,
    p_quote bigint, p_minutes int, p_now timestamptz)
    returns jsonb
    language plpgsql
as $$
declare
    c budget_counter;
    overdue record;
begin
    select * into strict c from budget_counter x
    where x.contract = p_contract and x.period = p_period;
    if (c.reserved + c.used + p_quote > p_ceiling or c.visits + 1 > p_quota_visits
        or c.minutes + p_minutes > p_quota_minutes)
    then
        select count(*) as visits,
            coalesce(sum(b.quote) filter (where b.group_session is null), 0)
                + overdue_in_sessions(p_contract, p_period, p_now) as quotes,
            coalesce(sum(planned_minutes(b.planned)), 0) as minutes
        into overdue from booking b
        where b.contract = p_contract and b.period = p_period
          and b.state = 'held' and b.hold_expires_at <= p_now;
        c.reserved := c.reserved - overdue.quotes;
        c.visits := c.visits - overdue.visits;
        c.minutes := c.minutes - overdue.minutes;
    end if;
    if c.reserved + c.used + p_quote > p_ceiling then
        return jsonb_build_object('refusal', 'over_budget', 'figures', jsonb_build_object(
            'period', p_period, 'ceiling', p_ceiling, 'quote', p_quote,
            'left', greatest(0, p_ceiling - c.reserved - c.used)));
    end if;
    if c.visits + 1 > p_quota_visits then
        return jsonb_build_object('refusal', 'quota_reached', 'figures', jsonb_build_object(
            'period', p_period, 'limit', 'visits_per_period', 'quota', p_quota_visits,
            'taken', c.visits, 'asked', 1, 'left', greatest(0, p_quota_visits - c.visits)));
    end if;
    if c.minutes + p_minutes > p_quota_minutes then
        return jsonb_build_object('refusal', 'quota_reached', 'figures', jsonb_build_object(
            'period', p_period, 'limit', 'minutes_per_period', 'quota', p_quota_minutes,
            'taken', c.minutes, 'asked', p_minutes,
            'left', greatest(0, p_quota_minutes - c.minutes)));
    end if;
    return null;
end $$;

-- Expires one hold: locks its counter, then the booking.
create function expire_overdue_hold(p_booking uuid) returns boolean
    language plpgsql
as $$
begin
    perform from budget_counter c join booking b
        on b.contract = c.contract and b.period = c.period
        where b.id = p_booking for update of c;
    return expire_hold(p_booking);
end $$;

-- A contract that still has visits at a start; and, for what its buyer decides alone, that opens
-- booking.
create function require_open_contract(c contract, p_starts timestamptz, p_anew boolean)
    returns void
    language plpgsql
as $$
begin
    if p_anew and c.state = 'suspended' then
        perform refuse('409', 'contract_suspended');
    end if;
    if p_anew and c.state <> 'active' then
        perform refuse('409', 'contract_not_active', jsonb_build_object('state', c.state));
    end if;
    if c.ends_at <= p_starts then
        perform refuse('409', 'after_contract_end', contract_end_figures(c.ends_at));
    end if;
end $$;

-- What decides on another start of a booking, before its reservation moves. A move by both sides
-- (p_anew false: an accepted counter-proposal) is not bound by notice and horizon; one by the buyer
-- alone (true) is decided as a new booking is.
create function move_terms(
    b booking, p_starts timestamptz, p_specialist uuid, p_anew boolean, p_now timestamptz,
    out version contract_version, out place availability_window
)
    language plpgsql
as $$
declare
    c contract;
    person specialist;
    field text;
begin
    -- a suspension or a notice waits for this, or is seen by it
    select * into strict c from contract x where x.id = b.contract for share;
    perform require_open_contract(c, p_starts, p_anew);
    select * into strict version from contract_version v
        where v.contract = b.contract and v.number = b.version;
    if not version.effective @> p_starts then
        perform refuse('409', 'no_version_for_start');
    end if;
    if p_starts < p_now then
        perform refuse('409', 'start_in_the_past');
    end if;
    if p_anew and p_starts < p_now + make_interval(mins => version.minimum_notice_minutes) then
        perform refuse('409', 'notice_too_short',
            jsonb_build_object('minimum_notice_minutes', version.minimum_notice_minutes));
    end if;
    if p_anew and p_starts > p_now + make_interval(hours => 24 * version.horizon_days) then
        perform refuse('409', 'beyond_horizon',
            jsonb_build_object('horizon_days', version.horizon_days));
    end if;
    select * into person from specialist s where s.id = p_specialist and s.organisation = b.seller;
    select s.specialty into strict field from contract_service s
        where s.contract = b.contract and s.number = b.version and s.service = b.service;
    if p_anew and (person.id is null or not person.active or person.specialty <> field) then
        perform refuse('409', 'specialist_not_offered');
    end if;
    if not exists (select from licence l where l.specialist = p_specialist
        and l.valid @> (p_starts at time zone version.time_zone)::date)
    then
        perform refuse('409', 'licence_expired');
    end if;
    select * into place from availability_window w
    where w.specialist = p_specialist and w.open
      -- said by the next condition too; this one the index can answer
      and w.during @> tstzrange(p_starts, p_starts + (upper(b.planned) - lower(b.planned)))
      and w.during @> tstzrange(p_starts - make_interval(mins => w.buffer_before_minutes),
          p_starts + (upper(b.planned) - lower(b.planned))
              + make_interval(mins => w.buffer_after_minutes))
      and (w.services is null or b.service = any (w.services))
      and (w.contracts is null or b.contract = any (w.contracts))
      and upper(b.planned) - lower(b.planned) between make_interval(mins => w.shortest_minutes)
          and make_interval(mins => w.longest_minutes)
      and (extract(epoch from p_starts - lower(w.during)) * 1000000)::bigint
          % (w.grid_minutes * 60000000::bigint) = 0
    for share;
    if not found then
        perform refuse('409', 'outside_availability');
    end if;
end $$;

-- Moves a booking, or is refused with everything as it was: an accepted counter-proposal, or the
-- buyer alone (p_anew), also to a colleague. The counters of both periods are locked by the caller,
-- in order; that of an overdue hold in the way comes after them, and a deadlock that comes of it is
-- for the caller to try again.
create function move_booking(
    p_booking uuid, p_starts timestamptz, p_specialist uuid default null,
    p_anew boolean default false) returns void
    language plpgsql
as $$
declare
    b booking;
    terms record;
    to_whom uuid;
    old_range tstzrange;
    new_planned tstzrange;
    new_occupied tstzrange;
    new_period text;
    new_quote bigint;
    new_reservation uuid;
    no_room jsonb;
    too_much jsonb;
    now timestamptz;
begin
    select * into b from booking x
    where x.id = p_booking and current_organisation() in (x.seller, x.buyer)
      and (not p_anew or x.buyer = current_organisation()) for update;
    if not found then
        perform refuse('404', 'not_found');
    end if;
    now := market_now();
    if b.state <> 'booked' then
        perform refuse('409', 'illegal_transition', jsonb_build_object('from', b.state));
    end if;
    if lower(b.planned) <= now then
        perform refuse('409', 'visit_started');
    end if;
    if b.group_session is not null then
        perform refuse('409', 'in_group_session');
    end if;
    to_whom := coalesce(p_specialist, b.specialist);
    if exists (select from reservation r where r.id = b.reservation and r.block is not null) then
        perform move_in_block(b, p_starts, to_whom, p_anew);
        return;
    end if;
    perform own_start_times(x.specialist)
        from (select unnest(array[b.specialist, to_whom]) as specialist order by 1) x;
    select * into terms from move_terms(b, p_starts, to_whom, p_anew, now);
    new_planned := tstzrange(p_starts, p_starts + (upper(b.planned) - lower(b.planned)));
    new_occupied := tstzrange(
        p_starts - make_interval(mins => (terms.place).buffer_before_minutes),
        upper(new_planned) + make_interval(mins => (terms.place).buffer_after_minutes));
    perform expire_overdue_hold(h.id) from booking h join reservation r on r.id = h.reservation
        where r.specialist = to_whom and r.live and r.occupied && new_occupied
          and h.state = 'held' and h.hold_expires_at <= now;
    -- what the seller itself agrees to may be more than it is sold for
    if p_anew then
        too_much := working_refusal(to_whom, p_starts, planned_minutes(b.planned), b.id);
        if too_much is not null then
            perform refuse('409', too_much ->> 'refusal', too_much -> 'figures');
        end if;
    end if;
    new_period := billing_period(p_starts, (terms.version).time_zone);
    new_quote := quote_at(b.contract, b.version, b.service, p_starts, planned_minutes(b.planned));
    if new_period <> b.period or new_quote <> b.quote then
        insert into budget_counter (contract, period, seller, buyer)
            values (b.contract, new_period, b.seller, b.buyer) on conflict do nothing;
        update budget_counter set reserved = reserved - b.quote, visits = visits - 1,
            minutes = minutes - planned_minutes(b.planned)
            where contract = b.contract and period = b.period;
        no_room := period_refusal(b.contract, new_period, (terms.version).budget_ceiling,
            (terms.version).quota_visits, (terms.version).quota_minutes, new_quote,
            planned_minutes(b.planned), now);
        if no_room is not null then
            perform refuse('409', no_room ->> 'refusal', no_room -> 'figures');
        end if;
        update budget_counter set reserved = reserved + new_quote, visits = visits + 1,
            minutes = minutes + planned_minutes(b.planned)
            where contract = b.contract and period = new_period;
    end if;
    select occupied into strict old_range from reservation where id = b.reservation;
    new_reservation := b.reservation;
    begin
        if to_whom = b.specialist then
            update reservation set occupied = new_occupied,
                availability_window = (terms.place).id,
                window_revision = (terms.place).revision where id = b.reservation;
        else
            new_reservation := uuid_v7();
            insert into reservation (id, seller, specialist, occupied, availability_window,
                window_revision)
            values (new_reservation, b.seller, to_whom, new_occupied, (terms.place).id,
                (terms.place).revision);
        end if;
    exception when exclusion_violation then
        perform refuse('409', 'taken');
    end;
    begin
        update booking set planned = new_planned, period = new_period, quote = new_quote,
            reservation = new_reservation, specialist = to_whom,
            ical_sequence = ical_sequence + 1, revision = revision + 1 where id = b.id;
    exception when exclusion_violation then
        -- another visit of the block in which it was placed
        perform refuse('409', 'taken');
    end;
    if new_reservation <> b.reservation then
        update reservation set live = false where id = b.reservation;
    end if;
    perform join_start_times(b.specialist, old_range);
    perform cut_start_times(to_whom, new_occupied);
end $$;

-- What the worker is to act on, its rows locked before all others.
create function take_deadline()
    returns table (id bigint, kind text, subject uuid, organisation uuid, counterparty uuid,
        now timestamptz)
    language sql
as $$
    select d.id, d.kind, d.subject, d.organisation, d.counterparty, market_now()
    from deadline d where d.due_at <= market_now()
    order by d.due_at, d.id limit 1 for update skip locked
$$;

create function drop_deadline(p_id bigint) returns void
    language sql
as $$ delete from deadline where id = p_id $$;

-- A deadline whose work failed waits a minute, so that it does not hold up the others.
create function postpone_deadline(p_id bigint) returns void
    language sql
as $$ update deadline set due_at = market_now() + interval '1 minute' where id = p_id $$;

grant execute on function expire_hold(uuid), require_open_contract(contract, timestamptz, boolean),
    period_refusal(uuid, text, bigint, int, int, bigint, int, timestamptz),
    move_terms(booking, timestamptz, uuid, boolean, timestamptz) to aikatori_market;
grant execute on function booking_gives_back() to aikatori_app, aikatori_market;
call give_to_market('booking_gives_back()');
call give_to_market('lock_budget(uuid, timestamptz)', 'aikatori_app');
call give_to_market('free_reservation(uuid)', 'aikatori_app');
call give_to_market('move_booking(uuid, timestamptz, uuid, boolean)', 'aikatori_app');
call give_to_market('take_deadline()', 'aikatori_app');
call give_to_market('drop_deadline(bigint)', 'aikatori_app');
call give_to_market('postpone_deadline(bigint)', 'aikatori_app');
call give_to_market('expire_overdue_hold(uuid)', 'aikatori_app');
