-- The built-in room: what the browsers of a visit say to each other so that picture and sound find
-- their way (WebRTC signalling). It is worth nothing once it is heard, and is forgotten.

create table room_signal (
    id bigint generated always as identity primary key,
    -- a visit, or the group session in which it is one of several
    room uuid not null,
    booking uuid not null,
    seller uuid not null,
    buyer uuid not null,
    -- who says it, as the join token has it
    side text not null check (side in ('seller', 'buyer', 'guest')),
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
create index room_signal_of_room on room_signal (room, id);
create index room_signal_at on room_signal (at);
call protect('room_signal', 'seller', 'buyer');
grant select, insert, delete on room_signal to aikatori_market;
grant usage on sequence room_signal_id_seq to aikatori_market;

-- Whose each open page is: the first to speak as it. What is said to a page, nobody else hears or
-- can say in its name.
create table room_page (
    room uuid not null,
    booking uuid not null,
    seller uuid not null,
    buyer uuid not null,
    session text not null check (session ~ '^[A-Za-z0-9-]{1,40}$'),
    side text not null,
    participant text not null,
    at timestamptz not null,
    primary key (room, session),
    foreign key (booking, seller, buyer) references booking (id, seller, buyer)
);
create index room_page_at on room_page (at);
call protect('room_page', 'seller', 'buyer');
grant select, insert, delete on room_page to aikatori_market;

-- The places of a group session meet in one room.
create function room_of(p_booking uuid) returns uuid
    language sql stable
as $$ select coalesce(b.group_session, b.id) from booking b where b.id = p_booking $$;

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
    place uuid := room_of(token.booking);
    now timestamptz;
    made bigint;
begin
    perform pg_advisory_xact_lock(hashtextextended('room ' || place, 0));
    now := market_now();
    delete from room_signal s where s.room = place and s.at < now - interval '2 minutes';
    if (select count(*) >= 500 or sum(length(s.body)) >= 2000000 from room_signal s
        where s.booking = token.booking and s.side = token.side
          and s.participant = token.participant)
    then
        return null;
    end if;
    insert into room_page (room, booking, seller, buyer, session, side, participant, at)
    values (place, token.booking, token.seller, token.buyer, p_session, token.side,
        token.participant, now)
    on conflict do nothing;
    if not found and not exists (select from room_page p
        where p.room = place and p.session = p_session and p.booking = token.booking
          and p.side = token.side and p.participant = token.participant)
    then
        perform refuse('409', 'room_page_taken');
    end if;
    insert into room_signal (room, booking, seller, buyer, side, participant, label, session,
        recipient, body, at)
    values (place, token.booking, token.seller, token.buyer, token.side, token.participant,
        token.label, p_session, p_recipient, p_body, now)
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
    return coalesce(
        (select max(s.id) from room_signal s where s.room = room_of(token.booking)), 0);
end $$;

-- What each of many listeners has not heard yet, a few at a time: p_listeners is [{digest
-- (hexadecimal), after}], and the answer names them by their places, from 1. Nobody hears what is
-- said to somebody else's page, and no guest what was said before it came in. Who may not listen
-- any more gets `ended`: replaced, by another token of the same person or of all, or over. In a
-- group session buyers do not learn of each other: whoever is of another one has no name.
create function room_signals(p_listeners jsonb)
    returns table (listener bigint, ended text, id bigint, side text, participant text,
        label text, session text, recipient text, body text)
    language sql stable
as $$
    with listening as (
        select x.place, (x.item ->> 'after')::bigint as after, t.booking, t.buyer, t.side,
            t.participant, t.created_at, room_of(t.booking) as room, case
            when t.revoked_at is not null then 'replaced'
            when t.digest is null or t.opens > market_now() or market_now() >= t.closes
                or exists (select from visit_minutes m where m.booking = t.booking) then 'over'
            end as ended
        from jsonb_array_elements(p_listeners) with ordinality as x(item, place)
        left join join_token t on t.digest = decode(x.item ->> 'digest', 'hex')
    )
    select l.place, l.ended, s.id, s.side,
        case when s.is_known then s.participant else 'another ' || s.session end,
        case when s.is_known or s.side = 'guest' then s.label else '' end, s.session,
        s.recipient, s.body
    from listening l
    left join lateral (
        select x.*, x.side = 'seller' or l.side = 'seller' or x.buyer = l.buyer as is_known
        from room_signal x
        where l.ended is null and x.room = l.room and x.id > l.after
          and x.at > market_now() - interval '2 minutes'
          and (l.side <> 'guest' or x.at >= l.created_at)
          and (x.recipient is null or exists (select from room_page p
            where p.room = x.room and p.session = x.recipient and p.booking = l.booking
              and p.side = l.side and p.participant = l.participant))
        order by x.id limit 20
    ) s on true
    where l.ended is not null or s.id is not null
    order by l.place, s.id
$$;

create function forget_room_signals() returns void
    language sql
as $$
    delete from room_signal where at < market_now() - interval '2 minutes';
    delete from room_page where at < market_now() - interval '1 day'
$$;

-- When the room of a visit closes: an hour after its planned end (Sources/Visits/JoinWindow.swift).
create function join_closes(planned tstzrange) returns timestamptz
    language sql immutable
as $$ select upper(planned) + interval '60 minutes' $$;

-- Who of both sides is in the room of a visit now, by the names that the room shows.
create function members_in_room(p_booking uuid)
    returns table (side text, label text, host text, since timestamptz)
    language sql stable
as $$
    select t.side, t.label, o.name, first.at
    from (
        select distinct on (x.side, x.participant) x.side, x.participant, x.kind, x.at, x.seller,
            x.buyer
        from observation x where x.booking = p_booking
        order by x.side, x.participant, x.at desc, (x.kind = 'leave') desc
    ) last
    join lateral (
        select y.side, y.label from join_token y where y.booking = p_booking
          and y.side = last.side and y.participant = last.participant
        order by y.created_at desc limit 1
    ) t on true
    join lateral (
        -- since the last time that it joined
        select max(z.at) as at from observation z where z.booking = p_booking
          and z.side = last.side and z.participant = last.participant and z.kind = 'join'
    ) first on true
    join organisation o on o.id = case last.side when 'seller' then last.seller else last.buyer end
    where last.kind <> 'leave' and last.at > market_now() - interval '90 seconds'
    order by t.side desc, first.at
$$;

-- The number to call when nothing else works: of a unit of the side that made the link, else of the
-- other side's; of each the unit that the visit is of before all others.
create function visit_telephone(p_booking uuid, p_side text) returns text
    language sql stable
as $$
    select u.telephone
    from booking b
    join specialist s on s.id = b.specialist
    join unit u on u.organisation in (b.seller, b.buyer) and u.telephone is not null
    where b.id = p_booking
    order by (u.organisation = case p_side when 'seller' then b.seller else b.buyer end) desc,
        (u.id in (s.unit, b.buyer_unit)) is true desc, u.id
    limit 1
$$;

grant execute on function join_closes(tstzrange) to aikatori_app, aikatori_market;
grant execute on function room_of(uuid), in_room(bytea), members_in_room(uuid),
    visit_telephone(uuid, text) to aikatori_market;
call give_to_market('send_room_signal(bytea, text, text, text)', 'aikatori_app');
call give_to_market('room_place(bytea)', 'aikatori_app');
call give_to_market('room_signals(jsonb)', 'aikatori_app');
call give_to_market('forget_room_signals()', 'aikatori_app');
