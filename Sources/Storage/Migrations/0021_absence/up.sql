-- Absences: a specialist who was for sale is not there. What is free closes, and each visit goes
-- to a colleague or is cancelled, all in one transaction.

create table absence (
    id uuid primary key,
    organisation uuid not null,
    specialist uuid not null,
    during tstzrange not null check (is_slot(during)),
    reason text check (length(reason) between 1 and 500),
    created_at timestamptz not null default market_now(),
    foreign key (organisation, specialist) references specialist (organisation, id)
);
create index absence_of_specialist on absence (specialist, id);
call protect('absence', 'organisation');
call append_only('absence');
grant select, insert on absence to aikatori_app;

-- Locks the counters of many bookings of a party, in the one order of all locks. The caller locks
-- the bookings next.
create function lock_budgets(p_bookings uuid[]) returns void
    language plpgsql
as $$
begin
    perform from budget_counter c
        where (c.contract, c.period) in (
            select b.contract, b.period from booking b
            where b.id = any (p_bookings) and current_organisation() in (b.seller, b.buyer))
        order by c.contract, c.period for update;
end $$;

-- Who of the seller's could hold a visit in the place of the one who is booked: of the service's
-- field, with a licence for that day, with time on sale there that the contract may see and that
-- is free. What `book` asks of a specialist, for the same start and length. A hold that has run out
-- takes its time until somebody has tidied it away.
create function colleagues(p_bookings uuid[])
    returns table (booking uuid, specialist uuid, label text, occupied tstzrange,
        availability_window uuid, window_revision bigint)
    language sql stable
as $$
    select b.id, p.id, p.label, o.occupied, w.id, w.revision
    from booking b
    join contract_version v on v.contract = b.contract and v.number = b.version
    join contract_service s
        on s.contract = b.contract and s.number = b.version and s.service = b.service
    join specialist p on p.organisation = b.seller and p.id <> b.specialist and p.active
        and p.specialty = s.specialty
    join availability_window w on w.specialist = p.id and w.open and w.during @> b.planned
    cross join lateral (
        select tstzrange(lower(b.planned) - make_interval(mins => w.buffer_before_minutes),
            upper(b.planned) + make_interval(mins => w.buffer_after_minutes)) as occupied
    ) o
    where b.id = any (p_bookings) and b.seller = current_organisation()
      -- a session with several is held by one
      and b.group_session is null
      and w.during @> o.occupied
      and (w.services is null or b.service = any (w.services))
      and (w.contracts is null or b.contract = any (w.contracts))
      and upper(b.planned) - lower(b.planned) between make_interval(mins => w.shortest_minutes)
          and make_interval(mins => w.longest_minutes)
      and (extract(epoch from lower(b.planned) - lower(w.during)) * 1000000)::bigint
          % (w.grid_minutes * 60000000::bigint) = 0
      and exists (select from licence l where l.specialist = p.id
          and l.valid @> (lower(b.planned) at time zone v.time_zone)::date)
      and not exists (select from reservation r
          where r.specialist = p.id and r.live and r.occupied && o.occupied)
      and working_refusal(p.id, lower(b.planned), planned_minutes(b.planned)) is null
    order by lower(b.planned), b.id, p.label, p.id
$$;

-- Another specialist of the seller's holds the visit, at the same time and price; or it is refused,
-- with everything as it was. Whether the contract lets the seller do so is decided by the caller,
-- who has locked the counter and the booking.
create function substitute_specialist(p_booking uuid, p_specialist uuid, p_reservation uuid)
    returns void
    language plpgsql
as $$
declare
    b booking;
    place record;
    freed tstzrange;
