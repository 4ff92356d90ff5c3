-- Credit notes: what takes an invoice back, in part or whole, never above what remains of it.

insert into entry_rule (kind, party, account, side) values
    ('credit', 'seller', 'revenue', 'debit'),
    ('credit', 'seller', 'vat_payable', 'debit'),
    ('credit', 'seller', 'receivable', 'credit'),
    ('credit', 'buyer', 'payable', 'debit'),
    ('credit', 'buyer', 'expense', 'credit'),
    ('credit', 'buyer', 'vat_deductible', 'credit');

-- A series of its own, gap-free from one in each year like that of the invoices (invariant 23).
create table credit_note_counter (
    issuer uuid not null references organisation (id),
    year int not null check (year between 1000 and 9999),
    last bigint not null default 0 check (last >= 0),
    primary key (issuer, year)
);
call protect('credit_note_counter', 'issuer');
grant select, insert on credit_note_counter to aikatori_app;
grant update (last) on credit_note_counter to aikatori_app;

create table credit_note (
    id uuid primary key,
    year int not null,
    issuer_number bigint not null check (issuer_number > 0),
    number text not null,
    invoice uuid not null references invoice (id),
    contract uuid not null,
    seller uuid not null,
    buyer uuid not null,
    issued_on date not null check (extract(year from issued_on) = year),
    reason text not null check (length(reason) between 1 and 1000),
    net bigint not null check (net >= 0),
    vat bigint not null check (vat >= 0),
    total bigint not null check (total > 0 and total = net + vat),
    -- its TypeID, the subject of its entry in the ledger
    subject text not null unique,
    -- the UBL credit note as it was sent
    document bytea not null,
    xid xid8 not null default pg_current_xact_id(),
    created_at timestamptz not null default market_now(),
    unique (seller, year, issuer_number),
    unique (seller, number),
    foreign key (contract, seller, buyer) references contract (id, seller, buyer)
);
create index credit_note_of_invoice on credit_note (invoice);
create index credit_note_of_seller on credit_note (seller, id);
create index credit_note_of_buyer on credit_note (buyer, id);
call protect('credit_note', 'seller', 'buyer');
call append_only('credit_note');
grant select, insert on credit_note to aikatori_app;
grant select on credit_note to aikatori_market;

create table credit_note_line (
    credit_note uuid not null references credit_note (id),
    number int not null check (number > 0),
    seller uuid not null,
    buyer uuid not null,
    invoice uuid not null,
    invoice_line int not null,
    -- of the sign of the line that it takes from
    net bigint not null check (net <> 0),
    primary key (credit_note, number),
    unique (credit_note, invoice_line),
    foreign key (invoice, invoice_line) references invoice_line (invoice, number)
);
create index credit_note_line_of_invoice on credit_note_line (invoice, invoice_line);
call protect('credit_note_line', 'seller', 'buyer');
call append_only('credit_note_line');
grant select, insert on credit_note_line to aikatori_app;
grant select on credit_note_line to aikatori_market;

-- Issued by the seller of the invoice, one after the other and after payments of it. VAT is that of
-- its net, or the rest of the invoice's when it takes the rest of the net.
create function credit_note_rules() returns trigger
    language plpgsql
as $$
declare
    i invoice;
    earlier record;
begin
    if current_organisation() is distinct from new.seller then
        perform refuse('403', 'not_your_side');
    end if;
    perform pg_advisory_xact_lock(hashtextextended('aikatori.settle ' || new.invoice, 0));
    select * into i from invoice x where x.id = new.invoice
        and (x.contract, x.seller, x.buyer) = (new.contract, new.seller, new.buyer);
    if not found then
        perform refuse('500', 'credit_of_another_invoice');
    end if;
    select coalesce(sum(c.net), 0) as net, coalesce(sum(c.vat), 0) as vat into earlier
        from credit_note c where c.invoice = new.invoice;
    if earlier.net + new.net > i.net or earlier.vat + new.vat > i.vat then
        perform refuse('409', 'above_remaining');
    end if;
    if new.vat <> (case when earlier.net + new.net = i.net then i.vat - earlier.vat
        else least(div(new.net * i.vat_rate::numeric + 5000, 10000), i.vat - earlier.vat) end)
    then
        perform refuse('500', 'credit_does_not_add_up');
    end if;
    return new;
end $$;
create trigger rules before insert on credit_note
    for each row execute function credit_note_rules();

create function credit_note_line_in_time() returns trigger
    language plpgsql
as $$
declare
    whole bigint;
    taken bigint;
begin
    if not exists (select from credit_note c where c.id = new.credit_note
        and c.xid = pg_current_xact_id() and c.invoice = new.invoice
        and (c.seller, c.buyer) = (new.seller, new.buyer))
    then
        perform refuse('500', 'credit_note_closed');
    end if;
    select l.net into whole from invoice_line l
        where l.invoice = new.invoice and l.number = new.invoice_line;
    select coalesce(sum(l.net), 0) into taken from credit_note_line l
        where l.invoice = new.invoice and l.invoice_line = new.invoice_line;
    if sign(new.net) <> sign(whole) or abs(taken + new.net) > abs(whole) then
        perform refuse('409', 'above_remaining');
    end if;
    return new;
end $$;
create trigger in_time before insert on credit_note_line
    for each row execute function credit_note_line_in_time();

-- When the issuing transaction commits: lines, postings and numbers are whole (invariants 20, 23).
create function credit_note_whole() returns trigger
    language plpgsql
