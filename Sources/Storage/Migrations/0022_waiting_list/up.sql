-- Who waits for time that is sold. What comes free is held for one after another, each with a time
-- to answer, before it is on sale again; whoever takes it confirms the hold as any other.

create table waiting_entry (
    id uuid primary key,
    contract uuid not null,
    seller uuid not null,
    buyer uuid not null,
    service text not null,
    specialty text not null,
    -- null is whoever has the specialty
    specialist uuid,
    minutes int not null check (minutes between 1 and 1440),
    -- whether the service is sold as places in sessions, and which one alone; null is any of them
    in_sessions boolean not null default false,
    group_session uuid check (group_session is null or in_sessions),
    -- within which the visit starts
    wanted tstzrange not null check (is_slot(wanted)),
    -- in which the specialist serves; null is any
    language text check (length(language) between 2 and 20),
    -- on the wall of the contract's zone: ISO weekdays, and hours within which the whole visit lies
    weekdays smallint[] check (cardinality(weekdays) > 0
        and weekdays <@ array[1, 2, 3, 4, 5, 6, 7]::smallint[]),
    from_minute int check (from_minute between 0 and 1439),
    until_minute int check (until_minute between 1 and 1440 and from_minute < until_minute),
    patient_reference text check (patient_reference ~ '^[A-Za-z0-9._:-]{1,64}$'),
    record_reference text check (length(record_reference) between 1 and 100),
    authorisation_reference text check (length(authorisation_reference) between 1 and 100),
    diary_reference text check (length(diary_reference) between 1 and 100),
    buyer_unit uuid,
    on_behalf_of uuid,
    state text not null default 'waiting'
        check (state in ('waiting', 'offered', 'served', 'left', 'lapsed')),
    -- the hold that is offered, or that was taken
    booking uuid,
    revision bigint not null default 1,
    created_at timestamptz not null default market_now(),
    unique (id, seller, buyer),
    foreign key (contract, seller, buyer) references contract (id, seller, buyer),
    foreign key (booking, seller, buyer) references booking (id, seller, buyer),
    foreign key (buyer, buyer_unit) references unit (organisation, id),
    foreign key (buyer, on_behalf_of) references member (organisation, id),
    check ((state in ('offered', 'served')) = (booking is not null)),
    check ((from_minute is null) = (until_minute is null))
);
-- nobody waits twice for one patient's visit
create unique index waiting_entry_of_patient
    on waiting_entry (contract, service, patient_reference, coalesce(group_session, contract))
    where state in ('waiting', 'offered');
create index waiting_entry_of_session on waiting_entry (group_session)
    where group_session is not null;
create index waiting_entry_of_buyer on waiting_entry (buyer, id);
create index waiting_entry_of_seller on waiting_entry (seller, specialty) where state = 'waiting';
create unique index waiting_entry_of_booking on waiting_entry (booking);
call protect('waiting_entry', 'buyer');
grant select, insert on waiting_entry to aikatori_app;
grant update (state, revision) on waiting_entry to aikatori_app;
grant select, update (state, booking, revision) on waiting_entry to aikatori_market;

-- What was held for whom: who let it go is not asked again about the same time.
create table waiting_offer (
    entry uuid not null,
    specialist uuid not null,
    starts timestamptz not null,
    booking uuid not null,
    seller uuid not null,
    buyer uuid not null,
    created_at timestamptz not null default market_now(),
    primary key (entry, specialist, starts),
    foreign key (entry, seller, buyer) references waiting_entry (id, seller, buyer),
    foreign key (booking, seller, buyer) references booking (id, seller, buyer)
);
create index waiting_offer_of_seller on waiting_offer (seller, created_at);
call protect('waiting_offer', 'seller', 'buyer');
call append_only('waiting_offer');
grant select on waiting_offer to aikatori_app;
grant select, insert on waiting_offer to aikatori_market;

-- What an entry is cannot change; how it stands goes only forward, or back to waiting.
create function waiting_entry_rules() returns trigger
    language plpgsql
