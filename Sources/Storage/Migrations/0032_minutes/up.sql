-- What people tell of a visit besides what was observed: that it went on by telephone, what the
-- specialist did before and after, that the buyer lets it go on, that the line failed.

create table visit_report (
    id uuid primary key default uuid_v7(),
    booking uuid not null,
    seller uuid not null,
    buyer uuid not null,
    -- who tells it
    side text not null check (side in ('seller', 'buyer')),
    kind text not null check (
        kind in ('telephone', 'extra_time', 'overrun_agreed', 'technical_failure')),
    -- by telephone
    during tstzrange check (during is null or is_slot(during)),
    preparation_minutes bigint check (preparation_minutes >= 0),
    record_writing_minutes bigint check (record_writing_minutes >= 0),
    -- what failed; never about a patient
    reason text check (length(reason) between 1 and 1000),
    credential uuid not null,
    recorded_at timestamptz not null,
    foreign key (booking, seller, buyer) references booking (id, seller, buyer),
    check ((kind = 'telephone') = (during is not null)),
    check (num_nonnulls(preparation_minutes, record_writing_minutes)
        = case kind when 'extra_time' then 2 else 0 end),
    check ((kind = 'technical_failure') = (reason is not null))
);
create index visit_report_of_booking on visit_report (booking, recorded_at);
-- said once
create unique index overrun_agreed_once on visit_report (booking) where kind = 'overrun_agreed';
call protect('visit_report', 'seller', 'buyer');
call append_only('visit_report');
grant select, insert on visit_report to aikatori_app;
grant select on visit_report to aikatori_market;

-- What was measured, and each side's word on it (0008_visits), are of more than the time together.
alter table visit_minutes
    -- seconds together that are not counted, because the specialist's next booking began then
    add column cut_seconds bigint not null default 0 check (cut_seconds >= 0),
    add column cut_at timestamptz check ((cut_at is not null) = (cut_seconds > 0)),
    -- how long each person of a side was there, added up
    add column seller_seconds bigint not null default 0 check (seller_seconds >= 0),
    add column buyer_seconds bigint not null default 0 check (buyer_seconds >= 0);
alter table attestation
    -- the specialist's own, whole ones
    add column preparation_minutes bigint not null default 0 check (preparation_minutes >= 0),
    add column record_writing_minutes bigint not null default 0
        check (record_writing_minutes >= 0),
    -- the visit broke off, because the line or the equipment failed
    add column line_failed boolean not null default false;
create or replace view last_attestation with (security_invoker = true) as
    select distinct on (booking, organisation) * from attestation
    order by booking, organisation, number desc;

-- What both sides have said alike; nothing while they have not.
create function attested_by_both(
    p_booking uuid, out billable_seconds bigint, out preparation_minutes bigint,
    out record_writing_minutes bigint, out line_failed boolean
) returns setof record
    language sql stable
as $$
    select a.billable_seconds, a.preparation_minutes, a.record_writing_minutes, a.line_failed
    from last_attestation a where a.booking = p_booking
    group by 1, 2, 3, 4 having count(*) = 2
$$;

-- The most minutes of the specialist's own that the contract of a visit bills, as its version says;
-- none where it has no price for them.
create function extra_ceiling_of(
    p_booking uuid, out preparation_minutes bigint, out record_writing_minutes bigint
)
    language sql stable
as $$
    select coalesce((s -> 'preparation' ->> 'maximum_minutes')::bigint, 0),
        coalesce((s -> 'record_writing' ->> 'maximum_minutes')::bigint, 0)
    from booking b
    join contract_version v on v.contract = b.contract and v.number = b.version,
    jsonb_array_elements(convert_from(v.document, 'UTF8')::jsonb -> 'services') s
    where b.id = p_booking and s ->> 'code' = b.service
$$;
grant execute on function attested_by_both(uuid), extra_ceiling_of(uuid)
    to aikatori_app, aikatori_reader, aikatori_market;

-- Nobody attests, nor says in a contest, more than the contract bills.
create function attestation_within_ceiling() returns trigger
    language plpgsql
