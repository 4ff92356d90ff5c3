-- The quote of a service that a version does not sell, or not at that length, is null, and not a
-- fault. PostgreSQL may join a search's tables in any order and ask for the quotes of pairs that it
-- then leaves out: a contract with another one's service. Searches failed at that, by the plan.
create or replace function quote_at(
    p_contract uuid, p_number int, p_service text, p_starts timestamptz, p_minutes int)
    returns bigint
    language plpgsql stable
as $$
declare
    v contract_version;
    s contract_service;
    p price;
    total bigint;
    share int;
begin
    select * into v from contract_version x
        where x.contract = p_contract and x.number = p_number;
    select * into s from contract_service x
        where x.contract = p_contract and x.number = p_number and x.service = p_service;
    select * into p from price x where x.contract = p_contract
        and x.number = p_number and x.service = p_service and x.minutes = p_minutes;
    if p.amount is null then
        return null;
    end if;
    if s.one_price then
        return p.amount;
    end if;
    -- each minute from the planned start is what the wall shows when it begins
    with minute as (
        select case when is_holiday(local::date) then 0
                else extract(isodow from local)::int end as day,
            extract(hour from local) * 60 + extract(minute from local) as at,
            least(60, p.billed_seconds - passed) as seconds
        from generate_series(0, p.billed_seconds - 1, 60) as passed
        cross join lateral (select (p_starts + make_interval(secs => passed))
            at time zone v.time_zone as local) clock
    ), added as (
        select x.per_minute, sum(m.seconds) as seconds
        from price_supplement x join minute m
            on m.day = any (x.days) and m.at >= x.from_minute and m.at < x.until_minute
        where x.contract = p_contract and x.number = p_number and x.service = p_service
        group by x.position, x.per_minute
    )
    select p.amount + coalesce(sum(in_cents(seconds * per_minute, 6000, v.rounding)), 0)
        into total from added;
    total := least(total, s.cap);
    for share in
        select x.basis_points from price_discount x
        where x.contract = p_contract and x.number = p_number and x.service = p_service
          and (p_starts at time zone v.time_zone)::date between coalesce(x.first_day, '-infinity')
              and coalesce(x.last_day, 'infinity')
        order by x.position
    loop
        total := total - in_cents(total::numeric * share, 10000, v.rounding);
    end loop;
    return total;
end $$;