as $$
begin
    if (new.contract, new.seller, new.buyer, new.service, new.specialty, new.specialist,
            new.minutes, new.in_sessions, new.group_session, new.wanted, new.language,
            new.weekdays, new.from_minute, new.until_minute, new.patient_reference,
            new.record_reference, new.authorisation_reference, new.diary_reference,
            new.buyer_unit, new.on_behalf_of, new.created_at)
        is distinct from (old.contract, old.seller, old.buyer, old.service, old.specialty,
            old.specialist, old.minutes, old.in_sessions, old.group_session, old.wanted,
            old.language, old.weekdays, old.from_minute, old.until_minute,
            old.patient_reference, old.record_reference, old.authorisation_reference,
            old.diary_reference, old.buyer_unit, old.on_behalf_of, old.created_at)
        or (old.state, new.state) not in (
            ('waiting', 'offered'), ('waiting', 'left'), ('waiting', 'lapsed'),
            ('offered', 'waiting'), ('offered', 'served'), ('offered', 'lapsed'))
    then
        perform refuse('409', 'not_waiting', jsonb_build_object('state', old.state));
    end if;
    return new;
end $$;
create trigger rules before update on waiting_entry
    for each row execute function waiting_entry_rules();
create trigger stays before delete on waiting_entry
    for each row execute function refuse_change();
create trigger stays_whole before truncate on waiting_entry
    for each statement execute function refuse_change();

-- The offered hold was taken, or is over: then its buyer waits on.
create function waiting_entry_follows() returns trigger
    language plpgsql
as $$
declare
    entry waiting_entry;
begin
    update waiting_entry w
    set state = case when new.state = 'booked' then 'served'
            when upper(w.wanted) <= market_now() then 'lapsed' else 'waiting' end,
        booking = case when new.state = 'booked' then w.booking end,
        revision = w.revision + 1
    where w.booking = new.id and w.state = 'offered'
    returning * into entry;
    if found then
        perform announce('waiting.' || entry.state, 'waiting_entry', entry.id, entry.revision,
            entry.buyer, null);
    end if;
    return null;
end $$;
create trigger waiting_follows after update on booking
    for each row when (old.state = 'held' and new.state <> 'held')
    execute function waiting_entry_follows();

-- Time of a specialist may have come free: the worker looks who waits for it, if anybody does.
create function tell_waiting(p_specialist uuid) returns void
    language sql
as $$
    insert into deadline (due_at, kind, subject, organisation)
    select market_now(), 'waiting_list', s.id, s.organisation from specialist s
    where s.id = p_specialist and exists (
        select from waiting_entry w where w.seller = s.organisation
            and w.specialty = s.specialty and w.state = 'waiting')
$$;

-- Time becomes bookable also by the mere passing of time (a horizon), by a licence, a new version,
-- or a budget: each entry is looked after every hour, and at once when it joins.
create function look_after_entry(p_entry uuid) returns void
    language plpgsql
as $$
declare
    e waiting_entry;
begin
    select * into e from waiting_entry w
    where w.id = p_entry and w.buyer = current_organisation()
      and w.state in ('waiting', 'offered') and upper(w.wanted) > market_now();
    if not found then
        return;
    end if;
    perform tell_waiting(s.id) from specialist s
        where s.organisation = e.seller and s.specialty = e.specialty and s.active
          and (e.specialist is null or s.id = e.specialist);
    insert into deadline (due_at, kind, subject, organisation)
        values (market_now() + interval '1 hour', 'waiting_look', e.id, e.buyer);
end $$;

-- Whom one waits for is the seller's, and of the service's specialty. A buyer waits for no more
-- than 200 visits of one seller at a time: each is looked after every hour.
create function waiting_entry_joins() returns trigger
    language plpgsql
as $$
declare
    unknown text[] := not_of_buyer(new.buyer, new.buyer_unit, new.on_behalf_of);
begin
    if unknown <> '{}' then
        perform refuse('422', 'not_of_buyer', jsonb_build_object('unknown', unknown));
    end if;
    if new.specialist is not null and not exists (select from specialist s
        where s.id = new.specialist and s.organisation = new.seller
          and s.specialty = new.specialty and s.active)
    then
        perform refuse('409', 'specialist_not_offered');
    end if;
    if (select count(*) from waiting_entry w where w.seller = new.seller
        and w.buyer = new.buyer and w.state in ('waiting', 'offered')) >= 200
    then
        perform refuse('409', 'too_many_waiting', jsonb_build_object('most', 200));
    end if;
    return new;
end $$;
create trigger joins before insert on waiting_entry
    for each row execute function waiting_entry_joins();

create function freed_for_waiting() returns trigger
    language plpgsql
as $$
begin
    perform tell_waiting(new.specialist);
    return null;
