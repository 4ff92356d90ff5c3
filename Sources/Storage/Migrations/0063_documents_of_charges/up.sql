-- What is made of an accepted statement is said by the version that priced its charges, not by the
-- contract's newest one.

-- `invoice` where the version does not say.
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

-- A run invoices what is invoiced here: sellers that invoice from their own systems and units of
-- one legal person do the rest by themselves.
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
