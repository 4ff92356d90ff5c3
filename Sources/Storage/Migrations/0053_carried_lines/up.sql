-- What comes to nothing or less on a statement, in one treatment of VAT, is on no invoice: it is
-- carried to the contract's next statement, until there is enough to set it against.

-- A line that is carried names the statement that it comes from.
alter table statement_line
    add column carried_from uuid references statement (id) check (carried_from <> statement);
alter table statement_line drop constraint statement_line_charge_key;
-- it is stated once, and carried from each statement once
alter table statement_line add unique nulls not distinct (charge, carried_from);
create index statement_line_carried on statement_line (carried_from)
    where carried_from is not null;
-- with what is carried, a statement may come to less than nothing
alter table statement drop constraint statement_total_check;

-- What an invoice says of the VAT of a version's charges (`InvoiceVAT`): a reason of an exemption
-- alone, and the rate as a number.
create function invoice_vat(p_contract uuid, p_version int) returns jsonb
    language sql stable
as $$
    select case x.vat ->> 'category' when 'E' then x.vat else x.vat - 'reason' end
        || jsonb_build_object('rate_percent', (x.vat ->> 'rate_percent')::numeric)
    from (select convert_from(v.document, 'UTF8')::jsonb #> '{billing,vat}' as vat
        from contract_version v
        where (v.contract, v.number) = (p_contract, p_version)) x
$$;
grant execute on function invoice_vat(uuid, int)
    to aikatori_app, aikatori_market, aikatori_reader;

-- Charges that no statement has. What a dispute came to is on the statement of its line.
create view unstated_charge with (security_invoker = true) as
    select c.* from charge c
    where not exists (select from statement_line l where l.charge = c.id)
      and not exists (select from charge r where r.replaces = c.id)
      and not exists (select from dispute d where d.correction = c.id);

-- On which statement a charge is: where it was carried to last.
create view stated_charge with (security_invoker = true) as
    select s.statement, s.charge
    from (select statement, charge from statement_line
        union all
        select statement, correction from dispute where correction is not null) s
    where not exists (select from statement_line l
        where (l.charge, l.carried_from) = (s.charge, s.statement));

-- The charges of a statement that may be on an invoice.
create or replace view billable_charge with (security_invoker = true) as
    select s.statement, s.charge from stated_charge s
    where not exists (select from dispute d
            where d.charge = s.charge and d.outcome is distinct from 'charged')
      and not exists (select from charge r where r.replaces = s.charge);

-- Charges of which something is on an invoice.
create view billed_charge with (security_invoker = true) as
    select charge from invoice_line;

-- Those of a statement that may be on an invoice and are on none, and what all of the same VAT come
-- to on that statement: above zero they are to be invoiced, and else to be carried.
create view uninvoiced_charge with (security_invoker = true) as
    select x.*, sum(x.net) over (partition by x.statement, x.vat) as together
    from (select b.statement, b.charge, c.net, v.vat
        from billable_charge b join charge c on c.id = b.charge
            -- `offset` keeps it apart, so that a document is read once for many charges
            cross join lateral (
                select invoice_vat(c.contract, c.version) as vat offset 0) v
        where not exists (select from billed_charge l where l.charge = b.charge)) x;
grant select on unstated_charge, stated_charge, billed_charge, uninvoiced_charge
    to aikatori_app, aikatori_reader;

-- Lines come with their statement: charges of its contract, of its period or an earlier one. What
-- is carried was accepted, is of no dispute and on no invoice.
create or replace function statement_line_in_time() returns trigger
    language plpgsql
as $$
begin
    if not exists (select from statement s
        join charge c on c.id = new.charge and c.contract = s.contract and c.period <= s.period
        where s.id = new.statement and s.xid = pg_current_xact_id()
          and (s.seller, s.buyer) = (new.seller, new.buyer))
    then
        perform refuse('500', 'statement_closed');
    end if;
    if new.carried_from is null then
        if exists (select from dispute d where d.correction = new.charge) then
            perform refuse('500', 'stated_twice');
        end if;
        return new;
    end if;
    -- against an invoice at the same time
    perform from statement s where s.id = new.carried_from for share;
    if not exists (select from uninvoiced_charge u join statement s on s.id = u.statement
        where u.statement = new.carried_from and u.charge = new.charge and s.state = 'accepted')
    then
        perform refuse('500', 'not_to_be_carried');
    end if;
    return new;
end $$;

-- When the transaction commits: the lines come to the total, what is carried is all of one VAT that
-- came to nothing or less, and below zero is only what has something to invoice in it.
create or replace function statement_adds_up() returns trigger
    language plpgsql
