-- The video systems that an organisation can host and those that it can join: the built-in room,
-- a Jitsi Meet server, and the organisation's own video service by a link. The handshake settles
-- which it is for a visit; what is agreed stays, whatever the settings say later.

-- A server stays when it is no longer the one that is hosted: visits are agreed on in it.
create table jitsi_server (
    organisation uuid not null references organisation (id),
    domain text not null check (domain ~ '^[a-z0-9.-]{1,253}(:[0-9]{1,5})?$'),
    app_id text not null check (length(app_id) between 1 and 200),
    -- under the master key
    sealed_secret bytea not null,
    primary key (organisation, domain)
);
call protect('jitsi_server', 'organisation');
grant select, insert, update (app_id, sealed_secret) on jitsi_server to aikatori_app;
grant select on jitsi_server to aikatori_market;

-- Without a row one hosts the built-in room and joins every system: joining needs a browser only.
create table room_settings (
    organisation uuid primary key references organisation (id),
    hosts_built_in boolean not null,
    jitsi_domain text,
    jitsi_prefix text check (jitsi_prefix ~ '^[a-z0-9-]{0,40}$'),
    -- with {visit} in it where each visit has an address of its own
    own_link text check (own_link ~ '^https://[!-~]+$' and length(own_link) <= 400),
    own_link_name text check (length(own_link_name) between 1 and 80),
    -- in order of preference
    joins text[] not null check (joins <@ array['built_in', 'jitsi', 'own_link']),
    revision bigint not null default 1,
    check ((jitsi_domain is null) = (jitsi_prefix is null)),
    check ((own_link is null) = (own_link_name is null)),
    foreign key (organisation, jitsi_domain) references jitsi_server (organisation, domain)
);
call protect('room_settings', 'organisation');
grant select, insert, update on room_settings to aikatori_app;
grant select on room_settings to aikatori_market;

-- What stands for a visit in the addresses of its rooms: random, so that who knows one knows no
-- other, and the same for as long as there is the visit.
create table room_name (
    booking uuid primary key,
    seller uuid not null,
    buyer uuid not null,
    name text not null unique default replace(gen_random_uuid()::text, '-', '')
        check (name ~ '^[0-9a-f]{32}$'),
    foreign key (booking, seller, buyer) references booking (id, seller, buyer)
);
call protect('room_name', 'seller', 'buyer');
call append_only('room_name');
grant select on room_name to aikatori_app;
grant select, insert on room_name to aikatori_market;

create function room_name_of(p_booking uuid) returns text
    language sql
as $$
    insert into room_name (booking, seller, buyer)
    select b.id, b.seller, b.buyer from booking b
    where b.id = p_booking and current_organisation() in (b.seller, b.buyer)
    on conflict (booking) do nothing;
    select n.name from room_name n
    where n.booking = p_booking and current_organisation() in (n.seller, n.buyer)
$$;
call give_to_market('room_name_of(uuid)', 'aikatori_app');

-- What an organisation hosts: what it is called, and its address with {visit} for the visit.
create function hosted_by(p_organisation uuid)
    returns table (provider text, name text, address text)
    language sql stable
as $$
    select 'built_in', null::text, null::text
    where coalesce((select s.hosts_built_in from room_settings s
        where s.organisation = p_organisation), true)
    union all
    select 'jitsi', s.jitsi_domain, format('https://%s/%s{visit}', s.jitsi_domain, s.jitsi_prefix)
    from room_settings s where s.organisation = p_organisation and s.jitsi_domain is not null
    union all
    select 'own_link', s.own_link_name, s.own_link
    from room_settings s where s.organisation = p_organisation and s.own_link is not null
$$;

create function joined_by(p_organisation uuid) returns text[]
    language sql stable
as $$
    select coalesce(
        (select s.joins from room_settings s where s.organisation = p_organisation),
        array['built_in', 'jitsi', 'own_link'])
$$;
grant execute on function hosted_by(uuid), joined_by(uuid) to aikatori_market;

-- What the seller of a service hosts, with the buyer's order of preference; the place is null where
-- the buyer cannot join it. What is no video visit needs none of their systems: the built-in room
-- stands for it, in which both sides say that they are there.
create function rooms_of_service(p_contract uuid, p_number int, p_service text)
    returns table (place bigint, provider text, name text, address text)
    language sql stable
