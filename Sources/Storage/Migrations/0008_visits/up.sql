-- The handshake, who may join, who was there, and the minutes that both sides attest.

create table handshake (
    booking uuid primary key,
    seller uuid not null,
    buyer uuid not null,
    -- how it was opened; the messages replayed from here give the state (Sources/Visits), which
    -- the columns below only repeat for those who search by it
    accepted_in_advance boolean not null,
    opened_slot tstzrange not null check (is_slot(opened_slot)),
    opened_reply_by timestamptz not null,
    -- how long an offer stands before silence counts against the side that was asked
    answer_seconds bigint not null check (answer_seconds >= 0),
    state text not null check (state in (
        'none', 'proposed', 'countered', 'agreed', 'rescheduling', 'ready',
        'declined', 'withdrawn', 'expired')),
    sequence int not null default 0 check (sequence >= 0),
    reply_by timestamptz,
    -- the number of its events; the first message is the first of them
    revision bigint not null default 0,
    created_at timestamptz not null default market_now(),
    foreign key (booking, seller, buyer) references booking (id, seller, buyer)
);
create index handshake_open on handshake (reply_by) where reply_by is not null;
call protect('handshake', 'seller', 'buyer');
grant select, insert, update (state, sequence, reply_by, revision) on handshake to aikatori_app;
grant select, insert on handshake to aikatori_market;

create table handshake_message (
    booking uuid not null references handshake (booking),
    sequence int not null check (sequence > 0),
    seller uuid not null,
    buyer uuid not null,
    -- null: the clock, which alone expires
    sender uuid check (sender in (seller, buyer)),
    kind text not null,
    message jsonb not null,
    credential uuid,
    recorded_at timestamptz not null default market_now(),
    primary key (booking, sequence),
    check ((sender is null) = (kind = 'expire'))
);
call protect('handshake_message', 'seller', 'buyer');
call append_only('handshake_message');
grant select, insert on handshake_message to aikatori_app;

-- Sequence numbers have no gap and no repetition, nobody speaks for the other side, and the clock
-- only when the time has come.
create function handshake_message_in_order() returns trigger
    language plpgsql
as $$
declare
    deadline timestamptz;