end $$;
create trigger freed_for_waiting after update on reservation
    for each row when (old.live and (not new.live or new.occupied <> old.occupied))
    execute function freed_for_waiting();

create function published_for_waiting() returns trigger
    language plpgsql
as $$
begin
    perform tell_waiting(w.specialist) from (select distinct specialist from added) w;
    return null;
end $$;
create trigger published_for_waiting after insert on availability_window
    referencing new table as added
    for each statement execute function published_for_waiting();

-- Those of a seller who wait for one specialty, in the order in which they are asked: the buyer
-- who got least of the seller's time through the list in thirty days first; then who has let the
-- fewest offers go, so that the next is asked; then by age.
create function waiting_line(p_seller uuid, p_specialty text)
    returns table (entry uuid, place bigint)
    language sql stable
as $$
    with got as (
        select o.buyer, count(*) as times
        from waiting_offer o join booking b on b.id = o.booking
        where o.seller = p_seller and o.created_at > market_now() - interval '30 days'
          and b.state in ('held', 'booked', 'closed')
        group by o.buyer
    )
    select w.id, row_number() over (order by coalesce(g.times, 0),
        (select count(*) from waiting_offer o where o.entry = w.id), w.created_at, w.id)
    from waiting_entry w left join got g on g.buyer = w.buyer
    where w.seller = p_seller and w.specialty = p_specialty and w.state = 'waiting'
      and upper(w.wanted) > market_now()
$$;

-- How many are asked before each of the caller's entries that wait, of those who would take the
-- same: on days that both want, of somebody whom both want; time, or a place in a session.
create function waiting_places() returns table (entry uuid, ahead bigint)
    language sql stable
as $$
    with place as (
        select l.entry, l.place, w.seller, w.specialty, w.buyer, w.specialist, w.wanted,
            w.in_sessions, w.group_session
        from (select distinct w.seller, w.specialty from waiting_entry w
            where w.buyer = current_organisation() and w.state = 'waiting') line
        cross join lateral waiting_line(line.seller, line.specialty) l
        join waiting_entry w on w.id = l.entry
    )
    select own.entry, (select count(*) from place x
        where x.seller = own.seller and x.specialty = own.specialty and x.place < own.place
          and x.wanted && own.wanted and x.in_sessions = own.in_sessions
          and coalesce(x.group_session = own.group_session, true)
          and (x.specialist is null or own.specialist is null or x.specialist = own.specialist))
    from place own where own.buyer = current_organisation()
$$;

-- How long an offer stands: two hours, but at most a quarter of the time in which it can still be
-- booked, so that the next can be asked. Null where not even the contract's hold fits.
create function offer_length(p_now timestamptz, p_last timestamptz, p_hold_minutes int)
    returns interval
    language sql immutable
as $$
    select x.length from (select least(interval '2 hours',
        date_trunc('second', (p_last - p_now) / 4)) as length) x
    where x.length >= make_interval(mins => p_hold_minutes)
$$;

-- The start that is held for an entry, if one fits it that it was not asked about before: free
-- time, or a place in a session.
create function start_for_entry(
    w waiting_entry, p_specialist uuid, p_now timestamptz,
    out starts timestamptz, out period text, out stands interval, out session uuid)
    language plpgsql
as $$
#variable_conflict use_column
begin
    perform set_config('app.organisation', w.buyer::text, true);
    select t.starts, billing_period(t.starts, v.time_zone), l.length, t.session
        into starts, period, stands, session
    from (
        select f.starts, f.specialist, f.contract, f.version, f.starts as last,
            null::uuid as session
        from find_times(w.service, w.specialty, w.language, w.seller, p_specialist,
            greatest(lower(w.wanted), p_now), upper(w.wanted), w.minutes, null, null, null, null,
            1000, w.contract, p_weekdays => w.weekdays::int[], p_from_minute => w.from_minute,
            p_until_minute => w.until_minute) f
        where not w.in_sessions
        union all
        select f.starts, f.specialist, f.contract, f.version, f.book_until, f.session
        from find_sessions(w.service, w.specialty, w.language, w.seller, p_specialist,
            greatest(lower(w.wanted), p_now), upper(w.wanted), 1, null, null, null, 1000,
            w.contract, p_weekdays => w.weekdays::int[], p_from_minute => w.from_minute,
            p_until_minute => w.until_minute, p_minutes => w.minutes,
            p_session => w.group_session) f
        where w.in_sessions) t
    join contract_version v on v.contract = t.contract and v.number = t.version
    cross join lateral offer_length(p_now, least(t.last,
        t.starts - make_interval(mins => v.minimum_notice_minutes)), v.hold_minutes) l(length)
    where not exists (select from waiting_offer o
            where o.entry = w.id and o.specialist = t.specialist
              and t.starts < o.starts + make_interval(mins => w.minutes)
              and o.starts < t.starts + make_interval(mins => w.minutes))
        and l.length is not null
    order by t.starts limit 1;
    perform set_config('app.organisation', w.seller::text, true);
