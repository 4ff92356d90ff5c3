-- Blocks: the buyer places visits until placing ends; what stays unused costs a share.

-- A visit in a block is its buyer's, of its contract and specialist, within it, and placed in time.
-- One that a colleague has taken over has a reservation of its own.
create function booking_in_block() returns trigger
    language plpgsql
as $$
declare
    k block;
    is_inside boolean;
begin
    select * into strict k from block x where x.id = new.block;
    is_inside := exists (select from reservation r
        where r.id = new.reservation and r.block = k.id);
    if tg_op = 'INSERT' then
        if (not is_inside or (new.contract, new.service, new.specialist, new.period)
            <> (k.contract, k.service, k.specialist, k.period))
        then
            perform refuse('409', 'outside_block');
        end if;
        if k.state <> 'open' or market_now() >= k.place_until then
            perform refuse('409', 'placing_closed', contract_end_figures(k.place_until));
        end if;
    end if;
    if is_inside and not k.during @> new.planned then
        perform refuse('409', 'outside_block');
    end if;
    return new;
end $$;
create trigger in_block before insert or update of planned on booking
    for each row when (new.block is not null) execute function booking_in_block();
call give_to_market('booking_in_block()');

-- Locks the counter of a party's block, then the block: the order of all locks.
create function lock_block(p_block uuid) returns block
    language plpgsql
as $$
declare
    k block;
begin
    insert into budget_counter (contract, period, seller, buyer)
        select x.contract, x.period, x.seller, x.buyer from block x
        where x.id = p_block and current_organisation() in (x.seller, x.buyer)
        on conflict do nothing;
    perform from budget_counter c join block x
        on x.contract = c.contract and x.period = c.period
        where x.id = p_block for update of c;
    select * into k from block x
        where x.id = p_block and current_organisation() in (x.seller, x.buyer) for update;
    if not found then
        perform refuse('404', 'not_found');
    end if;
    return k;
end $$;

-- What no visit takes goes back on sale: the reservation of a block becomes those of its visits,
-- each with the buffers that its window asks for. The block is locked by the caller.
create function shrink_block(p_block uuid) returns void
    language plpgsql
as $$
declare
    k block;
    old_one reservation;
    freed tstzrange[];
    part record;
begin
    select * into strict k from block x where x.id = p_block;
    perform own_start_times(k.specialist);
    freed := array(select r.occupied from reservation r where r.block = k.id and r.live);
    select * into old_one from reservation r where r.block = k.id and r.live limit 1;
    update reservation r set live = false where r.block = k.id and r.live;
    for part in
        select unnest(range_agg(tstzrange(
            lower(b.planned) - make_interval(mins => w.buffer_before_minutes),
            upper(b.planned) + make_interval(mins => w.buffer_after_minutes))
            * r.occupied)) as occupied
        from booking b
        join reservation r on r.id = b.reservation
        join availability_window w on w.id = r.availability_window
        where b.block = k.id and r.block = k.id and b.state in ('booked', 'closed')
    loop
        insert into reservation (id, seller, specialist, occupied, availability_window,
            window_revision, block)
        values (uuid_v7(), k.seller, k.specialist, part.occupied, old_one.availability_window,
            old_one.window_revision, k.id);
    end loop;
    update booking b set reservation = n.id
    from reservation n, reservation o
    where b.block = k.id and b.state = 'booked' and o.id = b.reservation and o.block = k.id
      and n.block = k.id and n.live and n.occupied @> b.planned;
    perform join_start_times(k.specialist, x) from unnest(freed) x;
    perform cut_start_times(k.specialist, r.occupied) from reservation r
        where r.block = k.id and r.live;
end $$;

-- A visit that was placed in a block is over: its place is the buyer's again, or on sale with what
-- else was not used.
create function leave_block(p_booking uuid) returns void
    language plpgsql
as $$
declare
    k block;
begin
    select x.* into strict k from booking b join block x on x.id = b.block
        where b.id = p_booking for update of x;
    if k.on_sale then
        perform shrink_block(k.id);
    end if;
end $$;