as $$
    select case when s.modality = 'video' then j.place else 1 end, h.provider, h.name, h.address
    from contract_service s
    cross join lateral (
        select * from hosted_by(s.seller) where s.modality = 'video'
        union all
        select 'built_in', null, null where s.modality <> 'video') h
    left join lateral unnest(joined_by(s.buyer)) with ordinality j(provider, place)
        on j.provider = h.provider
    where s.contract = p_contract and s.number = p_number and s.service = p_service
$$;

-- Whether visits of a service can be held at all.
create function has_common_room(p_contract uuid, p_number int, p_service text) returns boolean
    language sql stable
as $$
    select exists (
        select from rooms_of_service(p_contract, p_number, p_service) r where r.place is not null)
$$;
grant execute on function rooms_of_service(uuid, int, text), has_common_room(uuid, int, text)
    to aikatori_market;

-- The same of a visit, for both of its sides, and without secrets.
create function rooms_between(p_booking uuid)
    returns table (place bigint, provider text, name text, address text)
    language sql stable
as $$
    select r.* from booking b
    cross join lateral rooms_of_service(b.contract, b.version, b.service) r
    where b.id = p_booking and current_organisation() in (b.seller, b.buyer)
    order by r.place, r.provider
$$;
call give_to_market('rooms_between(uuid)', 'aikatori_app');

-- The first room that the seller can host and the buyer can join, as the handshake keeps it; null
-- where there is none.
create function first_room(p_booking uuid) returns jsonb
    language sql
as $$
    select jsonb_build_object('provider', r.provider, 'link',
        case when r.address is not null
            then replace(r.address, '{visit}', room_name_of(p_booking)) end)
    from rooms_between(p_booking) r where r.place is not null order by r.place limit 1
$$;
grant execute on function first_room(uuid) to aikatori_market;

alter table handshake
    -- of what was agreed in advance
    add column opened_room jsonb,
    -- of what stands agreed
    add column room jsonb;
grant update (room) on handshake to aikatori_app;

-- Opens the handshake of a visit just booked: agreed from the start in a block, in a session with
-- others, on demand, or where the contract accepts its published time in advance; else waiting for
-- a proposal until the reply time of the contract. A session with others is always in the built-in
-- room; no other visit is booked where no room is one that the seller can host and the buyer join.
create function open_handshake(p_booking uuid) returns void
    language plpgsql
as $$
declare
    b booking;
    v contract_version;
    now timestamptz := market_now();
    reply_by timestamptz;
    in_advance boolean;
    room jsonb := '{"provider": "built_in", "link": null}';
begin
    select * into strict b from booking x where x.id = p_booking and x.state = 'booked'
        and current_organisation() in (x.seller, x.buyer);
    select * into strict v from contract_version x
        where x.contract = b.contract and x.number = b.version;
    in_advance := v.accepted_in_advance or b.block is not null or b.group_session is not null
        or exists (select from demand_ask a where a.booking = b.id);
    if b.group_session is null then
        room := case when in_advance then first_room(b.id) end;
        if room is null and not has_common_room(b.contract, b.version, b.service) then
            perform refuse('409', 'no_common_room');
        end if;
    end if;
    reply_by := least(lower(b.planned), now + make_interval(mins => v.reply_within_minutes));
    insert into handshake (booking, seller, buyer, accepted_in_advance, opened_slot,
        opened_reply_by, answer_seconds, opened_room, state, reply_by, room)
    values (b.id, b.seller, b.buyer, in_advance, b.planned, reply_by,
        -- the contract's reply time, or half of what is left where that is less
        greatest(0, least(60 * v.reply_within_minutes,
            floor(extract(epoch from lower(b.planned) - now) / 2)::bigint)),
        room, case when in_advance then 'agreed' else 'none' end,
        case when not in_advance then reply_by end, room);
    if not in_advance then
        insert into deadline (due_at, kind, subject, organisation, counterparty)
        values (reply_by, 'handshake_reply', b.id, b.seller, b.buyer);
    end if;
end $$;
call give_to_market('open_handshake(uuid)', 'aikatori_app');

-- Nobody offers or accepts a room that the seller cannot host or the buyer cannot join: as
-- `RoomChoices` (Sources/Visits). The buyer gives no address of its own making.
create function handshake_room_is_possible() returns trigger
    language plpgsql
as $$
declare
    offered jsonb := new.message #> '{offer,room}';
    found_room record;
    would_do jsonb;
