-- Reminders of overdue invoices, numbered for each invoice: what the seller sent, and when. No fee.

create table invoice_reminder (
    invoice uuid not null references invoice (id),
    number int not null check (number > 0),
    seller uuid not null,
    buyer uuid not null,
    sent_on date not null,
    -- what was open then
    open bigint not null check (open > 0),
    recorded_at timestamptz not null default market_now(),
    primary key (invoice, number),
    unique (invoice, sent_on)
);
call protect('invoice_reminder', 'seller', 'buyer');
call append_only('invoice_reminder');
grant select, insert on invoice_reminder to aikatori_app;

-- What a reminder waits for: an open round of netting, a payment that its buyer approved, or one
-- that came and that a person must look at.
create view reminder_facts with (security_invoker = true) as
    select i.id as invoice, i.seller, i.buyer, i.due_on, b.open,
        exists (select from netting_claim c join netting_member m
            on (m.round, m.organisation) = (c.round, i.seller)
            where c.invoice = i.id and m.state = 'open') as in_netting,
        in_payment(i.id) as in_payment,
        exists (select from bank_entry e join bank_entry_standing s on s.bank_entry = e.id
            where e.invoice = i.id and e.direction = 'credit' and s.fate = 'waiting')
            as payment_waits,
        (select count(*) from invoice_reminder r where r.invoice = i.id) as sent,
        (select max(r.sent_on) from invoice_reminder r where r.invoice = i.id) as last_sent_on
    from invoice i join invoice_balance b on b.invoice = i.id;
grant select on reminder_facts to aikatori_app;

-- The seller's, after the due day, once a day, of all that is open.
create function invoice_reminder_rules() returns trigger
    language plpgsql
as $$
declare
    f reminder_facts;
begin
    if current_organisation() is distinct from new.seller then
        perform refuse('403', 'not_your_side');
    end if;
    perform pg_advisory_xact_lock(hashtextextended('aikatori.settle ' || new.invoice, 0));
    select * into f from reminder_facts x
        where (x.invoice, x.seller, x.buyer) = (new.invoice, new.seller, new.buyer);
    if not found or new.open <> f.open or new.number <> f.sent + 1 then
        perform refuse('500', 'reminder_of_another_invoice');
    end if;
    if new.sent_on <= greatest(f.due_on, f.last_sent_on) or f.in_netting or f.in_payment
        or f.payment_waits
    then
        perform refuse('409', 'reminder_not_due');
    end if;
    return new;
end $$;
create trigger rules before insert on invoice_reminder
    for each row execute function invoice_reminder_rules();
grant execute on function invoice_reminder_rules() to aikatori_app, aikatori_market;

insert into alert_kind (kind, roles, mails, urgent) values
    ('invoice_reminder', array['finance'], true, false);
insert into alert_rule (event_kind, alert_kind, whom) values
    ('invoice.reminded', 'invoice_reminder', 'other');

insert into operation_role (operation, roles) values
    ('remindOfInvoice', array['finance']);
