-- Guests of a visit: who comes by a link, without an account, waits at the door, and is let in by
-- either side. A guest is of neither: the minutes know nothing of guests.

-- A way to the door of one visit, for one guest; it is about the visit, and follows it when it
-- moves.
create table guest_link (
    id uuid primary key,
    digest bytea not null unique check (length(digest) = 32),
    booking uuid not null,
    seller uuid not null,
    buyer uuid not null,
    -- which side made it
    side text not null check (side in ('seller', 'buyer')),
    kind text not null check (kind in ('patient', 'interpreter', 'representative')),
    language text not null check (language in ('fi', 'sv', 'en')),
    credential uuid not null,
    revoked_at timestamptz,
    created_at timestamptz not null default market_now(),
    foreign key (booking, seller, buyer) references booking (id, seller, buyer)
);
create index guest_link_of_booking on guest_link (booking);
call protect('guest_link', 'seller', 'buyer');
grant select, insert, update (revoked_at) on guest_link to aikatori_app;
grant select on guest_link to aikatori_market;

-- Each side makes and revokes its own links, twenty for a visit at most.
create function guest_link_rules() returns trigger
    language plpgsql
as $$
begin
    if (case new.side when 'seller' then new.seller else new.buyer end)
        is distinct from current_organisation()
    then
        perform refuse('403', 'not_your_side');
    end if;
    if tg_op = 'INSERT' and (select count(*) >= 20 from guest_link l
        where l.booking = new.booking and l.revoked_at is null)
    then
        perform refuse('409', 'too_many_guest_links', jsonb_build_object('most', 20));
    end if;
    return new;
end $$;
create trigger rules before insert or update on guest_link
    for each row execute function guest_link_rules();

-- A browser that came by a link, with a secret of its own: a second place is a second guest.
create table guest (
    id uuid primary key,
    link uuid not null references guest_link (id),
    booking uuid not null,
    seller uuid not null,
    buyer uuid not null,
    digest bytea not null unique check (length(digest) = 32),
    came_at timestamptz not null,
    -- the last sign of life
    seen_at timestamptz not null,
    ended_at timestamptz,
    ending text check (ending in ('left', 'put_out', 'replaced', 'moved')),
    check ((ended_at is null) = (ending is null)),
    foreign key (booking, seller, buyer) references booking (id, seller, buyer)
);
create index guest_of_booking on guest (booking);
create index guest_of_link on guest (link);
call protect('guest', 'seller', 'buyer');
grant select, update (ended_at, ending) on guest to aikatori_app;
grant select, insert, update (seen_at, ended_at, ending) on guest to aikatori_market;

-- What has ended stays so: who comes again waits again.
create function guest_stays_ended() returns trigger
    language plpgsql
as $$
begin
    if old.ended_at is not null then
        perform refuse('500', 'append_only', jsonb_build_object('table', 'guest'));
    end if;
    return new;
end $$;
create trigger stays_ended before update on guest
    for each row execute function guest_stays_ended();

-- Who let a guest in, and how the guest was identified: once for each guest, never edited.
create table guest_admission (
    guest uuid primary key references guest (id),
    booking uuid not null,
    seller uuid not null,
    buyer uuid not null,
    identification text not null check (identification in (
        'known_in_person', 'identity_document', 'strong_identification', 'not_identified')),
    organisation uuid not null check (organisation in (seller, buyer)),
    -- as all in the room read it: the member's name, or the organisation's where a program did it
    by_name text not null check (length(by_name) between 1 and 200),
    member uuid,
    credential uuid not null,
    at timestamptz not null default market_now(),
    foreign key (booking, seller, buyer) references booking (id, seller, buyer)
);
create index guest_admission_of_booking on guest_admission (booking);
call protect('guest_admission', 'seller', 'buyer');
call append_only('guest_admission');
grant select, insert on guest_admission to aikatori_app;
grant select on guest_admission to aikatori_market;

create function guest_admission_of_own_side() returns trigger
    language plpgsql
