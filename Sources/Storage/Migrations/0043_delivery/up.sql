-- Documents of invoices: what they must say, and how they reach their buyer.

-- The remainder by 97 of digits and capital letters, A = 10 … Z = 35 (ISO 7064, MOD 97-10).
create function mod97(p_text text) returns int
    language sql immutable strict
as $$
    select mod(string_agg(
        case when c between '0' and '9' then c else (ascii(c) - 55)::text end, ''
        order by n)::numeric, 97)::int
    from unnest(string_to_array(p_text, null)) with ordinality as t(c, n)
$$;

-- An account with its check digits (ISO 13616).
create function iban_is_right(p_iban text) returns boolean
    language sql immutable strict
as $$
    select case when p_iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'
        then mod97(substr(p_iban, 5) || substr(p_iban, 1, 4)) = 1 else false end
$$;

-- A national reference number (weights 7, 3, 1 from the right), or one of ISO 11649.
create function reference_is_right(p_reference text) returns boolean
    language sql immutable strict
as $$
    select case
        when p_reference ~ '^RF[0-9]{2}[0-9A-Z]{1,21}$' then
            mod97(substr(p_reference, 5) || substr(p_reference, 1, 4)) = 1
        when p_reference ~ '^[1-9][0-9]{3,19}$' then (
            select mod(10 - mod(sum(c::int * (array[7, 3, 1])[1 + mod(n - 1, 3)]), 10), 10)
            from unnest(string_to_array(reverse(left(p_reference, -1)), null))
                with ordinality as t(c, n)) = right(p_reference, 1)::int
        else false end
$$;

-- What the official rules of e-invoices do not look at.
alter table invoice
    add constraint invoice_iban_right check (iban_is_right(iban)),
    add constraint invoice_reference_right check (reference_is_right(reference)),
    add constraint invoice_buyer_reference_there
        check (buyer_reference ~ '\S' or coalesce(order_reference, '') ~ '\S');

grant execute on function mod97(text), iban_is_right(text), reference_is_right(text)
    to aikatori_app, aikatori_market;

insert into operation_role (operation, roles) values
    ('getInvoiceFinvoice', array['finance', 'admin', 'auditor']),
    ('getInvoicePDF', array['finance', 'admin', 'auditor']);

-- How an organisation wants to get its invoices: itself, by mail, or through an e-invoice operator.
create table invoice_reception (
    organisation uuid primary key references organisation (id),
    way text not null check (way in ('download', 'mail', 'operator')),
    form text not null check (form in ('ubl', 'finvoice')),
    address text check (length(address) between 3 and 254),
    revision bigint not null check (revision > 0),
    check ((way = 'mail') = (address is not null))
);
call protect('invoice_reception', 'organisation');
grant select, insert on invoice_reception to aikatori_app;
grant update (way, form, address, revision) on invoice_reception to aikatori_app;
grant select on invoice_reception to aikatori_market;

-- One delivery of an invoice, and what became of it. Another try by a person is another delivery.
create table invoice_delivery (
    id uuid primary key default uuid_v7(),
    invoice uuid not null references invoice (id),
    seller uuid not null,
    buyer uuid not null,
    way text not null check (way in ('download', 'mail', 'operator')),
    form text not null check (form in ('ubl', 'finvoice', 'pdf')),
    address text check ((address is not null) = (way = 'mail')),
    state text not null check (state in ('queued', 'sent', 'acknowledged', 'failed')),
    -- the file lies whole beside the operator's folder, and is only to be moved there
    prepared boolean not null default false check (not prepared or way = 'operator'),
    tries int not null default 0 check (tries >= 0),
    problem text check (length(problem) between 1 and 200),
    revision bigint not null default 1,
    made_at timestamptz not null default market_now(),
    sent_at timestamptz check (sent_at is not null or state in ('queued', 'failed')),
    ended_at timestamptz check ((ended_at is not null) = (state in ('acknowledged', 'failed'))),
    check (state <> 'failed' or problem is not null)
);
create index invoice_delivery_of_invoice on invoice_delivery (invoice, id);
-- a download is noted once; nothing is on two ways at once
create unique index invoice_delivery_noted on invoice_delivery (invoice, form)
    where way = 'download';
create unique index invoice_delivery_under_way on invoice_delivery (invoice)
    where way <> 'download' and state in ('queued', 'sent', 'acknowledged');
