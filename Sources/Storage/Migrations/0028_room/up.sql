-- The built-in room: what the browsers of a visit say to each other so that picture and sound find
-- their way (WebRTC signalling). It is worth nothing once it is heard, and is forgotten.

create table room_signal (
    id bigint generated always as identity primary key,
    booking uuid not null,
    seller uuid not null,
    buyer uuid not null,
    -- who says it, as the join token has it
    side text not null check (side in ('seller', 'buyer')),
    participant text not null,
    label text not null,
    -- which of a person's open pages
    session text not null check (session ~ '^[A-Za-z0-9-]{1,40}$'),
    -- to one open page; null: to all
    recipient text check (recipient ~ '^[A-Za-z0-9-]{1,40}$'),
    body text not null check (length(body) between 1 and 16000),
    at timestamptz not null,
    foreign key (booking, seller, buyer) references booking (id, seller, buyer)
);
create index room_signal_of_booking on room_signal (booking, id);
create index room_signal_at on room_signal (at);
call protect('room_signal', 'seller', 'buyer');
grant select, insert, delete on room_signal to aikatori_market;
grant usage on sequence room_signal_id_seq to aikatori_market;

-- The token of somebody who may be in the room now, or a refusal that says why not.
create function in_room(p_digest bytea) returns join_token
    language plpgsql stable
as $$
declare
    token join_token := token_at_door(p_digest, market_now());
begin
    if exists (select from visit_minutes m where m.booking = token.booking) then
        perform refuse('409', 'visit_over');
    end if;
    return token;
end $$;

-- Says something to the others in the room. One at a time in a room, so that what is read in the
-- order of the numbers is complete. Null where somebody says far more than a call needs.
create function send_room_signal(
    p_digest bytea, p_session text, p_recipient text, p_body text) returns bigint
    language plpgsql
as $$
declare
    token join_token := in_room(p_digest);
    now timestamptz;
    made bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('room ' || token.booking, 0));
    now := market_now();
    delete from room_signal s
        where s.booking = token.booking and s.at < now - interval '2 minutes';
    if (select count(*) >= 500 or sum(length(s.body)) >= 2000000 from room_signal s
        where s.booking = token.booking and s.side = token.side
          and s.participant = token.participant)
    then
        return null;
    end if;
    insert into room_signal (booking, seller, buyer, side, participant, label, session, recipient,
        body, at)
    values (token.booking, token.seller, token.buyer, token.side, token.participant, token.label,
        p_session, p_recipient, p_body, now)
    returning id into made;
    return made;
end $$;

-- How far the room's signals go now.
create function room_place(p_digest bytea) returns bigint
    language plpgsql stable
as $$
declare
    token join_token := in_room(p_digest);
begin
    return coalesce((select max(s.id) from room_signal s where s.booking = token.booking), 0);
end $$;

-- What each of many listeners has not heard yet, a few at a time: p_listeners is [{digest
-- (hexadecimal), after}], and the answer names them by their places, from 1. Who may not listen any
-- more gets `ended`: replaced, by another token of the same person or of all, or over.
create function room_signals(p_listeners jsonb)
    returns table (listener bigint, ended text, id bigint, side text, participant text,
        label text, session text, recipient text, body text)
    language sql stable
as $$
    with listening as (
        select x.place, (x.item ->> 'after')::bigint as after, t.booking, case
            when t.revoked_at is not null then 'replaced'
            when t.digest is null or t.opens > market_now() or market_now() >= t.closes
                or exists (select from visit_minutes m where m.booking = t.booking) then 'over'
            end as ended
        from jsonb_array_elements(p_listeners) with ordinality as x(item, place)
        left join join_token t on t.digest = decode(x.item ->> 'digest', 'hex')
    )
    select l.place, l.ended, s.id, s.side, s.participant, s.label, s.session, s.recipient, s.body
    from listening l
    left join lateral (
        select * from room_signal x
        where l.ended is null and x.booking = l.booking and x.id > l.after
          and x.at > market_now() - interval '2 minutes'
        order by x.id limit 20
    ) s on true
    where l.ended is not null or s.id is not null
    order by l.place, s.id
$$;

create function forget_room_signals() returns void
    language sql
as $$ delete from room_signal where at < market_now() - interval '2 minutes' $$;

grant execute on function in_room(bytea) to aikatori_market;
call give_to_market('send_room_signal(bytea, text, text, text)', 'aikatori_app');
call give_to_market('room_place(bytea)', 'aikatori_app');
call give_to_market('room_signals(jsonb)', 'aikatori_app');
call give_to_market('forget_room_signals()', 'aikatori_app');
