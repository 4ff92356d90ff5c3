-- The buyer's own rooms and staff, which a visit needs where its patient is. They are their
-- organisation's alone: nothing of them reaches the other party of a booking.

-- Opening hours as pairs of minutes since Monday's midnight, each within one day, in order.
create function is_opening(p_opening int[]) returns boolean
    language sql immutable
as $$
    select cardinality(p_opening) between 2 and 84 and cardinality(p_opening) % 2 = 0
        and array_position(p_opening, null) is null
        and not exists (select from generate_series(1, cardinality(p_opening), 2) i
            where p_opening[i] < coalesce(p_opening[i - 1], 0) or p_opening[i + 1] > 10080
              or p_opening[i] >= p_opening[i + 1]
              or p_opening[i] / 1440 <> (p_opening[i + 1] - 1) / 1440)
$$;
grant execute on function is_opening(int[]) to aikatori_app, aikatori_market;

create table resource (
    id uuid primary key,
    organisation uuid not null,
    unit uuid not null,
    kind text not null check (kind in ('room', 'staff')),
    -- of staff what they do, never who they are
    name text not null check (length(name) between 1 and 80),
    -- on the wall of the unit's zone; null is always
    opening int[] check (is_opening(opening)),
    -- what it costs its organisation a minute, in ten-thousandths of a euro; null is not known
    minute_cost bigint check (minute_cost between 0 and 999999999),
    active boolean not null default true,
    revision bigint not null default 1,
    created_at timestamptz not null default market_now(),
    unique (organisation, id),
    unique (unit, name),
    foreign key (organisation, unit) references unit (organisation, id)
);
call protect('resource', 'organisation');
grant select, insert, update (name, opening, minute_cost, active, revision) on resource
    to aikatori_app;
-- the functions below lock it, which asks for UPDATE
grant select, update (revision) on resource to aikatori_market;

-- When a resource is taken by a visit, or is not to be had. None is taken twice; what is booked
-- together for one patient shares it, and so do its buyer's places in one group session.
create table resource_time (
    id uuid primary key,
    organisation uuid not null,
    resource uuid not null,
    during tstzrange not null check (is_slot(during)),
    -- null where it is closed, for a reason
    booking uuid references booking (id),
    -- the group session or series of the visit, the visit that is in none, or the closure itself
    occasion uuid not null,
    reason text check (length(reason) between 1 and 200),
    live boolean not null default true, minute_cost bigint,
    created_at timestamptz not null default market_now(),
    unique (booking, resource),
    check ((booking is null) = (reason is not null)),
    foreign key (organisation, resource) references resource (organisation, id),
    exclude using gist (resource with =, during with &&, occasion with <>) where (live)
);
call protect('resource_time', 'organisation');
grant select on resource_time to aikatori_app;
grant select, insert, delete, update (during, live) on resource_time to aikatori_market;

-- What a visit takes is its buyer's, for all of its planned time, for as long as it is held, booked
-- or has been. What a minute costs stays as it was when it was taken.
create function resource_time_rules() returns trigger
    language plpgsql
as $$
begin
    if (new.booking is null and new.occasion <> new.id
        or new.booking is not null and not exists (select from booking b
            where b.id = new.booking and b.buyer = new.organisation and b.planned = new.during
              and occasion(b) = new.occasion
              and (b.state in ('held', 'booked', 'closed')) = new.live))
    then
        perform refuse('500', 'resource_time_differs');
    end if;
    new.minute_cost := case tg_op when 'UPDATE' then old.minute_cost
        else (select r.minute_cost from resource r where r.id = new.resource) end;
    return new;
end $$;
create trigger rules before insert or update on resource_time for each row
    execute function resource_time_rules();
call give_to_market('resource_time_rules()');

-- Whoever takes a resource or closes it has it to itself until it is through: what is free is seen
-- in a statement after this one. After the start times of specialists, in the order of all locks.
create function own_resources(p_resources uuid[]) returns void
    language plpgsql
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('resource ' || x.id, 0))
        from (select distinct unnest(p_resources) as id order by 1) x;
end $$;

-- When a resource is not to be had in a stretch of time: outside its opening hours, and where it
-- was closed. An hour that the clocks skip or have twice is read as PostgreSQL reads it.
create function resource_closed(p_resource uuid, p_around tstzrange) returns tstzmultirange
    language sql stable
