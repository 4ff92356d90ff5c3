-- What goes out to people: mail, and texts to telephones. A row is made in the transaction of its
-- cause and sent afterwards, at least once and always under one name, so that whoever receives it
-- can tell a repetition. All times are real ones, whatever a demo's clock says.

create table outgoing_message (
    id uuid primary key default uuid_v7(),
    -- whose message it is: its administrators see what could not be sent
    organisation uuid not null references organisation (id),
    channel text not null check (channel in ('mail', 'sms')),
    -- an address of mail, or a telephone's number; a number is gone once nothing is sent to it
    recipient text not null check (length(recipient) <= 254),
    subject text not null check (length(subject) <= 1000),
    -- plain text; empty once it has gone
    body text not null check (length(body) <= 100000),
    -- [{content_type, name, content}]
    attachments jsonb not null default '[]' check (jsonb_typeof(attachments) = 'array'),
    -- what it is sent for: an organisation has no two messages of one cause in one channel
    cause text not null check (length(cause) between 1 and 300),
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'given_up')),
    tries int not null default 0 check (tries >= 0),
    next_try timestamptz not null default clock_timestamp(),
    -- later it says nothing any more; null: always
    expires_at timestamptz,
    made_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    last_error text check (length(last_error) <= 200),
    check ((state = 'waiting') = (ended_at is null)),
    unique (organisation, channel, cause)
);
create index outgoing_message_due on outgoing_message (next_try) where state = 'waiting';
create index outgoing_message_of_organisation on outgoing_message (organisation, id);
create index outgoing_message_ended on outgoing_message (ended_at) where state <> 'waiting';
call protect('outgoing_message', 'organisation');
-- to whom, and what, is not even for `export` and `verify`
revoke select on outgoing_message from aikatori_reader;
grant select (id, organisation, channel, cause, state, tries, next_try, expires_at, made_at,
    ended_at, last_error) on outgoing_message to aikatori_reader;
grant select on outgoing_message to aikatori_app;
grant select, insert, update, delete on outgoing_message to aikatori_market;

-- Puts a message in line, in the caller's transaction. False where one of its cause is there.
create function queue_message(
    p_organisation uuid, p_channel text, p_recipient text, p_subject text, p_body text,
    p_attachments jsonb, p_cause text, p_expires_at timestamptz)
    returns boolean
    language plpgsql
as $$
begin
    insert into outgoing_message (organisation, channel, recipient, subject, body, attachments,
        cause, expires_at)
    values (p_organisation, p_channel, p_recipient, p_subject, p_body, p_attachments, p_cause,
        p_expires_at)
    on conflict (organisation, channel, cause) do nothing;
    return found;
end $$;

-- How long a message waits after so many tries that failed; null after the last of them.
create function message_wait(tries int) returns interval
    language sql immutable
as $$
    select (array['5 seconds', '5 minutes', '30 minutes', '2 hours', '5 hours', '10 hours',
        '14 hours'])[tries]::interval
$$;

-- A message that is not sent any more; its organisation is told.
create function give_up_message(p_id uuid, p_error text) returns void
    language plpgsql
as $$
declare
    gone outgoing_message;
begin
    update outgoing_message m set state = 'given_up', ended_at = clock_timestamp(),
        last_error = left(p_error, 200), body = '', attachments = '[]',
        recipient = case m.channel when 'mail' then m.recipient else '' end
    where m.id = p_id and m.state = 'waiting' returning * into gone;
    if gone.id is not null then
        perform announce('message.given_up', 'message', gone.id, 1, gone.organisation, null,
            jsonb_build_object('channel', gone.channel));
    end if;
end $$;

-- The next message that is due in one of these channels. Nobody else takes it for a minute: longer
-- takes no sending, and after that whoever took it is held to have died. Never in a demo.
create function take_message(p_channels text[])
    returns table (
        id uuid, organisation uuid, channel text, recipient text, subject text, body text,
        attachments text, tries int, made_at timestamptz)
    language plpgsql
