-- Free time: the projection of start times kept true, and the search that reads it.

-- Whoever takes time of a specialist, gives it back, puts it on sale or takes it off has the start
-- times to itself until it is through: what is free is worked out from reservations and windows,
-- and those of somebody who is not through yet are not seen. A statement of its own, before those
-- that look; where several specialists are locked, in their order.
create function own_start_times(p_specialist uuid) returns void
    language sql
as $$
    select pg_advisory_xact_lock(hashtextextended('start times ' || p_specialist, 0))
$$;
grant execute on function own_start_times(uuid) to aikatori_app, aikatori_market;

-- Taken: starts before it in the same free run end earlier; starts inside it close, and those after
-- it that no longer have their buffer. A window has up to 24 hours by the wall clock, and one more
-- on the day on which daylight saving ends; a buffer has up to four.
create function cut_start_times(p_specialist uuid, p_occupied tstzrange) returns void
    language sql
as $$
    update start_time
    set open = open and starts < lower(p_occupied),
        free_until = least(free_until, lower(p_occupied) - buffer_after)
    where specialist = p_specialist
      and starts < upper(p_occupied) + interval '4 hours'
      and starts - buffer_before < upper(p_occupied)
      and starts > lower(p_occupied) - interval '2 days'
      and free_until + buffer_after > lower(p_occupied)
      and open
$$;

-- Freed: the starts of the run that it joins open until the next reservation or the window's end,
-- but for those at its beginning that have no room for their buffer.
-- What was freed may reach out of a window that was published over it later.
create function join_start_times(p_specialist uuid, p_occupied tstzrange) returns void
    language sql
as $$
    with neighbours as (
        select w.id as availability_window, w.open,
            greatest(lower(w.during), (select max(upper(r.occupied)) from reservation r
                where r.specialist = p_specialist and r.live
                  and r.occupied && tstzrange(lower(w.during),
                      greatest(lower(w.during), lower(p_occupied))))) as run_start,
            least(upper(w.during), (select min(lower(r.occupied)) from reservation r
                where r.specialist = p_specialist and r.live
                  and r.occupied && tstzrange(least(upper(p_occupied), upper(w.during)),
                      upper(w.during)))) as run_end
        from availability_window w
        where w.specialist = p_specialist and w.during && p_occupied and w.open
    )
    update start_time s
    set open = true, free_until = n.run_end - s.buffer_after
    from neighbours n
    where s.specialist = p_specialist
      and s.availability_window = n.availability_window
      and s.starts >= n.run_start and s.starts < n.run_end
      and s.starts - s.buffer_before >= n.run_start
$$;

-- What the clock on the wall shows, in minutes since midnight.
create function minute_of_day(p_instant timestamptz, p_zone text) returns int
    language sql stable
as $$
    select extract(hour from x.local)::int * 60 + extract(minute from x.local)::int
    from (select p_instant at time zone p_zone as local) x
$$;

-- When specialists are sold for as much as their limits allow, so that a visit of a length does not
-- start then: whole days, and whole weeks.
create function full_days(p_specialists uuid[], p_around tstzrange, p_minutes int)
    returns table (specialist uuid, during tstzrange)
    language plpgsql stable
as $$
#variable_conflict use_column
begin
    return query
    with day as (
        select s.id, s.daily_minutes, s.weekly_minutes, u.time_zone,
            (lower(x.planned) at time zone u.time_zone)::date as date,
            sum(planned_minutes(x.planned)) as minutes
        from sold_stretches(p_specialists, tstzrange(lower(p_around) - interval '8 days',
            upper(p_around) + interval '8 days')) x
        join specialist s on s.id = x.specialist join unit u on u.id = s.unit
        group by s.id, u.time_zone, date
    )
    select d.id, local_days(d.date, 1, d.time_zone) from day d
    where d.minutes + p_minutes > d.daily_minutes
    union all
    select d.id, local_days(date_trunc('week', d.date)::date, 7, d.time_zone) from day d
    group by d.id, d.weekly_minutes, d.time_zone, date_trunc('week', d.date)
    having sum(d.minutes) + p_minutes > d.weekly_minutes;
end $$;

-- The billing periods in which a visit of that price and length has no room within what its
-- contract gives a period; null when there are none.
create function full_periods(
    p_contract uuid, p_zone text, p_ceiling bigint, p_quota_visits int, p_quota_minutes int,
    p_price bigint, p_minutes int) returns tstzmultirange
    language sql stable
as $$
    select range_agg(tstzrange((c.period || '-01')::timestamp at time zone p_zone,
        ((c.period || '-01')::timestamp + interval '1 month') at time zone p_zone))
    from budget_counter c
    where c.contract = p_contract
      and (c.reserved + c.used + p_price > p_ceiling or c.visits + 1 > p_quota_visits
          or c.minutes + p_minutes > p_quota_minutes)