end $$;

-- Holds free time of one specialist for the first in line whom it fits; false when it fits nobody.
-- One worker at a time for a seller. Called as the seller, who is told nothing of who waits.
create function offer_free_time(p_specialist uuid) returns boolean
    language plpgsql
as $$
declare
    person specialist;
    w waiting_entry;
    free record;
    request booking_request;
    now timestamptz;
    is_held boolean;
begin
    perform pg_advisory_xact_lock(
        hashtextextended('waiting ' || current_organisation()::text, 0));
    now := market_now();
    select * into person from specialist s
        where s.id = p_specialist and s.organisation = current_organisation();
    for w in
        select e.* from waiting_line(person.organisation, person.specialty) l
        join waiting_entry e on e.id = l.entry
        where e.specialist is null or e.specialist = p_specialist
        order by l.place
    loop
        select * into free from start_for_entry(w, p_specialist, now);
        if free.stands is null then
            continue;
        end if;
        request := row(0, null, null, null, null, uuid_v7(), uuid_v7(), w.contract, w.service,
            p_specialist, free.starts, w.minutes, true, w.patient_reference, w.record_reference,
            w.buyer, free.period, null, w.authorisation_reference, w.diary_reference,
            w.buyer_unit, (select m.id from member m where m.id = w.on_behalf_of and m.active),
            null);
        -- what is refused leaves no lock behind, which would stand before those of the next
        begin
            insert into budget_counter (contract, period, seller, buyer)
                values (w.contract, free.period, w.seller, w.buyer) on conflict do nothing;
            perform from budget_counter c
                where c.contract = w.contract and c.period = free.period for update;
            if free.session is null then
                perform own_start_times(p_specialist);
            else
                perform from group_session g where g.id = free.session for update;
            end if;
            perform from waiting_entry e where e.id = w.id and e.state = 'waiting' for update;
            is_held := found and (case when free.session is null
                then not book_one(request, now, '{}', free.stands) ? 'refusal'
                else hold_place(free.session, request, free.stands) end);
            if not is_held then
                raise exception using errcode = 'AK000';
            end if;
        exception when sqlstate 'AK000' then
            continue;
        end;
        insert into waiting_offer (entry, specialist, starts, booking, seller, buyer)
            values (w.id, p_specialist, free.starts, request.booking, w.seller, w.buyer);
        update waiting_entry e set state = 'offered', booking = request.booking,
            revision = e.revision + 1 where e.id = w.id;
        perform announce('waiting.offered', 'waiting_entry', w.id, w.revision + 1, w.buyer, null);
        -- there may be more of it, for the next in line
        perform tell_waiting(p_specialist);
        return true;
    end loop;
    return false;
end $$;

grant execute on function waiting_line(uuid, text), tell_waiting(uuid),
    offer_length(timestamptz, timestamptz, int),
    start_for_entry(waiting_entry, uuid, timestamptz) to aikatori_market;
call give_to_market('waiting_entry_follows()');
call give_to_market('waiting_entry_joins()');
call give_to_market('look_after_entry(uuid)', 'aikatori_app');
call give_to_market('freed_for_waiting()');
call give_to_market('published_for_waiting()');
call give_to_market('waiting_places()', 'aikatori_app');
call give_to_market('offer_free_time(uuid)', 'aikatori_app');

insert into operation_role (operation, roles) values
    ('findTimesByHour', array['scheduler', 'specialist']),
    ('findNearestTimes', array['scheduler', 'specialist']),
    ('joinWaitingList', array['scheduler']),
    ('listWaitingList', array['scheduler', 'specialist', 'admin', 'auditor']),
    ('getWaitingEntry', array['scheduler', 'specialist', 'admin', 'auditor']),
    ('leaveWaitingList', array['scheduler']);
