-- Calendars that others read: what an invitation says of a visit, and private feeds.

-- An address at which a calendar program reads the visits of one specialist, or of one unit, kept
-- as the SHA-256 of the secret in it, which was shown once.
create table calendar_feed (
    id uuid primary key,
    organisation uuid not null references organisation (id),
    specialist uuid,
    unit uuid,
    language text not null check (language in ('fi', 'sv', 'en')),
    digest bytea not null unique check (length(digest) = 32),
    -- who made it, where a member did: it ends with them, and with what they may see
    member uuid,
    -- by which a program made it
    credential uuid,
    created_at timestamptz not null default market_now(),
    -- to the minute
    last_used_at timestamptz,
    revoked_at timestamptz,
    revision bigint not null default 1,
    check (num_nonnulls(specialist, unit) = 1),
    foreign key (organisation, specialist) references specialist (organisation, id),
    foreign key (organisation, unit) references unit (organisation, id),
    foreign key (organisation, member) references member (organisation, id),
    foreign key (organisation, credential) references credential (organisation, id)
);
create index calendar_feed_of_organisation on calendar_feed (organisation, id);
call protect('calendar_feed', 'organisation');
grant select, insert, update (revoked_at, revision) on calendar_feed to aikatori_app;
grant select, update (last_used_at) on calendar_feed to aikatori_market;

-- What was revoked stays so, and nobody makes a feed in another's name.
create function calendar_feed_rules() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'INSERT' then
        if new.member is distinct from current_member() then
            perform refuse('403', 'not_your_side');
        end if;
        new.credential := case when new.member is null then current_credential() end;
    elsif old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at then
        perform refuse('409', 'already_revoked');
    end if;
    return new;
end $$;
create trigger rules before insert or update on calendar_feed
    for each row execute function calendar_feed_rules();
grant execute on function calendar_feed_rules() to aikatori_app, aikatori_market;

-- The feed behind a digest, and that it was used; nothing where there is none, where it was
-- revoked, or where who made it has gone or might not make it any more. It is the only credential.
create function open_calendar_feed(p_digest bytea)
    returns table (id uuid, organisation uuid, specialist uuid, unit uuid, language text)
    language plpgsql
as $$
declare
    feed calendar_feed;
    now timestamptz := market_now();
begin
    select f.* into feed from calendar_feed f
        left join member m on m.organisation = f.organisation and m.id = f.member
        left join credential c on c.organisation = f.organisation and c.id = f.credential
        where f.digest = p_digest and f.revoked_at is null
          and case when f.member is null then c.revoked_at is null
            else m.active and (m.roles && array['scheduler', 'admin']
                or 'specialist' = any (m.roles) and m.specialist = f.specialist) end;
    if not found then
        return;
    end if;
    if feed.last_used_at is null or feed.last_used_at < now - interval '1 minute' then
        update calendar_feed f set last_used_at = now where f.id = feed.id;
    end if;
    return query
        select feed.id, feed.organisation, feed.specialist, feed.unit, feed.language;
end $$;
call give_to_market('open_calendar_feed(bytea)', 'aikatori_app');

-- For feeds: cancelled visits have no live reservation by which they could be found.
create index booking_cancelled_of_specialist on booking (specialist, lower(planned))
    where state = 'cancelled';
create index booking_bought_in_time on booking (buyer, lower(planned));

-- Where an organisation, or one of its units, has calendar messages mailed to; off where there is
-- no row.
create table calendar_mailbox (
    id uuid primary key,
    organisation uuid not null references organisation (id),
    -- null: for the visits of all units that have none of their own
    unit uuid,
    address text not null check (length(address) between 3 and 254),
    language text not null check (language in ('fi', 'sv', 'en')),
    revision bigint not null default 1,
    unique nulls not distinct (organisation, unit),
    foreign key (organisation, unit) references unit (organisation, id)
);
call protect('calendar_mailbox', 'organisation');
grant select, insert, delete, update (address, language, revision) on calendar_mailbox
    to aikatori_app;
grant select on calendar_mailbox to aikatori_market;

-- A calendar message that a side is to be mailed, as it was when this much had been said and done:
-- made in the transaction of its cause, and dropped in the one that puts the mail in line. Its due
-- time is a real one, whatever a demo's clock says.
create table calendar_mail (
    id bigint generated always as identity primary key,
    booking uuid not null references booking (id),
    organisation uuid not null,
    -- of the handshake's last message
    sequence int not null,
    at timestamptz not null,
    due_at timestamptz not null default clock_timestamp(),
    tries int not null default 0
);
create index calendar_mail_due on calendar_mail (due_at, id);
call protect('calendar_mail', 'organisation');
grant select, delete on calendar_mail to aikatori_app;
grant select, insert, update (due_at, tries) on calendar_mail to aikatori_market;

-- The mailbox of a unit, or of its organisation where the unit has none of its own.
create function mailbox_of(p_organisation uuid, p_unit uuid) returns calendar_mailbox
    language sql stable
as $$
    select m from calendar_mailbox m
    where m.organisation = p_organisation and (m.unit is null or m.unit = p_unit)
    order by m.unit nulls last limit 1
$$;

grant execute on function mailbox_of(uuid, uuid) to aikatori_market;