as $$
declare
    ceiling record;
begin
    select * into ceiling from extra_ceiling_of(new.booking);
    if new.preparation_minutes > ceiling.preparation_minutes
        or new.record_writing_minutes > ceiling.record_writing_minutes
    then
        perform refuse('422', 'above_ceiling', to_jsonb(ceiling));
    end if;
    return new;
end $$;
create trigger within_ceiling before insert on attestation
    for each row execute function attestation_within_ceiling();

-- What both sides say was held by telephone.
create function told_by_both(p_booking uuid) returns table (during tstzrange)
    language sql stable
as $$
    select s.during * b.during from visit_report s join visit_report b
        on b.booking = s.booking and b.kind = 'telephone' and b.side = 'buyer'
        and s.during && b.during
    where s.booking = p_booking and s.kind = 'telephone' and s.side = 'seller'
$$;

-- Whether the contract of a visit has a price for what goes beyond the planned length.
create function overrun_is_sold(p_booking uuid) returns boolean
    language sql stable
as $$
    select exists (select from booking b
        join contract_version v on v.contract = b.contract and v.number = b.version,
        jsonb_array_elements(convert_from(v.document, 'UTF8')::jsonb -> 'services') s
        where b.id = p_booking and s ->> 'code' = b.service and s ? 'overrun')
$$;

-- The booking of an agreed visit on whose minutes both sides have not agreed yet, and of no other.
create function booking_of_open_visit(p_booking uuid) returns booking
    language plpgsql
as $$
declare
    b booking;
begin
    select * into strict b from booking x where x.id = p_booking;
    if b.state = 'closed' then
        perform refuse('409', 'minutes_agreed');
    end if;
    if b.state <> 'booked' or not exists (select from handshake h
        where h.booking = b.id and h.state in ('agreed', 'ready', 'rescheduling'))
    then
        perform refuse('409', 'visit_not_agreed');
    end if;
    return b;
end $$;
grant execute on function booking_of_open_visit(uuid) to aikatori_app, aikatori_market;

-- What a side may tell, and when: as `VisitReport.check` (Sources/Visits). Who was in the room
-- is not folded here: the specialist's minutes are refused before the planned start only.
create function visit_report_rules() returns trigger
    language plpgsql
as $$
declare
    b booking;
    ceiling record;
    are_kept boolean := exists (select from visit_minutes m where m.booking = new.booking);
begin
    if current_organisation() is distinct from
        (case new.side when 'seller' then new.seller else new.buyer end)
        or new.side is distinct from (case new.kind when 'extra_time' then 'seller'
            when 'overrun_agreed' then 'buyer' else new.side end)
    then
        perform refuse('403', 'not_your_side');
    end if;
    new.recorded_at := market_now();
    b := booking_of_open_visit(new.booking);
    if (select count(*) >= 50 from visit_report r
        where r.booking = new.booking and r.side = new.side)
    then
        perform refuse('409', 'too_many_reports', jsonb_build_object('most', 50));
    end if;
    if new.kind in ('telephone', 'technical_failure') and are_kept then
        perform refuse('409', 'visit_over');
    end if;
    if new.kind = 'telephone' and (lower(new.during) < join_opens(b.planned)
        or upper(new.during) > join_closes(b.planned))
    then
        perform refuse('422', 'outside_join_window');
    end if;
    if new.kind = 'telephone' and upper(new.during) > new.recorded_at then
        perform refuse('422', 'time_in_the_future');
    end if;
    if new.kind = 'extra_time' then
        if new.recorded_at < lower(b.planned) then
            perform refuse('409', 'visit_not_over');
        end if;
        select * into ceiling from extra_ceiling_of(b.id);
        if new.preparation_minutes > ceiling.preparation_minutes
            or new.record_writing_minutes > ceiling.record_writing_minutes
        then
            perform refuse('422', 'above_ceiling', to_jsonb(ceiling));
        end if;
    end if;
    if new.kind = 'overrun_agreed' and not overrun_is_sold(b.id) then
        perform refuse('422', 'overrun_not_sold');
    end if;
    if new.kind in ('overrun_agreed', 'technical_failure')
        and new.recorded_at < join_opens(b.planned)
    then
        perform refuse('403', 'join_not_yet_open');
    end if;
    return new;