as $$
begin
    if (select coalesce(sum(l.net), 0) from credit_note_line l where l.credit_note = new.id)
        <> new.net
    then
        perform refuse('500', 'credit_does_not_add_up');
    end if;
    if (select sum(p.amount) from entry e join posting p on p.entry = e.id
        where e.kind = 'credit' and e.seller = new.seller and e.subject = new.subject
          and (p.book, p.code, p.side) in (
            (new.seller, 'receivable', 'credit'), (new.buyer, 'payable', 'debit')))
        is distinct from 2 * new.total
    then
        perform refuse('500', 'credit_not_posted');
    end if;
    if new.issuer_number > 1 and not exists (select from credit_note c
        where c.seller = new.seller and c.year = new.year
          and c.issuer_number = new.issuer_number - 1)
    then
        perform refuse('500', 'credit_note_number_gap');
    end if;
    return null;
end $$;
create constraint trigger whole after insert on credit_note
    deferrable initially deferred for each row execute function credit_note_whole();

grant execute on function credit_note_rules(), credit_note_line_in_time(), credit_note_whole()
    to aikatori_app, aikatori_market;
-- it sums the postings of both books
call give_to_market('credit_note_whole()');

-- A credit has its credit note as its cause, and is never reversed.
create or replace function entry_has_cause() returns trigger
    language plpgsql
as $$
declare
    revenue bigint;
    unbilled bigint;
    receivable bigint;
    caused boolean;
begin
    select coalesce(sum(case p.side when 'credit' then p.amount else -p.amount end)
            filter (where p.code = 'revenue'), 0),
        coalesce(sum(case p.side when 'debit' then p.amount else -p.amount end)
            filter (where p.code = 'unbilled_receivable'), 0),
        coalesce(sum(case p.side when 'debit' then p.amount else -p.amount end)
            filter (where p.code = 'receivable'), 0)
        into revenue, unbilled, receivable
        from posting p where p.entry = new.id and p.book = new.seller;
    case new.kind
        when 'accrual', 'compensation' then
            select c.net = revenue and (c.net < 0) = (new.kind = 'compensation') into caused
            from charge c
            where c.id = identified('charge', new.subject)
              and (c.seller, c.buyer) = (new.seller, new.buyer);
        when 'invoicing' then
            select (i.total, -i.net) = (receivable, unbilled) into caused from invoice i
            where i.subject = new.subject and i.id = identified('invoice', new.subject)
              and (i.seller, i.buyer) = (new.seller, new.buyer);
        when 'payment' then
            select a.amount = -receivable into caused from allocation a
            where a.subject = new.subject
              and a.invoice = identified('invoice', split_part(new.subject, '/', 1))
              and a.bank_entry = identified('bankentry', split_part(new.subject, '/', 2))
              and (a.seller, a.buyer) = (new.seller, new.buyer);
        when 'rounding' then
            -- between what was invoiced and what was charged
            select i.net - sum(c.net) = unbilled into caused from invoice i
            join invoice_line l on l.invoice = i.id
            join charge_line c on (c.charge, c.number) = (l.charge, l.charge_line)
            where i.id = identified('invoice', new.subject)
              and (i.seller, i.buyer) = (new.seller, new.buyer)
            group by i.id;
        when 'credit' then
            select (-c.total, -c.net) = (receivable, revenue) into caused from credit_note c
            where c.subject = new.subject and c.id = identified('creditnote', new.subject)
              and (c.seller, c.buyer) = (new.seller, new.buyer);
        when 'reversal' then
            select true into caused from entry e
            where e.id = identified('entry', new.subject) and e.kind not in ('reversal', 'credit')
              and (e.seller, e.buyer) = (new.seller, new.buyer)
              and not exists (
                select from posting p where p.entry in (e.id, new.id)
                group by p.book, p.code, p.currency
                having sum(case p.side when 'debit' then p.amount else -p.amount end) <> 0);
        else
            caused := false;
    end case;
    if caused is not true then
        perform refuse('500', 'entry_without_cause', jsonb_build_object('entry', new.id));
    end if;
    return null;
end $$;
call give_to_market('entry_has_cause()');

-- What is open is what is neither paid nor credited, and no payment settles more than that
-- (invariant 24, `allocation_within`); what was paid and then credited is owed back.
drop view invoice_balance;
create view invoice_balance with (security_invoker = true) as
    select i.id as invoice, i.total, a.settled, c.credited,
        greatest(i.total - a.settled - c.credited, 0) as open,
        greatest(a.settled + c.credited - i.total, 0) as owed_back,
        case when c.credited = i.total then 'credited'
            when a.settled + c.credited >= i.total then 'paid'
            when a.settled = 0 then 'issued' else 'partly_paid' end as state
    from invoice i
    cross join lateral (
        select coalesce(sum(x.amount), 0)::bigint as settled
        from allocation x
        where x.invoice = i.id and not exists (select from allocation_return r
            where (r.bank_entry, r.invoice) = (x.bank_entry, x.invoice))) a
    cross join lateral (
        select coalesce(sum(n.total), 0)::bigint as credited
        from credit_note n where n.invoice = i.id) c;
grant select on invoice_balance to aikatori_app, aikatori_reader;

insert into alert_kind (kind, roles, mails, urgent) values
    ('credit_note_issued', array['finance'], true, false);
insert into alert_rule (event_kind, alert_kind, whom) values
    ('credit_note.issued', 'credit_note_issued', 'other');

insert into operation_role (operation, roles) values
    ('listCreditNotes', array['finance', 'admin', 'auditor']),
    ('creditInvoice', array['finance']),
    ('getCreditNote', array['finance', 'admin', 'auditor']),
    ('getCreditNoteDocument', array['finance', 'admin', 'auditor']);