begin
    if new.sequence <> 1 + coalesce((select max(m.sequence) from handshake_message m
        where m.booking = new.booking), 0)
    then
        perform refuse('409', 'stale_sequence');
    end if;
    if new.sender is not null and new.sender is distinct from current_organisation() then
        perform refuse('403', 'not_your_side');
    end if;
    if new.recorded_at > market_now() then
        perform refuse('500', 'recorded_in_the_future');
    end if;
    -- how long an offer stood depends on it
    if new.recorded_at < market_now() - interval '1 minute' then
        perform refuse('500', 'recorded_in_the_past');
    end if;
    if new.kind in ('propose', 'counter')
        and (new.message #>> '{offer,deadline}')::timestamptz <= new.recorded_at
    then
        perform refuse('409', 'deadline_in_the_past');
    end if;
    if new.sender is null and new.kind = 'expire' then
        select r.deadline into deadline from handshake_runs_out(new.booking, new.sequence) r;
        if deadline is null or deadline > new.recorded_at then
            perform refuse('409',
                case when deadline is null then 'no_deadline' else 'deadline_not_reached' end);
        end if;
    end if;
    return new;
end $$;
create trigger in_order before insert on handshake_message
    for each row execute function handshake_message_in_order();

-- Each side cancels for itself. Only the clock says that it was the other side, or neither; and
-- what was cancelled stays as it was.
create function booking_cancelled_for_itself() returns trigger
    language plpgsql
as $$
declare
    last handshake_message;
    outcome record;
begin
    if old.state = 'cancelled' or new.state <> 'cancelled' then
        perform refuse('500', 'booking_frozen');
    end if;
    if new.cancelled_by is not null and new.cancelled_by = current_organisation() then
        return new;
    end if;
    select * into last from handshake_message m
        where m.booking = new.id order by m.sequence desc limit 1;
    if last.kind = 'expire' then
        select * into outcome from handshake_runs_out(new.id, last.sequence);
        if outcome.cancels and new.cancelled_by is not distinct from outcome.owing
            and (outcome.owing is not null or new.cancellation_fee = 0) then
            return new;
        end if;
    end if;
    perform refuse('403', 'not_your_side');
end $$;
create trigger side before update on booking
    for each row when (
        (old.cancelled_by, old.cancellation_fee, old.cancellation_reason)
            is distinct from (new.cancelled_by, new.cancellation_fee, new.cancellation_reason)
        or new.state = 'cancelled' and old.state <> 'cancelled')
    execute function booking_cancelled_for_itself();

-- A way into one visit, for one side, in one window of time (invariant 12).
create table join_token (
    digest bytea primary key check (length(digest) = 32),
    booking uuid not null,
    seller uuid not null,
    buyer uuid not null,
    -- a guest is of neither side
    side text not null check (side in ('seller', 'buyer', 'guest')),
    participant text not null check (participant ~ '^[A-Za-z0-9._:-]{1,64}$'),
    label text not null check (length(label) between 1 and 80),
    opens timestamptz not null,
    closes timestamptz not null check (closes > opens),
    credential uuid not null,
    revoked_at timestamptz,
    -- who comes with it comes to all visits that its side has in the session
    for_session boolean not null default false,
    created_at timestamptz not null default market_now(),
    foreign key (booking, seller, buyer) references booking (id, seller, buyer)
);
create index join_token_of_booking on join_token (booking);
call protect('join_token', 'seller', 'buyer');
grant select, insert, update (revoked_at) on join_token to aikatori_app;
grant select on join_token to aikatori_market;

-- Nobody makes a token for the other side.
create function join_token_of_own_side() returns trigger
    language plpgsql
as $$
begin
    if (new.side = 'seller' and new.seller is distinct from current_organisation())
        or (new.side = 'buyer' and new.buyer is distinct from current_organisation())
    then
        perform refuse('403', 'not_your_side');
    end if;
    return new;
end $$;
create trigger own_side before insert on join_token
    for each row execute function join_token_of_own_side();

-- Who was there when: facts with the database's time, never edited.
create table observation (
    id uuid primary key,
    booking uuid not null,
    seller uuid not null,
    buyer uuid not null,
    side text not null check (side in ('seller', 'buyer')),
    participant text not null,
    kind text not null check (kind in ('join', 'heartbeat', 'leave', 'duty_begun', 'duty_ended')),
    source text not null default 'program' check (source in ('join_page', 'program', 'word')),
    at timestamptz not null,
    foreign key (booking, seller, buyer) references booking (id, seller, buyer)
);
create index observation_of_booking on observation (booking, at);
call protect('observation', 'seller', 'buyer');
call append_only('observation');
grant select on observation to aikatori_app;
grant select, insert on observation to aikatori_market;

-- The time of an observation is the database's, whatever was given (invariant 11).
create function observation_by_the_clock() returns trigger
    language plpgsql
as $$
begin
    new.at := market_now();
    return new;
end $$;
create trigger by_the_clock before insert on observation
    for each row execute function observation_by_the_clock();

-- The join token that lets its holder in now, or a refusal that says why it does not. It is the
-- only credential.
create function token_at_door(p_digest bytea, p_now timestamptz) returns join_token
    language plpgsql stable
as $$
declare
    token join_token;
begin
    select * into token from join_token t where t.digest = p_digest;
    if not found then
        perform refuse('401', 'join_token_unknown');
    end if;
    if token.revoked_at is not null then
        perform refuse('401', 'join_token_revoked');
    end if;
    if p_now < token.opens then
        perform refuse('403', 'join_not_yet_open');
    end if;
    if p_now >= token.closes then
        perform refuse('403', 'join_closed');
    end if;
    if not exists (select from visit_minutes m where m.booking = token.booking)
        and not exists (select from booking b join handshake h on h.booking = b.id
        -- the seller's person comes to a group session as long as anybody has a place in it
        where (b.id = token.booking or token.side = 'seller' and b.group_session
                = (select x.group_session from booking x where x.id = token.booking))
          and b.state = 'booked'
          and h.state in ('agreed', 'ready', 'rescheduling'))
    then
        perform refuse('409', 'visit_not_agreed');
    end if;
    return token;
end $$;

-- The holder of a join token joins, is still there, or leaves.
create function observe(
    p_digest bytea, p_observation uuid, p_kind text, p_source text default 'program')
    returns table (booking uuid, side text, participant text, at timestamptz)
    language plpgsql
as $$
declare
    now timestamptz := market_now();
    token join_token := token_at_door(p_digest, now);
begin
    -- a guest is of neither side, and makes no minutes
    if token.side not in ('seller', 'buyer') then
        perform refuse('401', 'join_token_unknown');
    end if;
    perform turn_in_session(token, p_kind);
    return query
        insert into observation as o
            (id, booking, seller, buyer, side, participant, kind, source, at)
        values (p_observation, token.booking, token.seller, token.buyer, token.side,
            token.participant, p_kind, p_source, now)
        on conflict (id) do nothing
        returning o.booking, o.side, o.participant, o.at;
    if found then
        -- The insert waited for whoever attests; what was attested counts no later presence.
        if exists (select from visit_minutes m where m.booking = token.booking) then
            perform refuse('409', 'visit_over');
        end if;
        perform observe_in_session(token, p_kind, p_source);
    else
        -- the same report again: the first answer
        return query select o.booking, o.side, o.participant, o.at from observation o
            where o.id = p_observation and o.booking = token.booking and o.kind = p_kind;
        if not found then
            perform refuse('422', 'idempotency_key_reused');
        end if;
    end if;
end $$;

-- The result of the fold and the version of the fold that made it.
create table visit_minutes (
    booking uuid primary key,
    seller uuid not null,
    buyer uuid not null,
    fold_version int not null,
    billable_seconds bigint not null check (billable_seconds >= 0),
    intervals jsonb not null,
    computed_at timestamptz not null default market_now(),
    foreign key (booking, seller, buyer) references booking (id, seller, buyer)
);
call protect('visit_minutes', 'seller', 'buyer');
call append_only('visit_minutes');
grant select, insert on visit_minutes to aikatori_app;
grant select on visit_minutes to aikatori_market;

-- Invariant 11: never more than the clock saw between the first and the last observation, what both
-- sides say was held by telephone (0032_minutes), or a shift of duty until its planned end.
create function visit_minutes_within_the_clock() returns trigger
    language plpgsql
as $$
declare
    elapsed numeric;
begin
    select coalesce(extract(epoch from max(x.at) - min(x.at)), 0) into elapsed from (
        select o.at from observation o where o.booking = new.booking union all
        select unnest(array[lower(t.during), upper(t.during)]) from told_by_both(new.booking) t
        union all select duty_until(new.booking)) x;
    if new.billable_seconds > elapsed then
        perform refuse('500', 'metered_beyond_the_clock', jsonb_build_object(
            'billable_seconds', new.billable_seconds, 'elapsed_seconds', floor(elapsed)));
    end if;
    return new;
end $$;
create trigger within_the_clock before insert on visit_minutes
    for each row execute function visit_minutes_within_the_clock();

-- A side's word on the minutes; a newer one replaces it until both say the same figure.
create table attestation (
    booking uuid not null references visit_minutes (booking),
    organisation uuid not null,
    number int not null check (number > 0),
    seller uuid not null,
    buyer uuid not null,
    verdict text not null check (verdict in ('attested', 'contested')),
    billable_seconds bigint not null check (billable_seconds >= 0),
    reason text check (length(reason) between 1 and 1000),
    credential uuid not null,
    recorded_at timestamptz not null default market_now(),
    primary key (booking, organisation, number),
    foreign key (booking, seller, buyer) references booking (id, seller, buyer),
    check (organisation in (seller, buyer)),
    check (verdict = 'attested' or reason is not null)
);
call protect('attestation', 'seller', 'buyer');
call append_only('attestation');
grant select, insert on attestation to aikatori_app;

-- The last word of each side.
create view last_attestation with (security_invoker = true) as
    select distinct on (booking, organisation) * from attestation
    order by booking, organisation, number desc;
grant select on last_attestation to aikatori_app, aikatori_reader;

-- When the room of a visit opens: a quarter of an hour before its planned start
-- (Sources/Visits/JoinWindow.swift).
create function join_opens(planned tstzrange) returns timestamptz
    language sql immutable
as $$ select lower(planned) - interval '15 minutes' $$;

-- Nobody speaks for the other side, nor of more time than has passed since the room opened
-- (invariant 11), nor after both have agreed (0032_minutes).
create function attestation_rules() returns trigger
    language plpgsql
as $$
declare
    elapsed numeric;
begin
    if new.organisation is distinct from current_organisation() then
        perform refuse('403', 'not_your_side');
    end if;
    if new.number <> 1 + coalesce((select max(a.number) from attestation a
        where a.booking = new.booking and a.organisation = new.organisation), 0)
    then
        perform refuse('409', 'stale_sequence');
    end if;
    if exists (select from attested_by_both(new.booking)) then
        perform refuse('409', 'minutes_agreed');
    end if;
    select extract(epoch from market_now() - join_opens(b.planned)) into strict elapsed
        from booking b where b.id = new.booking;
    if new.billable_seconds > elapsed then
        perform refuse('409', 'figure_out_of_range');
    end if;
    return new;
end $$;
create trigger rules before insert on attestation
    for each row execute function attestation_rules();

grant execute on function handshake_message_in_order(),
    booking_cancelled_for_itself(), join_token_of_own_side(),
    observation_by_the_clock(), visit_minutes_within_the_clock(), attestation_rules(),
    join_opens(tstzrange)
    to aikatori_app, aikatori_market;
grant execute on function token_at_door(bytea, timestamptz) to aikatori_market;
call give_to_market('observe(bytea, uuid, text, text)', 'aikatori_app');
