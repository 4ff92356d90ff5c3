-- Deliveries go from the issuer to the other party, as that one wants it.
create or replace function queue_delivery(p_invoice uuid) returns uuid
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
    if current_organisation() <> invoice_issuer(i.id) then
        perform refuse('403', 'not_your_side');
    end if;
    select * into wish from invoice_reception r
    where r.organisation = invoice_receiver(i.id) and r.way <> 'download';
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
    values (market_now(), 'invoice_delivery', made, invoice_issuer(i.id));
    return made;
end $$;
call give_to_market('queue_delivery(uuid)', 'aikatori_app');

create or replace function step_delivery(p_id uuid, p_step text, p_problem text) returns void
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
        values (market_now() + coalesce(wait, interval '0'), 'invoice_delivery', p_id,
            invoice_issuer(d.invoice));
        return;
    end if;
    update invoice_delivery set state = step, problem = told,
        sent_at = coalesce(sent_at, case when step = 'sent' then market_now() end),
        ended_at = case when step in ('acknowledged', 'failed') then market_now() end
    where id = p_id;
    -- the first is that it was sent, or could not be
    perform announce('invoice_delivery.' || step, 'invoice_delivery', p_id,
        case d.state when 'sent' then 2 else 1 end, invoice_issuer(d.invoice),
        invoice_receiver(d.invoice),
        jsonb_build_object('way', d.way));
    if step = 'sent' and d.early_taken is not null then
        perform take_delivery_answer(p_id, d.early_taken, d.early_problem);
    end if;
end $$;

create or replace function move_delivery(p_id uuid, p_step text, p_problem text) returns void
    language plpgsql
as $$
begin
    if not exists (select from invoice_delivery d
        where d.id = p_id and invoice_issuer(d.invoice) = current_organisation())
    then
        perform refuse('404', 'not_found');
    end if;
    perform step_delivery(p_id, p_step, p_problem);
end $$;
call give_to_market('move_delivery(uuid, text, text)', 'aikatori_app');

create or replace function answer_delivery(p_id uuid, p_taken boolean, p_problem text) returns void
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
    if current_organisation() <> invoice_issuer(d.invoice) then
        perform refuse('403', 'not_your_side');
    end if;
    perform take_delivery_answer(p_id, p_taken, p_problem);
end $$;
call give_to_market('answer_delivery(uuid, boolean, text)', 'aikatori_app');

create or replace function note_download(p_invoice uuid, p_form text) returns void
    language sql
as $$
    insert into invoice_delivery (invoice, seller, buyer, way, form, state, sent_at, ended_at)
    select i.id, i.seller, i.buyer, 'download', p_form, 'acknowledged', market_now(), market_now()
    from invoice i
    where i.id = p_invoice and invoice_receiver(i.id) = current_organisation()
    on conflict do nothing
$$;
call give_to_market('note_download(uuid, text)', 'aikatori_app');
