-- On demand: a buyer asks for someone at once, of one or more sellers whose contracts allow it; the
-- first specialist at hand to accept has it. When each was asked, accepted and met is kept.

-- For which services one is at hand; null for all that the own field gives.
alter table present_specialist
    add column services text[] check (cardinality(services) between 1 and 50);
grant update (services) on present_specialist to aikatori_app;

-- What a buyer asks for. Sellers see their own part of it only, which is `demand_ask`.
create table demand (
    id uuid primary key,
    buyer uuid not null,
    patient_reference text check (patient_reference ~ '^[A-Za-z0-9._:-]{1,64}$'),
    record_reference text check (length(record_reference) between 1 and 100),
    authorisation_reference text check (length(authorisation_reference) between 1 and 100),
    diary_reference text check (length(diary_reference) between 1 and 100),
    buyer_unit uuid,
    on_behalf_of uuid,
    asked_at timestamptz not null,
    expires_at timestamptz not null
        check (expires_at > asked_at and expires_at <= asked_at + interval '1 hour'),
    state text not null default 'open'
        check (state in ('open', 'accepted', 'withdrawn', 'expired')),
    booking uuid,
    ended_at timestamptz,
    -- the number of its events
    revision bigint not null default 0,
    unique (id, buyer),
    unique (booking),
    foreign key (buyer, buyer_unit) references unit (organisation, id),
    foreign key (buyer, on_behalf_of) references member (organisation, id),
    check ((state = 'accepted') = (booking is not null)),
    check ((state = 'open') = (ended_at is null))
);
create index demand_open on demand (buyer) where state = 'open';
call protect('demand', 'buyer');
grant select on demand to aikatori_app;
grant select, insert, update (state, booking, ended_at, revision) on demand to aikatori_market;

-- Who is asked: one seller under one contract, for one of its services.
create table demand_ask (
    demand uuid not null,
    contract uuid not null,
    version int not null,
    service text not null,
    specialty text not null,
    seller uuid not null,
    buyer uuid not null,
    minutes int not null check (minutes between 1 and 1440),
    -- in which the specialist serves; null is any
    language text check (length(language) between 2 and 20),
    asked_at timestamptz not null,
    expires_at timestamptz not null,
    -- `ended`: withdrawn, or somebody else's, which this seller is not told
    state text not null default 'open'
        check (state in ('open', 'accepted', 'ended', 'expired')),
    ended_at timestamptz,
    booking uuid,
    primary key (demand, contract),
    unique (demand, seller),
    foreign key (demand, buyer) references demand (id, buyer),
    foreign key (contract, version, service)
        references contract_service (contract, number, service),
    foreign key (contract, seller, buyer) references contract (id, seller, buyer),
    -- it is there at the end of the transaction that accepts
    foreign key (booking, seller, buyer) references booking (id, seller, buyer)
        deferrable initially deferred,
    check ((state = 'accepted') = (booking is not null)),
    check ((state = 'open') = (ended_at is null))
);
create index demand_ask_of_contract on demand_ask (contract, asked_at);
create index demand_ask_of_seller on demand_ask (seller, demand);
create index demand_ask_of_buyer on demand_ask (buyer, demand);
call protect('demand_ask', 'seller', 'buyer');
grant select on demand_ask to aikatori_app;
grant select, insert, update (state, ended_at, booking) on demand_ask to aikatori_market;

-- What was asked cannot change, and what has ended stays as it ended.
create function demand_rules() returns trigger
    language plpgsql
as $$
begin
    if old.state <> 'open' and (to_jsonb(old) - 'revision') <> (to_jsonb(new) - 'revision') then
        perform refuse('409', 'demand_over', jsonb_build_object('state', old.state));
    end if;
    return new;
end $$;
create trigger rules before update on demand for each row execute function demand_rules();
create trigger rules before update on demand_ask for each row execute function demand_rules();
create trigger stays before delete on demand for each row execute function refuse_change();
create trigger stays before delete on demand_ask for each row execute function refuse_change();
create trigger stays_whole before truncate on demand
    for each statement execute function refuse_change();
create trigger stays_whole before truncate on demand_ask
    for each statement execute function refuse_change();
grant execute on function demand_rules() to aikatori_market;

-- Whether a service of a contract is for when it is called for.
create function is_on_demand(p_contract uuid, p_number int, p_service text) returns boolean
    language sql stable