end $$;
create trigger rules before insert on visit_report
    for each row execute function visit_report_rules();

grant execute on function told_by_both(uuid), overrun_is_sold(uuid),
    visit_report_rules(), attestation_within_ceiling()
    to aikatori_app, aikatori_market;

-- When the specialist's next booking after a visit takes its time, its buffer with it, or another
-- block begins: no overrun counts from then on. Of a visit of one's own only; whose the next one
-- is, is not told.
create function specialist_taken_from(p_booking uuid) returns timestamptz
    language sql stable
as $$
    select min(greatest(upper(b.planned), x.begins))
    from booking b, lateral (
        select case when o.block is null then lower(r.occupied) else lower(o.planned) end as begins
        from reservation r
        join booking o on o.reservation = r.id and o.id <> b.id
            and lower(o.planned) >= upper(b.planned) and o.state in ('booked', 'closed')
        where r.specialist = b.specialist and r.live
          and r.occupied && tstzrange(upper(b.planned), join_closes(b.planned))
        union all
        select lower(k.during) from block k
        where k.specialist = b.specialist and k.state <> 'withdrawn' and not k.on_sale
          and lower(k.during) >= upper(b.planned) and lower(k.during) < join_closes(b.planned)) x
    where b.id = p_booking and current_organisation() in (b.seller, b.buyer)
$$;

-- Until when the specialist's visit before this one takes their time: as it was planned, or as far
-- as it was held beyond that. Nothing of this one counts before. Null where none does.
create function specialist_taken_until(p_booking uuid) returns timestamptz
    language sql stable
as $$
    select least(lower(b.planned), max(greatest(upper(o.planned), (
        select max((x ->> 'until')::timestamptz)
        from visit_minutes m, jsonb_array_elements(m.intervals) x where m.booking = o.id))))
    from booking b
    join reservation r on r.specialist = b.specialist and r.live
        and r.occupied && tstzrange(join_opens(b.planned), lower(b.planned))
    join booking o on o.reservation = r.id and o.id <> b.id
        and upper(o.planned) <= lower(b.planned) and o.state in ('booked', 'closed')
    where b.id = p_booking and current_organisation() in (b.seller, b.buyer)
    group by b.id
$$;

-- What of a visit before and beyond its planned time is paid: all that was held, and of an overrun
-- with a price of its own what the buyer agreed to.
create or replace function paid_beyond_plan(p_booking uuid) returns tstzmultirange
    language sql stable
as $$
    select range_agg(tstzrange(date_trunc('second', (x ->> 'from')::timestamptz),
        date_trunc('second', (x ->> 'until')::timestamptz)))
        - tstzmultirange(b.planned) - case when overrun_is_sold(b.id) and not exists (
                select from visit_report r where r.booking = b.id and r.kind = 'overrun_agreed')
            then tstzmultirange(tstzrange(upper(b.planned), null)) else '{}' end
    from booking b join visit_minutes m on m.booking = b.id, jsonb_array_elements(m.intervals) x
    where b.id = p_booking group by b.id
$$;
call give_to_market('specialist_taken_from(uuid)', 'aikatori_app');
call give_to_market('specialist_taken_until(uuid)', 'aikatori_app');

-- What is charged of the specialist's own minutes and of an overrun is what both sides attested,
-- and what the buyer agreed to. A line is of hundredths of a minute.
create function charge_line_was_told() returns trigger
    language plpgsql
as $$
declare
    told record;
    visit uuid := (select c.booking from charge c where c.id = new.charge);
