-- The one booking function: the decision for each request, and the locks around many.

-- The version, service and figures that decide one request, before any lock. A place in a block has
-- the block's own time to be booked in, and what is on demand none.
create function booking_terms(
    p_buyer uuid, p_contract uuid, p_service text, p_starts timestamptz, p_minutes int,
    p_now timestamptz, p_without_notice boolean default false,
    out seller uuid, out version int, out specialty text, out zone text, out period text,
    out quote bigint, out ceiling bigint, out quota_visits int, out quota_minutes int,
    out hold_minutes int, out required text[], out capacity int,
    out refusal text, out figures jsonb
)
    language plpgsql
as $$
declare
    c contract;
    v contract_version;
    s contract_service;
    earliest timestamptz;
    latest timestamptz;
begin
    figures := '{}';
    -- ending the contract waits for this booking, or is seen by it (invariant 33)
    select * into c from contract where id = p_contract and buyer = p_buyer for share;
    if not found then
        refusal := 'not_found';
        return;
    end if;
    seller := c.seller;
    if c.state = 'suspended' then
        refusal := 'contract_suspended';
        return;
    end if;
    if c.state <> 'active' then
        refusal := 'contract_not_active';
        figures := jsonb_build_object('state', c.state);
        return;
    end if;
    if c.ends_at <= p_starts then
        refusal := 'after_contract_end';
        figures := contract_end_figures(c.ends_at);
        return;
    end if;
    select * into v from contract_version x
    where x.contract = c.id and x.signed_at <= p_now and x.effective @> p_starts;
    if not found then
        refusal := 'no_version_for_start';
        return;
    end if;
    version := v.number;
    zone := v.time_zone;
    period := billing_period(p_starts, v.time_zone);
    ceiling := v.budget_ceiling;
    quota_visits := v.quota_visits;
    quota_minutes := v.quota_minutes;
    hold_minutes := v.hold_minutes;
    select * into s from contract_service x
    where x.contract = c.id and x.number = v.number and x.service = p_service;
    if not found then
        refusal := 'service_not_in_contract';
        return;
    end if;
    specialty := s.specialty;
    required := s.required;
    capacity := s.capacity;
    if p_minutes not between s.minimum_minutes and s.maximum_minutes
        or (p_minutes - s.minimum_minutes) % s.step_minutes <> 0
    then
        refusal := 'length_not_allowed';
        figures := jsonb_build_object('minimum_minutes', s.minimum_minutes,
            'maximum_minutes', s.maximum_minutes, 'step_minutes', s.step_minutes);
        return;
    end if;
    if s.one_price then
        select p.amount into strict quote from price p
        where p.contract = c.id and p.number = v.number and p.service = p_service
          and p.minutes = p_minutes;
    else
        quote := quote_at(c.id, v.number, p_service, p_starts, p_minutes);
    end if;
    if p_starts < p_now then
        refusal := 'start_in_the_past';
        return;
    end if;
    if p_without_notice then
        return;
    end if;
    earliest := p_now + make_interval(mins => v.minimum_notice_minutes);
    if p_starts < earliest then
        refusal := 'notice_too_short';
        figures := jsonb_build_object('minimum_notice_minutes', v.minimum_notice_minutes);
        return;
    end if;
    latest := p_now + make_interval(hours => 24 * v.horizon_days);
    if p_starts > latest then
        refusal := 'beyond_horizon';
        figures := jsonb_build_object('horizon_days', v.horizon_days);
    end if;
end $$;

-- What one request asks for, once read.
create type booking_request as (
    ordinal int, credential_digest bytea, operation text, idempotency_key text,
    body_digest bytea, booking uuid, reservation uuid, contract uuid, service text,
    specialist uuid, starts timestamptz, minutes int, hold boolean, patient_reference text,
    record_reference text, organisation uuid, period text, series uuid,
    authorisation_reference text, diary_reference text, buyer_unit uuid, on_behalf_of uuid,
    resources uuid[]);

-- Which fields of the hand-over that a service asks for the request lacks, as JSON Pointers.
create function hand_over_missing(r booking_request, p_required text[]) returns text[]
    language sql immutable
