-- Sellers that invoice from their own systems: what both agreed on is the basis of that invoice,
-- and its number, its dates and its reference are recorded here. From then on it is an invoice like
-- others: posted, due, paid, set off.

-- A recorded invoice has no number in this market's series, and no document written here.
alter table invoice
    alter column issuer_number drop not null,
    alter column document drop not null,
    add constraint invoice_recorded_or_written check (
        num_nulls(issuer_number, document) in (0, 2)
        and (document is not null or number ~ '^\S([^[:cntrl:]]{0,48}\S)?$'));

-- Each series is unique in itself: what another system wrote takes no number of this one.
do $$
declare
    once name;
begin
    for once in
        select conname from pg_constraint
        where conrelid = 'invoice'::regclass and contype = 'u'
          and pg_get_constraintdef(oid) in ('UNIQUE (seller, number)', 'UNIQUE (seller, reference)')
    loop
        execute format('alter table invoice drop constraint %I', once);
    end loop;
end $$;
create unique index invoice_number_written on invoice (seller, number)
    where document is not null;
create unique index invoice_number_recorded on invoice (seller, number) where document is null;
create unique index invoice_reference_written on invoice (seller, reference)
    where document is not null;
create unique index invoice_reference_recorded on invoice (seller, reference)
    where document is null;

-- An invoice is issued by its seller, of an accepted statement (invariant 13), and written by whom
-- the contract says.
create or replace function invoice_rules() returns trigger
    language plpgsql
as $$
begin
    if current_organisation() is distinct from new.seller then
        perform refuse('403', 'not_your_side');
    end if;
    if not exists (select from statement s where s.id = new.statement and s.state = 'accepted'
        and (s.contract, s.seller, s.buyer, s.period)
            = (new.contract, new.seller, new.buyer, new.period))
    then
        perform refuse('409', 'statement_not_accepted');
    end if;
    if (new.document is null) is distinct from (
        select convert_from(v.document, 'UTF8')::jsonb #>> '{billing,document}'
            is not distinct from 'invoice_basis'
        from contract_version v where (v.contract, v.number) = (new.contract, new.version))
    then
        perform refuse('409', case when new.document is null
            then 'invoiced_here' else 'invoiced_by_seller' end);
    end if;
    -- it is written after both agreed, and its buyer has the days of the contract
    if new.document is null and exists (
        select from statement s join contract_version v
            on (v.contract, v.number) = (new.contract, new.version)
        where s.id = new.statement
          and (new.issued_on < (s.accepted_at at time zone v.time_zone)::date
            or new.due_on < new.issued_on
                + (convert_from(v.document, 'UTF8')::jsonb #>> '{billing,payment_days}')::int))
    then
        perform refuse('409', 'dates_not_agreed');
    end if;
    return new;
end $$;

-- What the seller's own system wrote, it also sends and takes back.
create function not_of_recorded() returns trigger
    language plpgsql
as $$
begin
    if exists (select from invoice i where i.id = new.invoice and i.document is null) then
        perform refuse('409', 'invoiced_by_seller');
    end if;
    return new;
end $$;
create trigger not_of_recorded before insert on invoice_delivery
    for each row execute function not_of_recorded();
create trigger not_of_recorded before insert on credit_note
    for each row execute function not_of_recorded();

create or replace function deliver_issued_invoice() returns trigger
    language plpgsql
as $$
begin
    if new.document is not null then
        perform queue_delivery(new.id);
    end if;
    return null;
end $$;

grant execute on function not_of_recorded() to aikatori_app, aikatori_market;

insert into operation_role (operation, roles) values
    ('getInvoiceBasis', array['finance', 'admin', 'auditor']),
    ('getInvoiceBasisTable', array['finance', 'admin', 'auditor']),
    ('recordInvoices', array['finance']),
    ('reportPayments', array['finance']);