as $$
begin
    if new.organisation is distinct from current_organisation() then
        perform refuse('403', 'not_your_side');
    end if;
    new.at := market_now();
    return new;
end $$;
create trigger own_side before insert on guest_admission
    for each row execute function guest_admission_of_own_side();

-- A guest who was let in holds a join token, whose secret is the guest's own.
alter table join_token
    add column guest uuid references guest (id),
    add check ((side = 'guest') = (guest is not null));
create index join_token_of_guest on join_token (guest) where guest is not null;
grant update (revoked_at) on join_token to aikatori_market;

create function guest_token_of_who_was_let_in() returns trigger
    language plpgsql
as $$
begin
    if not exists (select from guest g join guest_admission a on a.guest = g.id
        where g.id = new.guest and g.digest = new.digest and g.booking = new.booking
          and g.ended_at is null)
    then
        perform refuse('409', 'guest_not_waiting');
    end if;
    return new;
end $$;
create trigger let_in before insert on join_token
    for each row when (new.side = 'guest') execute function guest_token_of_who_was_let_in();

-- A guest who has gone may not be in the room, and its pages say goodbye; and whose token was taken
-- away, as when the visit moved, is at the door no more.
create function guest_token_ends() returns trigger
    language plpgsql
as $$
begin
    update join_token set revoked_at = new.ended_at
        where guest = new.id and revoked_at is null;
    insert into room_signal
        (room, booking, seller, buyer, side, participant, label, session, body, at)
    select p.room, p.booking, p.seller, p.buyer, p.side, p.participant, t.label, p.session,
        '{"bye":true}', new.ended_at
    from join_token t join room_page p on p.booking = t.booking and p.side = t.side
        and p.participant = t.participant
    where t.guest = new.id;
    return null;
end $$;
create trigger token_ends after update on guest
    for each row when (old.ended_at is null and new.ended_at is not null)
    execute function guest_token_ends();

create function guest_ends_with_token() returns trigger
    language plpgsql
as $$
begin
    update guest set ended_at = new.revoked_at, ending = 'moved'
        where id = new.guest and ended_at is null;
    return null;
end $$;
create trigger guest_ends after update on join_token
    for each row when (new.guest is not null and old.revoked_at is null
        and new.revoked_at is not null)
    execute function guest_ends_with_token();

-- How a link stands: open, early, over, revoked, cancelled, or not agreed (any more).
create function guest_link_standing(l guest_link, now timestamptz) returns text
    language sql stable
as $$
    select case
        when l.revoked_at is not null then 'revoked'
        when b.state not in ('booked', 'closed') then 'cancelled'
        when b.state = 'closed' or now >= join_closes(b.planned)
            or exists (select from visit_minutes m where m.booking = b.id) then 'over'
        when not exists (select from handshake h where h.booking = b.id
            and h.state in ('agreed', 'ready', 'rescheduling')) then 'not_agreed'
        when now < join_opens(b.planned) then 'early'
        else 'open' end
    from booking b where b.id = l.booking
$$;

-- Where a guest stands: waiting, in, or why no more.
create function guest_state(g guest, now timestamptz) returns text
    language sql stable
as $$
    select coalesce(g.ending,
        nullif(guest_link_standing(l, now), 'open'),
        case when exists (select from guest_admission a where a.guest = g.id) then 'in'
            else 'waiting' end)
    from guest_link l where l.id = g.link
$$;

-- What the holder of a link may know: when it is and whom to call, nothing of what it is about.
create function guest_link_seen(p_digest bytea)
    returns table (link uuid, booking uuid, kind text, language text, standing text,
        opens timestamptz, starts timestamptz, ends timestamptz, zone text, host text,
        telephone text)
    language sql stable
