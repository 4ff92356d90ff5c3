-- What finance sees too late otherwise: answers that come early, and changes of where invoices go,
-- of the limit of payments, and of what is given up.

-- What the operator said of a file while it was being moved: taken once the delivery was sent.
alter table invoice_delivery
    add column early_taken boolean,
    add column early_problem text check (length(early_problem) between 1 and 200),
    add check (early_taken is null or prepared);

-- What became of a step of a delivery: `prepared`, `sent`, `acknowledged`, `failed`, or `again`
-- after a try that failed, until the last of them.
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
    if step = 'sent' and d.early_taken is not null then
        perform take_delivery_answer(p_id, d.early_taken, d.early_problem);
    end if;
end $$;

-- What the operator says of a delivery that was sent, or is just being moved to it. The same answer
-- twice is one answer; mail answers for itself.
create or replace function take_delivery_answer(p_id uuid, p_taken boolean, p_problem text)
    returns void
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
    if d.state = 'queued' and d.prepared and coalesce(d.early_taken, p_taken) = p_taken then
        update invoice_delivery set early_taken = p_taken,
            early_problem = coalesce(early_problem, nullif(left(p_problem, 200), ''))
        where id = p_id;
        return;
    end if;
    if d.way <> 'operator' or d.state <> 'sent' then
        perform refuse('409', 'illegal_transition', jsonb_build_object('state', d.state));
    end if;
    perform step_delivery(p_id, step, case when p_taken then null
        else coalesce(nullif(p_problem, ''), 'refused by the operator') end);
end $$;

-- By a file in the operator's folder, which no organisation writes: false where it says nothing
-- of a delivery that waits for an answer.
create or replace function read_delivery_answer(p_id uuid, p_taken boolean, p_problem text)
    returns boolean
    language plpgsql
as $$
begin
    if current_organisation() is not null or not exists (select from invoice_delivery d
        where d.id = p_id and d.way = 'operator'
          and (d.state = 'sent' or d.state = 'queued' and d.prepared
            and coalesce(d.early_taken, p_taken) = p_taken) for update)
    then
        return false;
    end if;
    perform take_delivery_answer(p_id, p_taken, p_problem);
    return true;
end $$;
call give_to_market('read_delivery_answer(uuid, boolean, text)', 'aikatori_app');

-- It numbers the events of the limit.
alter table payment_limit add column revision bigint not null default 1;

insert into alert_kind (kind, roles, mails, urgent) values
    ('own_write_off', array['finance', 'admin'], true, false),
    ('payment_limit_set', array['finance', 'admin'], true, false),
    ('reception_changed', array['finance', 'admin'], true, false);
insert into alert_rule (event_kind, alert_kind, whom) values
    ('invoice.written_off', 'own_write_off', 'own'),
    ('payment_limit.set', 'payment_limit_set', 'own'),
    ('invoice_reception.changed', 'reception_changed', 'own');
