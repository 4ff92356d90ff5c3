-- Availability, the projection of start times that search reads, reservations and bookings.

create table availability_rule (
    id uuid primary key,
    organisation uuid not null,
    specialist uuid not null,
    time_zone text not null,
    -- the ISO weekdays of a weekly pattern; empty for a single window on `starts_on`
    weekdays smallint[] not null check (weekdays <@ array[1, 2, 3, 4, 5, 6, 7]::smallint[]),
    from_minute int not null check (from_minute between 0 and 1439),
    -- not after `from_minute` is on the next day: zero is the coming midnight
    to_minute int not null check (to_minute between 0 and 1440),
    -- from and to of each pause, in minutes of the day
    pauses int[] not null default '{}' check (cardinality(pauses) % 2 = 0),
    starts_on date not null,
    -- every so many weeks, counted from the week of `starts_on`
    interval_weeks int not null default 1 check (interval_weeks between 1 and 52),
    until_date date check (until_date >= starts_on),
    occurrences int check (occurrences between 1 and 1000),
    exceptions date[] not null default '{}',
    extra date[] not null default '{}',
    except_holidays boolean not null default false,
    services text[] check (cardinality(services) between 1 and 50),
    -- those that may see and book it; null for all
    contracts uuid[] check (cardinality(contracts) between 1 and 100),
    grid_minutes int not null check (grid_minutes in (5, 10, 15, 30, 60)),
    shortest_minutes int not null check (shortest_minutes between 1 and longest_minutes),
    longest_minutes int not null check (longest_minutes <= 1440),
    buffer_before_minutes int not null check (buffer_before_minutes between 0 and 240),
    buffer_after_minutes int not null check (buffer_after_minutes between 0 and 240),
    expanded_until date not null,
    withdrawn_at timestamptz,
    -- from this day on there is nothing of it: another pattern stands in its place
    replaced_from date,
    replaced_by uuid references availability_rule (id),
    revision bigint not null default 1,
    created_at timestamptz not null default market_now(),
    -- where it came from a roster, the next roster of the same days may take it back
    from_roster boolean not null default false,
    -- where a manager has to say yes before it is on sale: by whom it was proposed, in the place
    -- of which other pattern, and what was said
    approval text check (approval in ('proposed', 'approved', 'declined')),
    proposed_credential uuid,
    proposed_member uuid,
    replaces uuid references availability_rule (id),
    replaces_from date,
    decided_at timestamptz,
    decided_credential uuid,
    decided_member uuid,
    decline_reason text check (length(decline_reason) between 1 and 500),
    check ((approval is null) = (proposed_credential is null)),
    check ((replaces is null) = (replaces_from is null)),
    check (coalesce(approval = 'declined', false) = (decline_reason is not null)),
    check (coalesce(approval <> 'proposed', false) = (decided_at is not null)),
    check (until_date is null or occurrences is null),
    check ((replaced_from is null) = (replaced_by is null) and replaced_by <> id),
    foreign key (organisation, specialist) references specialist (organisation, id)
);
create index availability_rule_of_specialist on availability_rule (specialist, id);
call protect('availability_rule', 'organisation');
grant select, insert on availability_rule to aikatori_app;
grant update (expanded_until, withdrawn_at, replaced_from, replaced_by, revision, approval,
    decided_at, decided_credential, decided_member, decline_reason)
    on availability_rule to aikatori_app;
create index availability_proposed on availability_rule (organisation, id)
    where approval is not null;
grant select on availability_rule to aikatori_market;

-- A rule expanded by Swift alone into UTC; open windows of one specialist never overlap.
create table availability_window (
    id uuid primary key,
    rule uuid not null references availability_rule (id),
    organisation uuid not null,
    specialist uuid not null,
    during tstzrange not null check (is_slot(during)),
    services text[],
    contracts uuid[],
    grid_minutes int not null,
    shortest_minutes int not null,
    longest_minutes int not null,
    buffer_before_minutes int not null,
    buffer_after_minutes int not null,
    open boolean not null default true,
    revision bigint not null default 1,
    unique (specialist, id),
    foreign key (organisation, specialist) references specialist (organisation, id),
    exclude using gist (specialist with =, during with &&) where (open)
);
create index availability_window_of_rule on availability_window (rule);
call protect('availability_window', 'organisation');
grant select, insert on availability_window to aikatori_app;
grant update (open, revision) on availability_window to aikatori_app;
-- the market function locks the window it books in, which asks for UPDATE
grant select, update (revision) on availability_window to aikatori_market;

