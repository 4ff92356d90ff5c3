-- A seller's planning: who says yes before time is on sale, hours kept by a name, and calendars
-- kept elsewhere.

-- Whether a manager has to say yes before time is on sale; no row says no.
create table availability_approval (
    organisation uuid primary key references organisation (id),
    required boolean not null,
    revision bigint not null default 1
);
call protect('availability_approval', 'organisation');
grant select, insert, update (required, revision) on availability_approval to aikatori_app;

-- Where approval is asked for, nothing is published without it; what was decided stays, and nobody
-- decides on what they proposed themselves.
create function availability_is_approved() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'INSERT' then
        if new.approval is null and exists (select from availability_approval a
            where a.organisation = new.organisation and a.required)
        then
            perform refuse('500', 'approval_missing');
        end if;
    elsif new.approval is distinct from old.approval then
        if old.approval is distinct from 'proposed' then
            perform refuse('409', 'availability_decided');
        end if;
        -- a person decides: a machine's token may be the proposer's own
        if new.decided_credential is null or new.decided_member is null
            or new.decided_credential = old.proposed_credential
            or new.decided_member = old.proposed_member
        then
            perform refuse('409', 'own_proposal');
        end if;
    end if;
    return new;
end $$;
create trigger is_approved before insert or update on availability_rule
    for each row execute function availability_is_approved();

-- What waits for a manager's yes, or got a no, has no windows.
create function window_is_approved() returns trigger
    language plpgsql
as $$
begin
    if exists (select from availability_rule r where r.id = new.rule
        and r.approval in ('proposed', 'declined'))
    then
        perform refuse('500', 'approval_missing');
    end if;
    return new;
end $$;
create trigger is_approved before insert on availability_window
    for each row execute function window_is_approved();

-- Hours and lengths that an organisation keeps by a name, to publish from; it has no days of the
-- calendar yet, and nobody's time.
create table availability_template (
    id uuid primary key,
    organisation uuid not null references organisation (id),
    name text not null check (length(name) between 1 and 80),
    weekdays smallint[] not null check (cardinality(weekdays) between 1 and 7
        and weekdays <@ array[1, 2, 3, 4, 5, 6, 7]::smallint[]),
    interval_weeks int not null check (interval_weeks between 1 and 52),
    except_holidays boolean not null,
    from_minute int not null check (from_minute between 0 and 1439),
    to_minute int not null check (to_minute between 0 and 1440),
    pauses int[] not null check (cardinality(pauses) % 2 = 0),
    services text[] check (cardinality(services) between 1 and 50),
    contracts uuid[] check (cardinality(contracts) between 1 and 100),
    grid_minutes int not null check (grid_minutes in (5, 10, 15, 30, 60)),
    shortest_minutes int not null check (shortest_minutes between 1 and longest_minutes),
    longest_minutes int not null check (longest_minutes <= 1440),
    buffer_before_minutes int not null check (buffer_before_minutes between 0 and 240),
    buffer_after_minutes int not null check (buffer_after_minutes between 0 and 240),
    created_at timestamptz not null default market_now(),
    unique (organisation, name)
);
call protect('availability_template', 'organisation');
grant select, insert, delete on availability_template to aikatori_app;

-- The calendar that a specialist keeps elsewhere: what is busy there is not for sale here. What is
-- booked already stays.

create table busy_calendar (
    specialist uuid primary key,
    organisation uuid not null,
    -- under the master key: whoever knows it can read the calendar; null for a file
    sealed_address bytea,
    -- whose calendar it is asked of, to be shown
    host text check (length(host) between 1 and 300),
    set_at timestamptz not null default market_now(),
    -- when it was last read; null before that
    read_at timestamptz,
    -- why it could not be read since then
    problem text check (problem ~ '^[a-z_]{1,40}$'),
    -- events of which nobody knows when they are
    unread int not null default 0 check (unread >= 0),
    due_at timestamptz,
    revision bigint not null default 1,
    check ((sealed_address is null) = (host is null)),
    check ((sealed_address is null) = (due_at is null)),
    foreign key (organisation, specialist) references specialist (organisation, id)
);
create index busy_calendar_due on busy_calendar (due_at) where due_at is not null;
call protect('busy_calendar', 'organisation');
grant select, insert, delete, update (sealed_address, host, set_at, read_at, problem, unread,
    due_at, revision) on busy_calendar to aikatori_app;
grant select, update (due_at) on busy_calendar to aikatori_market;

-- What is busy in it, as it was last read; none touches another.
create table busy_stretch (
    specialist uuid not null references busy_calendar (specialist) on delete cascade,
    organisation uuid not null,
    during tstzrange not null check (is_slot(during)),
    exclude using gist (specialist with =, during with &&)
);
call protect('busy_stretch', 'organisation');
grant select, insert, delete on busy_stretch to aikatori_app;

-- The next calendar that is due, which nobody else takes before it is due again.
create function take_busy_calendar(p_pause interval)
    returns table (specialist uuid, organisation uuid, sealed_address bytea, revision bigint)
    language sql
as $$
    update busy_calendar c set due_at = market_now() + p_pause
    where c.specialist = (
        select n.specialist from busy_calendar n where n.due_at <= market_now()
        order by n.due_at limit 1 for update skip locked)
    returning c.specialist, c.organisation, c.sealed_address, c.revision
$$;
call give_to_market('take_busy_calendar(interval)', 'aikatori_app');

-- A stretch in which what is published of a specialist's is not for sale, until somebody ends it.
-- What is booked in it stays.
create table sale_pause (
    id uuid primary key,
    organisation uuid not null,
    specialist uuid not null,
    during tstzrange not null check (is_slot(during)),
    created_at timestamptz not null default market_now(),
    ended_at timestamptz check (ended_at >= created_at),
    foreign key (organisation, specialist) references specialist (organisation, id)
);
create index sale_pause_of_specialist on sale_pause (specialist, id) where ended_at is null;
call protect('sale_pause', 'organisation');
grant select, insert, update (ended_at) on sale_pause to aikatori_app;

insert into operation_role (operation, roles) values
    ('getUnitCalendar',
        array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']),
    ('previewSalePause', array['scheduler']),
    ('pauseSale', array['scheduler']),
    ('endSalePause', array['scheduler']),
    ('getBusyCalendar',
        array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']),
    ('getSoldHours', array['finance', 'admin', 'auditor']),
    ('setBusyCalendar', array['scheduler']),
    ('removeBusyCalendar', array['scheduler']);