begin
    select * into b from booking x
    where x.id = p_booking and x.seller = current_organisation() for update;
    if not found then
        perform refuse('404', 'not_found');
    end if;
    if b.state <> 'booked' then
        perform refuse('409', 'illegal_transition', jsonb_build_object('from', b.state));
    end if;
    if lower(b.planned) <= market_now() then
        perform refuse('409', 'visit_started');
    end if;
    select c.* into place from colleagues(array[p_booking]) c where c.specialist = p_specialist;
    if not found then
        perform refuse('409', 'colleague_not_free',
            jsonb_build_object('booking', p_booking, 'specialist', p_specialist));
    end if;
    perform own_start_times(x.specialist)
        from (select unnest(array[b.specialist, p_specialist]) as specialist order by 1) x;
    -- its withdrawal waits for this, or the trigger of the reservation sees it
    perform from availability_window w where w.id = place.availability_window for share;
    -- a block keeps its time
    update reservation r set live = false where r.id = b.reservation and r.block is null
        returning r.occupied into freed;
    insert into reservation (id, seller, specialist, occupied, availability_window,
        window_revision)
    values (p_reservation, b.seller, p_specialist, place.occupied, place.availability_window,
        place.window_revision)
    on conflict do nothing;
    if not found then
        perform refuse('409', 'colleague_not_free',
            jsonb_build_object('booking', p_booking, 'specialist', p_specialist));
    end if;
    update booking x set reservation = p_reservation, specialist = p_specialist,
        ical_sequence = x.ical_sequence + 1, revision = x.revision + 1 where x.id = b.id;
    if freed is not null then
        perform join_start_times(b.specialist, freed);
    elsif b.block is not null then
        perform leave_block(b.id);
    end if;
    perform cut_start_times(p_specialist, place.occupied);
end $$;

-- The blocks that an absence touches are given up for nothing; what is placed there was dealt with
-- before, visit by visit. Their counters come first, also where no visit has made them yet, and
-- then the blocks: nobody places a visit there from then on.
create function lock_blocks_of(p_specialists uuid[], p_during tstzrange) returns void
    language sql
as $$
    insert into budget_counter (contract, period, seller, buyer)
        select distinct k.contract, k.period, k.seller, k.buyer from block k
        where k.specialist = any (p_specialists) and k.during && p_during
          and k.seller = current_organisation()
        order by k.contract, k.period
        on conflict do nothing;
    select from budget_counter c
    where (c.contract, c.period) in (
        select k.contract, k.period from block k
        where k.specialist = any (p_specialists) and k.during && p_during
          and k.seller = current_organisation())
    order by c.contract, c.period for update;
    select from block k
    where k.specialist = any (p_specialists) and k.during && p_during
      and k.seller = current_organisation()
    order by k.id for update
$$;
create function give_up_blocks(p_specialists uuid[], p_during tstzrange) returns int
    language plpgsql
as $$
declare
    k block;
    given_up int := 0;
begin
    for k in
        select * from block x
        where x.specialist = any (p_specialists) and x.during && p_during
          and x.seller = current_organisation() and x.state <> 'withdrawn'
          and x.settled_at is null and upper(x.during) > market_now()
        order by x.id for update
    loop
        update block x set state = 'withdrawn', on_sale = true, revision = x.revision + 1
            where x.id = k.id;
        perform shrink_block(k.id);
        perform announce('block.withdrawn', 'block', k.id, k.revision + 1, k.seller, k.buyer);
        perform audit('block', k.id, k.seller, k.buyer);
        given_up := given_up + 1;
    end loop;
    return given_up;
end $$;

call give_to_market('lock_blocks_of(uuid[], tstzrange)', 'aikatori_app');
call give_to_market('give_up_blocks(uuid[], tstzrange)', 'aikatori_app');
call give_to_market('lock_budgets(uuid[])', 'aikatori_app');
call give_to_market('colleagues(uuid[])', 'aikatori_app');
call give_to_market('substitute_specialist(uuid, uuid, uuid)', 'aikatori_app');

insert into operation_role (operation, roles) values
    ('previewAbsence', array['scheduler']),
    ('noteAbsence', array['scheduler']),
    ('previewUnitAbsence', array['scheduler']),
    ('noteUnitAbsence', array['scheduler']);