-- So long at least its buyer can place visits in a block, before it pays for unused time.
create function placing_lead() returns interval
    language sql immutable
as $$ select interval '24 hours' $$;

-- One block of a contract on one day: the decision, and when it is yes, the rows.
create function make_block(
    c contract, p_term int, p_specialist uuid, p_id uuid, p_during tstzrange, p_now timestamptz)
    returns jsonb
    language plpgsql
as $$
declare
    v contract_version;
    s contract_service;
    t jsonb;
    place availability_window;
    closes timestamptz;
    needed tstzrange;
begin
    select * into v from contract_version x
        where x.contract = c.id and x.signed_at <= p_now and x.effective @> lower(p_during);
    if not found then
        return '{"refusal": "no_version_for_start"}';
    end if;
    if c.ends_at <= lower(p_during) then
        return jsonb_build_object('refusal', 'after_contract_end',
            'figures', contract_end_figures(c.ends_at));
    end if;
    t := convert_from(v.document, 'UTF8')::jsonb #> array['blocks', p_term::text];
    if (t is null or to_char(lower(p_during) at time zone v.time_zone, 'HH24:MI') <> t ->> 'from'
        or to_char(upper(p_during) at time zone v.time_zone, 'HH24:MI')
            <> replace(t ->> 'until', '24:00', '00:00')
        or trim(to_char(lower(p_during) at time zone v.time_zone, 'day')) <> t ->> 'weekday'
        or upper(p_during) - lower(p_during) > interval '25 hours')
    then
        return '{"refusal": "block_not_in_contract"}';
    end if;
    closes := lower(p_during) - make_interval(hours => (t ->> 'place_until_hours')::int);
    if closes <= p_now then
        return jsonb_build_object('refusal', 'placing_closed',
            'figures', contract_end_figures(closes));
    end if;
    if closes < p_now + placing_lead() then
        return jsonb_build_object('refusal', 'placing_too_short', 'figures',
            contract_end_figures(closes) || jsonb_build_object(
                'hours', extract(epoch from placing_lead())::int / 3600));
    end if;
    select * into strict s from contract_service x
        where x.contract = c.id and x.number = v.number and x.service = t ->> 'service';
    if not exists (select from specialist p where p.id = p_specialist
        and p.organisation = c.seller and p.active and p.specialty = s.specialty)
    then
        return '{"refusal": "specialist_not_offered"}';
    end if;
    if not exists (select from licence l where l.specialist = p_specialist
        and l.valid @> (lower(p_during) at time zone v.time_zone)::date)
    then
        return '{"refusal": "licence_expired"}';
    end if;
    select * into place from availability_window w
    where w.specialist = p_specialist and w.open and w.during @> p_during
      and w.during @> tstzrange(
          lower(p_during) - make_interval(mins => w.buffer_before_minutes),
          upper(p_during) + make_interval(mins => w.buffer_after_minutes))
      and (w.services is null or s.service = any (w.services))
      and (w.contracts is null or c.id = any (w.contracts))
    for share;
    if not found then
        return '{"refusal": "outside_availability"}';
    end if;
    if exists (select from block x where x.contract = c.id and x.version <> v.number
        and x.service = s.service and x.during && p_during and x.state <> 'withdrawn')
    then -- what an earlier version agreed on for this time stands
        return '{"refusal": "block_exists"}';
    end if;
    needed := tstzrange(lower(p_during) - make_interval(mins => place.buffer_before_minutes),
        upper(p_during) + make_interval(mins => place.buffer_after_minutes));
    insert into block (id, contract, version, term, service, seller, buyer, specialist, during,
        period, room, nurse, place_until, unused_fee, reoffer)
    values (p_id, c.id, v.number, p_term, s.service, c.seller, c.buyer, p_specialist, p_during,
        billing_period(lower(p_during), v.time_zone), t ->> 'room', (t ->> 'nurse')::boolean,
        closes, ((t ->> 'unused_fee_percent')::numeric * 100)::int,
        coalesce((t ->> 'reoffer')::boolean, false))
    on conflict do nothing;
    if not found then
        return '{"refusal": "block_exists"}';
    end if;
    insert into reservation (id, seller, specialist, occupied, availability_window,
        window_revision, block)
    values (uuid_v7(), c.seller, p_specialist, needed, place.id, place.revision, p_id)
    on conflict do nothing;
    if not found then
        return '{"refusal": "taken"}';
    end if;
    perform cut_start_times(p_specialist, needed);
    insert into deadline (due_at, kind, subject, organisation, counterparty)
    values (closes, 'block_closes', p_id, c.seller, c.buyer),
        (upper(p_during), 'block_ends', p_id, c.seller, c.buyer);
    perform announce('block.made', 'block', p_id, 1, c.seller, c.buyer);
    perform audit('block', p_id, c.seller, c.buyer,
        jsonb_build_object('contract', c.id, 'version', v.number, 'term', p_term));
    return jsonb_build_object('block', p_id);