as $$
    select exists (select from contract_version v,
        jsonb_array_elements(convert_from(v.document, 'UTF8')::jsonb -> 'services') s
        where v.contract = p_contract and v.number = p_number
          and s ->> 'code' = p_service and s ->> 'kind' = 'on_demand')
$$;

-- Which of these services no contract of the caller's sells of that specialist's field.
create function services_not_sold(p_specialist uuid, p_services text[]) returns text[]
    language sql stable
as $$
    select array(select x from unnest(p_services) x where not exists (
        select from specialist p
        join contract c on c.seller = p.organisation and c.state in ('active', 'suspended')
        join contract_version v on v.contract = c.id and v.signed_at is not null
            and v.effective @> market_now()
        join contract_service s on s.contract = c.id and s.number = v.number
            and s.service = x and s.specialty = p.specialty
        where p.id = p_specialist))
$$;
grant execute on function services_not_sold(uuid, text[]) to aikatori_app;

-- How a part of it stands now, whether or not the worker has been there.
create function demand_state(p_state text, p_expires_at timestamptz) returns text
    language sql stable
as $$
    select case when p_state = 'open' and p_expires_at <= market_now() then 'expired'
        else p_state end
$$;
grant execute on function demand_state(text, timestamptz) to aikatori_app, aikatori_market;

-- Whether a specialist is at hand for a service, in a language if one is asked for.
create function is_at_hand(p specialist, p_service text, p_language text) returns boolean
    language sql stable
as $$
    select p.active and (p_language is null or p_language = any (p.languages))
        and exists (select from present_specialist y where y.specialist = p.id
            and y.until > market_now()
            and (y.services is null or p_service = any (y.services)))
$$;

-- How many are at hand with each who was asked; for whoever asked it.
create function demand_at_hand(p_demands uuid[])
    returns table (demand uuid, contract uuid, at_hand bigint)
    language sql stable
as $$
    select a.demand, a.contract, (select count(*) from specialist p
        where p.organisation = a.seller and p.specialty = a.specialty
          and is_at_hand(p, a.service, a.language))
    from demand_ask a
    where a.demand = any (p_demands) and a.buyer = current_organisation()
$$;

-- Tells one who was asked how it stands now; each hears of its own part only.
create function tell_of_demand(p_demand uuid, p_kind text, p_from uuid, p_to uuid) returns void
    language sql
as $$
    with next as (
        update demand set revision = revision + 1 where id = p_demand returning revision)
    select announce(p_kind, 'demand', p_demand, n.revision, p_from, p_to) from next n
$$;

-- Asks: {contract, service} each. The booking itself is decided when somebody accepts; what would
-- refuse any is told now.
create function ask_now(
    p_demand uuid, p_asks jsonb, p_minutes int, p_answer_minutes int, p_language text,
    p_patient_reference text, p_record_reference text, p_authorisation_reference text,
    p_diary_reference text, p_buyer_unit uuid, p_on_behalf_of uuid) returns void
    language plpgsql
as $$
declare
    asker uuid := current_organisation();
    now timestamptz := market_now();
    r booking_request;
    ask record;
    terms record;
    missing text[];
    no_room jsonb;