as $$
    select array(select '/' || x from unnest(p_required) x where (case x
        when 'patient_reference' then r.patient_reference
        when 'authorisation_reference' then r.authorisation_reference
        else r.diary_reference end) is null)
$$;

-- One request, its counter being locked: the decision, and when it is yes, the rows. A hold stands
-- as the contract says, or for `p_stands`; what is on demand needs neither grid nor notice.
create function book_one(r booking_request, p_now timestamptz, p_overdue uuid[],
    p_stands interval default null, p_on_demand boolean default false) returns jsonb
    language plpgsql
as $$
declare
    terms record;
    person specialist;
    place availability_window;
    planned tstzrange := tstzrange(r.starts, r.starts + make_interval(mins => r.minutes));
    needed tstzrange;
    missing text[];
    refusal jsonb;
    overdue uuid;
    expires timestamptz;
begin
    select * into terms from booking_terms(
        r.organisation, r.contract, r.service, r.starts, r.minutes, p_now, p_on_demand);
    if terms.refusal is not null then
        return jsonb_build_object('refusal', terms.refusal, 'figures', terms.figures);
    end if;
    if terms.capacity is not null then return '{"refusal": "only_in_sessions"}'; end if;
    if terms.required <> '{}' then
        missing := hand_over_missing(r, terms.required);
        if missing <> '{}' then
            return jsonb_build_object('refusal', 'hand_over_missing',
                'figures', jsonb_build_object('missing', missing));
        end if;
    end if;
    if r.buyer_unit is not null or r.on_behalf_of is not null then
        missing := not_of_buyer(r.organisation, r.buyer_unit, r.on_behalf_of);
        if missing <> '{}' then
            return jsonb_build_object('refusal', 'not_of_buyer',
                'figures', jsonb_build_object('unknown', missing));
        end if;
    end if;
    select * into person from specialist s
    where s.id = r.specialist and s.organisation = terms.seller;
    if not found or not person.active or person.specialty <> terms.specialty then
        return jsonb_build_object('refusal', 'specialist_not_offered');
    end if;
    if not exists (select from licence l where l.specialist = person.id
        and l.valid @> (r.starts at time zone terms.zone)::date)
    then
        return jsonb_build_object('refusal', 'licence_expired');
    end if;
    -- the lock keeps a withdrawal of the window from passing between here and the insert
    select * into place from availability_window w
    where w.specialist = person.id and w.open
      and w.during @> planned
      and w.during @> tstzrange(r.starts - make_interval(mins => w.buffer_before_minutes),
          upper(planned) + make_interval(mins => w.buffer_after_minutes))
      and (w.services is null or r.service = any (w.services))
      and (w.contracts is null or r.contract = any (w.contracts))
      and r.minutes between w.shortest_minutes and w.longest_minutes
      and (p_on_demand or (extract(epoch from r.starts - lower(w.during)) * 1000000)::bigint
          % (w.grid_minutes * 60000000::bigint) = 0)
    for share;
    if not found then
        return jsonb_build_object('refusal', 'outside_availability');
    end if;
    needed := tstzrange(r.starts - make_interval(mins => place.buffer_before_minutes),
        upper(planned) + make_interval(mins => place.buffer_after_minutes));
    foreach overdue in array p_overdue loop
        if exists (select from booking b join reservation v on v.id = b.reservation
            where b.id = overdue and v.specialist = person.id and v.occupied && needed)
        then
            perform expire_hold(overdue);
        end if;
    end loop;
    if person.daily_minutes is not null or person.weekly_minutes is not null then
        refusal := working_refusal(person.id, r.starts, r.minutes);
        if refusal is not null then
            return refusal;
        end if;
    end if;
    refusal := period_refusal(r.contract, terms.period, terms.ceiling, terms.quota_visits,
        terms.quota_minutes, terms.quote, r.minutes, p_now);
    if refusal is not null then
        return refusal;
    end if;
    if r.resources is not null then
        refusal := resources_for(r, planned, p_overdue);
        if refusal is not null then
            return refusal;
        end if;
    end if;
    insert into reservation (id, seller, specialist, occupied, availability_window, window_revision)
    values (r.reservation, terms.seller, person.id, needed, place.id, place.revision)
    on conflict do nothing;
    if not found then
        return jsonb_build_object('refusal', 'taken');
    end if;
    expires := case when r.hold
        then p_now + coalesce(p_stands, make_interval(mins => terms.hold_minutes)) end;
    insert into booking (id, reservation, contract, version, service, seller, buyer, specialist,
        planned, period, quote, state, hold_expires_at, patient_reference, record_reference,
        series, authorisation_reference, diary_reference, buyer_unit, on_behalf_of)
    values (r.booking, r.reservation, r.contract, terms.version, r.service, terms.seller,
        r.organisation, person.id, planned, terms.period, terms.quote,
        case when r.hold then 'held' else 'booked' end, expires, r.patient_reference,
        r.record_reference, r.series, r.authorisation_reference, r.diary_reference,
        r.buyer_unit, r.on_behalf_of);
    update budget_counter b set reserved = b.reserved + terms.quote, visits = b.visits + 1,
        minutes = b.minutes + r.minutes
    where b.contract = r.contract and b.period = terms.period;
    if r.resources is not null then
        perform take_resources(r.booking, r.resources);
    end if;
    perform cut_start_times(person.id, needed);
    if r.hold then
        insert into deadline (due_at, kind, subject, organisation, counterparty)
        values (expires, 'hold_expiry', r.booking, terms.seller, r.organisation);
    else
        perform open_handshake(r.booking);
    end if;
    perform announce(case when r.hold then 'booking.held' else 'booking.booked' end, 'booking',
        r.booking, 1, terms.seller, r.organisation);
    -- the seller acts on demand, and where time is held for who waits
    perform audit('booking', r.booking, current_organisation(),
        case current_organisation() when terms.seller then r.organisation else terms.seller end,
        jsonb_build_object('contract', r.contract, 'version', terms.version,
            'quote', terms.quote, 'hold', r.hold));
    return jsonb_build_object('booking', r.booking);