begin
    if new.kind = 'overrun' then
        if not exists (select from visit_report r
            where r.booking = visit and r.kind = 'overrun_agreed')
        then
            perform refuse('500', 'overrun_not_agreed');
        end if;
        return new;
    end if;
    select * into told from attested_by_both(visit);
    if told is null or told.line_failed or new.quantity_hundredths > 100 * (case new.kind
        when 'preparation' then told.preparation_minutes else told.record_writing_minutes end)
    then
        perform refuse('409', 'not_attested_by_both');
    end if;
    return new;
end $$;
create trigger was_told before insert on charge_line
    for each row when (new.kind in ('overrun', 'preparation', 'record_writing'))
    execute function charge_line_was_told();
grant execute on function charge_line_was_told() to aikatori_app, aikatori_market;

-- Duty is the seller's word, and no page's.
alter table observation add check (
    kind in ('join', 'heartbeat', 'leave') or side = 'seller' and source = 'word');

-- Until when duty that nobody ends lasts: the planned end; null before it, and where nobody was on
-- duty.
create function duty_until(p_booking uuid) returns timestamptz
    language sql stable
as $$
    select upper(b.planned) from booking b
    where b.id = p_booking and upper(b.planned) <= market_now() and exists (
        select from observation o where o.booking = b.id and o.kind = 'duty_begun')
$$;
grant execute on function duty_until(uuid) to aikatori_app, aikatori_market;

-- The seller of a duty shift says that somebody is on duty, or is not any more; in the time in
-- which the room is open, and until the first word on the minutes. Nothing changes where it is so
-- already.
create function say_duty(p_booking uuid, p_observation uuid, p_on boolean) returns void
    language plpgsql
as $$
declare
    b booking;
    now timestamptz;
    was_on boolean;
begin
    select * into b from booking x
        where x.id = p_booking and current_organisation() in (x.seller, x.buyer)
        for no key update;
    if not found then
        perform refuse('404', 'not_found');
    end if;
    if b.seller <> current_organisation() then
        perform refuse('403', 'not_your_side');
    end if;
    if not exists (select from contract_version v,
        jsonb_array_elements(convert_from(v.document, 'UTF8')::jsonb -> 'services') s
        where v.contract = b.contract and v.number = b.version
          and s ->> 'code' = b.service and s ->> 'kind' = 'duty_shift')
    then
        perform refuse('422', 'not_a_duty_shift');
    end if;
    now := market_now();
    if b.state = 'closed' or exists (select from visit_minutes m where m.booking = b.id) then
        perform refuse('409', 'visit_over');
    end if;
    if b.state <> 'booked' or not exists (select from handshake h
        where h.booking = b.id and h.state in ('agreed', 'ready', 'rescheduling'))
    then
        perform refuse('409', 'visit_not_agreed');
    end if;
    if now < join_opens(b.planned) then
        perform refuse('403', 'join_not_yet_open');
    end if;
    if now >= join_closes(b.planned) then
        perform refuse('403', 'join_closed');
    end if;
    -- a shift that nobody began is not begun afterwards
    if p_on and now >= upper(b.planned) then
        perform refuse('409', 'visit_over');
    end if;
    was_on := coalesce((select o.kind = 'duty_begun' from observation o
        where o.booking = b.id and o.kind in ('duty_begun', 'duty_ended')
        order by o.at desc, o.id desc limit 1), false);
    if was_on <> p_on then
        insert into observation (id, booking, seller, buyer, side, participant, kind, source, at)
        values (p_observation, b.id, b.seller, b.buyer, 'seller', 'duty',
            case when p_on then 'duty_begun' else 'duty_ended' end, 'word', now);
        perform audit('visit', b.id, b.seller, b.buyer, jsonb_build_object('on_duty', p_on));
    end if;
end $$;
call give_to_market('say_duty(uuid, uuid, boolean)', 'aikatori_app');

insert into operation_role (operation, roles) values
    ('beginDuty', array['scheduler', 'specialist']),
    ('endDuty', array['scheduler', 'specialist']),
    ('reportVisit', array['scheduler', 'specialist']),
    ('listMinutes', array['scheduler', 'specialist']),
    ('attestSeveral', array['scheduler', 'specialist']);
