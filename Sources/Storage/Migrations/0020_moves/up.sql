-- What a buyer does with its bookings by itself: it moves one, and the handshake begins anew; it
-- books many together, all of them or the best that can be had; and it places visits in a block.

-- When what is open after the messages before `p_sequence` runs out, and who then answers for it,
-- by the messages alone: as `expiring` in Sources/Visits/HandshakeProtocol.swift. A counter on an
-- agreed visit only lapses, and cancels nothing.
create function handshake_runs_out(
    p_booking uuid, p_sequence int, out deadline timestamptz, out cancels boolean, out owing uuid
)
    language plpgsql stable
as $$
declare
    h handshake;
    last handshake_message;
    -- begins the handshake anew
    move handshake_message;
begin
    select * into strict h from handshake x where x.booking = p_booking;
    select * into move from handshake_message m
        where m.booking = p_booking and m.sequence < p_sequence and m.kind = 'move'
        order by m.sequence desc limit 1;
    select * into last from handshake_message m
        where m.booking = p_booking and m.sequence < p_sequence order by m.sequence desc limit 1;
    cancels := not h.accepted_in_advance and not exists (select from handshake_message m
        where m.booking = p_booking and m.sequence < p_sequence and m.kind = 'accept'
          and m.sequence > coalesce(move.sequence, 0));
    if last.booking is null then
        deadline := case when not h.accepted_in_advance then h.opened_reply_by end;
    elsif last.kind = 'move' then
        deadline := (last.message #>> '{move,reply_by}')::timestamptz;
    elsif last.kind in ('propose', 'counter') then
        deadline := (last.message #>> '{offer,deadline}')::timestamptz;
        -- the side that was asked, if it had the time to answer
        owing := case when (last.sender = h.seller)
            = (deadline - last.recorded_at >= make_interval(secs => coalesce(
                (move.message #>> '{move,answer_seconds}')::bigint, h.answer_seconds)))
            then h.buyer else h.seller end;
    end if;
end $$;

-- Who says in the handshake that a booking has moved says what has been done to it, and leaves time
-- to answer where the contract does not accept its published time in advance; then a room for it
-- must be possible, as when it was booked. What was agreed in advance keeps its room.
create function handshake_move_was_made() returns trigger
    language plpgsql
as $$
begin
    if not exists (
        select from booking b join handshake h on h.booking = b.id
        where b.id = new.booking and b.buyer = new.sender and b.state = 'booked'
          and b.planned = tstzrange((new.message #>> '{move,starts}')::timestamptz,
              (new.message #>> '{move,ends}')::timestamptz)
          and h.accepted_in_advance = (new.message #>> '{move,reply_by}' is null)
          and coalesce((new.message #>> '{move,reply_by}')::timestamptz > new.recorded_at, true))
    then
        perform refuse('409', 'illegal_transition', jsonb_build_object('kind', new.kind));
    end if;
    if new.message #>> '{move,reply_by}' is not null
        and not exists (select from rooms_between(new.booking) r where r.place is not null)
    then
        perform refuse('409', 'no_common_room');
    end if;
    return new;
end $$;
create trigger move_was_made before insert on handshake_message
    for each row when (new.kind = 'move') execute function handshake_move_was_made();
grant execute on function handshake_runs_out(uuid, int), handshake_move_was_made()
    to aikatori_app, aikatori_market;

-- Decides on all visits of a series under the locks of all, in the order of their starts, so that
-- each counts for those after it. Nothing of it stays where it is only looked at (`p_look`), where
-- one cannot be had and all are wanted (`p_whole`), or where none can be had; what was decided on
-- each is answered all the same.
create function book_series(
    p_requests jsonb, p_series uuid, p_whole boolean, p_look boolean,
    out is_booked boolean, out visits jsonb
)
    language plpgsql
as $$
declare
    requests booking_request[] := '{}';
    r booking_request;
    overdue uuid[];
    now timestamptz;
    result jsonb;
    refused int := 0;
begin
    for r in
        select q.* from jsonb_populate_recordset(null::booking_request, p_requests) q
        order by q.specialist, q.starts, q.ordinal
    loop
        r.organisation := current_organisation();
        r.hold := false;
        r.series := p_series;
        if p_look then
            -- the hand-over is not asked for before there is something to book
            r.patient_reference := coalesce(r.patient_reference, '-');
            r.authorisation_reference := coalesce(r.authorisation_reference, '-');
            r.diary_reference := coalesce(r.diary_reference, '-');
        end if;
        select billing_period(r.starts, v.time_zone) into r.period from contract_version v
            where v.contract = r.contract and v.buyer = r.organisation
              and v.signed_at is not null and v.effective @> r.starts;
        requests := requests || r;
    end loop;
    visits := '[]';
    begin
        overdue := lock_for_booking(requests);
        now := market_now();
        foreach r in array requests loop
            result := book_one(r, now, overdue);
            if result ? 'refusal' then
                refused := refused + 1;
            else
                result := jsonb_build_object('booking', booked_answer(r));
            end if;
            visits := visits || (result || jsonb_build_object(
                'starts', (extract(epoch from r.starts) * 1000000)::bigint));
        end loop;
        if (p_look or refused > 0 and p_whole or refused = cardinality(requests)) then
            raise exception using errcode = 'AK000';
        end if;
        is_booked := true;
    exception when sqlstate 'AK000' then
        is_booked := false;
    end;
end $$;
call give_to_market('book_series(jsonb, uuid, boolean, boolean)', 'aikatori_app');

-- One visit in a block that is locked: the decision, and when it is yes, the rows.
create function place_visit(k block, r booking_request, p_now timestamptz) returns jsonb
    language plpgsql
as $$
declare
    terms record;
    planned tstzrange := tstzrange(r.starts, r.starts + make_interval(mins => r.minutes));
    missing text[];
    no_room jsonb;
begin
    if not k.during @> planned
        or (extract(epoch from r.starts - lower(k.during)) * 1000000)::bigint % 300000000 <> 0
    then
        return '{"refusal": "outside_block"}';
    end if;
    select * into terms from booking_terms(
        k.buyer, k.contract, k.service, r.starts, r.minutes, p_now, true);
    if terms.refusal is not null then
        return jsonb_build_object('refusal', terms.refusal, 'figures', terms.figures);
    end if;
    missing := hand_over_missing(r, terms.required);
    if missing <> '{}' then
        return jsonb_build_object('refusal', 'hand_over_missing',
            'figures', jsonb_build_object('missing', missing));
    end if;
    if not exists (select from specialist p where p.id = k.specialist and p.active) then
        return '{"refusal": "specialist_not_offered"}';
    end if;
    no_room := period_refusal(k.contract, terms.period, terms.ceiling, terms.quota_visits,
        terms.quota_minutes, terms.quote, r.minutes, p_now);
    if no_room is not null then
        return no_room;
    end if;
    if r.resources is not null then
        no_room := resources_for(r, planned, '{}');
        if no_room is not null then
            return no_room;
        end if;
    end if;
    insert into booking (id, reservation, contract, version, service, seller, buyer, specialist,
        planned, period, quote, state, patient_reference, record_reference,
        authorisation_reference, diary_reference, block)
    select r.booking, v.id, k.contract, terms.version, k.service, k.seller, k.buyer, k.specialist,
        planned, terms.period, terms.quote, 'booked', r.patient_reference, r.record_reference,
        r.authorisation_reference, r.diary_reference, k.id
    from reservation v where v.block = k.id and v.live and v.occupied @> planned
    on conflict do nothing;
    if not found then
        return '{"refusal": "taken"}';
    end if;
    if r.resources is not null then
        perform take_resources(r.booking, r.resources);
    end if;
    update budget_counter b set reserved = b.reserved + terms.quote, visits = b.visits + 1,
        minutes = b.minutes + r.minutes
    where b.contract = k.contract and b.period = terms.period;
    perform open_handshake(r.booking);
    perform announce('booking.booked', 'booking', r.booking, 1, k.seller, k.buyer);
    perform audit('booking', r.booking, k.buyer, k.seller, jsonb_build_object(
        'contract', k.contract, 'version', terms.version, 'quote', terms.quote, 'block', k.id));
    return jsonb_build_object('booking', r.booking);
end $$;

-- The buyer places visits in a block, all of them or none; what was decided on each is answered
-- either way, by its ordinal. A visit counts in the budget and quota of those after it.
create function place_visits(
    p_block uuid, p_requests jsonb, out is_placed boolean, out decisions jsonb)
    language plpgsql
as $$
declare
    k block := lock_block(p_block);
    r booking_request;
    resources uuid[] := '{}';
    now timestamptz := market_now();
    result jsonb;
begin
    if k.buyer <> current_organisation() then
        perform refuse('403', 'not_your_side');
    end if;
    if k.state <> 'open' or now >= k.place_until then
        perform refuse('409', 'placing_closed', contract_end_figures(k.place_until));
    end if;
    is_placed := true;
    decisions := '[]';
    for r in select q.* from jsonb_populate_recordset(null::booking_request, p_requests) q
        where q.resources is not null
    loop
        perform expire_resource_holds(r.resources,
            tstzrange(r.starts, r.starts + make_interval(mins => r.minutes)));
        resources := resources || r.resources;
    end loop;
    perform own_resources(resources);
    begin
        for r in select q.* from jsonb_populate_recordset(null::booking_request, p_requests) q
            order by q.starts, q.ordinal
        loop
            r.organisation := k.buyer;
            result := place_visit(k, r, now);
            is_placed := is_placed and not result ? 'refusal';
            decisions := decisions || (result || jsonb_build_object('ordinal', r.ordinal));
        end loop;
        if not is_placed then
            raise exception using errcode = 'AK000';
        end if;
    exception when sqlstate 'AK000' then
        null;
    end;
end $$;

-- A placed visit moves within its block only, at the price of its new time. Called by
-- move_booking, which has locked it behind its counter.
create function move_in_block(
    b booking, p_starts timestamptz, p_specialist uuid, p_anew boolean) returns void
    language plpgsql
as $$
declare
    k block;
    c contract;
    v contract_version;
    new_planned tstzrange := tstzrange(p_starts, p_starts + (upper(b.planned) - lower(b.planned)));
    new_quote bigint := quote_at(b.contract, b.version, b.service, p_starts,
        planned_minutes(b.planned));
    no_room jsonb;
begin
    select * into strict k from block x where x.id = b.block for update;
    select * into strict c from contract x where x.id = b.contract for share;
    perform require_open_contract(c, p_starts, p_anew);
    select * into strict v from contract_version x
        where x.contract = b.contract and x.number = b.version;
    if (p_specialist <> k.specialist or not k.during @> new_planned
        or (extract(epoch from p_starts - lower(k.during)) * 1000000)::bigint % 300000000 <> 0)
    then
        perform refuse('409', 'outside_block');
    end if;
    if k.state <> 'open' or market_now() >= k.place_until then
        perform refuse('409', 'placing_closed', contract_end_figures(k.place_until));
    end if;
    update budget_counter set reserved = reserved - b.quote, visits = visits - 1,
        minutes = minutes - planned_minutes(b.planned)
        where contract = b.contract and period = b.period;
    no_room := period_refusal(b.contract, b.period, v.budget_ceiling, v.quota_visits,
        v.quota_minutes, new_quote, planned_minutes(b.planned), market_now());
    if no_room is not null then
        perform refuse('409', no_room ->> 'refusal', no_room -> 'figures');
    end if;
    update budget_counter set reserved = reserved + new_quote, visits = visits + 1,
        minutes = minutes + planned_minutes(b.planned)
        where contract = b.contract and period = b.period;
    begin
        update booking x set planned = new_planned, quote = new_quote,
            ical_sequence = x.ical_sequence + 1, revision = x.revision + 1 where x.id = b.id;
    exception when exclusion_violation then
        perform refuse('409', 'taken');
    end;
end $$;

grant execute on function place_visit(block, booking_request, timestamptz),
    move_in_block(booking, timestamptz, uuid, boolean) to aikatori_market;
call give_to_market('place_visits(uuid, jsonb)', 'aikatori_app');

insert into operation_role (operation, roles) values
    ('bookSeries', array['scheduler']),
    ('previewSeries', array['scheduler']),
    ('findTimesTogether', array['scheduler', 'specialist']),
    ('bookTogether', array['scheduler']),
    ('placeVisits', array['scheduler']);