as $$
    select case when r.opening is null then '{}'
            else tstzmultirange(p_around) - coalesce(x.opening, '{}') end
        + coalesce((select range_agg(t.during) from resource_time t
            where t.resource = r.id and t.live and t.booking is null and t.during && p_around),
            '{}')
    from resource r
    join unit u on u.id = r.unit
    cross join lateral (
        select range_agg(case when o.opens < o.closes then tstzrange(o.opens, o.closes) end)
            as opening
        from (
            select (lower(p_around) at time zone u.time_zone)::date - 1 + n as day
            from generate_series(0, (upper(p_around) at time zone u.time_zone)::date
                - (lower(p_around) at time zone u.time_zone)::date + 2) n) d
        join generate_series(1, coalesce(cardinality(r.opening), 0), 2) i
            on r.opening[i] / 1440 = extract(isodow from d.day)::int - 1
        cross join lateral (
            select (d.day::timestamp + make_interval(mins => r.opening[i] % 1440))
                    at time zone u.time_zone as opens,
                (d.day::timestamp + make_interval(
                    mins => r.opening[i + 1] - r.opening[i] / 1440 * 1440))
                    at time zone u.time_zone as closes) o
    ) x
    where r.id = p_resource
$$;

-- The places in a request of those that are none of the buyer's that can be had; those that the
-- booking has already may be out of use.
create function unknown_resources(
    p_buyer uuid, p_resources uuid[], p_kept uuid[] default '{}') returns text[]
    language sql stable
as $$
    select array(select '/resources/' || x.number - 1
        from unnest(p_resources) with ordinality x(id, number)
        where x.id <> all (p_kept) and not exists (select from resource r
            where r.id = x.id and r.organisation = p_buyer and r.active)
        order by x.number)
$$;

create function resource_figures(r resource, p_until timestamptz) returns jsonb
    language sql stable
