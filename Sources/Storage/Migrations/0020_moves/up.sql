-- What a buyer does with its bookings by itself: it moves one, and the handshake begins anew; and
-- it books many together, all of them or the best that can be had.

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
-- to answer where the contract does not accept its published time in advance.
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
                result := jsonb_build_object('booking', booking_answer(r.booking));
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

insert into operation_role (operation, roles) values
    ('bookSeries', array['scheduler']),
    ('previewSeries', array['scheduler']),
    ('findTimesTogether', array['scheduler', 'specialist']),
    ('bookTogether', array['scheduler']);