-- What calendars are told of visits of the caller's: the two organisations, and where each side's
-- people are. The units are the other side's rows, so this is all that is told of them.
create function visit_places(p_bookings uuid[])
    returns table (
        booking uuid, seller uuid, seller_name text, seller_email text, seller_unit text,
        buyer uuid, buyer_name text, buyer_email text, buyer_unit text)
    language sql stable
as $$
    select b.id, s.id, s.name, coalesce((mailbox_of(s.id, su.id)).address, s.email), su.name,
        o.id, o.name, coalesce((mailbox_of(o.id, bu.id)).address, o.email), bu.name
    from booking b
    join organisation s on s.id = b.seller
    join organisation o on o.id = b.buyer
    join specialist p on p.id = b.specialist
    join unit su on su.id = p.unit
    left join unit bu on bu.id = b.buyer_unit
    where b.id = any (p_bookings) and current_organisation() in (b.seller, b.buyer)
$$;
call give_to_market('visit_places(uuid[])', 'aikatori_app');

-- Both sides of a booking that have a mailbox are to be told.
create function tell_calendars(p_booking uuid, p_sequence int, p_at timestamptz) returns void
    language sql
as $$
    insert into calendar_mail (booking, organisation, sequence, at)
    select b.id, side.organisation, p_sequence, p_at
    from booking b join specialist s on s.id = b.specialist
    cross join lateral (values (b.seller, s.unit), (b.buyer, b.buyer_unit))
        as side (organisation, unit)
    where b.id = p_booking and exists (select from calendar_mailbox m
        where m.organisation = side.organisation and (m.unit is null or m.unit = side.unit))
$$;
call give_to_market('tell_calendars(uuid, int, timestamptz)', 'aikatori_app');

create function handshake_tells_calendars() returns trigger
    language plpgsql
as $$
begin
    perform tell_calendars(new.booking, 0, new.created_at);
    return null;
end $$;
create trigger tells_calendars after insert on handshake
    for each row when (new.accepted_in_advance) execute function handshake_tells_calendars();

create function message_tells_calendars() returns trigger
    language plpgsql
as $$
begin
    perform tell_calendars(new.booking, new.sequence, new.recorded_at);
    return null;
end $$;
create trigger tells_calendars after insert on handshake_message
    for each row when (new.kind not in ('ready', 'not_ready'))
    execute function message_tells_calendars();

-- What is done to a booking without its handshake.
create function event_tells_calendars() returns trigger
    language plpgsql
as $$
begin
    perform tell_calendars(new.subject,
        (select coalesce(max(m.sequence), 0) from handshake_message m
            where m.booking = new.subject),
        new.recorded_at);
    return null;
end $$;
create trigger tells_calendars after insert on event
    for each row when (new.subject_kind = 'booking'
        and new.kind in ('booking.substituted', 'booking.cancelled'))
    execute function event_tells_calendars();
grant execute on function handshake_tells_calendars(), message_tells_calendars(),
    event_tells_calendars() to aikatori_app, aikatori_market;

-- The next one that is due, which nobody else takes in this transaction, with the mailbox; its
-- address is null where there is none any more. Acts as its side from here on.
create function take_calendar_mail()
    returns table (
        id bigint, booking uuid, organisation uuid, sequence bigint, at timestamptz, address text,
        language text, time_zone text)
    language plpgsql
as $$
declare
    mail calendar_mail;
begin
    select * into mail from calendar_mail m
    where m.due_at <= clock_timestamp() order by m.due_at, m.id limit 1
    for update skip locked;
    if not found then
        return;
    end if;
    perform set_config('app.organisation', mail.organisation::text, true),
        set_config('app.operation', 'calendar_mail', true);
    return query
        select mail.id, mail.booking, mail.organisation, mail.sequence::bigint, mail.at,
            box.address, box.language,
            (select u.time_zone from unit u where u.organisation = mail.organisation
                order by u.id = side.unit desc nulls last, u.id limit 1)
        from booking b join specialist s on s.id = b.specialist
        cross join lateral (select case when b.seller = mail.organisation
            then s.unit else b.buyer_unit end as unit) side
        left join lateral mailbox_of(mail.organisation, side.unit) box on true
        where b.id = mail.booking;
end $$;

-- It could not be made: again later, and later each time.
create function postpone_calendar_mail(p_id bigint) returns void
    language sql
as $$
    update calendar_mail m set tries = m.tries + 1,
        due_at = clock_timestamp() + least(interval '1 hour', interval '10 seconds' * 2 ^ m.tries)
    where m.id = p_id
$$;
call give_to_market('take_calendar_mail()', 'aikatori_app');
call give_to_market('postpone_calendar_mail(bigint)', 'aikatori_app');

insert into operation_role (operation, roles) values
    ('getBookingCalendar',
        array['scheduler', 'specialist', 'finance', 'admin', 'signatory', 'auditor']),
    ('listCalendarFeeds', array['scheduler', 'specialist', 'admin', 'auditor']),
    ('addCalendarFeed', array['scheduler', 'specialist', 'admin']),
    ('revokeCalendarFeed', array['scheduler', 'specialist', 'admin']),
    ('listCalendarMailboxes', array['admin', 'auditor']),
    ('setCalendarMailbox', array['admin']),
    ('removeCalendarMailbox', array['admin']);