as $$
declare
    late uuid;
begin
    if is_demo() then
        return;
    end if;
    for late in
        select m.id from outgoing_message m
        where m.state = 'waiting' and m.expires_at <= clock_timestamp()
        limit 20 for update skip locked
    loop
        perform give_up_message(late, 'too late');
    end loop;
    -- nobody has said what became of the last try
    for late in
        select m.id from outgoing_message m
        where m.state = 'waiting' and m.next_try <= clock_timestamp()
          and m.tries > 7
        limit 20 for update skip locked
    loop
        perform give_up_message(late, coalesce(
            (select m.last_error from outgoing_message m where m.id = late), 'not sent'));
    end loop;
    return query
        update outgoing_message m set tries = m.tries + 1,
            next_try = clock_timestamp() + interval '1 minute'
        where m.id = (
            select n.id from outgoing_message n
            where n.state = 'waiting' and n.next_try <= clock_timestamp()
              and n.channel = any (p_channels)
            order by n.next_try, n.id limit 1 for update skip locked)
        returning m.id, m.organisation, m.channel, m.recipient, m.subject, m.body,
            m.attachments::text, m.tries, m.made_at;
end $$;

-- What became of a try; null for `p_problem` when it has gone. What has gone is kept without its
-- text, and without a telephone's number.
create function message_was_tried(p_id uuid, p_problem text) returns void
    language plpgsql
as $$
declare
    tried outgoing_message;
    wait interval;
begin
    select * into tried from outgoing_message m
    where m.id = p_id and m.state = 'waiting' for update;
    if not found then
        return;
    end if;
    if p_problem is null then
        update outgoing_message m set state = 'sent', ended_at = clock_timestamp(), body = '',
            attachments = '[]', last_error = null,
            recipient = case m.channel when 'mail' then m.recipient else '' end
        where m.id = p_id;
        return;
    end if;
    wait := message_wait(tried.tries);
    if wait is null or tried.expires_at <= clock_timestamp() + wait then
        perform give_up_message(p_id, p_problem);
    else
        update outgoing_message m set next_try = clock_timestamp() + wait,
            last_error = left(p_problem, 200)
        where m.id = p_id;
    end if;
    -- others go first while an organisation's gateway is in trouble
    if tried.channel = 'sms' then
        update outgoing_message m set next_try = clock_timestamp() + interval '10 seconds'
        where m.organisation = tried.organisation and m.channel = 'sms' and m.state = 'waiting'
          and m.id <> p_id and m.next_try < clock_timestamp() + interval '10 seconds';
    end if;
end $$;

-- In a demo nothing goes out; it is looked at instead.
create function demo_messages()
    returns table (
        id uuid, organisation_name text, channel text, recipient text, subject text, body text,
        made_at timestamptz)
    language plpgsql
as $$
begin
    perform require_demo();
    return query
        select m.id, o.name, m.channel, m.recipient, m.subject, m.body, m.made_at
        from outgoing_message m join organisation o on o.id = m.organisation
        order by m.made_at desc, m.id desc limit 20;
end $$;

-- What was sent or given up two months ago; the worker calls it.
create function forget_messages() returns void
    language sql
as $$
    delete from outgoing_message m
    where m.state <> 'waiting' and m.ended_at < clock_timestamp() - interval '60 days'
$$;

grant execute on function give_up_message(uuid, text), message_wait(int) to aikatori_market;
call give_to_market(
    'queue_message(uuid, text, text, text, text, jsonb, text, timestamptz)', 'aikatori_app');
call give_to_market('take_message(text[])', 'aikatori_app');
call give_to_market('message_was_tried(uuid, text)', 'aikatori_app');
call give_to_market('demo_messages()', 'aikatori_app');
call give_to_market('forget_messages()', 'aikatori_app');

insert into operation_role (operation, roles) values
    ('listMessages', array['admin', 'auditor']);
