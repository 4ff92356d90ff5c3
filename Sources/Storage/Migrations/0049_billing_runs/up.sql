-- Billing runs: one order, by which all contracts of a seller go as far as they can.

create table billing_run (
    id uuid primary key,
    organisation uuid not null references organisation (id),
    -- what is of this month or an earlier one
    period text not null check (period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
    begun_by uuid,
    begun_at timestamptz not null default market_now()
);
create index billing_run_of_organisation on billing_run (organisation, id);
call protect('billing_run', 'organisation');
call append_only('billing_run');
grant select, insert on billing_run to aikatori_app;

-- One step is one transaction of the worker of deadlines: what it makes is there with its end.
create table billing_step (
    id uuid primary key,
    run uuid not null references billing_run (id),
    organisation uuid not null references organisation (id),
    contract uuid not null references contract (id),
    kind text not null check (kind in ('statement', 'invoice')),
    -- the one to invoice, or the one that was made
    statement uuid references statement (id),
    state text not null default 'waiting' check (state in ('waiting', 'done', 'refused')),
    -- how many statements or invoices were made, and what they come to without VAT
    made int not null default 0 check (made >= 0),
    net bigint not null default 0,
    -- why nothing was made
    refusal text check (length(refusal) between 1 and 100),
    ended_at timestamptz,
    check ((state = 'waiting') = (ended_at is null)),
    check ((state = 'refused') = (refusal is not null)),
    check ((state = 'done') = (made > 0)),
    check (statement is not null or kind = 'statement' and state <> 'done')
);
create index billing_step_of_run on billing_step (run, kind, contract);
create index billing_step_that_waits on billing_step (organisation) where state = 'waiting';
call protect('billing_step', 'organisation');
grant select, insert on billing_step to aikatori_app;
grant update (state, statement, made, net, refusal, ended_at) on billing_step to aikatori_app;

-- A run at a time: the next one is begun when the last step of the one before has ended.
create function billing_run_rules() returns trigger
    language plpgsql
as $$
begin
    if current_organisation() is distinct from new.organisation then
        perform refuse('403', 'not_your_side');
    end if;
    perform pg_advisory_xact_lock(
        hashtextextended('aikatori.billing_run ' || new.organisation, 0));
    if exists (select from billing_step s
        where s.organisation = new.organisation and s.state = 'waiting')
    then
        perform refuse('409', 'billing_run_under_way');
    end if;
    if month_end(new.organisation, (new.period || '-01')::date) > market_now() then
        perform refuse('409', 'period_not_over');
    end if;
    new.begun_at := market_now();
    return new;
end $$;
create trigger rules before insert on billing_run
    for each row execute function billing_run_rules();

-- The seller's own contracts, and each step ends once.
create function billing_step_rules() returns trigger
    language plpgsql
as $$
begin
    if tg_op = 'UPDATE' and (old.state <> 'waiting' or new.state = 'waiting') then
        perform refuse('409', 'illegal_transition', jsonb_build_object('state', old.state));
    end if;
    if not exists (select from contract c
            where c.id = new.contract and c.seller = new.organisation)
        or new.statement is not null and not exists (select from statement s
            where s.id = new.statement and s.contract = new.contract)
    then
        perform refuse('403', 'not_your_side');
    end if;
    new.ended_at := case when new.state <> 'waiting' then market_now() end;
    return new;
end $$;
create trigger rules before insert or update on billing_step
    for each row execute function billing_step_rules();

-- What there is to do by the end of a month: contracts with charges that no statement has, and
-- accepted statements of which something is on no invoice. The steps of a run, each with its
-- deadline, which is now.
create function plan_billing_run(p_run uuid) returns void
    language sql
as $$
    with due as (
        select distinct c.contract, 'statement' as kind, null::uuid as statement, r.organisation
        from billing_run r join charge c on c.seller = r.organisation and c.period <= r.period
        where r.id = p_run
          and not exists (select from statement_line l where l.charge = c.id)
          and not exists (select from charge o where o.replaces = c.id)
          and not exists (select from dispute d where d.correction = c.id)
        union all
        select s.contract, 'invoice', s.id, r.organisation
        from billing_run r join statement s
            on s.seller = r.organisation and s.state = 'accepted' and s.period <= r.period
        where r.id = p_run and exists (select from billable_charge b
            join charge c on c.id = b.charge and c.net <> 0
            where b.statement = s.id
              and not exists (select from invoice_line l where l.charge = c.id))
    ), steps as (
        insert into billing_step (id, run, organisation, contract, kind, statement)
        select uuid_v7(), p_run, organisation, contract, kind, statement from due
        returning id, organisation
    )
    insert into deadline (due_at, kind, subject, organisation)
    select market_now(), 'billing_step', id, organisation from steps
$$;
grant execute on function plan_billing_run(uuid) to aikatori_app;

insert into operation_role (operation, roles) values
    ('listBillingRuns', array['finance', 'admin', 'auditor']),
    ('startBillingRun', array['finance']),
    ('getBillingRun', array['finance', 'admin', 'auditor']);
