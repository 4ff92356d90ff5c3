-- How a block ends: what of it no visit pays, the end of placing, and the charge when it is over.

-- What of a visit before and beyond its planned time is paid (0032_minutes).
create function paid_beyond_plan(p_booking uuid) returns tstzmultirange
    language sql stable
as $$ select '{}'::tstzmultirange $$;

-- What of a block is paid by no visit: a visit that was held or is to be, one that was cancelled
-- for a fee, or one that its buyer did not cancel, uses its time. Of a block that is on sale, so
-- does what somebody else has or pays of it.
create function unused_of_block(p_block uuid) returns table (starts timestamptz, ends timestamptz)
    language sql stable
as $$
    with k as (
        select * from block x
        where x.id = p_block and current_organisation() in (x.seller, x.buyer)
    ), used as (
        select b.planned as during from k join booking b on b.block = k.id
        where b.state in ('booked', 'closed') or b.state = 'cancelled'
            and (b.cancellation_fee > 0 or b.cancelled_by is distinct from b.buyer)
        union all
        select unnest(paid_beyond_plan(b.id)) from k join booking b on b.block = k.id
        where b.state in ('booked', 'closed')
        union all
        select b.planned from k
        join reservation r on r.specialist = k.specialist and r.live and r.occupied && k.during
        join booking b on b.reservation = r.id and b.state in ('booked', 'closed')
        where k.on_sale
        union all
        select b.planned from k join booking b on b.specialist = k.specialist
            and b.state = 'cancelled' and b.cancellation_fee > 0 and b.cancelled_by = b.buyer
            -- what was cancelled before the block was made has nothing to do with it
            and b.created_at > k.created_at and b.planned && k.during
        where k.on_sale
        union all
        -- what its seller does not offer any more cannot be sold to somebody else
        select unnest(tstzmultirange(k.during) - coalesce((
            select range_agg(w.during) from availability_window w
            where w.specialist = k.specialist and w.open and w.during && k.during), '{}'))
        from k where k.on_sale
        union all
        select o.during from k join block o on o.specialist = k.specialist and o.id <> k.id
        -- of two, the later one pays for itself
        where k.on_sale and o.state <> 'withdrawn' and o.during && k.during
          and o.created_at > k.created_at
    )
    select lower(x.rest), upper(x.rest) from (
        select unnest(tstzmultirange(k.during)
            - coalesce((select range_agg(u.during) from used u), '{}')) as rest
        from k) x
    order by 1
$$;

-- Ends placing: given back by the buyer, withdrawn by the seller, or closed when the time has come.
-- Where nothing could be placed (its contract opened no booking, its version sells the service no
-- more, its specialist has left) nothing is owed for it. Returns the block as it is then.
create function end_placing(p_block uuid, p_state text) returns block
    language plpgsql
as $$
declare
    k block := lock_block(p_block);
    is_free boolean := p_state = 'withdrawn';
    now timestamptz := market_now();
begin
    if (current_organisation() is distinct from
        (case p_state when 'given_back' then k.buyer else k.seller end))
    then
        perform refuse('403', 'not_your_side');
    end if;
    if p_state = 'closed' then
        if k.state <> 'open' or now < k.place_until then
            return k;
        end if;
    elsif p_state = 'given_back' and (k.state <> 'open' or now >= k.place_until) then
        perform refuse('409', 'placing_closed', contract_end_figures(k.place_until));
    elsif p_state = 'withdrawn' and (k.state = 'withdrawn' or lower(k.during) <= now) then
        perform refuse('409', 'illegal_transition', jsonb_build_object('from', k.state));
    elsif p_state = 'withdrawn' and exists (select from booking b
        where b.block = k.id and b.state in ('booked', 'closed'))
    then
        perform refuse('409', 'block_in_use');
    end if;
    if p_state <> 'withdrawn' then -- the buyer's own suspension is its own affair
        is_free := not exists (select from contract c
            join contract_version v on v.contract = c.id and v.effective @> lower(k.during)
            join contract_service s
                on s.contract = c.id and s.number = v.number and s.service = k.service
            join specialist p on p.id = k.specialist and p.active
            where c.id = k.contract
              and (c.state = 'active' or c.state = 'suspended' and c.suspended_by = k.buyer)
              and coalesce(c.ends_at > lower(k.during), true));
    end if;
    update block x set state = case when is_free then 'withdrawn' else p_state end,
        on_sale = x.on_sale or is_free or p_state = 'given_back' or x.reoffer,
        revision = x.revision + 1
    where x.id = k.id returning * into k;
    if k.on_sale then
        perform shrink_block(k.id);
    end if;
    return k;
end $$;

-- A block that is over waits a day for the minutes of its visits, an hour at a time: what one ran
-- over is not unused.
create function waits_for_minutes(p_block uuid) returns boolean
    language plpgsql
as $$
declare
    k block := lock_block(p_block);
begin
    if (market_now() >= upper(k.during) + interval '24 hours'
        or not exists (select from booking b
            where b.block = k.id and b.state = 'booked' and not exists (
                select from visit_minutes m where m.booking = b.id)))
    then
        return false;
    end if;
    insert into deadline (due_at, kind, subject, organisation, counterparty)
    values (market_now() + interval '1 hour', 'block_ends', k.id, k.seller, k.buyer);
    return true;
end $$;

-- Once it is over: its charge, where there is one, is written before.
create function settle_block(p_block uuid) returns bigint
    language plpgsql
as $$
declare
    k block := lock_block(p_block);
begin
    if upper(k.during) > market_now() then
        perform refuse('409', 'visit_not_over');
    end if;
    update block x set settled_at = market_now(), revision = x.revision + 1
        where x.id = k.id returning * into k;
    return k.revision;
end $$;

-- Only a block that is over, is not free, has unused time and is not settled yet is charged for, by
-- its own terms.
create function charge_of_block() returns trigger
    language plpgsql
as $$
declare
    k block;
begin
    select * into strict k from block x where x.id = new.block;
    if (k.contract, k.version, k.service, k.period)
        is distinct from (new.contract, new.version, new.service, new.period)
    then
        perform refuse('500', 'charge_of_another_block');
    end if;
    if k.state in ('open', 'withdrawn') or k.settled_at is not null
        or upper(k.during) > market_now() or new.billed_seconds <> 0 or new.billable_seconds <> 0
        or not exists (select from unused_of_block(k.id))
    then
        perform refuse('500', 'block_not_chargeable');
    end if;
    return new;
end $$;
create trigger of_block before insert on charge
    for each row when (new.block is not null) execute function charge_of_block();

grant execute on function charge_of_block() to aikatori_app, aikatori_market;
grant execute on function paid_beyond_plan(uuid) to aikatori_app, aikatori_market;
call give_to_market('unused_of_block(uuid)', 'aikatori_app');
call give_to_market('waits_for_minutes(uuid)', 'aikatori_app');
call give_to_market('end_placing(uuid, text)', 'aikatori_app');
call give_to_market('settle_block(uuid)', 'aikatori_app');