as $$
begin
    if (select sum(c.net) from statement_line l join charge c on c.id = l.charge
        where l.statement = new.id) is distinct from new.total
    then
        perform refuse('500', 'statement_does_not_add_up');
    end if;
    if exists (
        select from (
            select l.carried_from, invoice_vat(c.contract, c.version) as vat, sum(c.net) as net
            from statement_line l join charge c on c.id = l.charge
            where l.statement = new.id and l.carried_from is not null group by 1, 2) x
        where x.net > 0 or exists (select from uninvoiced_charge u
            where u.statement = x.carried_from and u.vat = x.vat and u.net <> 0))
    then
        perform refuse('500', 'not_to_be_carried');
    end if;
    if new.total < 0 and not exists (select from uninvoiced_charge u
        where u.statement = new.id and u.together > 0)
    then
        perform refuse('500', 'statement_below_zero');
    end if;
    return null;
end $$;

-- What was accepted is not disputed again where it is carried to.
create function carried_is_not_disputed() returns trigger
    language plpgsql
as $$
begin
    if exists (select from statement_line l
        where (l.statement, l.charge) = (new.statement, new.charge) and l.carried_from is not null)
    then
        perform refuse('409', 'statement_settled');
    end if;
    return new;
end $$;
create trigger not_carried before insert on dispute
    for each row execute function carried_is_not_disputed();
grant execute on function carried_is_not_disputed() to aikatori_app, aikatori_market;

-- Invariant 13: an invoice line is of a charge of its statement that nobody disputes any more, and
-- that stands.
create or replace function invoice_line_in_time() returns trigger
    language plpgsql
as $$
declare
    of_statement uuid;
begin
    select i.statement into of_statement from invoice i
        where i.id = new.invoice and i.xid = pg_current_xact_id()
          and (i.seller, i.buyer) = (new.seller, new.buyer);
    if not exists (select from stated_charge s
        where s.statement = of_statement and s.charge = new.charge)
    then
        perform refuse('500', 'invoice_closed');
    end if;
    if not exists (select from billable_charge b
        where b.statement = of_statement and b.charge = new.charge)
    then
        perform refuse('409', 'line_disputed');
    end if;
    return new;
end $$;

-- What is made of an accepted statement is said by the versions that priced its charges, not by the
-- contract's newest one: `invoice` where the version does not say.
create function billing_document(p_contract uuid, p_version int) returns text
    language sql stable
as $$
    select coalesce(
        convert_from(v.document, 'UTF8')::jsonb #>> '{billing,document}', 'invoice')
    from contract_version v
    where (v.contract, v.number) = (p_contract, p_version)
$$;

-- What is to be made of what of a statement is on no invoice, and comes above zero: of each
-- treatment of VAT one, by the newest version that priced any of it (`InvoiceSource.split`).
create function documents_to_make(p_statement uuid) returns text[]
    language sql stable
as $$
    select coalesce(array_agg(distinct billing_document(x.contract, x.version)), '{}')
    from (select c.contract, max(c.version) as version
        from uninvoiced_charge u join charge c on c.id = u.charge
        where u.statement = p_statement and u.together > 0
        group by c.contract, u.vat) x
$$;
grant execute on function billing_document(uuid, int), documents_to_make(uuid)
    to aikatori_app, aikatori_reader;

-- What there is to do by the end of a month: contracts with charges that no statement has, and
-- accepted statements of which something is to be invoiced here: sellers that invoice from their
-- own systems and units of one legal person do the rest by themselves. The steps of a run, each
-- with its deadline, which is now.
create or replace function plan_billing_run(p_run uuid) returns void
    language sql
as $$
    with due as (
        select distinct c.contract, 'statement' as kind, null::uuid as statement, r.organisation
        from billing_run r
            join unstated_charge c on c.seller = r.organisation and c.period <= r.period
        where r.id = p_run
        union all
        select s.contract, 'invoice', s.id, r.organisation
        from billing_run r join statement s
            on s.seller = r.organisation and s.state = 'accepted' and s.period <= r.period
        where r.id = p_run and 'invoice' = any (documents_to_make(s.id))
    ), steps as (
        insert into billing_step (id, run, organisation, contract, kind, statement)
        select uuid_v7(), p_run, organisation, contract, kind, statement from due
        returning id, organisation
    )
    insert into deadline (due_at, kind, subject, organisation)
    select market_now(), 'billing_step', id, organisation from steps
$$;
