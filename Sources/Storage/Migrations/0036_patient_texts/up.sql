-- Text messages to patients, where the organisation that books for them wants them: through a
-- gateway of its own, to a number that it alone gives, keeps and sees until the visit is over.

create table text_gateway (
    organisation uuid primary key references organisation (id),
    -- nothing is sent where there is none
    address text check (length(address) between 1 and 500),
    method text not null default 'POST' check (method in ('POST', 'PUT')),
    content_type text not null default 'application/json' check (content_type in
        ('application/json', 'application/x-www-form-urlencoded', 'text/plain')),
    -- with {to} and {text} in it
    body text not null default '' check (length(body) <= 2000),
    -- of the secret; both or none
    header text check (header ~ '^[A-Za-z][A-Za-z0-9-]{0,63}$'),
    -- under the master key
    sealed_secret bytea,
    -- minutes before a visit
    reminders int[] not null default '{}' check (reminders <@ array[15, 60, 1440]),
    -- {fi, sv, en}: with {when} and {organisation}; neither service nor specialist has a place
    texts jsonb not null default '{}' check (jsonb_typeof(texts) = 'object'),
    revision bigint not null default 1,
    check ((header is null) = (sealed_secret is null))
);
call protect('text_gateway', 'organisation');
grant select, insert, update on text_gateway to aikatori_app;
grant select on text_gateway to aikatori_market;

-- Where a patient is reached: the buyer's alone, and gone when the visit is over.
create table patient_contact (
    booking uuid primary key,
    seller uuid not null,
    buyer uuid not null,
    number text not null check (number ~ '^\+[1-9][0-9]{7,14}$'),
    language text not null check (language in ('fi', 'sv', 'en')),
    created_at timestamptz not null default market_now(),
    foreign key (booking, seller, buyer) references booking (id, seller, buyer)
);
call protect('patient_contact', 'buyer');
grant select, insert, update, delete on patient_contact to aikatori_app;
grant select, delete on patient_contact to aikatori_market;
-- not even for `export` and `verify`
revoke select on patient_contact from aikatori_reader;
grant select (booking, seller, buyer, language, created_at) on patient_contact
    to aikatori_reader;

-- The number is for a visit that is still to come.
create function patient_contact_rules() returns trigger
    language plpgsql
as $$
begin
    if not exists (select from booking b where b.id = new.booking
        and b.state in ('held', 'booked') and market_now() < upper(b.planned))
    then
        perform refuse('409', 'visit_over');
    end if;
    return new;
end $$;
create trigger rules before insert or update on patient_contact
    for each row execute function patient_contact_rules();
grant execute on function patient_contact_rules() to aikatori_app;

-- What the text of a reminder is made of, where its time has come and its buyer wants one: no row
-- for a visit that was moved or cancelled meanwhile. Called by the worker.
create function patient_reminder(p_kind text, p_booking uuid)
    returns table (
        buyer uuid, buyer_name text, number text, language text, texts text,
        starts timestamptz, time_zone text, cause text, expires_at timestamptz)
    language sql stable
as $$
    select b.buyer, o.name, c.number, c.language, g.texts::text,
        lower(b.planned),
        coalesce(u.time_zone, (select x.time_zone from unit x
            where x.organisation = b.buyer order by x.id limit 1)),
        format('patient %s %s %s', b.id, w.lead, extract(epoch from lower(b.planned))::bigint),
        clock_timestamp() + (lower(b.planned) - market_now())
    from (values ('visit_in_a_day', 1440), ('visit_in_an_hour', 60),
        ('visit_in_a_quarter', 15)) w (kind, lead)
    join booking b on b.id = p_booking and b.state = 'booked'
        and market_now() >= lower(b.planned) - make_interval(mins => w.lead)
        and market_now() < lower(b.planned)
    join patient_contact c on c.booking = b.id
    join text_gateway g on g.organisation = b.buyer and g.address is not null
        and w.lead = any (g.reminders)
    join organisation o on o.id = b.buyer
    left join unit u on u.id = b.buyer_unit
    where w.kind = p_kind
$$;

-- What would still be sent to a visit's patient says nothing any more.
create function forget_patient_texts(p_booking uuid) returns void
    language sql
as $$
    delete from outgoing_message m using booking b
    where b.id = p_booking and m.organisation = b.buyer and m.channel = 'sms'
      and m.state = 'waiting' and m.cause like 'patient ' || p_booking || ' %'
$$;

-- A text that waits goes to the number that was given last, and nowhere when that is taken away.
create function texts_follow_contact() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'DELETE' then
        perform forget_patient_texts(old.booking);
    else
        update outgoing_message m set recipient = new.number
        where m.organisation = new.buyer and m.channel = 'sms' and m.state = 'waiting'
          and m.cause like 'patient ' || new.booking || ' %';
    end if;
    return null;
end $$;
create trigger texts_follow after update or delete on patient_contact
    for each row execute function texts_follow_contact();

-- Forgets the number of a visit that is over, and what would still be sent to it.
create function forget_patient_contact(p_booking uuid) returns void
    language sql
as $$
    select forget_patient_texts(p_booking);
    delete from patient_contact c where c.booking = p_booking
$$;

-- How a text of an organisation goes out.
create function text_gateway_of(p_organisation uuid)
    returns table (address text, method text, content_type text, body text, header text,
        sealed_secret bytea)
    language sql stable
as $$
    select g.address, g.method, g.content_type, g.body, g.header, g.sealed_secret
    from text_gateway g where g.organisation = p_organisation and g.address is not null
$$;

grant execute on function forget_patient_contact(uuid), forget_patient_texts(uuid)
    to aikatori_market;
call give_to_market('texts_follow_contact()', 'aikatori_app');
call give_to_market('patient_reminder(text, uuid)', 'aikatori_app');
call give_to_market('text_gateway_of(uuid)', 'aikatori_app');

insert into operation_role (operation, roles) values
    ('getTextGateway', array['admin', 'auditor']),
    ('updateTextGateway', array['admin']),
    ('getPatientContact', array['scheduler']),
    ('setPatientContact', array['scheduler']),
    ('removePatientContact', array['scheduler']);
