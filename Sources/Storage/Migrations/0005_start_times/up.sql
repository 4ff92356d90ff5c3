-- Free time: the projection of start times kept true, and the search that reads it.

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

-- Free time under the asker's contracts, with the price of the length asked for; earliest first.
-- Called after enter(); nobody sees time without a contract. In PL/pgSQL because its plan is kept:
-- planning this takes longer than running it. What a start depends on is asked as values, which
-- the planner cannot turn into joins: so start_time_open is walked in the order of what is shown,
-- and no further than the limit.
create function find_times(
    p_service text, p_specialty text, p_language text, p_seller uuid, p_specialist uuid,
    p_from timestamptz, p_until timestamptz, p_minutes int,
    p_after_starts timestamptz, p_after_specialist uuid, p_after_contract uuid,
    p_after_service text, p_limit int
) returns table (
    starts timestamptz, free_until timestamptz, specialist uuid, specialist_label text,
    languages text[], seller uuid, seller_name text, contract uuid, version int, service text,
    amount bigint)
    language plpgsql stable
    set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
    return query
    select t.starts, t.free_until, t.specialist, p.label, p.languages, t.organisation, o.name,
        c.id, v.number, s.service, case when s.one_price then price.amount
            else quote_at(c.id, v.number, s.service, t.starts, p_minutes) end
    from (select market_now() as now) clock
    cross join contract c
    join contract_version v on v.contract = c.id and v.signed_at <= clock.now
    join contract_service s on s.contract = c.id and s.number = v.number
        and p_minutes between s.minimum_minutes and s.maximum_minutes
        and (p_minutes - s.minimum_minutes) % s.step_minutes = 0
    join price on price.contract = c.id and price.number = v.number
        and price.service = s.service and price.minutes = p_minutes
    join organisation o on o.id = c.seller
    cross join lateral (
        select st.starts, st.free_until, st.specialist, st.organisation from start_time st
        where st.specialty = s.specialty and st.organisation = c.seller and st.open
          and st.starts >= greatest(p_from, lower(v.effective), p_after_starts,
              clock.now + make_interval(mins => v.minimum_notice_minutes))
          and st.starts < least(p_until, upper(v.effective), c.ends_at)
          and st.starts <= clock.now + make_interval(hours => 24 * v.horizon_days)
          and st.free_until >= st.starts + make_interval(mins => p_minutes)
          and (p_specialist is null or st.specialist = p_specialist)
          and (p_after_starts is null
              or (st.starts, st.specialist, c.id, s.service)
                  > (p_after_starts, p_after_specialist, p_after_contract, p_after_service))
          and (select x.active and (p_language is null or p_language = any (x.languages))
              from specialist x where x.id = st.specialist)
          and (select w.open and p_minutes between w.shortest_minutes and w.longest_minutes
                  and (w.services is null or s.service = any (w.services))
                  and (w.contracts is null or c.id = any (w.contracts))
              from availability_window w where w.id = st.availability_window)
          and (select true from licence l where l.specialist = st.specialist
              and l.valid @> (st.starts at time zone v.time_zone)::date limit 1)
        order by st.starts, st.specialist
        limit p_limit
    ) t
    join specialist p on p.id = t.specialist
    where c.buyer = current_organisation() and c.state = 'active'
      and (p_service is null or s.service = p_service)
      and (p_specialty is null or s.specialty = p_specialty)
      and (p_seller is null or c.seller = p_seller)
    order by t.starts, t.specialist, c.id, s.service
    limit p_limit;
end $$;

grant execute on function cut_start_times(uuid, tstzrange), join_start_times(uuid, tstzrange)
    to aikatori_market;
call give_to_market(
    'find_times(text, text, text, uuid, uuid, timestamptz, timestamptz, int, timestamptz, uuid,
        uuid, text, int)', 'aikatori_app');