end $$;

-- A held or booked visit as the answer to the request that made it.
create function booking_answer(p_booking uuid) returns jsonb
    language sql stable
as $$
    select jsonb_build_object(
        'id', b.id, 'contract', b.contract, 'version', b.version, 'service', b.service,
        'seller', b.seller, 'buyer', b.buyer, 'specialist', b.specialist,
        'specialist_label', (select s.label from specialist s where s.id = b.specialist),
        'starts', (extract(epoch from lower(b.planned)) * 1000000)::bigint,
        'ends', (extract(epoch from upper(b.planned)) * 1000000)::bigint,
        'period', b.period, 'quote', b.quote, 'state', b.state,
        'hold_expires', (extract(epoch from b.hold_expires_at) * 1000000)::bigint,
        'patient_reference', b.patient_reference, 'record_reference', b.record_reference,
        'authorisation_reference', b.authorisation_reference,
        'diary_reference', b.diary_reference, 'buyer_unit', b.buyer_unit,
        'on_behalf_of', b.on_behalf_of, 'series', b.series, 'instructions', s.instructions,
        'revision', b.revision)
    from booking b
    join contract_service s on s.contract = b.contract and s.number = b.version
        and s.service = b.service
    where b.id = p_booking
$$;

-- The same with the rooms and staff that its request took; most take none.
create function booked_answer(r booking_request) returns jsonb language plpgsql stable as $$ begin
    return booking_answer(r.booking) || case when r.resources is null then '{"resources": []}'
        else booking_resources(r.booking) end;
end $$;

-- Locks the counters of all requests and of the overdue holds in their way, which are returned;
-- then the specialists' start times, then the buyers' resources.
create function lock_for_booking(requests booking_request[]) returns uuid[]
    language plpgsql
as $$
declare
    overdue uuid[];
    resources uuid[];