$$;

-- All of two lots of time; null where there is neither.
create function joined(p_one tstzmultirange, p_other tstzmultirange) returns tstzmultirange
    language sql immutable
as $$
    select case when p_other is null then p_one else coalesce(p_one, '{}') + p_other end
$$;

-- Whether a visit whose price changes with the hour is within what is left of its period's budget.
create function is_within_budget(
    p_contract uuid, p_number int, p_service text, p_starts timestamptz, p_minutes int,
    p_zone text, p_ceiling bigint) returns boolean
    language sql stable
as $$
    select quote_at(p_contract, p_number, p_service, p_starts, p_minutes) <= p_ceiling
        - coalesce((select c.reserved + c.used from budget_counter c
            where c.contract = p_contract and c.period = billing_period(p_starts, p_zone)), 0)
$$;

-- Free starts of one seller's specialty for one service of a contract, in the order in which they
-- are shown. Who may be found is asked once and not of each start: the specialists with a licence
-- for all of the days are sure, the others are asked day by day; the days on which one is sold for
-- as much as may be are found once. The contract's full periods come with the question, together
-- with when the asker's own rooms and staff are not free (0026_resources), and a ceiling only where
-- each start has its own price. What windows say stands in the start itself. So start_time_open is
-- walked in its order, and no further than the limit; the conditions on the specialist are such
-- that no other index can answer them.
create function free_starts(
    p_contract uuid, p_service text, p_seller uuid, p_specialty text, p_zone text,
    p_earliest timestamptz, p_before timestamptz, p_minutes int, p_language text,
    p_specialist uuid, p_profession text, p_present boolean, p_weekdays int[],
    p_from_minute int, p_until_minute int, p_after_starts timestamptz,
    p_after_specialist uuid, p_after_contract uuid, p_after_service text, p_limit int,
    p_full tstzmultirange, p_number int, p_ceiling bigint
) returns table (starts timestamptz, free_until timestamptz, specialist uuid)
    language plpgsql stable
    set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
    length interval := make_interval(mins => p_minutes);
    able uuid[];
    doubtful uuid[];
    limited uuid[];
    sold_out uuid[];
    sold_out_during tstzrange[];
begin
    if p_earliest >= p_before then
        return;
    end if;
    select array_agg(x.id), coalesce(array_agg(x.id) filter (where not x.is_licensed), '{}'),
            array_agg(x.id) filter (where x.is_limited)
        into able, doubtful, limited
    from (
        select p.id, p.daily_minutes is not null or p.weekly_minutes is not null as is_limited,
            exists (select from licence l where l.specialist = p.id
            and l.valid @> daterange((p_earliest at time zone p_zone)::date,
                (p_before at time zone p_zone)::date, '[]')) as is_licensed
        from specialist p
        where p.organisation = p_seller and p.specialty = p_specialty and p.active
          and (p_specialist is null or p.id = p_specialist)
          and (p_language is null or p_language = any (p.languages))
          and (p_profession is null or p.profession = p_profession)
          and coalesce(p_minutes <= least(p.daily_minutes, p.weekly_minutes), true)
          and (not p_present or exists (select from present_specialist y
              where y.specialist = p.id and y.until > market_now()
                and (y.services is null or p_service = any (y.services))))
    ) x;
    if able is null then
        return;
    end if;
    sold_out := '{}';
    if limited is not null then
        select coalesce(array_agg(d.specialist), '{}'), array_agg(d.during)
            into sold_out, sold_out_during
        from full_days(limited, tstzrange(p_earliest, p_before), p_minutes) d;
    end if;
    return query
    select st.starts, st.free_until, st.specialist from start_time st
    where st.organisation = p_seller and st.specialty = p_specialty and st.open
      and st.starts >= p_earliest and st.starts < p_before
      and st.free_until >= st.starts + length
      and (st.specialist = any (able)) is true
      and p_minutes between st.shortest_minutes and st.longest_minutes
      and (st.services is null or p_service = any (st.services))
      and (st.contracts is null or p_contract = any (st.contracts))
      and (p_after_starts is null
          or (st.starts, st.specialist, p_contract, p_service)
              > (p_after_starts, p_after_specialist, p_after_contract, p_after_service))
      and (p_weekdays is null
          or extract(isodow from st.starts at time zone p_zone)::int = any (p_weekdays))
      and (p_from_minute is null
          or minute_of_day(st.starts, p_zone) between p_from_minute
              and p_until_minute - p_minutes)
      and ((st.specialist <> all (doubtful)) is true or (select true from licence l
          where l.specialist = st.specialist
            and l.valid @> (st.starts at time zone p_zone)::date limit 1))
      and (p_full is null or not st.starts <@ p_full)
      and ((st.specialist <> all (sold_out)) is true
          or not exists (select from unnest(sold_out, sold_out_during) x(specialist, during)
              where x.specialist = st.specialist and x.during @> st.starts))
      and (p_ceiling is null or is_within_budget(p_contract, p_number, p_service, st.starts,
          p_minutes, p_zone, p_ceiling))
    order by st.starts, st.specialist
    limit p_limit;