as $$
    select jsonb_build_object('resource', r.id, 'name', r.name,
        'until', to_char(p_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
$$;

-- Why resources cannot be had for all of a visit, the first of them that cannot: which, and until
-- when. Null when they can.
create function resources_refusal(p_resources uuid[], p_planned tstzrange, p_occasion uuid)
    returns jsonb
    language plpgsql
as $$
declare
    r resource;
    taken timestamptz;
    shut timestamptz;
begin
    for r in select y.* from unnest(p_resources) with ordinality x(id, number)
        join resource y on y.id = x.id order by x.number
    loop
        select max(upper(t.during)) into taken from resource_time t
        where t.resource = r.id and t.live and t.booking is not null
          and t.during && p_planned and t.occasion <> p_occasion;
        if taken is not null then
            return jsonb_build_object('refusal', 'resource_taken',
                'figures', resource_figures(r, taken));
        end if;
        -- a week ahead it opens again, if ever
        select max(upper(c.shut)) into shut from unnest(resource_closed(r.id, tstzrange(
            lower(p_planned), upper(p_planned) + interval '8 days'))) c(shut)
        where c.shut && p_planned;
        if shut is not null then
            return jsonb_build_object('refusal', 'resource_closed',
                'figures', resource_figures(r, shut));
        end if;
    end loop;
    return null;
end $$;

-- Holds that have run out and take what requests ask for; their counters are to be locked.
create function overdue_in_resources(p_requests booking_request[]) returns uuid[]
    language sql stable
as $$
    select array(select distinct b.id from unnest(p_requests) q
        join resource_time t on t.resource = any (q.resources) and t.live
            and t.during && tstzrange(q.starts, q.starts + make_interval(mins => q.minutes))
        join booking b on b.id = t.booking
        where b.state = 'held' and b.hold_expires_at <= market_now())
$$;

-- For one request, the resources and the counters of overdue holds being locked: why it cannot have
-- what it asks for, or null. The occasion is the request's own where none is given.
create function resources_for(
    r booking_request, p_planned tstzrange, p_overdue uuid[], p_occasion uuid default null)
    returns jsonb
    language plpgsql
as $$
declare
    unknown text[];
begin
    -- being made inactive waits for this, or is seen by it
    perform from resource x where x.id = any (r.resources) order by x.id for share;
    unknown := unknown_resources(r.organisation, r.resources);
    if unknown <> '{}' then
        return jsonb_build_object('refusal', 'not_of_buyer',
            'figures', jsonb_build_object('unknown', unknown));
    end if;
    perform expire_hold(t.booking) from resource_time t
        where t.booking = any (p_overdue) and t.live and t.resource = any (r.resources)
          and t.during && p_planned;
    return resources_refusal(r.resources, p_planned, coalesce(p_occasion, r.series, r.booking));
end $$;

-- The booking takes them, which was decided on before.
create function take_resources(p_booking uuid, p_resources uuid[]) returns void
    language sql
as $$
    insert into resource_time (id, organisation, resource, during, booking, occasion)
    select uuid_v7(), b.buyer, x.resource, b.planned, b.id, occasion(b)
    from booking b, unnest(p_resources) as x(resource) where b.id = p_booking
$$;

-- As members of a booking's JSON: what it takes, by name.
create function booking_resources(p_booking uuid) returns jsonb
    language sql stable
as $$
    select jsonb_build_object('resources', coalesce(jsonb_agg(
        jsonb_build_object('id', r.id, 'kind', r.kind, 'name', r.name)
        order by r.kind, r.name, r.id), '[]'))
    from resource_time t join resource r on r.id = t.resource
    where t.booking = p_booking and t.live
$$;

-- The buyer takes others for a booking that is held or booked; those that are not named go.
create function choose_resources(p_booking uuid, p_resources uuid[]) returns void
    language plpgsql
as $$
declare
    b booking;
    kept uuid[];
    fresh uuid[];
    unknown text[];
    refusal jsonb;
begin
    select * into b from booking x
    where x.id = p_booking and x.buyer = current_organisation() for update;
    if not found then
        perform refuse('404', 'not_found');
    end if;
    if b.state not in ('held', 'booked') then
        perform refuse('409', 'illegal_transition', jsonb_build_object('state', b.state));
    end if;
    if b.hold_expires_at <= market_now() and b.state = 'held' then
        perform refuse('409', 'hold_expired');
    end if;
    kept := array(select t.resource from resource_time t where t.booking = b.id and t.live);
    fresh := array(select x.id from unnest(p_resources) with ordinality x(id, number)
        where x.id <> all (kept) order by x.number);
    perform from resource x where x.id = any (fresh) order by x.id for share;
    unknown := unknown_resources(b.buyer, p_resources, kept);
    if unknown <> '{}' then
        perform refuse('422', 'not_of_buyer', jsonb_build_object('unknown', unknown));
    end if;
    perform expire_resource_holds(fresh, b.planned);
    perform own_resources(fresh);
    refusal := resources_refusal(fresh, b.planned, occasion(b));
    if refusal is not null then
        perform refuse('409', refusal ->> 'refusal', refusal -> 'figures');
    end if;
    delete from resource_time t where t.booking = b.id and t.resource <> all (p_resources);
    perform take_resources(b.id, fresh);
end $$;

-- Tidies away the overdue holds in the way of what is not asked for by `book`. Their counters come
-- after other locks, and a deadlock that comes of it is for the caller to try again.
create function expire_resource_holds(p_resources uuid[], p_during tstzrange) returns void
    language plpgsql
as $$
begin
    perform expire_overdue_hold(x.id) from (
        select distinct b.id from resource_time t join booking b on b.id = t.booking
        where t.resource = any (p_resources) and t.live and t.during && p_during
          and b.state = 'held' and b.hold_expires_at <= market_now() order by 1) x;
end $$;

-- What the visit takes follows it: free where the visit is over before it was held, and moved where
-- the visit moves, or nothing moves. The seller learns no more than that the buyer is not free.
create function resources_follow() returns trigger
    language plpgsql
as $$
declare
    own uuid[] := array(select t.resource from resource_time t
        where t.booking = new.id and t.live order by t.resource);
    refusal jsonb;
begin
    if own = '{}' then
        return null;
    end if;
    if new.state not in ('held', 'booked', 'closed') then
        update resource_time set live = false where booking = new.id and live;
    elsif new.planned <> old.planned then
        perform expire_resource_holds(own, new.planned);
        perform own_resources(own);
        refusal := resources_refusal(own, new.planned, occasion(new));
        if refusal is not null and current_organisation() = new.buyer then
            perform refuse('409', refusal ->> 'refusal', refusal -> 'figures');
        elsif refusal is not null then
            perform refuse('409', 'buyer_not_free');
        end if;
        update resource_time set during = new.planned where booking = new.id and live;
    end if;
    return null;
end $$;
create trigger resources_follow after update on booking
    for each row when (old.state <> new.state or old.planned <> new.planned)
    execute function resources_follow();

-- The buyer's own entry: for a while it is not to be had. Never where a visit needs it.
create function close_resource(p_id uuid, p_resource uuid, p_during tstzrange, p_reason text)
    returns void
    language plpgsql
as $$
declare
    r resource;
    other resource_time;
begin
    select * into r from resource x
    where x.id = p_resource and x.organisation = current_organisation() for share;
    if not found then
        perform refuse('404', 'not_found');
    end if;
    perform expire_resource_holds(array[r.id], p_during);
    perform own_resources(array[r.id]);
    select * into other from resource_time t
    where t.resource = r.id and t.live and t.during && p_during
    order by t.booking is null, lower(t.during) limit 1;
    if found then
        perform refuse('409', case when other.booking is null then 'resource_closed'
            else 'resource_taken' end, resource_figures(r, upper(other.during)));
    end if;
    insert into resource_time (id, organisation, resource, during, occasion, reason)
    values (p_id, r.organisation, r.id, p_during, p_id, p_reason);
end $$;

create function reopen_resource(p_resource uuid, p_closure uuid) returns void
    language plpgsql
as $$
begin
    update resource_time t set live = false
    where t.id = p_closure and t.resource = p_resource and t.booking is null and t.live
      and t.organisation = current_organisation();
    if not found then
        perform refuse('404', 'not_found');
    end if;
end $$;

-- Starts from which a visit of a length would not have all resources of the asker's, in a stretch
-- of time: asked once for a search. What holds that have run out take is free.
create function starts_without_resources(
    p_resources uuid[], p_around tstzrange, p_minutes int) returns tstzmultirange
    language plpgsql stable
as $$
declare
    length interval := make_interval(mins => p_minutes);
    whole tstzrange := tstzrange(lower(p_around), upper(p_around) + length);
    unknown text[] := unknown_resources(current_organisation(), p_resources);
begin
    if unknown <> '{}' then
        perform refuse('422', 'not_of_buyer', jsonb_build_object('unknown', unknown));
    end if;
    return (
        select coalesce(range_agg(tstzrange(lower(x.busy) - length, upper(x.busy), '()')), '{}')
        from unnest(p_resources) as r(id)
        cross join lateral (
            select unnest(resource_closed(r.id, whole)) as busy
            union all
            select t.during from resource_time t join booking b on b.id = t.booking
            where t.resource = r.id and t.live and t.during && whole
              and not (b.state = 'held' and b.hold_expires_at <= market_now())) x);
end $$;

grant execute on function own_resources(uuid[]), resource_closed(uuid, tstzrange),
    unknown_resources(uuid, uuid[], uuid[]), resource_figures(resource, timestamptz),
    resources_refusal(uuid[], tstzrange, uuid), overdue_in_resources(booking_request[]),
    resources_for(booking_request, tstzrange, uuid[], uuid), take_resources(uuid, uuid[]),
    expire_resource_holds(uuid[], tstzrange),
    starts_without_resources(uuid[], tstzrange, int) to aikatori_market;
grant execute on function booking_resources(uuid) to aikatori_app, aikatori_market;
call give_to_market('resources_follow()');
call give_to_market('choose_resources(uuid, uuid[])', 'aikatori_app');
call give_to_market('close_resource(uuid, uuid, tstzrange, text)', 'aikatori_app');
call give_to_market('reopen_resource(uuid, uuid)', 'aikatori_app');
insert into operation_role (operation, roles) values
    ('listResources', array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']),
    ('getResource', array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']),
    ('getResourceCalendar',
        array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']),
    ('addResource', array['admin', 'scheduler']), ('updateResource', array['admin', 'scheduler']),
    ('closeResource', array['scheduler']), ('reopenResource', array['scheduler']),
    ('chooseResources', array['scheduler']);