-- One row for each start on the grid. A visit of length L fits when starts + L <= free_until: the
-- buffer after the visit is already taken off, and an open start has the buffer before it free. The
-- projection finds; the exclusion decides.
create table start_time (
    specialist uuid not null,
    starts timestamptz not null,
    free_until timestamptz not null,
    specialty text not null,
    organisation uuid not null,
    availability_window uuid not null references availability_window (id),
    buffer_before interval not null,
    buffer_after interval not null,
    -- what its window says, so that a search need not look there
    shortest_minutes smallint not null,
    longest_minutes smallint not null,
    services text[],
    contracts uuid[],
    open boolean not null,
    primary key (specialist, starts)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
-- in the order in which a contract's free time is shown: a search reads what it returns
create index start_time_open on start_time (organisation, specialty, starts, specialist)
    include (free_until, shortest_minutes, longest_minutes, services, contracts) where open;
create index start_time_of_window on start_time (availability_window);
call protect('start_time', 'organisation');
grant select, insert, delete, update (specialty) on start_time to aikatori_app;
grant select, update (open, free_until) on start_time to aikatori_market;

-- Time of a specialist taken, buffers included. Live ones never overlap (invariant 1).
create table reservation (
    id uuid primary key,
    seller uuid not null,
    specialist uuid not null,
    occupied tstzrange not null check (is_slot(occupied)),
    availability_window uuid not null,
    window_revision bigint not null,
    -- all of a block, or what is left of it
    block uuid,
    live boolean not null default true,
    created_at timestamptz not null default market_now(),
    unique (id, seller, specialist),
    foreign key (seller, specialist) references specialist (organisation, id),
    foreign key (specialist, availability_window) references availability_window (specialist, id),
    exclude using gist (specialist with =, occupied with &&) where (live)
);
create index reservation_of_window on reservation (availability_window) where live;
create index reservation_of_block on reservation (block) where block is not null;
call protect('reservation', 'seller');
grant select on reservation to aikatori_app;
grant select, insert, update (occupied, availability_window, window_revision, live)
    on reservation to aikatori_market;

-- Invariant 3: inside availability that is published at the moment it is made or moved; what is
-- left of a block was so when the block was made.
create function reservation_in_window() returns trigger
    language plpgsql
as $$
begin
    if not exists (
        select from availability_window w
        where w.id = new.availability_window and w.specialist = new.specialist and w.open
          and w.revision = new.window_revision and w.during @> new.occupied)
        and not exists (
        select from reservation r
        where r.block = new.block and r.id <> new.id and r.specialist = new.specialist
          and r.occupied @> new.occupied)
    then
        perform refuse('409', 'outside_availability');
    end if;
    return new;
end $$;
create trigger in_window before insert or update of occupied, availability_window on reservation
    for each row execute function reservation_in_window();

create table booking (
    id uuid primary key,
    reservation uuid not null,
    contract uuid not null,
    version int not null,
    service text not null,
    seller uuid not null,
    buyer uuid not null,
    specialist uuid not null,
    planned tstzrange not null check (is_slot(planned)),
    period text not null,
    quote bigint not null check (quote >= 0),
    state text not null check (
        state in ('held', 'booked', 'closed', 'released', 'expired', 'cancelled')),
    hold_expires_at timestamptz check (state <> 'held' or hold_expires_at is not null),
    patient_reference text check (patient_reference ~ '^[A-Za-z0-9._:-]{1,64}$'),
    record_reference text check (length(record_reference) between 1 and 100),
    -- by what the specialist sees earlier records
    authorisation_reference text check (length(authorisation_reference) between 1 and 100),
    diary_reference text check (length(diary_reference) between 1 and 100),
    -- the buyer's unit for which, and the member for whom, it was booked
    buyer_unit uuid,
    on_behalf_of uuid,
    -- what it was booked together with; no organisation of its own
    series uuid,
    -- in which it was placed; with the colleague who took it over it has left its reservation
    block uuid,
    -- the session with others in which it has a place, and which one
    group_session uuid,
    group_place int check (group_place > 0),
    cancelled_by uuid check (cancelled_by in (seller, buyer)),
    cancellation_fee bigint check (cancellation_fee between 0 and quote),
    cancellation_reason text check (length(cancellation_reason) between 1 and 500),
    ical_sequence int not null default 0,
    revision bigint not null default 1,
    created_at timestamptz not null default market_now(),
    unique (id, seller, buyer),
    foreign key (reservation, seller, specialist) references reservation (id, seller, specialist),
    -- invariant 8: between exactly the two organisations of the contract
    foreign key (contract, seller, buyer) references contract (id, seller, buyer),
    foreign key (contract, version, service)
        references contract_service (contract, number, service),
    foreign key (buyer, buyer_unit) references unit (organisation, id),
    foreign key (buyer, on_behalf_of) references member (organisation, id),
    -- two visits never overlap in one block
    exclude using gist (block with =, planned with &&)
        where (block is not null and state in ('held', 'booked', 'closed')),
    check ((state = 'cancelled') = (cancellation_fee is not null)),
    check ((group_session is null) = (group_place is null))
);
create index booking_of_seller on booking (seller, id);
create index booking_of_buyer on booking (buyer, id);
create index booking_of_reservation on booking (reservation);
create index booking_of_period on booking (contract, period);
create index booking_of_series on booking (series) where series is not null;
create index booking_of_block on booking (block) where block is not null;
-- sold, though nobody comes: what a block that went back on sale is not charged for
create index booking_cancelled_late on booking (specialist)
    where state = 'cancelled' and cancellation_fee > 0;
create index booking_held on booking (hold_expires_at) where state = 'held';
call protect('booking', 'seller', 'buyer');
grant select on booking to aikatori_app;
grant update (state, cancelled_by, cancellation_fee, cancellation_reason, revision)
    on booking to aikatori_app;
grant select, insert on booking to aikatori_market;
grant update (reservation, specialist, state, planned, period, quote, ical_sequence, revision)
    on booking to aikatori_market;

-- What the seller says of a booking's specialist, for both parties: the specialist's own row is the
-- seller's alone.
create function specialist_label(p_booking uuid) returns text
    language sql stable
as $$
    select s.label from booking b join specialist s on s.id = b.specialist
    where b.id = p_booking and current_organisation() in (b.seller, b.buyer)
$$;
call give_to_market('specialist_label(uuid)', 'aikatori_app');

-- The planned length of a visit, as a quota and a limit count it.
create function planned_minutes(planned tstzrange) returns int
    language sql immutable
as $$ select (extract(epoch from upper(planned) - lower(planned)) / 60)::int $$;
grant execute on function planned_minutes(tstzrange)
    to aikatori_app, aikatori_market, aikatori_reader;

-- A calendar day, or from its first day a week, on the wall of a zone.
create function local_days(p_first date, p_days int, p_zone text) returns tstzrange
    language sql stable
as $$
    select tstzrange(p_first::timestamp at time zone p_zone,
        (p_first + p_days)::timestamp at time zone p_zone)
$$;

-- The planned minutes for which a specialist is sold (sold_stretches, 0030_group_visits) that start
-- in a stretch of time, but for one booking.
create function sold_minutes(p_specialist uuid, p_during tstzrange, p_except uuid) returns int
    language plpgsql stable
as $$
begin
    return (select coalesce(sum(planned_minutes(x.planned)), 0)
        from sold_stretches(array[p_specialist], p_during) x
        where p_during @> lower(x.planned)
          and (p_except is null or x.booking is distinct from p_except));
end $$;

-- Why a visit does not go with what its specialist is sold for in a day and in a week; null when it
-- does. A booking that moves does not count against itself.
create function working_refusal(
    p_specialist uuid, p_starts timestamptz, p_minutes int, p_except uuid default null)
    returns jsonb
    language plpgsql stable
as $$
declare
    daily int;
    weekly int;
    zone text;
    day date;
    sold int;
begin
    select s.daily_minutes, s.weekly_minutes, u.time_zone into strict daily, weekly, zone
    from specialist s join unit u on u.id = s.unit where s.id = p_specialist;
    day := (p_starts at time zone zone)::date;
    if daily is not null then
        sold := sold_minutes(p_specialist, local_days(day, 1, zone), p_except);
        if sold + p_minutes > daily then
            return jsonb_build_object('refusal', 'working_limit', 'figures', jsonb_build_object(
                'limit', 'daily_minutes', 'left', greatest(0, daily - sold)));
        end if;
    end if;
    if weekly is not null then
        day := date_trunc('week', day)::date;
        sold := sold_minutes(p_specialist, local_days(day, 7, zone), p_except);
        if sold + p_minutes > weekly then
            return jsonb_build_object('refusal', 'working_limit', 'figures', jsonb_build_object(
                'limit', 'weekly_minutes', 'left', greatest(0, weekly - sold)));
        end if;
    end if;
    return null;
end $$;
grant execute on function local_days(date, int, text), sold_minutes(uuid, tstzrange, uuid),
    working_refusal(uuid, timestamptz, int, uuid) to aikatori_market;

-- Which of the fields that name a unit or a member of the buyer name none of its own.
create function not_of_buyer(p_buyer uuid, p_unit uuid, p_member uuid) returns text[]
    language sql stable
as $$
    select array_remove(array[
        case when p_unit is not null and not exists (select from unit u
            where u.id = p_unit and u.organisation = p_buyer) then '/buyer_unit' end,
        case when p_member is not null and not exists (select from member m
            where m.id = p_member and m.organisation = p_buyer and m.active)
            then '/on_behalf_of' end], null)
$$;
grant execute on function not_of_buyer(uuid, uuid, uuid) to aikatori_market;

-- Invariants 4, 6 and 7, and the placement of a booking in its reservation (1).
create function booking_rules() returns trigger
    language plpgsql
as $$
declare
    now timestamptz := market_now();
begin
    if tg_op = 'INSERT' then
        if new.state not in ('held', 'booked') then
            perform refuse('409', 'illegal_transition', jsonb_build_object('to', new.state));
        end if;
    else
        if (new.contract, new.version, new.service, new.seller, new.buyer, new.hold_expires_at,
                new.created_at, new.series, new.buyer_unit, new.on_behalf_of,
                new.block, new.group_session, new.group_place)
            is distinct from (old.contract, old.version, old.service, old.seller, old.buyer,
                old.hold_expires_at, old.created_at, old.series, old.buyer_unit,
                old.on_behalf_of, old.block, old.group_session, old.group_place)
            -- a colleague's time is another reservation, so is what is left of a block, and only
            -- what is booked moves
            or (new.reservation <> old.reservation or new.specialist <> old.specialist)
                and (new.reservation = old.reservation
                    or new.specialist = old.specialist and new.block is null
                    or old.state <> 'booked' or new.state <> 'booked')
            -- another time may have another price
            or new.quote <> old.quote and new.planned = old.planned
        then
            perform refuse('500', 'booking_frozen');
        end if;
        if new.state <> old.state and (old.state, new.state) not in (
            ('held', 'booked'), ('held', 'released'), ('held', 'expired'),
            ('booked', 'closed'), ('booked', 'cancelled'))
        then
            perform refuse('409', 'illegal_transition',
                jsonb_build_object('from', old.state, 'to', new.state));
        end if;
        if old.state = 'held' and new.state in ('booked', 'released')
            and old.hold_expires_at <= now
        then
            perform refuse('409', 'hold_expired');
        end if;
        if old.state = 'held' and new.state = 'expired' and old.hold_expires_at > now then
            perform refuse('409', 'hold_not_expired');
        end if;
    end if;
    if tg_op = 'INSERT' or new.planned <> old.planned or new.reservation <> old.reservation
    then
        if not exists (select from reservation r
            where r.id = new.reservation and r.live and r.occupied @> new.planned)
        then
            perform refuse('409', 'outside_reservation');
        end if;
        if not exists (select from contract_version v
            where v.contract = new.contract and v.number = new.version
              and v.signed_at <= new.created_at and v.effective @> lower(new.planned))
        then
            perform refuse('409', 'no_version_for_start');
        end if;
    end if;
    return new;
end $$;
create trigger rules before insert or update on booking
    for each row execute function booking_rules();
-- it reads the seller's reservation for a buyer
call give_to_market('booking_rules()');
call give_to_market('reservation_in_window()');
create trigger stays before delete on booking
    for each row execute function refuse_change();
create trigger stays_whole before truncate on booking
    for each statement execute function refuse_change();