end $$;

-- Free time under the asker's contracts, with the price of the length asked for; earliest first.
-- Called after enter(); nobody sees time without a contract. In PL/pgSQL because its plan is kept:
-- planning this takes longer than running it. Days and hours are those on the wall of the
-- contract's zone; the whole visit lies within the hours.
create function find_times(
    p_service text, p_specialty text, p_language text, p_seller uuid, p_specialist uuid,
    p_from timestamptz, p_until timestamptz, p_minutes int,
    p_after_starts timestamptz, p_after_specialist uuid, p_after_contract uuid,
    p_after_service text, p_limit int, p_contract uuid default null,
    p_profession text default null, p_weekdays int[] default null,
    p_from_minute int default null, p_until_minute int default null,
    p_present boolean default false, p_resources uuid[] default null
) returns table (
    starts timestamptz, free_until timestamptz, specialist uuid, specialist_label text,
    languages text[], seller uuid, seller_name text, contract uuid, version int, service text,
    amount bigint)
    language plpgsql stable
    set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
    now timestamptz := market_now();
    without tstzmultirange;
begin
    if p_resources is not null then
        without := starts_without_resources(p_resources, tstzrange(p_from, p_until), p_minutes);
    end if;
    return query
    select t.starts, t.free_until, t.specialist, p.label, p.languages, c.seller, o.name,
        c.id, v.number, s.service, case when s.one_price then price.amount
            else quote_at(c.id, v.number, s.service, t.starts, p_minutes) end
    from contract c
    join contract_version v on v.contract = c.id and v.signed_at <= now
    -- places in sessions are found among those that are open
    join contract_service s on s.contract = c.id and s.number = v.number and s.capacity is null
        and p_minutes between s.minimum_minutes and s.maximum_minutes
        and (p_minutes - s.minimum_minutes) % s.step_minutes = 0
    join price on price.contract = c.id and price.number = v.number
        and price.service = s.service and price.minutes = p_minutes
    join organisation o on o.id = c.seller
    cross join lateral free_starts(c.id, s.service, c.seller, s.specialty, v.time_zone,
        greatest(p_from, lower(v.effective), p_after_starts,
            now + make_interval(mins => v.minimum_notice_minutes)),
        -- at the horizon itself it can be booked
        least(p_until, upper(v.effective), c.ends_at,
            now + make_interval(hours => 24 * v.horizon_days, secs => 0.000001)),
        p_minutes, p_language, p_specialist, p_profession, p_present, p_weekdays,
        p_from_minute, p_until_minute, p_after_starts, p_after_specialist, p_after_contract,
        p_after_service, p_limit,
        joined(full_periods(c.id, v.time_zone, v.budget_ceiling, v.quota_visits, v.quota_minutes,
            case when s.one_price then price.amount else 0 end, p_minutes), without),
        v.number, case when not s.one_price then v.budget_ceiling end) t
    join specialist p on p.id = t.specialist
    where c.buyer = current_organisation() and c.state = 'active'
      and (p_service is null or s.service = p_service)
      and (p_specialty is null or s.specialty = p_specialty)
      and (p_seller is null or c.seller = p_seller)
      and (p_contract is null or c.id = p_contract)
      and coalesce(not s.one_price or price.amount <= v.budget_ceiling, true)
      and coalesce(p_minutes <= v.quota_minutes, true)
    order by t.starts, t.specialist, c.id, s.service
    limit p_limit;
end $$;

-- Sessions in which places are left under the asker's contracts, with the price of the whole, by
-- start, session and contract. So many places are wanted; none finds also those that are full. What
-- it finds can be booked at that moment, as place_in_session decides (0029_groups).
create function find_sessions(
    p_service text, p_specialty text, p_language text, p_seller uuid, p_specialist uuid,
    p_from timestamptz, p_until timestamptz, p_places int, p_after_starts timestamptz,
    p_after_session uuid, p_after_contract uuid, p_limit int, p_contract uuid default null,
    p_profession text default null, p_weekdays int[] default null,
    p_from_minute int default null, p_until_minute int default null,
    p_minutes int default null, p_session uuid default null
) returns table (
    session uuid, starts timestamptz, ends timestamptz, book_until timestamptz, places int,
    taken int, own int, specialist uuid, specialist_label text, languages text[], seller uuid,
    seller_name text, contract uuid, version int, service text, amount bigint)
    language plpgsql stable