call protect('invoice_delivery', 'seller', 'buyer');
grant select on invoice_delivery to aikatori_app;
grant select, insert, update on invoice_delivery to aikatori_market;

-- Queued, sent, acknowledged; it can fail before the end, and what has ended stays.
create function invoice_delivery_rules() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'UPDATE' then
        if (new.id, new.invoice, new.seller, new.buyer, new.way, new.form, new.address,
            new.made_at) is distinct from (old.id, old.invoice, old.seller, old.buyer, old.way,
            old.form, old.address, old.made_at)
            or not (new.state = old.state and old.state = 'queued'
                or (old.state, new.state) in (('queued', 'sent'), ('queued', 'failed'),
                    ('sent', 'acknowledged'), ('sent', 'failed')))
        then
            perform refuse('409', 'illegal_transition', jsonb_build_object('state', old.state));
        end if;
        new.revision := old.revision + 1;
    end if;
    if not exists (select from invoice i where i.id = new.invoice
        and (i.seller, i.buyer) = (new.seller, new.buyer))
    then
        perform refuse('500', 'delivery_of_another_invoice');
    end if;
    return new;
end $$;
create trigger rules before insert or update on invoice_delivery
    for each row execute function invoice_delivery_rules();
create trigger stays before delete on invoice_delivery
    for each row execute function refuse_change();
create trigger stays_whole before truncate on invoice_delivery
    for each statement execute function refuse_change();

-- Puts an invoice on its way, as its buyer wants it; null where the buyer takes it itself.
create function queue_delivery(p_invoice uuid) returns uuid
    language plpgsql
as $$
declare
    i invoice;
    wish invoice_reception;
    made uuid;
begin
    select * into i from invoice where id = p_invoice;
    if not found or (current_organisation() in (i.seller, i.buyer)) is not true then
        perform refuse('404', 'not_found');
    end if;
    if current_organisation() <> i.seller then
        perform refuse('403', 'not_your_side');
    end if;
    select * into wish from invoice_reception r
    where r.organisation = i.buyer and r.way <> 'download';
    if not found then
        return null;
    end if;
    insert into invoice_delivery (invoice, seller, buyer, way, form, address, state)
    values (i.id, i.seller, i.buyer, wish.way, wish.form, wish.address, 'queued')
    on conflict do nothing returning id into made;
    if made is null then
        perform refuse('409', 'already_delivered');
    end if;
    insert into deadline (due_at, kind, subject, organisation)
    values (market_now(), 'invoice_delivery', made, i.seller);
    return made;
end $$;

create function deliver_issued_invoice() returns trigger
    language plpgsql
as $$
begin
    perform queue_delivery(new.id);
    return null;
end $$;
create trigger deliver after insert on invoice
    for each row execute function deliver_issued_invoice();

-- What became of a step of a delivery: `prepared`, `sent`, `acknowledged`, `failed`, or `again`
-- after a try that failed, until the last of them.
create function step_delivery(p_id uuid, p_step text, p_problem text) returns void
    language plpgsql
as $$
declare
    d invoice_delivery;
    step text := p_step;
    wait interval;
    told text := nullif(left(p_problem, 200), '');
begin
    select * into d from invoice_delivery where id = p_id for update;
    if not found then
        perform refuse('404', 'not_found');
    end if;
    if step = 'again' then
        wait := message_wait(d.tries + 1);
        if wait is null then
            step := 'failed';
        end if;
    end if;
    if step in ('prepared', 'again') then
        update invoice_delivery set prepared = prepared or step = 'prepared',
            tries = tries + (step = 'again')::int, problem = told
        where id = p_id;
        insert into deadline (due_at, kind, subject, organisation)
        values (market_now() + coalesce(wait, interval '0'), 'invoice_delivery', p_id, d.seller);
        return;
    end if;
    update invoice_delivery set state = step, problem = told,
        sent_at = coalesce(sent_at, case when step = 'sent' then market_now() end),
        ended_at = case when step in ('acknowledged', 'failed') then market_now() end
    where id = p_id;
    -- the first is that it was sent, or could not be
    perform announce('invoice_delivery.' || step, 'invoice_delivery', p_id,
        case d.state when 'sent' then 2 else 1 end, d.seller, d.buyer,
        jsonb_build_object('way', d.way));
end $$;