end $$;

-- The seller makes blocks of one of its contract's, on all the days asked for or on none:
-- p_blocks is [{id, starts, ends}]. What was decided on each is answered either way, in order.
create function make_blocks(
    p_contract uuid, p_term int, p_specialist uuid, p_blocks jsonb,
    out is_made boolean, out decisions jsonb
)
    language plpgsql
as $$
declare
    c contract;
    wanted record;
    now timestamptz := market_now();
    result jsonb;
begin
    select * into c from contract x
        where x.id = p_contract and x.seller = current_organisation() for share;
    if not found or not exists (select from specialist p
        where p.id = p_specialist and p.organisation = c.seller)
    then
        perform refuse('404', 'not_found');
    end if;
    if c.state = 'suspended' then
        perform refuse('409', 'contract_suspended');
    end if;
    if c.state <> 'active' then
        perform refuse('409', 'contract_not_active', jsonb_build_object('state', c.state));
    end if;
    is_made := true;
    decisions := '[]';
    -- an overdue hold blocks nobody; its counter is locked first, as on every path
    perform expire_overdue_hold(h.id)
        from jsonb_to_recordset(p_blocks) as q(starts timestamptz, ends timestamptz)
        join reservation r on r.specialist = p_specialist and r.live
            and r.occupied && tstzrange(q.starts - interval '4 hours', q.ends + interval '4 hours')
        join booking h on h.reservation = r.id
        where h.state = 'held' and h.hold_expires_at <= now;
    begin
        perform own_start_times(p_specialist);
        now := market_now();
        for wanted in
            select q.* from jsonb_to_recordset(p_blocks)
                as q(id uuid, starts timestamptz, ends timestamptz) order by q.starts, q.id
        loop
            result := make_block(c, p_term, p_specialist, wanted.id,
                tstzrange(wanted.starts, wanted.ends), now);
            is_made := is_made and not result ? 'refusal';
            decisions := decisions || result;
        end loop;
        if not is_made then
            raise exception using errcode = 'AK000';
        end if;
    exception when sqlstate 'AK000' then
        null;
    end;
end $$;

create function block_specialist_label(p_block uuid) returns text
    language sql stable
as $$
    select s.label from block k join specialist s on s.id = k.specialist
    where k.id = p_block and current_organisation() in (k.seller, k.buyer)
$$;

grant execute on function shrink_block(uuid), leave_block(uuid), placing_lead(),
    make_block(contract, int, uuid, uuid, tstzrange, timestamptz) to aikatori_market;
grant execute on function block_rules() to aikatori_app, aikatori_market;
call give_to_market('lock_block(uuid)', 'aikatori_app');
call give_to_market('make_blocks(uuid, int, uuid, jsonb)', 'aikatori_app');
call give_to_market('block_specialist_label(uuid)', 'aikatori_app');

insert into operation_role (operation, roles) values
    ('makeBlocks', array['scheduler']), ('giveBackBlock', array['scheduler']),
    ('withdrawBlock', array['scheduler']), ('sayBlockReady', array['scheduler', 'specialist']),
    ('listBlocks', array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']),
    ('getBlock', array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']);