as $$
#variable_conflict use_column
declare
    now timestamptz := market_now();
begin
    return query
    select g.id, g.starts, upper(g.during), g.book_until, g.places, t.taken, t.own, g.specialist,
        p.label, p.languages, c.seller, o.name, c.id, v.number, g.service, q.amount
    from contract c
    cross join lateral (
        select x.*, lower(x.during) as starts, planned_minutes(x.during) as minutes, k.number
        from group_session x cross join lateral session_contracts(x) k
        where x.seller = c.seller and x.state = 'open' and now < x.book_until
          and lower(x.during) >= p_from and lower(x.during) < p_until and k.contract = c.id) g
    join contract_version v on v.contract = c.id and v.number = g.number
    join specialist p on p.id = g.specialist and p.active
    join organisation o on o.id = c.seller
    cross join lateral (select billing_period(g.starts, v.time_zone) as key,
        minute_of_day(g.starts, v.time_zone) as minute,
        extract(isodow from g.starts at time zone v.time_zone)::int as weekday,
        (g.starts at time zone v.time_zone)::date as date) d
    cross join lateral (
        select count(*)::int as taken, count(*) filter (where b.buyer = c.buyer)::int as own,
            coalesce(max(b.quote) filter (where b.contract = c.id and b.period = d.key), 0)
                as reserved
        from booking b
        where b.group_session = g.id and b.state in ('held', 'booked', 'closed')
          and not (b.state = 'held' and b.hold_expires_at <= now)) t
    cross join lateral (
        select quote_at(c.id, v.number, g.service, g.starts, g.minutes) as amount) q
    left join budget_counter n on n.contract = c.id and n.period = d.key
    where c.buyer = current_organisation() and c.state = 'active'
      and coalesce(c.ends_at > g.starts, true)
      and g.starts >= now + make_interval(mins => v.minimum_notice_minutes)
      and g.starts <= now + make_interval(hours => 24 * v.horizon_days)
      and g.places - t.taken >= p_places
      and exists (select from licence l where l.specialist = p.id and l.valid @> d.date)
      and coalesce(coalesce(n.reserved + n.used, 0) + greatest(0, q.amount - t.reserved)
          <= v.budget_ceiling, true)
      and coalesce(coalesce(n.visits, 0) + greatest(p_places, 1) <= v.quota_visits, true)
      and coalesce(coalesce(n.minutes, 0) + greatest(p_places, 1) * g.minutes
          <= v.quota_minutes, true)
      and (p_session is null or g.id = p_session)
      and (p_contract is null or c.id = p_contract)
      and (p_seller is null or c.seller = p_seller)
      and (p_service is null or g.service = p_service)
      and (p_specialty is null or p.specialty = p_specialty)
      and (p_profession is null or p.profession = p_profession)
      and (p_specialist is null or p.id = p_specialist)
      and (p_language is null or p_language = any (p.languages))
      and (p_minutes is null or g.minutes = p_minutes)
      and (p_weekdays is null or d.weekday = any (p_weekdays))
      and (p_from_minute is null
          or d.minute >= p_from_minute and d.minute + g.minutes <= p_until_minute)
      and (p_after_starts is null or (g.starts, g.id, c.id)
          > (p_after_starts, p_after_session, p_after_contract))
    order by g.starts, g.id, c.id
    limit p_limit;
end $$;

grant execute on function cut_start_times(uuid, tstzrange), join_start_times(uuid, tstzrange)
    to aikatori_market;
grant execute on function minute_of_day(timestamptz, text),
    full_days(uuid[], tstzrange, int),
    full_periods(uuid, text, bigint, int, int, bigint, int),
    joined(tstzmultirange, tstzmultirange),
    is_within_budget(uuid, int, text, timestamptz, int, text, bigint),
    free_starts(uuid, text, uuid, text, text, timestamptz, timestamptz, int, text, uuid, text,
        boolean, int[], int, int, timestamptz, uuid, uuid, text, int, tstzmultirange, int, bigint)
        to aikatori_market;
call give_to_market(
    'find_times(text, text, text, uuid, uuid, timestamptz, timestamptz, int, timestamptz, uuid,
        uuid, text, int, uuid, text, int[], int, int, boolean, uuid[])', 'aikatori_app');
call give_to_market(
    'find_sessions(text, text, text, uuid, uuid, timestamptz, timestamptz, int, timestamptz,
        uuid, uuid, int, uuid, text, int[], int, int, int, uuid)', 'aikatori_app');