begin
    if (select count(*) from demand d where d.buyer = asker
        and demand_state(d.state, d.expires_at) = 'open') >= 20
    then
        perform refuse('409', 'too_many_demands', jsonb_build_object('most', 20));
    end if;
    r.organisation := asker;
    r.patient_reference := p_patient_reference;
    r.record_reference := p_record_reference;
    r.authorisation_reference := p_authorisation_reference;
    r.diary_reference := p_diary_reference;
    missing := not_of_buyer(asker, p_buyer_unit, p_on_behalf_of);
    if missing <> '{}' then
        perform refuse('422', 'not_of_buyer', jsonb_build_object('unknown', missing));
    end if;
    insert into demand (id, buyer, patient_reference, record_reference, authorisation_reference,
        diary_reference, buyer_unit, on_behalf_of, asked_at, expires_at)
    values (p_demand, asker, p_patient_reference, p_record_reference, p_authorisation_reference,
        p_diary_reference, p_buyer_unit, p_on_behalf_of, now,
        now + make_interval(mins => p_answer_minutes));
    for ask in select * from jsonb_to_recordset(p_asks) q(contract uuid, service text)
        order by q.contract
    loop
        select * into terms from booking_terms(
            asker, ask.contract, ask.service, now, p_minutes, now, true);
        if terms.refusal is not null then
            perform refuse('409', terms.refusal, terms.figures);
        end if;
        if not is_on_demand(ask.contract, terms.version, ask.service) then
            perform refuse('422', 'not_on_demand');
        end if;
        if not has_common_room(ask.contract, terms.version, ask.service) then
            perform refuse('409', 'no_common_room');
        end if;
        missing := hand_over_missing(r, terms.required);
        if missing <> '{}' then
            perform refuse('422', 'hand_over_missing', jsonb_build_object('missing', missing));
        end if;
        insert into budget_counter (contract, period, seller, buyer)
            values (ask.contract, terms.period, terms.seller, asker) on conflict do nothing;
        perform from budget_counter c
            where c.contract = ask.contract and c.period = terms.period for update;
        no_room := period_refusal(ask.contract, terms.period, terms.ceiling, terms.quota_visits,
            terms.quota_minutes, terms.quote, p_minutes, now);
        if no_room is not null then
            perform refuse('409', no_room ->> 'refusal', no_room -> 'figures');
        end if;
        begin
            insert into demand_ask (demand, contract, version, service, specialty, seller, buyer,
                minutes, language, asked_at, expires_at)
            values (p_demand, ask.contract, terms.version, ask.service, terms.specialty,
                terms.seller, asker, p_minutes, p_language, now,
                now + make_interval(mins => p_answer_minutes));
        exception when unique_violation then
            perform refuse('422', 'asked_twice');
        end;
        perform tell_of_demand(p_demand, 'demand.asked', asker, terms.seller);
    end loop;
    insert into deadline (due_at, kind, subject, organisation)
        values (now + make_interval(mins => p_answer_minutes), 'demand_end', p_demand, asker);
    perform audit('demand', p_demand, asker, null,
        jsonb_build_object('minutes', p_minutes, 'asked', jsonb_array_length(p_asks)));
end $$;

-- It has ended, for all who were asked: each hears it.
create function end_demand(
    p_demand uuid, p_state text, p_now timestamptz, p_booking uuid default null,
    p_taken_under uuid default null) returns void
    language plpgsql
as $$
declare
    a demand_ask;
begin
    update demand set state = p_state, ended_at = p_now, booking = p_booking where id = p_demand;
    update demand_ask x set ended_at = p_now,
        state = case when x.contract = p_taken_under then 'accepted'
            when p_state = 'expired' then 'expired' else 'ended' end,
        booking = case when x.contract = p_taken_under then p_booking end
    where x.demand = p_demand;
    for a in select * from demand_ask x where x.demand = p_demand order by x.contract loop
        if a.state = 'accepted' then
            perform tell_of_demand(p_demand, 'demand.accepted', a.seller, a.buyer);
        else
            perform tell_of_demand(p_demand,
                case when p_state = 'expired' then 'demand.expired' else 'demand.ended' end,
                a.buyer, a.seller);
        end if;
    end loop;
end $$;

-- One of the caller's specialists at hand takes it: a booking from the next whole minute on, inside
-- published time, if need be off its grid. Of many at once the first to have the demand's row gets
-- it. Locks in the market's order: counters, start times, and the demand last.
create function accept_demand(
    p_demand uuid, p_specialist uuid, p_booking uuid, p_reservation uuid) returns void
    language plpgsql
as $$
declare
    a demand_ask;
    d demand;
    person specialist;
    r booking_request;
    overdue uuid[];
    starts timestamptz := date_trunc('minute', market_now() + interval '1 minute');
    now timestamptz;
    result jsonb;