as $$
    select l.id, l.booking, l.kind, l.language, guest_link_standing(l, market_now()),
        join_opens(b.planned), lower(b.planned), upper(b.planned),
        coalesce((select u.time_zone from unit u where u.id =
            case l.side when 'buyer' then b.buyer_unit end), u.time_zone),
        o.name, visit_telephone(b.id, l.side)
    from guest_link l
    join booking b on b.id = l.booking
    join specialist s on s.id = b.specialist
    join unit u on u.id = s.unit
    join organisation o on o.id = case l.side when 'seller' then l.seller else l.buyer end
    where l.digest = p_digest
$$;

-- Comes by a link, with a secret of one's own; the same secret again changes nothing.
create function guest_comes(p_link bytea, p_guest uuid, p_digest bytea) returns uuid
    language plpgsql
as $$
declare
    l guest_link;
    now timestamptz;
    standing text;
    found_guest uuid;
begin
    select * into l from guest_link x where x.digest = p_link;
    if not found then
        perform refuse('404', 'not_found');
    end if;
    perform from booking where id = l.booking for no key update;
    -- it may have been revoked meanwhile
    select * into l from guest_link x where x.digest = p_link;
    now := market_now();
    standing := guest_link_standing(l, now);
    if standing <> 'open' then
        perform refuse('409', 'guest_link_not_open', jsonb_build_object('standing', standing));
    end if;
    select g.id into found_guest from guest g
        where g.link = l.id and g.digest = p_digest;
    if found then
        return found_guest;
    end if;
    -- a link that goes round is no way to fill the door
    if (select count(*) filter (where g.ended_at is null and g.seen_at > now - interval '2 minutes')
            >= 4 or count(*) >= 100
        from guest g where g.link = l.id and g.came_at > now - interval '1 hour')
    then
        perform refuse('409', 'guest_link_in_use');
    end if;
    insert into guest (id, link, booking, seller, buyer, digest, came_at, seen_at)
    values (p_guest, l.id, l.booking, l.seller, l.buyer, p_digest, now, now);
    perform announce('visit.guest_waits', 'visit', l.booking, next_visit_revision(l.booking),
        case l.side when 'seller' then l.seller else l.buyer end,
        case l.side when 'seller' then l.buyer else l.seller end);
    return p_guest;
end $$;

-- Where each of many guests stands, by places from 1; no row for others. Asking is a sign of life.
create function guest_states(p_digests bytea[])
    returns table (place bigint, guest uuid, link uuid, booking uuid, state text,
        came timestamptz, let_in timestamptz, identification text, by_name text, others bigint,
        now timestamptz)
    language sql
as $$
    with asked as materialized (
        select x.digest, x.place from unnest(p_digests) with ordinality as x(digest, place)
    ), alive as (
        -- whoever holds one of them lets it in or out, and is not waited for
        select g.id from guest g
        where g.digest = any (p_digests) and g.ended_at is null
          and g.seen_at < market_now() - interval '10 seconds'
        for no key update skip locked
    ), seen as (
        update guest g set seen_at = market_now() from alive a where g.id = a.id
    )
    select a.place, g.id, g.link, g.booking, guest_state(g, market_now()), g.came_at, d.at,
        d.identification, d.by_name,
        -- who came by the same link in another place
        (select count(*) from guest o where o.link = g.link and o.id <> g.id
            and o.ended_at is null and o.seen_at > market_now() - interval '2 minutes'),
        market_now()
    from asked a
    join guest g on g.digest = a.digest
    left join guest_admission d on d.guest = g.id
    order by a.place
$$;

create function guest_leaves(p_digest bytea) returns void
    language plpgsql
as $$
declare
    g guest;
begin
    select * into g from guest x where x.digest = p_digest;
    if not found then
        perform refuse('401', 'join_token_unknown');
    end if;
    perform from booking where id = g.booking for no key update;
    update guest x set ended_at = market_now(), ending = 'left'
        where x.id = g.id and x.ended_at is null;
    if found then
        perform announce('visit.guest_left', 'visit', g.booking, next_visit_revision(g.booking),
            g.seller, g.buyer);
    end if;
end $$;

-- By a side that has locked the booking. Who was in by the same link before is in no more.
create function let_guest_in(p_guest uuid, p_participant text, p_identification text) returns void
    language plpgsql
