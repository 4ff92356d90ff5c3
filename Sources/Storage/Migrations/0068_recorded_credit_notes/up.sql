-- What the seller's own system takes back of an invoice that it wrote comes back as well: a credit
-- note with a number of its own series and no document written here.

alter table credit_note
    alter column issuer_number drop not null,
    alter column document drop not null,
    add constraint credit_note_recorded_or_written check (
        num_nulls(issuer_number, document) in (0, 2)
        and (document is not null or number ~ '^\S([^[:cntrl:]]{0,48}\S)?$'));

-- Each series is unique in itself, as those of invoices are.
alter table credit_note drop constraint credit_note_seller_number_key;
create unique index credit_note_number_written on credit_note (seller, number)
    where document is not null;
create unique index credit_note_number_recorded on credit_note (seller, number)
    where document is null;

-- An invoice is taken back by the system that wrote it, on its day or later.
drop trigger not_of_recorded on credit_note;
create function credited_where_written() returns trigger
    language plpgsql
as $$
declare
    i invoice;
begin
    select * into i from invoice x where x.id = new.invoice;
    if (new.document is null) is distinct from (i.document is null) then
        perform refuse('409', case when new.document is null
            then 'invoiced_here' else 'invoiced_by_seller' end);
    end if;
    if new.issued_on < i.issued_on then
        perform refuse('409', 'dates_not_agreed');
    end if;
    return new;
end $$;
create trigger credited_where_written before insert on credit_note
    for each row execute function credited_where_written();
grant execute on function credited_where_written() to aikatori_app, aikatori_market;

insert into operation_role (operation, roles) values
    ('recordCreditNote', array['finance']);
