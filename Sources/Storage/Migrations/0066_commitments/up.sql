-- What is missing of a commitment: one charge for each period that is over, and what is given back
-- of it when minutes of the period are charged later.

-- Such a charge is of a contract and its period, not of a booking or a block.
do $$
declare
    old name;
begin
    for old in
        select conname from pg_constraint
        where conrelid = 'charge'::regclass and contype = 'c'
          and (pg_get_constraintdef(oid) like '%num_nonnulls%'
            or pg_get_constraintdef(oid) like '%unused_block%'
            or pg_get_constraintdef(oid) like '%seller%%')
    loop
        execute format('alter table charge drop constraint %I', old);
    end loop;
end $$;
alter table charge
    add constraint charge_of_one_thing check (
        num_nonnulls(booking, block)
            = case when cause in ('shortfall', 'shortfall_returned') then 0 else 1 end
        and (cause = 'unused_block') = (block is not null)),
    add constraint charge_has_known_cause check (cause in (
        'visit', 'no_show', 'late_cancellation', 'seller_cancellation', 'seller_no_show',
        'unused_block', 'shortfall', 'shortfall_returned')),
    -- what the seller owes is negative
    add constraint charge_owed_by check (case
        when cause like 'seller%' or cause = 'shortfall_returned' then net <= 0
        else net >= 0 end);
-- never two of a period
create unique index charge_of_commitment on charge (contract, period)
    where cause = 'shortfall' and replaces is null;

-- What of a period counts as taken of a commitment by the charges of an instant: the billed time of
-- visits that stand, all places of a group session as one; and the planned time of visits that the
-- seller cancelled or did not come to.
create function taken_seconds(
    p_contract uuid, p_period text, p_at timestamptz, out billed bigint, out of_seller bigint
)
    language sql stable
as $$
    select (select coalesce(sum(x.seconds), 0)::bigint from (
            select max(c.billed_seconds) as seconds
            from charge c left join booking b on b.id = c.booking
            where c.contract = p_contract and c.period = p_period and c.recorded_at <= p_at
              and not exists (select from charge r
                where r.replaces = c.id and r.recorded_at <= p_at)
            group by coalesce(b.group_session, c.id)) x),
        (select coalesce(sum(x.seconds), 0)::bigint from (
            select max(60 * planned_minutes(b.planned)) as seconds
            from booking b
            where b.contract = p_contract and b.period = p_period
              and (b.state = 'cancelled' and b.cancelled_by = b.seller
                or exists (select from charge c where c.booking = b.id
                    and c.cause = 'seller_no_show' and c.recorded_at <= p_at))
            group by coalesce(b.group_session, b.id)) x)
$$;

-- The commitment of a period, as signed versions say it at an instant: that of the version that
-- rules the first day of the period on which one does, and on how many of its days one does. A
-- day is ruled by the newest version that has begun, from the day on which the first was signed
-- until the contract ends.
create function commitment_of(
    p_contract uuid, p_period text, p_at timestamptz, out version int, out minutes bigint,
    out price numeric, out rounding text, out days int, out days_of_period int,
    out ends timestamptz
) returns setof record
    language sql stable