begin
    select * into a from demand_ask x
        where x.demand = p_demand and x.seller = current_organisation();
    select * into person from specialist p
        where p.id = p_specialist and p.organisation = current_organisation();
    if a.demand is null or person.id is null then
        perform refuse('404', 'not_found');
    end if;
    r := row(0, null, null, null, null, p_booking, p_reservation, a.contract, a.service,
        p_specialist, starts, a.minutes, false, null, null, a.buyer,
        (select billing_period(starts, v.time_zone) from contract_version v
            where v.contract = a.contract and v.signed_at is not null and v.effective @> starts),
        null, null, null, null, null, null);
    overdue := lock_for_booking(array[r]);
    select * into d from demand x where x.id = p_demand for update;
    now := market_now();
    if demand_state(d.state, d.expires_at) <> 'open' then
        select * into a from demand_ask x where x.demand = p_demand and x.contract = a.contract;
        perform refuse('409', 'demand_over',
            jsonb_build_object('state', demand_state(a.state, a.expires_at)));
    end if;
    if person.specialty <> a.specialty then
        perform refuse('409', 'specialist_not_offered');
    end if;
    if not is_at_hand(person, a.service, a.language) then
        perform refuse('409', 'not_at_hand');
    end if;
    r.patient_reference := d.patient_reference;
    r.record_reference := d.record_reference;
    r.authorisation_reference := d.authorisation_reference;
    r.diary_reference := d.diary_reference;
    r.buyer_unit := d.buyer_unit;
    r.on_behalf_of := (select m.id from member m where m.id = d.on_behalf_of and m.active);
    -- first, so that its handshake opens agreed
    perform end_demand(p_demand, 'accepted', now, p_booking, a.contract);
    result := book_one(r, now, overdue, null, true);
    if result ? 'refusal' then
        perform refuse('409', result ->> 'refusal', coalesce(result -> 'figures', '{}'));
    end if;
    perform audit('demand', p_demand, a.seller, a.buyer,
        jsonb_build_object('booking', p_booking, 'specialist', p_specialist));
end $$;

-- Its buyer takes it back.
create function withdraw_demand(p_demand uuid) returns void
    language plpgsql
as $$
declare
    d demand;
begin
    select * into d from demand x
        where x.id = p_demand and x.buyer = current_organisation() for update;
    if not found then
        perform refuse(case when exists (select from demand_ask a where a.demand = p_demand
            and a.seller = current_organisation()) then '403' else '404' end,
            case when exists (select from demand_ask a where a.demand = p_demand
            and a.seller = current_organisation()) then 'not_your_side' else 'not_found' end);
    end if;
    if demand_state(d.state, d.expires_at) <> 'open' then
        perform refuse('409', 'demand_over',
            jsonb_build_object('state', demand_state(d.state, d.expires_at)));
    end if;
    perform end_demand(p_demand, 'withdrawn', market_now());
    perform audit('demand', p_demand, d.buyer, null);
end $$;

-- Nobody accepted in time; the worker calls it as the buyer.
create function expire_demand(p_demand uuid) returns void
    language plpgsql
as $$
declare
    d demand;
begin
    select * into d from demand x
        where x.id = p_demand and x.buyer = current_organisation() for update;
    if d.state = 'open' and d.expires_at <= market_now() then
        perform end_demand(p_demand, 'expired', d.expires_at);
        perform audit('demand', p_demand, d.buyer, null);
    end if;
end $$;

grant execute on function is_on_demand(uuid, int, text), is_at_hand(specialist, text, text),
    tell_of_demand(uuid, text, uuid, uuid),
    end_demand(uuid, text, timestamptz, uuid, uuid) to aikatori_market;
call give_to_market('demand_at_hand(uuid[])', 'aikatori_app');
call give_to_market('ask_now(uuid, jsonb, int, int, text, text, text, text, text, uuid, uuid)',
    'aikatori_app');
call give_to_market('accept_demand(uuid, uuid, uuid, uuid)', 'aikatori_app');
call give_to_market('withdraw_demand(uuid)', 'aikatori_app');
call give_to_market('expire_demand(uuid)', 'aikatori_app');

insert into alert_kind (kind, roles, mails, urgent) values
    ('demand_asked', array['scheduler', 'specialist'], false, true),
    ('demand_accepted', array['scheduler'], false, true),
    ('demand_expired', array['scheduler'], false, true);
insert into alert_rule (event_kind, alert_kind, whom) values
    ('demand.asked', 'demand_asked', 'other'),
    ('demand.accepted', 'demand_accepted', 'other'),
    ('demand.expired', 'demand_expired', 'own');

insert into operation_role (operation, roles) values
    ('askNow', array['scheduler']),
    ('listDemands', array['scheduler', 'specialist', 'admin', 'auditor']),
    ('getDemand', array['scheduler', 'specialist', 'admin', 'auditor']),
    ('acceptDemand', array['scheduler', 'specialist']),
    ('withdrawDemand', array['scheduler']),
    ('getResponseTimes',
        array['scheduler', 'specialist', 'signatory', 'finance', 'admin', 'auditor']),
    ('getResponseTimesTable',
        array['scheduler', 'specialist', 'signatory', 'finance', 'admin', 'auditor']);