as $$
declare
    g guest;
    l guest_link;
    b booking;
    state text;
begin
    select * into strict g from guest x where x.id = p_guest;
    select * into strict l from guest_link x where x.id = g.link;
    select * into strict b from booking x where x.id = g.booking;
    state := guest_state(g, market_now());
    if state <> 'waiting' then
        perform refuse('409', 'guest_not_waiting', jsonb_build_object('state', state));
    end if;
    update guest o set ended_at = market_now(), ending = 'replaced'
        where o.link = g.link and o.id <> g.id and o.ended_at is null
          and exists (select from guest_admission a where a.guest = o.id);
    insert into guest_admission (guest, booking, seller, buyer, identification, organisation,
        by_name, member, credential)
    values (g.id, g.booking, g.seller, g.buyer, p_identification, current_organisation(),
        coalesce((select m.name from member m where m.id = current_member()),
            (select o.name from organisation o where o.id = current_organisation())),
        current_member(), current_credential());
    insert into join_token (digest, booking, seller, buyer, side, participant, label, opens,
        closes, credential, guest)
    values (g.digest, g.booking, g.seller, g.buyer, 'guest', p_participant, l.kind,
        join_opens(b.planned), join_closes(b.planned), current_credential(), g.id);
end $$;

-- Who is in the room now: people of both sides, and guests with how they were identified.
create type person_in_room as (side text, label text, host text, since timestamptz,
    identification text, by_name text, by_host text);
create function people_in_room(p_booking uuid) returns setof person_in_room
    language sql stable
as $$
    select m.side, m.label, m.host, m.since, null::text, null::text, null::text
    from members_in_room(p_booking) m
    union all
    (select 'guest', l.kind, null, a.at, a.identification, a.by_name, o.name
    from guest g
    join guest_link l on l.id = g.link
    join guest_admission a on a.guest = g.id
    join organisation o on o.id = a.organisation
    where g.booking = p_booking and g.ended_at is null
      and g.seen_at > market_now() - interval '90 seconds'
    order by a.at)
$$;

-- The same for one of the visit's sides, and for a guest who is in.
create function people_in_visit(p_booking uuid) returns setof person_in_room
    language plpgsql stable
as $$
begin
    if exists (select from booking b where b.id = p_booking
        and current_organisation() in (b.seller, b.buyer))
    then
        return query select * from people_in_room(p_booking);
    end if;
end $$;

create function people_with_guest(p_digest bytea) returns setof person_in_room
    language plpgsql stable
as $$
declare
    token join_token := in_room(p_digest);
begin
    return query select * from people_in_room(token.booking);
end $$;

insert into operation_role (operation, roles) values
    ('issueGuestLink', array['scheduler', 'specialist']),
    ('listGuestLinks', array['scheduler', 'specialist']),
    ('revokeGuestLink', array['scheduler', 'specialist']),
    ('letGuestIn', array['scheduler', 'specialist']),
    ('putGuestOut', array['scheduler', 'specialist']);

grant execute on function guest_link_rules(), guest_stays_ended(), guest_admission_of_own_side(),
    guest_token_of_who_was_let_in(), guest_ends_with_token(), guest_state(guest, timestamptz),
    guest_link_standing(guest_link, timestamptz) to aikatori_app, aikatori_market;
grant execute on function people_in_room(uuid) to aikatori_market;
grant execute on function let_guest_in(uuid, text, text) to aikatori_app;
call give_to_market('guest_link_seen(bytea)', 'aikatori_app');
call give_to_market('guest_comes(bytea, uuid, bytea)', 'aikatori_app');
call give_to_market('guest_states(bytea[])', 'aikatori_app');
call give_to_market('guest_leaves(bytea)', 'aikatori_app');
call give_to_market('guest_token_ends()', 'aikatori_app');
call give_to_market('people_in_visit(uuid)', 'aikatori_app');
call give_to_market('people_with_guest(bytea)', 'aikatori_app');