as $$
    with signed as materialized (
        select v.number, v.time_zone, v.rounding, v.signed_at,
            (d.document #>> '{validity,first_day}')::date as first_day,
            (d.document #>> '{validity,last_day}')::date as last_day,
            d.document -> 'commitment' as commitment
        from contract_version v cross join lateral (
            select convert_from(v.document, 'UTF8')::jsonb as document offset 0) d
        where v.contract = p_contract and v.signed_at <= p_at
    ), month as (
        select m.first, (m.first + interval '1 month')::date as next
        from (select (p_period || '-01')::date as first) m
    ), ruled as (
        select d.day::date, s.*
        from month m
            cross join generate_series(
                m.first::timestamp, m.next - interval '1 day', interval '1 day') d (day)
            cross join lateral (
                select * from signed x where x.first_day <= d.day
                order by x.number desc limit 1) s
            join contract c on c.id = p_contract
        where d.day <= s.last_day
          and d.day >= (select min(x.signed_at at time zone x.time_zone)::date from signed x)
          and (c.ends_at is null or d.day at time zone s.time_zone < c.ends_at)
    )
    select r.number, (r.commitment ->> 'minutes_per_period')::bigint,
        (r.commitment ->> 'price_per_minute')::numeric, r.rounding,
        (select count(*) from ruled)::int, m.next - m.first,
        m.next::timestamp at time zone r.time_zone
    from (select * from ruled order by day limit 1) r cross join month m
    where r.commitment is not null
$$;

-- What is missing costs, in cents: the minutes of the days that are ruled, in whole minutes, less
-- what was taken (Sources/Contracts/Rating/Shortfall.swift).
create function shortfall_cents(
    minutes bigint, price numeric, rounding text, days int, days_of_period int, taken bigint
) returns bigint
    language sql immutable
as $$
    select in_cents(
        greatest(0, 60 * div(minutes::numeric * days, days_of_period) - taken) * price * 10000,
        6000, rounding)
$$;

-- Of the periods of a contract that are over, through one: those of which nothing is charged
-- (`charged` is null), and those of which more is taken by now than when that was done, so that
-- less is missing than stands.
create function commitment_to_settle(p_contract uuid, p_through text) returns table (
    period text, version int, days int, days_of_period int, billed bigint, of_seller bigint,
    charged bigint)
    language sql stable
as $$
    select m.period, c.version, c.days, c.days_of_period, t.billed, t.of_seller, s.charged
    from (select to_char(generate_series(
                date_trunc('month', min(lower(v.effective) at time zone v.time_zone)),
                (p_through || '-01')::timestamp, interval '1 month'), 'YYYY-MM') as period
            from contract_version v
            where v.contract = p_contract and v.signed_at is not null
            having bool_or(convert_from(v.document, 'UTF8')::jsonb ? 'commitment')) m
        left join charge f on (f.contract, f.period, f.cause) = (p_contract, m.period, 'shortfall')
            and f.replaces is null
        cross join lateral commitment_of(
            p_contract, m.period, coalesce(f.recorded_at, market_now())) c
        cross join lateral taken_seconds(p_contract, m.period, market_now()) t
        cross join lateral (
            select sum(x.net) filter (where not exists (
                    select from charge r where r.replaces = x.id))::bigint as charged,
                max(x.seconds_before) as taken
            from charge x where x.contract = p_contract and x.period = m.period
              and x.cause in ('shortfall', 'shortfall_returned')) s
    where c.ends <= market_now()
      and (f.id is null or t.billed + t.of_seller > s.taken and s.charged > shortfall_cents(
        c.minutes, c.price, c.rounding, c.days, c.days_of_period, t.billed + t.of_seller))
    order by m.period
$$;
grant execute on function taken_seconds(uuid, text, timestamptz),
    commitment_of(uuid, text, timestamptz), commitment_to_settle(uuid, text),
    shortfall_cents(bigint, numeric, text, int, int, bigint)
    to aikatori_app, aikatori_market, aikatori_reader;

-- The same for the seller that settles it, when the counters of those periods are locked: who
-- charges a visit of them waits. Statements of the contract are claimed before.
create function commitments_due(p_contract uuid, p_through text) returns table (
    buyer uuid, period text, version int, days int, days_of_period int, billed bigint,
    of_seller bigint, charged bigint)
    language plpgsql
as $$
#variable_conflict use_column
begin
    insert into budget_counter (contract, period, seller, buyer)
        select c.id, d.period, c.seller, c.buyer
        from contract c cross join lateral commitment_to_settle(c.id, p_through) d
        where c.id = p_contract and c.seller = current_organisation()
        order by d.period
        on conflict do nothing;
    perform from budget_counter b
        where b.contract = p_contract and b.seller = current_organisation()
          and b.period in (select d.period from commitment_to_settle(p_contract, p_through) d)
        order by b.contract, b.period for update;
    return query select c.buyer, d.*
        from contract c cross join lateral commitment_to_settle(c.id, p_through) d
        where c.id = p_contract and c.seller = current_organisation();
end $$;
call give_to_market('commitments_due(uuid, text)', 'aikatori_app');

-- The seller charges what is missing of a period, once, and gives back what is charged after all.
create function charge_of_commitment() returns trigger
    language plpgsql
as $$
declare
    made charge;
    due record;
    taken bigint;
    stands bigint := 0;
begin
    if current_organisation() is distinct from new.seller or not exists (select from contract c
        where (c.id, c.seller, c.buyer) = (new.contract, new.seller, new.buyer))
    then
        perform refuse('403', 'not_your_side');
    end if;
    -- of one commitment one after the other, and of visits of its period
    perform from budget_counter b where (b.contract, b.period) = (new.contract, new.period)
        for update;
    new.recorded_at := market_now();
    select * into made from charge c
        where (c.contract, c.period) = (new.contract, new.period) and c.cause = 'shortfall'
          and c.replaces is null;
    if (made.id is not null) is distinct from (new.cause = 'shortfall_returned') then
        perform refuse('409', 'commitment_settled');
    end if;
    select t.billed + t.of_seller into taken
        from taken_seconds(new.contract, new.period, new.recorded_at) t;
    select * into due
        from commitment_of(new.contract, new.period, coalesce(made.recorded_at, new.recorded_at));
    if new.cause = 'shortfall_returned' then
        select sum(c.net) into stands from charge c
            where (c.contract, c.period) = (new.contract, new.period)
              and c.cause in ('shortfall', 'shortfall_returned')
              and not exists (select from charge r where r.replaces = c.id);
    end if;
    if (new.version, new.service, new.billable_seconds, new.billed_seconds, new.seconds_before,
            new.served_on) is distinct from (due.version, 'commitment', 0, 0, taken,
            ((new.period || '-01')::date + interval '1 month' - interval '1 day')::date)
        or due.ends > new.recorded_at
        or new.net is distinct from shortfall_cents(due.minutes, due.price, due.rounding,
            due.days, due.days_of_period, taken) - stands
    then
        perform refuse('409', 'not_what_is_missing');
    end if;
    return new;
end $$;
create trigger of_commitment before insert on charge
    for each row when (new.booking is null and new.block is null and new.replaces is null)
    execute function charge_of_commitment();
-- it locks the counter, which no party writes
call give_to_market('charge_of_commitment()', 'aikatori_app');

insert into operation_role (operation, roles) values
    ('getCommitment',
        array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']);