-- The same by the seller's own worker.
create function move_delivery(p_id uuid, p_step text, p_problem text) returns void
    language plpgsql
as $$
begin
    if not exists (select from invoice_delivery d
        where d.id = p_id and d.seller = current_organisation())
    then
        perform refuse('404', 'not_found');
    end if;
    perform step_delivery(p_id, p_step, p_problem);
end $$;

-- What the operator says of a delivery that was sent. The same answer twice is one answer; mail
-- answers for itself.
create function take_delivery_answer(p_id uuid, p_taken boolean, p_problem text) returns void
    language plpgsql
as $$
declare
    d invoice_delivery;
    step text := case when p_taken then 'acknowledged' else 'failed' end;
begin
    select * into strict d from invoice_delivery where id = p_id for update;
    if d.way = 'operator' and d.state = step then
        return;
    end if;
    if d.way <> 'operator' or d.state <> 'sent' then
        perform refuse('409', 'illegal_transition', jsonb_build_object('state', d.state));
    end if;
    perform step_delivery(p_id, step, case when p_taken then null
        else coalesce(nullif(p_problem, ''), 'refused by the operator') end);
end $$;

-- By the seller's word.
create function answer_delivery(p_id uuid, p_taken boolean, p_problem text) returns void
    language plpgsql
as $$
declare
    d invoice_delivery;
begin
    select * into d from invoice_delivery where id = p_id;
    if not found or current_organisation() is null
        or current_organisation() not in (d.seller, d.buyer)
    then
        perform refuse('404', 'not_found');
    end if;
    if current_organisation() <> d.seller then
        perform refuse('403', 'not_your_side');
    end if;
    perform take_delivery_answer(p_id, p_taken, p_problem);
end $$;

-- By a file in the operator's folder, which no organisation writes: false where it says nothing
-- of a delivery that waits for an answer.
create function read_delivery_answer(p_id uuid, p_taken boolean, p_problem text) returns boolean
    language plpgsql
as $$
begin
    if current_organisation() is not null or not exists (select from invoice_delivery d
        where d.id = p_id and d.way = 'operator' and d.state = 'sent' for update)
    then
        return false;
    end if;
    perform take_delivery_answer(p_id, p_taken, p_problem);
    return true;
end $$;

-- The buyer has taken a form of its invoice: noted once.
create function note_download(p_invoice uuid, p_form text) returns void
    language sql
as $$
    insert into invoice_delivery (invoice, seller, buyer, way, form, state, sent_at, ended_at)
    select i.id, i.seller, i.buyer, 'download', p_form, 'acknowledged', market_now(), market_now()
    from invoice i where i.id = p_invoice and i.buyer = current_organisation()
    on conflict do nothing
$$;

-- Mail says itself what became of it.
create function delivery_mail_ended() returns trigger
    language plpgsql
as $$
declare
    delivery uuid := substr(new.cause, 18)::uuid;
begin
    if exists (select from invoice_delivery where id = delivery and state = 'queued') then
        perform step_delivery(delivery, case new.state when 'sent' then 'sent' else 'failed' end,
            case new.state when 'sent' then null else coalesce(new.last_error, 'not sent') end);
    end if;
    return null;
end $$;
create trigger delivery_ended after update of state on outgoing_message
    for each row when (new.cause like 'invoice_delivery:%' and new.state <> 'waiting')
    execute function delivery_mail_ended();

grant execute on function step_delivery(uuid, text, text),
    take_delivery_answer(uuid, boolean, text) to aikatori_market;
grant execute on function invoice_delivery_rules(), deliver_issued_invoice(),
    delivery_mail_ended() to aikatori_app, aikatori_market;
call give_to_market('queue_delivery(uuid)', 'aikatori_app');
call give_to_market('move_delivery(uuid, text, text)', 'aikatori_app');
call give_to_market('answer_delivery(uuid, boolean, text)', 'aikatori_app');
call give_to_market('read_delivery_answer(uuid, boolean, text)', 'aikatori_app');
call give_to_market('note_download(uuid, text)', 'aikatori_app');

insert into operation_role (operation, roles) values
    ('getInvoiceReception', array['finance', 'admin', 'auditor']),
    ('updateInvoiceReception', array['finance', 'admin']),
    ('listInvoiceDeliveries', array['finance', 'admin', 'auditor']),
    ('sendInvoice', array['finance']),
    ('answerInvoiceDelivery', array['finance']);