begin
    if new.kind = 'accept' then
        select m.message #> '{offer,room}' into offered from handshake_message m
        where m.booking = new.booking and m.kind in ('propose', 'counter')
        order by m.sequence desc limit 1;
    end if;
    select jsonb_build_object('would_do', coalesce(
            jsonb_agg(r.provider order by r.place) filter (where r.place is not null), '[]'))
        into would_do from rooms_between(new.booking) r;
    select * into found_room from rooms_between(new.booking) r
        where r.provider = offered ->> 'provider';
    if not found then
        perform refuse('409', 'room_not_hosted', would_do);
    end if;
    if found_room.place is null then
        perform refuse('409', 'room_not_joined', would_do);
    end if;
    if new.kind <> 'accept' and found_room.address is not null
        and (new.sender = new.buyer or offered ->> 'provider' = 'jitsi')
        and offered ->> 'link' is distinct from replace(found_room.address, '{visit}',
            coalesce((select n.name from room_name n where n.booking = new.booking), ''))
        and not exists (select from handshake h where h.booking = new.booking
            and h.room = offered)
        and not exists (select from handshake_message m where m.booking = new.booking
            and m.sequence < new.sequence and m.message #> '{offer,room}' = offered)
    then
        perform refuse('422', 'room_link_not_of_seller');
    end if;
    return new;
end $$;
create trigger room_is_possible before insert on handshake_message
    for each row when (new.kind in ('propose', 'counter', 'accept'))
    execute function handshake_room_is_possible();
grant execute on function handshake_room_is_possible() to aikatori_app, aikatori_market;

-- What opens the agreed room for the holder of a join token, who may be in it now: its address, and
-- for Jitsi how its server knows the market.
create function room_to_enter(p_digest bytea)
    returns table (provider text, link text, seller uuid, side text, participant text,
        label text, opens timestamptz, closes timestamptz, app_id text, sealed_secret bytea)
    language plpgsql stable
as $$
declare
    token join_token := in_room(p_digest);
begin
    return query
        select h.room ->> 'provider', h.room ->> 'link', h.seller, token.side, token.participant,
            token.label, token.opens, token.closes, j.app_id, j.sealed_secret
        from handshake h
        left join jitsi_server j on h.room ->> 'provider' = 'jitsi'
            and j.organisation = h.seller and j.domain = split_part(h.room ->> 'link', '/', 3)
        where h.booking = token.booking;
end $$;
call give_to_market('room_to_enter(bytea)', 'aikatori_app');

-- What a video service has written down of who was in a visit, as one side imported it: shown
-- beside what was observed, and counted in nothing
-- (docs/decisions/0018-a-call-log-is-shown-beside.md).
create table call_log_entry (
    booking uuid not null,
    seller uuid not null,
    buyer uuid not null,
    -- who imported it
    importer text not null check (importer in ('seller', 'buyer')),
    -- of whom it tells
    side text not null check (side in ('seller', 'buyer')),
    during tstzrange not null check (is_slot(during)),
    credential uuid not null,
    imported_at timestamptz not null,
    primary key (booking, importer, side, during),
    foreign key (booking, seller, buyer) references booking (id, seller, buyer)
);
call protect('call_log_entry', 'seller', 'buyer');
call append_only('call_log_entry');
grant select, insert on call_log_entry to aikatori_app;

-- A side imports for itself, of an agreed visit, what lies in the time in which its room was open
-- and is past, until both sides have agreed on the minutes.
create function call_log_entry_rules() returns trigger
    language plpgsql
as $$
declare
    b booking;
begin
    if current_organisation() is distinct from
        (case new.importer when 'seller' then new.seller else new.buyer end)
    then
        perform refuse('403', 'not_your_side');
    end if;
    new.imported_at := market_now();
    b := booking_of_open_visit(new.booking);
    -- who came early or stayed late did so: what lies outside is kept, and counts nothing
    if not new.during && tstzrange(join_opens(b.planned), join_closes(b.planned)) then
        perform refuse('422', 'outside_join_window');
    end if;
    if upper(new.during) > new.imported_at then
        perform refuse('422', 'time_in_the_future');
    end if;
    return new;
end $$;
create trigger rules before insert on call_log_entry
    for each row execute function call_log_entry_rules();
grant execute on function call_log_entry_rules() to aikatori_app, aikatori_market;

insert into operation_role (operation, roles) values
    ('getRoomSettings', array['admin', 'auditor']),
    ('updateRoomSettings', array['admin']),
    ('listRoomProviders',
        array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']),
    ('previewCallLog', array['scheduler']),
    ('importCallLog', array['scheduler']);