begin
    overdue := array(
        select b.id from unnest(requests) q
        join reservation v on v.specialist = q.specialist and v.live
            and v.occupied && tstzrange(q.starts - interval '4 hours',
                q.starts + make_interval(mins => q.minutes + 240))
        join booking b on b.reservation = v.id
        where b.state = 'held' and b.hold_expires_at <= market_now());
    resources := array(select unnest(q.resources) from unnest(requests) q);
    if resources <> '{}' then
        overdue := overdue || overdue_in_resources(requests);
    end if;
    insert into budget_counter (contract, period, seller, buyer)
        select distinct c.id, q.period, c.seller, c.buyer from unnest(requests) q
        join contract c on c.id = q.contract and c.buyer = q.organisation
        where q.period is not null
        order by c.id, q.period
        on conflict do nothing;
    perform from budget_counter c
        where (c.contract, c.period) in (
            select q.contract, q.period from unnest(requests) q
            union select b.contract, b.period from booking b where b.id = any (overdue))
        order by c.contract, c.period for update;
    perform own_start_times(x.specialist)
        from (select q.specialist from unnest(requests) q
            union select b.specialist from booking b where b.id = any (overdue) order by 1) x;
    if resources <> '{}' then
        perform own_resources(resources);
    end if;
    return overdue;
end $$;

-- Books or holds for many requests in one round trip; each carries the digest of its credential.
-- Locks are taken in one order over all servers: counters by (contract, period), then specialists
-- by (specialist, start). One row a request: the booking, or the name of the refusal.
create function book(p_requests jsonb)
    returns table (ordinal int, kind text, refusal text, figures jsonb, answer jsonb,
        replayed boolean)
    language plpgsql
as $$
declare
    requests booking_request[] := '{}';
    r booking_request;
    caller record;
    stored idempotency;
    overdue uuid[];
    now timestamptz;
    result jsonb;
begin
    for r in
        select q.* from jsonb_populate_recordset(null::booking_request, p_requests) q
        order by q.ordinal
    loop
        ordinal := r.ordinal; kind := null; refusal := null; figures := '{}'; answer := null;
        replayed := false;
        select * into caller from authorise(r.credential_digest, r.operation);
        if caller.refusal is not null then
            kind := caller.kind; refusal := caller.refusal;
            return next;
            continue;
        end if;
        r.organisation := caller.organisation;
        -- the lock is this session's already where two requests of one call have one key
        if not pg_try_advisory_xact_lock(hashtextextended(
                r.organisation::text || r.operation || ' ' || r.idempotency_key, 0))
            or exists (select from unnest(requests) q where q.organisation = r.organisation
                and q.operation = r.operation and q.idempotency_key = r.idempotency_key)
        then
            kind := '409'; refusal := 'idempotency_key_in_progress';
            return next;
            continue;
        end if;
        select * into stored from idempotency i where i.organisation = r.organisation
            and i.operation = r.operation and i.key = r.idempotency_key;
        if found then
            if stored.body_digest <> r.body_digest then
                kind := '422'; refusal := 'idempotency_key_reused';
            else
                answer := stored.answer::jsonb; replayed := true;
            end if;
            return next;
            continue;
        end if;
        select billing_period(r.starts, v.time_zone) into r.period from contract_version v
            where v.contract = r.contract and v.buyer = r.organisation
              and v.signed_at is not null and v.effective @> r.starts;
        requests := requests || r;
    end loop;

    overdue := lock_for_booking(requests);
    now := market_now();
    foreach r in array array(
        select q from unnest(requests) q order by q.specialist, q.starts, q.ordinal)
    loop
        ordinal := r.ordinal; kind := null; refusal := null; figures := '{}'; answer := null;
        replayed := false;
        perform authorise(r.credential_digest, r.operation);
        result := book_one(r, now, overdue);
        if result ? 'refusal' then
            refusal := result ->> 'refusal';
            figures := coalesce(result -> 'figures', '{}');
        else
            answer := booked_answer(r);
            insert into idempotency (organisation, operation, key, body_digest, status, answer)
            values (r.organisation, r.operation, r.idempotency_key, r.body_digest, 201,
                answer::text);
        end if;
        return next;
    end loop;
end $$;

grant execute on function
    booking_terms(uuid, uuid, text, timestamptz, int, timestamptz, boolean), booking_answer(uuid),
    book_one(booking_request, timestamptz, uuid[], interval, boolean),
    booked_answer(booking_request), lock_for_booking(booking_request[]),
    hand_over_missing(booking_request, text[]) to aikatori_market;
call give_to_market('book(jsonb)', 'aikatori_app');
